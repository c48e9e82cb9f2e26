"""What 综合部 decides on duplicate candidates, and how candidates come to stand in the queue."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, object_session

from crmlib import clock, words
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Contact, Customer
from crmlib.duplicates import pairs
from crmlib.duplicates.contacts import domain_key, phone_keys
from crmlib.duplicates.links import tie
from crmlib.duplicates.merging import ALREADY_DECIDED
from crmlib.duplicates.model import (
    AffiliateLink,
    DuplicatePair,
    LinkKind,
    PairSource,
    PairStatus,
)
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.store.text import clean

NOTE_LENGTH = 255
REASON_NEEDED = words.required("原因")
DATE_NEEDED = words.required("暂缓至")
DATE_PASSED = "暂缓至 必须晚于今天"
UNDO_FIRST = "该候选已合并，请先撤销合并"
STILL_OPEN = "该候选仍待审"
SAME_CUSTOMER = "请选择两个不同的客户"
NOT_LIVE = "「{name}」的状态是{state}，不能作为候选"


@dataclass(frozen=True, slots=True)
class Decided:
    """A pair after a decision; ``text`` is what the reviewer reads."""

    pair_id: int
    status: str
    text: str


def is_waiting() -> ColumnElement[bool]:
    """Return the condition that a pair waits for a decision: open, or 暂缓 up to today."""
    back = and_(
        DuplicatePair.status == PairStatus.DEFERRED, DuplicatePair.snooze_until <= clock.today()
    )
    return or_(DuplicatePair.status == PairStatus.OPEN, back)


def fingerprint(a: Customer, b: Customer) -> str:
    """Return what a 不是重复 rests on: names, phones and own domains of both and their contacts."""
    parts = [_marks(side) for side in sorted((a, b), key=lambda customer: customer.id)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _marks(side: Customer) -> tuple[object, ...]:
    session = object_session(side)
    people = (
        session.scalars(select(Contact).where(Contact.customer_id == side.id)) if session else ()
    )
    contacts = [person for person in people if person.active]
    phones = {side.phone_key or "", *phone_keys(side.phone), *phone_keys(side.fax)}
    phones |= {key for c in contacts for key in (*phone_keys(c.mobile), *phone_keys(c.phone))}
    sites = {domain_key(side.website), domain_key(side.email)}
    sites |= {domain_key(c.email) for c in contacts}
    return side.name_key, sorted(phones - {""}), sorted(sites - {""})


def pair_of(  # noqa: PLR0913 the columns of a pair
    session: Session,
    a_id: int,
    b_id: int,
    *,
    same: float,
    related: float = 0.0,
    reasons: Sequence[Sequence[Any]] = (),
    source: PairSource,
    note: str | None = None,
    found_by_id: int | None = None,
) -> DuplicatePair:
    """Put two customers into the queue once; a decision that still holds is left alone."""
    low, high = sorted((a_id, b_id))
    pair = session.scalar(
        select(DuplicatePair).where(DuplicatePair.a_id == low, DuplicatePair.b_id == high)
    )
    if pair is None:
        pair = DuplicatePair(
            a_id=low, b_id=high, source=source, found_at=clock.now(), found_by_id=found_by_id
        )
        session.add(pair)
    elif pair.status is not PairStatus.OPEN and not _is_outdated(session, pair):
        return pair
    pair.status, pair.same, pair.related = PairStatus.OPEN, same, related
    pair.reasons = [[text, round(float(weight), 4)] for text, weight in reasons]
    pair.note = note or pair.note
    session.flush()  # callers use its id
    return pair


def _is_outdated(session: Session, pair: DuplicatePair) -> bool:
    if pair.status is not PairStatus.DISTINCT:
        return False
    a, b = session.get_one(Customer, pair.a_id), session.get_one(Customer, pair.b_id)
    return pair.fingerprint != fingerprint(a, b)


@action(Permission.DUPLICATE_REVIEW)
def mark_distinct(
    work: Work,
    pair_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Decided:
    """不是重复: the pair stays away until a name, phone or own domain of either changes."""
    pair = _waiting(work, pair_id, version)
    return part(work, pair, reason)


def part(work: Work, pair: DuplicatePair, reason: str) -> Decided:
    """Decide that a waiting pair is two customers; building block of actions.

    Raises:
        Invalid: the reason is missing or too long.
    """
    _require({"reason": _text_fault(reason, needed=True)})
    a = work.session.get_one(Customer, pair.a_id)
    b = work.session.get_one(Customer, pair.b_id)
    pair.fingerprint = fingerprint(a, b)
    return _decide(work, pair, PairStatus.DISTINCT, reason)


@action(Permission.DUPLICATE_REVIEW)
def mark_affiliated(
    work: Work,
    pair_id: int,
    note: str = "",
    *,
    kind: LinkKind = LinkKind.GROUP,
    parent_id: int | None = None,
    version: int | None = None,
    token: str | None = None,
) -> Decided:
    """关联公司: of one group, but not the same; ``parent_id`` is the side that stands above."""
    pair = _waiting(work, pair_id, version)
    _require({"note": _text_fault(note, needed=False)})
    tie(work, pair.a_id, pair.b_id, kind=kind, parent_id=parent_id, note=note)
    return _decide(work, pair, PairStatus.AFFILIATED, note)


@action(Permission.DUPLICATE_REVIEW)
def defer(
    work: Work,
    pair_id: int,
    until: date | None,
    *,
    note: str = "",
    version: int | None = None,
    token: str | None = None,
) -> Decided:
    """暂缓: the pair comes back on a day."""
    pair = _waiting(work, pair_id, version)
    day_fault = None if until and until > clock.today() else DATE_PASSED if until else DATE_NEEDED
    _require({"until": day_fault, "note": _text_fault(note, needed=False)})
    pair.snooze_until = until
    return _decide(work, pair, PairStatus.DEFERRED, note)


@action(Permission.DUPLICATE_REVIEW)
def reopen(
    work: Work, pair_id: int, *, version: int | None = None, token: str | None = None
) -> Decided:
    """Take a decision back; a merge is taken back by its 合并单."""
    pair = _pair(work, pair_id, version)
    if pair.status is PairStatus.MERGED:
        raise Refused(UNDO_FIRST)
    if pair.status is PairStatus.OPEN:
        raise Refused(STILL_OPEN)
    for link in work.session.scalars(
        select(AffiliateLink).where(
            AffiliateLink.a_id == pair.a_id, AffiliateLink.b_id == pair.b_id
        )
    ):
        work.session.delete(link)
    pair.status, pair.snooze_until, pair.fingerprint = PairStatus.OPEN, None, None
    pair.decided_at = pair.decided_by_id = None
    return _said(pair)


@action(Permission.DUPLICATE_REVIEW)
def add_pair(
    work: Work, a_id: int, b_id: int, note: str = "", *, token: str | None = None
) -> Decided:
    """Put two customers into the queue by hand."""
    _require({"note": _text_fault(note, needed=False), "": SAME_CUSTOMER if a_id == b_id else None})
    found = {c.id: c for c in work.session.scalars(_customers((a_id, b_id)))}
    if len(found) < len({a_id, b_id}):
        raise NotAllowed
    for customer in found.values():
        if customer.status not in LIVE:
            state = words.CUSTOMER_STATUS[customer.status]
            raise Refused(NOT_LIVE.format(name=customer.name, state=state))
    same, related, reasons = pairs.pair_verdict(*(verdict_row(found[key]) for key in (a_id, b_id)))
    pair = pair_of(
        work.session,
        a_id,
        b_id,
        same=same,
        related=related,
        reasons=[(reason.text, reason.weight) for reason in reasons],
        source=PairSource.MANUAL,
        note=clean(note) or None,
        found_by_id=work.actor.person_id,
    )
    if pair.status is not PairStatus.OPEN:
        raise Refused(ALREADY_DECIDED)
    return _said(pair)


def verdict_row(customer: Customer) -> dict[str, Any]:
    """Return what the engine compares of a customer."""
    names = ("id", "name", "phone", "fax", "email", "website", "address", "uscc")
    return {name: getattr(customer, name) for name in names}


def _customers(ids: Iterable[int]) -> Any:
    return select(Customer).where(Customer.id.in_(set(ids)))


def _pair(work: Work, pair_id: int, version: int | None) -> DuplicatePair:
    # DUPLICATE_REVIEW is held for all rows or for none.
    pair = work.fetch(DuplicatePair, pair_id, DuplicatePair.id == pair_id)
    expect_version(pair, version)
    return pair


def _waiting(work: Work, pair_id: int, version: int | None) -> DuplicatePair:
    pair = work.fetch(DuplicatePair, pair_id, DuplicatePair.id == pair_id)
    if pair.status not in (PairStatus.OPEN, PairStatus.DEFERRED):
        raise Refused(ALREADY_DECIDED)
    expect_version(pair, version)
    return pair


def _text_fault(text: str, *, needed: bool) -> str | None:
    if needed and not clean(text):
        return REASON_NEEDED
    return f"原因 不能超过 {NOTE_LENGTH} 个字" if len(clean(text)) > NOTE_LENGTH else None


def _require(faults: dict[str, str | None]) -> None:
    if found := {name: fault for name, fault in faults.items() if fault}:
        raise Invalid(found)


def _decide(work: Work, pair: DuplicatePair, status: PairStatus, note: str) -> Decided:
    pair.status = status
    pair.note = clean(note) or pair.note
    pair.decided_at, pair.decided_by_id = clock.now(), work.actor.person_id
    if status is not PairStatus.DEFERRED:
        pair.snooze_until = None
    return _said(pair)


def _said(pair: DuplicatePair) -> Decided:
    return Decided(pair.id, pair.status.value, f"已标为「{words.PAIR_STATUS[pair.status]}」")
