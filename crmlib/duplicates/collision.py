"""撞单分析: who is already there under the same or a similar name; limited columns for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from crmlib.duplicates.names import ParsedName, parse
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.search import Hit, SearchIndex
from crmlib.duplicates.verdicts import VERDICT_TEXTS, Verdict, judge, parameters, similarity
from crmlib.errors import Invalid, NotAllowed
from crmlib.people.model import Office, Person
from crmlib.reference.model import Region
from crmlib.store.engine import reading
from crmlib.store.text import clean, half_width

_LONGEST_NAME = 200
_EXACT_MOST = 60
_REASONS_SHOWN = 4
_RANK = {verdict: place for place, verdict in enumerate(Verdict)}
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
    limit: int = 10
    exclude: int | None = None


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
    limit: int = 10,
) -> Collision:
    """Say whether a customer may be entered under this name.

    Raises:
        Invalid: no name.
    """
    if not actor.may(Permission.COLLISION_CHECK):
        raise NotAllowed
    if not any(c.isalnum() for c in name or ""):
        raise Invalid({"name": "请输入客户名称"})
    index = live.index()
    with reading() as session:
        asked = Question(clean(name)[:_LONGEST_NAME], phone, website, fax, uscc, limit)
        found = candidates(session, actor, asked, index)
    verdict = worst(found)
    if verdict is Verdict.NONE and index is None:
        verdict = Verdict.LOADING
    return Collision(
        verdict, VERDICT_TEXTS[verdict], tuple(_public(c) for c in found), index is None
    )


def worst(found: Sequence[Candidate]) -> Verdict:
    """Return the verdict of the whole answer."""
    return min((c.verdict for c in found), key=_RANK.__getitem__, default=Verdict.NONE)


def candidates(
    session: Session, actor: Actor, asked: Question, index: SearchIndex | None
) -> list[Candidate]:
    """Return customers that may be the one asked for, the worst verdict first.

    Equal names and numbers come from the session's own view, the similar ones from the index.
    """
    name, keys = parse(asked.name), name_keys(asked.name)
    hits = (
        {}
        if index is None
        else {h.id: h for h in index.find(asked.name, asked.limit + 1, **_fields(asked))}
    )
    exact = _exact(session, asked, keys, by_brand=index is None)
    ids = set(hits) | exact
    ids.discard(asked.exclude or 0)
    found = [
        _candidate(row, name, hits.get(row.id), asked)
        for row in session.execute(_details(actor, ids))
    ]
    found = [c for c in found if c.verdict is not Verdict.NONE]
    found.sort(key=lambda c: (_RANK[c.verdict], -c.similarity, c.code))
    return found[: asked.limit]


def _fields(asked: Question) -> dict[str, str | None]:
    """Return the fields the parameters let take part."""
    used = parameters().fields
    return {
        "phone": live.numbers(asked.phone) if "phone" in used else None,
        "website": asked.website if "website_domain" in used else None,
        "fax": live.numbers(asked.fax) if "fax" in used else None,
        "uscc": half_width(asked.uscc) if "uscc" in used else None,
    }


def _exact(session: Session, asked: Question, keys: NameKeys, *, by_brand: bool) -> set[int]:
    """Return customers by equal keys; without the index also by 字号, initials and phone."""
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


def _details(actor: Actor, ids: set[int]) -> Any:
    above, survivor = aliased(Region), aliased(Customer)
    return (
        select(
            Customer.id,
            Customer.code,
            Customer.name,
            Customer.status,
            Customer.uscc,
            Customer.phone_key,
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
    verdict = judge(asked, own, hit)
    reasons = [r for r in hit.reasons if r.text]
    if question.uscc and row.uscc and half_width(question.uscc).upper() == row.uscc:
        verdict = Verdict.SAME
    former = parse(hit.name) if hit.name and hit.name != row.name else None
    if former is not None and verdict is not Verdict.SAME:
        # A former name is no bar: somebody else may bear it now.
        verdict = max(judge(asked, former, hit), Verdict.SIMILAR, key=_RANK.__getitem__)
        reasons.insert(0, Reason(f"曾用名：{hit.name}", 0.0))
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


def _compared(row: Row[Any], asked: ParsedName, own: ParsedName, question: Question) -> Hit:
    """Compare two names without the index (it is not built yet, or did not rank this one)."""
    likeness = compare_names(asked, own)
    reasons = likeness.reasons
    if row.phone_key and row.phone_key == phone_key(question.phone):
        reasons = (*reasons, Reason("电话相同", 2.4))
    return Hit(row.id, row.name, probability(likeness.same), likeness.related, reasons)


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
        reasons=tuple(r.text for r in found.reasons[:_REASONS_SHOWN]),
        may_open=found.may_open,
    )
