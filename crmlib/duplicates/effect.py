"""What other 撞单 parameters would change, computed in memory on a sample before they are saved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.formats import phone_keys
from crmlib.customers.model import LIVE, Customer
from crmlib.duplicates import live
from crmlib.duplicates.contacts import domain_key
from crmlib.duplicates.model import DuplicatePair
from crmlib.duplicates.names import ParsedName, parse
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.review import is_waiting
from crmlib.duplicates.search import Hit, SearchIndex
from crmlib.duplicates.verdicts import Parameters, Verdict, judge, parameters
from crmlib.errors import NotAllowed
from crmlib.store.engine import reading

PAIRS_AT_MOST = 400
SAVES_AT_MOST = 40
EXAMPLES = 12
_HITS = 5
_ORDER = (Verdict.SAME, Verdict.SIMILAR, Verdict.RELATED, Verdict.NONE)
_OWN = 2.4  # log-odds of a field that hardly anybody else shares
_A, _B = aliased(Customer), aliased(Customer)


@dataclass(frozen=True, slots=True)
class Shift:
    """A verdict with how many of a sample get it now and would get it."""

    verdict: Verdict
    now: int
    then: int


@dataclass(frozen=True, slots=True)
class Example:
    """Two names whose verdict changes."""

    a: str
    b: str
    now: Verdict
    then: Verdict


@dataclass(frozen=True, slots=True)
class Effect:
    """What parameters would do to the waiting pairs and to the customers saved last.

    ``saves`` is empty while the index is being built. ``floor_now`` and ``floor_then`` count the
    waiting pairs that a scan would still queue.
    """

    pairs: tuple[Shift, ...]
    pair_count: int
    saves: tuple[Shift, ...]
    save_count: int
    floor_now: int
    floor_then: int
    blocked: int  # of the saves: similar, and not to be saved any more
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    asked: ParsedName
    other: ParsedName
    hit: Hit
    contacted_on: date | None
    names: tuple[str, str]

    def verdict(self, given: Parameters) -> Verdict:
        return judge(self.asked, self.other, self.hit, given, contacted_on=self.contacted_on)


def effect_of(actor: Actor, given: Parameters) -> Effect:
    """Judge the sample by the parameters in force and by others; nothing is changed."""
    if not actor.may(Permission.COLLISION_TUNE):
        raise NotAllowed
    current, index = parameters(), live.index()
    with reading() as session:
        cases = _waiting_cases(session)
        floors = [_above(session, each.scan_floor) for each in (current, given)]
        saved = [] if index is None else _last_saved(session)
        now = _saves(session, index, saved, current)
        then = now if given.fields == current.fields else _saves(session, index, saved, given)
    pairs = [(case.verdict(current), case.verdict(given), case.names) for case in cases]
    saves = [_worst(a, b, current, given) for a, b in zip(now, then, strict=True)]
    blocked = sum(v is Verdict.SIMILAR for _, v, _ in saves)
    return Effect(
        pairs=_shifts(pairs),
        pair_count=len(pairs),
        saves=_shifts(saves) if index is not None else (),
        save_count=len(saves),
        floor_now=floors[0],
        floor_then=floors[1],
        blocked=0 if given.may_save_similar else blocked,
        examples=_examples([*pairs, *saves]),
    )


_Judged = tuple[Verdict, Verdict, tuple[str, str]]


def _shifts(judged: Sequence[_Judged]) -> tuple[Shift, ...]:
    now, then = Counter(n for n, _, _ in judged), Counter(t for _, t, _ in judged)
    return tuple(Shift(verdict, now[verdict], then[verdict]) for verdict in _ORDER)


def _examples(judged: Sequence[_Judged]) -> tuple[Example, ...]:
    changed = {names: Example(*names, n, t) for n, t, names in judged if n is not t}
    return tuple(changed.values())[:EXAMPLES]


def _waiting_cases(session: Session) -> list[_Case]:
    fields = ("name", "phone", "fax", "website", "email", "uscc", "last_contact_on")
    columns = [
        getattr(side, name).label(f"{at}_{name}")
        for at, side in (("a", _A), ("b", _B))
        for name in fields
    ]
    waiting = _of_live(select(DuplicatePair, *columns))
    rows = session.execute(waiting.order_by(DuplicatePair.id.desc()).limit(PAIRS_AT_MOST))
    return [_case(row) for row in rows]


def _case(row: Row[Any]) -> _Case:
    a, b = ({n[2:]: v for n, v in row._mapping.items() if n.startswith(f"{at}_")} for at in "ab")
    pair: DuplicatePair = row.DuplicatePair
    shared = {
        "电话相同": set(phone_keys(a["phone"])) & set(phone_keys(b["phone"]))
        or set(phone_keys(a["fax"])) & set(phone_keys(b["fax"])),
        "网站或邮箱域名相同": _domains(a) & _domains(b),
        "统一社会信用代码相同": {a["uscc"]} & {b["uscc"]} - {None},
    }
    # A switchboard weighs little; a scan keeps no weights.
    light = {text for text, weight in pair.reasons if 0 < weight < 1}
    reasons = tuple(Reason(t, _OWN) for t, found in shared.items() if found and t not in light)
    contacted = max(filter(None, (a["last_contact_on"], b["last_contact_on"])), default=None)
    hit = Hit(pair.b_id, b["name"], pair.same, pair.related, reasons)
    return _Case(parse(a["name"]), parse(b["name"]), hit, contacted, (a["name"], b["name"]))


def _domains(side: dict[str, str | None]) -> set[str]:
    return {domain_key(side["website"]), domain_key(side["email"])} - {""}


def _above(session: Session, floor: int) -> int:
    counted = _of_live(select(func.count(DuplicatePair.id)))
    return session.scalar(counted.where(DuplicatePair.same >= floor / 100)) or 0


def _of_live(statement: Select[Any]) -> Select[Any]:
    """Limit a question to the pairs that wait, as the queue shows them."""
    joined = statement.join(_A, _A.id == DuplicatePair.a_id).join(_B, _B.id == DuplicatePair.b_id)
    return joined.where(is_waiting(), _A.status.in_(LIVE), _B.status.in_(LIVE))


def _last_saved(session: Session) -> list[Customer]:
    live_ones = select(Customer).where(Customer.status.in_(LIVE))
    return list(session.scalars(live_ones.order_by(Customer.id.desc()).limit(SAVES_AT_MOST)))


def _saves(
    session: Session, index: SearchIndex | None, saved: Sequence[Customer], given: Parameters
) -> list[list[_Case]]:
    if index is None:
        return []
    used = given.fields
    found = [
        [
            hit
            for hit in index.find(
                customer.name,
                _HITS + 1,
                phone=live.numbers(customer.phone) if "phone" in used else None,
                website=customer.website if "website_domain" in used else None,
                fax=live.numbers(customer.fax) if "fax" in used else None,
                uscc=customer.uscc if "uscc" in used else None,
            )
            if hit.id != customer.id
        ]
        for customer in saved
    ]
    ids = {hit.id for hits in found for hit in hits}
    contacted = select(Customer.id, Customer.last_contact_on).where(Customer.id.in_(ids))
    days = {row.id: row.last_contact_on for row in session.execute(contacted)}
    return [
        [
            _Case(asked, parse(h.name), h, days.get(h.id), (customer.name, h.name))
            for h in hits
        ]
        for customer, hits, asked in ((c, f, parse(c.name)) for c, f in zip(saved, found, strict=True))
    ]  # fmt: skip


def _worst(now: list[_Case], then: list[_Case], current: Parameters, given: Parameters) -> _Judged:
    """Judge the save of one customer: the worst verdict of its hits, and of which."""
    before, names = _first(now, current)
    after, later = _first(then, given)
    return before, after, names or later or ("", "")


def _first(cases: list[_Case], given: Parameters) -> tuple[Verdict, tuple[str, str] | None]:
    judged = [(_ORDER.index(case.verdict(given)), case.names) for case in cases]
    place, names = min(judged, default=(len(_ORDER) - 1, None), key=lambda one: one[0])
    return _ORDER[place], names
