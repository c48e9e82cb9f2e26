"""撞单分析: who is already there under the same or a similar name; limited columns for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.formats import phone_key
from crmlib.customers.model import LIVE, Customer, CustomerStatus
from crmlib.customers.queries import region_text
from crmlib.customers.rows import visible_customers
from crmlib.customers.rules import NameKeys
from crmlib.duplicates import live
from crmlib.duplicates.comparison import compare_names, probability
from crmlib.duplicates.fragments import GENERIC, is_generic
from crmlib.duplicates.lookup import CONTACT_REASONS, Found, by_number, is_phone
from crmlib.duplicates.names import ParsedName, parse
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.search import Hit, SearchIndex
from crmlib.duplicates.verdicts import VERDICT_TEXTS, Verdict, judge, parameters, similarity
from crmlib.errors import Invalid, NotAllowed
from crmlib.people.model import Office, Person
from crmlib.reference.model import Region
from crmlib.store.engine import reading
from crmlib.store.text import clean, half_width

LONGEST_NAME = 200
MOST_HITS = 10  # nobody pages through the base here
_EXACT_MOST = 60
# Of somebody else's customer the former name itself is not told.
_FORMER_SAME, _FORMER_ALIKE = "曾用名相同", "曾用名相近"
_AT_ONCE = 500
_REASONS_SHOWN = 4
_RANK = {verdict: place for place, verdict in enumerate(Verdict)}
_ABOUT_THE_BASE = "按库中"
NAME_NEEDED = "请输入客户名称"
# Widths of the columns the keys are stored in.
_WIDTHS = {"name_key": 120, "core_key": 120, "brand": 60, "pinyin": 400, "initials": 120}


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; ``exclude`` leaves one customer out (its own renaming)."""

    name: str
    phone: str | None = None
    website: str | None = None
    fax: str | None = None
    uscc: str | None = None
    limit: int = MOST_HITS
    exclude: int | None = None
    by_number: bool = False  # the name may as well be a code, a tax number or a phone


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer found, with what only the product itself may use."""

    id: int
    verdict: Verdict
    code: str
    name: str
    region: str | None
    owner: str | None
    office: str | None
    status: CustomerStatus
    survivor: str | None  # code of the customer a merged one went into
    similarity: int
    same: float
    related: float
    reasons: tuple[Reason, ...]
    may_open: bool

    @property
    def whereabouts(self) -> str:
        """Who has it, or where it went, for a message."""
        if self.status is CustomerStatus.RECYCLED:
            return "在回收站"
        if self.status is CustomerStatus.MERGED:
            return f"已并入 {self.survivor}"
        return f"负责人 {self.owner}" if self.owner else words.UNASSIGNED


@dataclass(frozen=True, slots=True)
class CollisionHit:
    """What anybody may see of a customer found; ``id`` only for those who may open it."""

    id: int | None
    verdict: Verdict
    code: str
    name: str
    region: str | None
    owner: str
    office: str | None
    trading: str
    similarity: int
    tags: tuple[str, ...]
    reasons: tuple[str, ...]
    may_open: bool


@dataclass(frozen=True, slots=True)
class Collision:
    """The answer: verdict, its words, the hits best first; ``loading``: the index is not there yet."""

    verdict: Verdict
    text: str
    hits: tuple[CollisionHit, ...]
    loading: bool
    note: str = ""  # why hits are left out
    is_vague: bool = False  # half the base would answer


def name_keys(name: str) -> NameKeys:
    """Return what is stored beside a name, cut to its columns."""
    parsed = parse(name)
    core = parsed.core + parsed.branch
    made = {
        "name_key": parsed.key,
        "core_key": core,
        "brand": parsed.brand,
        "pinyin": parsed.pinyin,
        "initials": parsed.initials,
    }
    return NameKeys(**{column: made[column][:width] for column, width in _WIDTHS.items()})


def collide(
    actor: Actor,
    name: str,
    phone: str | None = None,
    website: str | None = None,
    fax: str | None = None,
    uscc: str | None = None,
    limit: int = MOST_HITS,
) -> Collision:
    """Say whether a customer may be entered under this name; screens ask by ``asking.ask``.

    A code, an old code, a tax number or a phone in place of the name is understood as well.

    Raises:
        Invalid: no name.
    """
    if not any(c.isalnum() for c in name or ""):
        raise Invalid({"name": NAME_NEEDED})
    asked = Question(name, phone, website, fax, uscc, limit)
    (answer,) = collide_all(actor, [asked])
    return answer


def collide_all(actor: Actor, questions: Sequence[Question]) -> list[Collision]:
    """Answer several questions, each with a name, as ``collide`` does."""
    if not actor.may(Permission.COLLISION_CHECK):
        raise NotAllowed
    index = live.index()
    asked = [
        replace(
            question,
            name=clean(question.name)[:LONGEST_NAME],
            limit=min(question.limit, MOST_HITS),
            by_number=True,
        )
        for question in questions
    ]
    with reading() as session:
        answers = _candidates(session, actor, asked, index)
    return [
        _answer(question, found, loading=index is None)
        for question, found in zip(asked, answers, strict=True)
    ]


def _answer(asked: Question, found: list[Candidate], *, loading: bool) -> Collision:
    generic = is_generic(parse(asked.name))
    if generic:  # 有限公司, 广州, 装饰: half the base would answer
        found = [c for c in found if c.verdict is Verdict.SAME or _shares_contact(c)]
    verdict = worst(found)
    text = GENERIC if generic and not found else VERDICT_TEXTS[verdict]
    if verdict is Verdict.NONE and loading and not generic:
        verdict, text = Verdict.LOADING, VERDICT_TEXTS[Verdict.LOADING]
    hits = tuple(_public(c) for c in found)
    return Collision(verdict, text, hits, loading, is_vague=generic and not found)


def _shares_contact(found: Candidate) -> bool:
    return any(reason.text in CONTACT_REASONS for reason in found.reasons)


def worst(found: Sequence[Candidate]) -> Verdict:
    """Return the verdict of the whole answer."""
    return min((c.verdict for c in found), key=_RANK.__getitem__, default=Verdict.NONE)


def candidates(
    session: Session, actor: Actor, asked: Question, index: SearchIndex | None
) -> list[Candidate]:
    """Return customers that may be the one asked for, the worst verdict first.

    Equal names and numbers come from the session's own view, the similar ones from the index.
    """
    return _candidates(session, actor, [asked], index)[0]


def _candidates(
    session: Session, actor: Actor, questions: Sequence[Question], index: SearchIndex | None
) -> list[list[Candidate]]:
    # The details of all are read at once: a list has two hundred names.
    known = [by_number(session, q.name) if q.by_number else {} for q in questions]
    hits = [_hits(index, q) for q in questions]
    ids = [
        (set(hit) | _exact(session, q, by_brand=index is None) | set(sure)) - {q.exclude}
        for q, hit, sure in zip(questions, hits, known, strict=True)
    ]
    rows = _rows(session, actor, set().union(*ids))
    return [
        _best(q, hit, sure, [rows[i] for i in wanted if i in rows])
        for q, hit, sure, wanted in zip(questions, hits, known, ids, strict=True)
    ]


def _hits(index: SearchIndex | None, asked: Question) -> dict[int, Hit]:
    if index is None:
        return {}
    return {h.id: h for h in index.find(asked.name, asked.limit + 1, **_fields(asked))}


def _rows(session: Session, actor: Actor, ids: set[int | None]) -> dict[int, Row[Any]]:
    wanted = sorted(i for i in ids if i is not None)
    return {
        row.id: row
        for start in range(0, len(wanted), _AT_ONCE)
        for row in session.execute(_details(actor, wanted[start : start + _AT_ONCE]))
    }


def _best(
    asked: Question, hits: Mapping[int, Hit], known: Mapping[int, Found], rows: Sequence[Row[Any]]
) -> list[Candidate]:
    name = parse(asked.name)
    found = []
    for row in rows:
        candidate = _candidate(row, name, hits.get(row.id), asked)
        if row.id in known:
            candidate = _as_found(candidate, known[row.id])
        if candidate.verdict is not Verdict.NONE:
            found.append(candidate)
    found.sort(key=lambda c: (_RANK[c.verdict], -c.similarity, c.code))
    return found[: asked.limit]


def _as_found(candidate: Candidate, found: Found) -> Candidate:
    same = found.verdict is Verdict.SAME
    # Names were compared with a number: what that said is of no use.
    reasons = [
        r for r in candidate.reasons if r.text in CONTACT_REASONS and r.text != found.reason.text
    ]
    return replace(
        candidate,
        verdict=min(found.verdict, candidate.verdict, key=_RANK.__getitem__),
        similarity=100 if same else candidate.similarity,
        reasons=(found.reason, *reasons),
    )


def _fields(asked: Question) -> dict[str, str | None]:
    """Return the fields the parameters let take part."""
    used = parameters().fields
    phone = asked.name if asked.by_number and is_phone(asked.name) else None
    return {
        "phone": live.numbers(asked.phone or phone) if "phone" in used else None,
        "website": asked.website if "website_domain" in used else None,
        "fax": live.numbers(asked.fax) if "fax" in used else None,
        "uscc": half_width(asked.uscc) if "uscc" in used else None,
    }


def _exact(session: Session, asked: Question, *, by_brand: bool) -> set[int]:
    """Return customers by equal keys; without the index also by 字号, initials and phone."""
    keys = name_keys(asked.name)
    conditions: list[ColumnElement[bool]] = [Customer.name_key == keys.name_key]
    if keys.core_key:
        conditions.append(Customer.core_key == keys.core_key)
    if asked.uscc and (uscc := half_width(asked.uscc).upper()):
        conditions.append(Customer.uscc == uscc)
    if by_brand:
        if len(keys.brand) > 1:
            conditions.append(Customer.brand == keys.brand)
            conditions.append(Customer.initials == keys.initials)
        if number := phone_key(asked.phone):
            conditions.append(Customer.phone_key == number)
    equal_first = (Customer.name_key != keys.name_key, Customer.core_key != keys.core_key)
    found = select(Customer.id).where(or_(*conditions)).order_by(*equal_first).limit(_EXACT_MOST)
    return set(session.scalars(found))


def _details(actor: Actor, ids: Sequence[int]) -> Any:
    above, survivor = aliased(Region), aliased(Customer)
    return (
        select(
            Customer.id,
            Customer.code,
            Customer.name,
            Customer.status,
            Customer.uscc,
            Customer.phone_key,
            Customer.last_contact_on,
            Region.name.label("region"),
            above.name.label("region_above"),
            Person.name.label("owner"),
            Office.name.label("office"),
            survivor.code.label("survivor"),
            visible_customers(actor).label("may_open"),
        )
        .outerjoin(Region, Region.id == Customer.region_id)
        .outerjoin(above, above.id == Region.parent_id)
        .outerjoin(Person, Person.id == Customer.owner_id)
        .outerjoin(Office, Office.id == Customer.office_id)
        .outerjoin(survivor, survivor.id == Customer.merged_into_id)
        .where(Customer.id.in_(ids))
    )


def _candidate(row: Row[Any], asked: ParsedName, hit: Hit | None, question: Question) -> Candidate:
    own = parse(row.name)
    hit = hit or _compared(row, asked, own, question)
    verdict = judge(asked, own, hit, contacted_on=row.last_contact_on)
    reasons = [r for r in hit.reasons if r.text]
    if _has_uscc(row, question):
        verdict = Verdict.SAME
    former = parse(hit.name) if hit.name and hit.name != row.name else None
    if former is not None and verdict is not Verdict.SAME:
        # A former name is no bar: somebody else may bear it now.
        likely = judge(asked, former, hit, contacted_on=row.last_contact_on)
        verdict = max(likely, Verdict.SIMILAR, key=_RANK.__getitem__)
        equal = asked.key == former.key
        hidden = _FORMER_SAME if equal else _FORMER_ALIKE
        reasons.insert(0, Reason(f"曾用名：{hit.name}" if row.may_open else hidden, 0.0))
    return Candidate(
        id=row.id,
        verdict=verdict,
        code=row.code,
        name=row.name,
        region=region_text(row.region, row.region_above),
        owner=row.owner,
        office=row.office,
        status=row.status,
        survivor=row.survivor,
        similarity=100 if asked.key == own.key else similarity(asked, former or own, hit),
        same=hit.same,
        related=hit.related,
        reasons=tuple(reasons),
        may_open=bool(row.may_open),
    )


def _has_uscc(row: Row[Any], question: Question) -> bool:
    if not (question.uscc and row.uscc and "uscc" in parameters().fields):
        return False
    return bool(half_width(question.uscc).upper() == row.uscc)


def _compared(row: Row[Any], asked: ParsedName, own: ParsedName, question: Question) -> Hit:
    """Compare two names without the index (it is not built yet, or did not rank this one)."""
    likeness = compare_names(asked, own)
    reasons = likeness.reasons
    if row.phone_key and row.phone_key == phone_key(question.phone):
        reasons = (*reasons, Reason("电话相同", 2.4))
    return Hit(row.id, row.name, probability(likeness.same), likeness.related, reasons)


def _tells(reason: Reason) -> bool:
    """Say whether a reason is about the two; how common names are in the base is not."""
    return not reason.text.startswith(_ABOUT_THE_BASE)


def _public(found: Candidate) -> CollisionHit:
    tags: Mapping[CustomerStatus, str] = {
        CustomerStatus.RECYCLED: words.CUSTOMER_STATUS[CustomerStatus.RECYCLED.value],
        CustomerStatus.MERGED: f"已合并 → {found.survivor}",
    }
    trading = found.status is CustomerStatus.TRADING
    return CollisionHit(
        id=found.id if found.may_open else None,
        verdict=found.verdict,
        code=found.code,
        name=found.name,
        region=found.region,
        owner=found.owner or words.UNASSIGNED,
        office=found.office,
        trading=words.YES if trading else words.NO,
        similarity=found.similarity,
        tags=(tags[found.status],) if found.status not in LIVE else (),
        reasons=tuple(r.text for r in found.reasons if _tells(r))[:_REASONS_SHOWN],
        may_open=found.may_open,
    )
