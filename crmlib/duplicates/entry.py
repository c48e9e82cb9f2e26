"""客户—新增 and 客户—编辑: nothing is saved under a name before 撞单 was asked, in one transaction."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission, Role
from crmlib.customers import records, rules
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.records import CustomerSaved
from crmlib.customers.rules import CustomerDraft
from crmlib.duplicates import asking, live, phonetics
from crmlib.duplicates.collision import Candidate, Question, candidates, name_keys, worst
from crmlib.duplicates.model import DuplicatePair, PairSource
from crmlib.duplicates.names import parse
from crmlib.duplicates.verdicts import VERDICT_TEXTS, Verdict, parameters
from crmlib.errors import Invalid
from crmlib.store.text import clean

_REASON_LENGTH = 255
_PAIRS_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Entered:
    """A customer that was saved; ``similar``: it waits for 综合部 as a duplicate candidate."""

    customer_id: int
    code: str
    name: str
    similar: bool


@action(Permission.CUSTOMER_CREATE)
def enter_customer(
    work: Work,
    draft: CustomerDraft,
    *,
    reason: str = "",
    quick: bool = False,
    token: str | None = None,
) -> Entered:
    """Enter a customer with its first contact; ``quick`` is the short form of 销售.

    Raises:
        Invalid: all faults at once; ``name`` for an equal customer, ``reason`` for similar ones
            without a reason to save all the same.
    """
    draft = rules.normalised(draft)
    faults = rules.faults(draft, quick=quick and work.actor.role is Role.SALES)
    faults |= records.choice_faults(work.session, draft) | records.owner_faults(work, draft)
    keys, reason = name_keys(draft.name), clean(reason)
    found: list[Candidate] = []
    if "name" not in faults:
        found, barred = _check(work, draft, reason)
        faults |= barred
    if faults:
        raise Invalid(faults)
    customer = records.insert_customer(work, draft, keys)
    similar = remember_pairs(work, customer.id, found, reason)
    return Entered(customer.id, customer.code, customer.name, similar)


@action(Permission.CUSTOMER_EDIT)
def edit_customer(
    work: Work,
    customer_id: int,
    changes: Mapping[str, Any],
    version: int | None,
    *,
    reason: str = "",
    token: str | None = None,
) -> CustomerSaved:
    """Change fields of a customer (keys of ``CustomerDraft``); a new name asks 撞单 again.

    Raises:
        Invalid: all faults at once, as in ``enter_customer``.
        NotAllowed: a changed field is not the actor's to change.
        Stale: somebody else saved meanwhile.
    """
    customer = records.fetch_live(work, customer_id, Permission.CUSTOMER_EDIT)
    expect_version(customer, version)
    after = records.pending_changes(work, customer, changes)
    faults = records.change_faults(work, customer, after)
    keys, reason = name_keys(after.name), clean(reason)
    found: list[Candidate] = []
    if "name" not in faults and _needs_look(after, customer.name, customer.uscc):
        found, barred = _check(work, after, reason, exclude=customer.id)
        faults |= barred
    if faults:
        raise Invalid(faults)
    saved = records.change_customer(work, customer, after, keys)
    remember_pairs(work, customer.id, found, reason)
    return saved


def _needs_look(after: CustomerDraft, name: str, uscc: str | None) -> bool:
    return after.name != name or (bool(after.uscc) and after.uscc != uscc)


def _check(
    work: Work, draft: CustomerDraft, reason: str, exclude: int | None = None
) -> tuple[list[Candidate], dict[str, str]]:
    """Ask 撞单 in the saving transaction; return what is alike and what it forbids."""
    _queue_up(work.session, draft.name)
    asked = Question(
        draft.name,
        phone=draft.phone,
        website=draft.website,
        fax=draft.fax,
        uscc=draft.uscc,
        exclude=exclude,
    )
    found = candidates(work.session, work.actor, asked, live.index())
    faults = _collision_faults(work, draft.name, found, reason)
    asking.note_save(work.actor, asked, worst(found), len(found))
    return found, faults


def check_return(
    work: Work, customer: Customer, reason: str
) -> tuple[list[Candidate], dict[str, str]]:
    """Ask 撞单 for a customer that comes back under its old name; return as for a new one."""
    return _check(work, records.draft_of(customer), clean(reason), exclude=customer.id)


def _queue_up(session: Session, name: str) -> None:
    """Let savers of one 字号 (by its sound) go one after the other: the second sees the first.

    SQLite's writers queue anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        parsed = parse(name)
        sound = (parsed.brand or parsed.key).translate(phonetics.syllables())
        number = int.from_bytes(hashlib.sha256(sound.encode()).digest()[:8], "big", signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def _collision_faults(work: Work, name: str, found: list[Candidate], reason: str) -> dict[str, str]:
    verdict = worst(found)
    if verdict is Verdict.SAME:
        return {"name": f"{VERDICT_TEXTS[verdict]}：{_told(work, name, found[0])}"}
    if verdict is not Verdict.SIMILAR:
        return {}
    if not parameters().may_save_similar:
        return {"name": f"发现相似客户，不能新增：{_told(work, name, found[0])}"}
    if not reason:
        return {"reason": VERDICT_TEXTS[verdict]}
    if len(reason) > _REASON_LENGTH:
        return {"reason": f"原因 不能超过 {_REASON_LENGTH} 个字"}
    return {}


def _told(work: Work, name: str, found: Candidate) -> str:
    if not found.may_open and asking.is_discreet(work.session, work.actor, name):
        return asking.HIDDEN_SHORT
    return f"{found.code} {found.name}（{found.whereabouts}）"


def remember_pairs(work: Work, customer_id: int, found: list[Candidate], reason: str) -> bool:
    """Queue the similar customers for 综合部; a pair that stands already is left as it is."""
    similar = [c for c in found if c.verdict is Verdict.SIMILAR and c.status in LIVE]
    for other in similar[:_PAIRS_AT_MOST]:
        low, high = sorted((customer_id, other.id))
        known = work.session.scalar(
            select(DuplicatePair.id).where(DuplicatePair.a_id == low, DuplicatePair.b_id == high)
        )
        if known is not None:
            continue
        work.session.add(
            DuplicatePair(
                a_id=low,
                b_id=high,
                same=other.same,
                related=other.related,
                reasons=[[r.text, r.weight] for r in other.reasons],
                source=PairSource.ENTRY,
                note=reason,
                found_at=clock.now(),
                found_by_id=work.actor.person_id,
            )
        )
    return bool(similar)
