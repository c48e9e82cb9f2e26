"""One pair side by side: every field, the sensible winner of each, and what a merge would do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.customers.model import LIVE, Customer, CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.duplicates import children, images, pairs, picks
from crmlib.duplicates.clusters import members_of_pair
from crmlib.duplicates.images import Row
from crmlib.duplicates.impact import DEAL, ChildCount, Impact, impact_of
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.duplicates.plan import CUSTOMERS, plan_merge
from crmlib.duplicates.queue import require_view, visible_pairs
from crmlib.errors import NotAllowed
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels, region_names
from crmlib.store.engine import reading
from crmlib.store.schema import Base

_LIMITED = frozenset({"code", "name", "region", "owner", "office", "status"})  # DUP-3
_DICTS = {
    "level": DictKind.CUSTOMER_LEVEL,
    "industry": DictKind.INDUSTRY,
    "customer_type": DictKind.CUSTOMER_TYPE,
    "size": DictKind.CUSTOMER_SIZE,
    "source": DictKind.LEAD_SOURCE,
}
_ORDER = ("name", "code", "status", *[field for field in picks.FIELDS if field != "name"])
_FIELDS = (*_ORDER, *(field for field in picks.FIXED if field not in _ORDER))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two customers; ``masked`` when only the columns of 撞单 may be shown."""

    id: int
    code: str
    name: str
    status: str
    region: str
    owner: str
    office: str
    registered_at: datetime
    version: int
    masked: bool


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of both as text, and whose value should win and why."""

    key: str
    label: str
    survivor: str
    loser: str
    differs: bool
    pick: str
    why: str
    choosable: bool


@dataclass(frozen=True, slots=True)
class PairDetail:
    """A pair as the reviewer sees it; ``impact`` is None where he may not merge or look into it."""

    pair_id: int
    version: int
    status: str
    status_label: str
    same: float
    related: float
    score: str
    reasons: tuple[tuple[str, float], ...]
    source: str
    note: str
    found_at: datetime
    can_decide: bool
    survivor_id: int
    loser_id: int
    survivor_why: str
    a: Side
    b: Side
    fields: tuple[FieldRow, ...]
    children: tuple[ChildCount, ...]
    impact: Impact | None
    cluster: tuple[int, ...]  # the customers that hang together by waiting pairs, these two among


@dataclass(frozen=True, slots=True)
class _Names:
    people: dict[int, str]
    offices: dict[int, str]
    regions: dict[int, str]
    dicts: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class _Shown:
    names: _Names
    seen: set[int]  # the customers the actor may see in full


def pair_detail(actor: Actor, pair_id: int, survivor_id: int | None = None) -> PairDetail:
    """Return a pair with all that is needed to decide it; ``survivor_id`` turns the sides round."""
    require_view(actor)
    with reading() as session:
        pair = session.scalar(
            select(DuplicatePair).where(DuplicatePair.id == pair_id, visible_pairs(actor))
        )
        if pair is None or survivor_id not in (None, pair.a_id, pair.b_id):
            raise NotAllowed
        rows = images.read_ids(session, CUSTOMERS, [pair.a_id, pair.b_id])
        best, why = default_survivor(session, rows)
        kept = survivor_id or best
        other = pair.b_id if kept == pair.a_id else pair.a_id
        impact = _impact(session, actor, rows, kept, other)
        shown = _Shown(
            _names(session, rows),
            set(
                session.scalars(
                    select(Customer.id).where(Customer.id.in_(rows), visible_customers(actor))
                )
            ),
        )
        return PairDetail(
            **_facts_of(pair, rows),
            can_decide=actor.may(Permission.DUPLICATE_REVIEW) and _is_undecided(pair),
            survivor_id=kept,
            loser_id=other,
            survivor_why=why if kept == best else "由您选择",
            a=_side(rows[pair.a_id], shown),
            b=_side(rows[pair.b_id], shown),
            fields=_fields(rows[kept], rows[other], shown),
            children=impact.children if impact else (),
            impact=impact,
            cluster=tuple(sorted(members_of_pair(session, pair))),
        )


def default_survivor(session: Session, rows: dict[int, Row]) -> tuple[int, str]:
    """Return which of several customers should stay, and why."""
    facts = [
        picks.Facts(
            key, row["status"] == CustomerStatus.TRADING, _deals(session, key), row["registered_at"]
        )
        for key, row in sorted(rows.items())
    ]
    best, why = facts[0], ""
    for other in facts[1:]:
        kept, why = picks.default_survivor(best, other)
        best = other if kept == other.id else best
    return best.id, why


def field_texts(session: Session, rows: dict[int, Row]) -> dict[str, dict[int, str]]:
    """Return every field of several customers as text: field → customer → text."""
    names = _names(session, rows)
    return {field: {k: _text(field, row, names) for k, row in rows.items()} for field in _FIELDS}


def _facts_of(pair: DuplicatePair, rows: dict[int, Row]) -> dict[str, Any]:
    return {
        "pair_id": pair.id,
        "version": pair.version,
        "status": pair.status.value,
        "status_label": words.PAIR_STATUS[pair.status],
        "same": pair.same,
        "related": pair.related,
        "score": picks.score_words(pair.same, pair.related),
        "reasons": _reasons(pair, rows),
        "source": words.PAIR_SOURCE[pair.source],
        "note": pair.note or "",
        "found_at": clock.local(pair.found_at),
    }


def _is_undecided(pair: DuplicatePair) -> bool:
    return pair.status in (PairStatus.OPEN, PairStatus.DEFERRED)


def _deals(session: Session, customer_id: int) -> int:
    children.references()  # loads the models of the floors above
    table = Base.metadata.tables[DEAL]
    count = select(func.count()).select_from(table).where(table.c.customer_id == customer_id)
    return session.scalar(count) or 0


def _impact(
    session: Session, actor: Actor, rows: dict[int, Row], kept: int, loser_id: int
) -> Impact | None:
    sees_all = Scope.ALL in actor.scopes(Permission.DUPLICATE_VIEW)
    if not sees_all or any(row["status"] not in LIVE for row in rows.values()):
        return None
    winners = picks.default_picks(rows[kept], rows[loser_id])
    chosen = {field: pick.winner for field, pick in winners.items()}
    return impact_of(session, actor, plan_merge(session, kept, loser_id, count=True), chosen)


def _reasons(pair: DuplicatePair, rows: dict[int, Row]) -> tuple[tuple[str, float], ...]:
    if any(weight for _, weight in pair.reasons):
        return tuple((text, float(weight)) for text, weight in pair.reasons)
    # A scan keeps only the words; the parts are computed when somebody looks.
    _, _, reasons = pairs.pair_verdict(rows[pair.a_id], rows[pair.b_id])
    return tuple((reason.text, round(float(reason.weight), 2)) for reason in reasons)


def _names(session: Session, rows: dict[int, Row]) -> _Names:
    ids = {row[name] for row in rows.values() for name in ("owner_id", "registered_by_id")}
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids - {None})))
    return _Names(
        dict(people.all()),
        dict(session.execute(select(Office.id, Office.name)).all()),
        region_names(session),
        {name: labels(session, kind) for name, kind in _DICTS.items()},
    )


def _side(row: Row, shown: _Shown) -> Side:
    return Side(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        status=words.CUSTOMER_STATUS[row["status"]],
        region=_text("region", row, shown.names),
        owner=_text("owner", row, shown.names),
        office=shown.names.offices.get(row["office_id"], ""),
        registered_at=clock.local(row["registered_at"]),
        version=row["version"],
        masked=row["id"] not in shown.seen,
    )


def _fields(survivor: Row, loser: Row, shown: _Shown) -> tuple[FieldRow, ...]:
    winners = picks.default_picks(survivor, loser)
    return tuple(_field(key, (survivor, loser), winners.get(key), shown) for key in _FIELDS)


def _field(key: str, sides: tuple[Row, Row], pick: picks.Pick | None, shown: _Shown) -> FieldRow:
    survivor, loser = (
        _text(key, row, shown.names) if row["id"] in shown.seen or key in _LIMITED else words.EMPTY
        for row in sides
    )
    return FieldRow(
        key=key,
        label=words.CUSTOMER[key],
        survivor=survivor,
        loser=loser,
        differs=survivor != loser,
        pick=pick.winner if pick else picks.SURVIVOR,
        why=pick.why if pick else picks.FIXED[key],
        choosable=pick is not None,
    )


def _text(key: str, row: Row, names: _Names) -> str:
    value: Any = row.get(picks.FIELDS.get(key, (key,))[0])
    if key in ("owner", "registered_by"):
        person = names.people.get(row[f"{key}_id"])
        return person or (words.UNASSIGNED if key == "owner" else "")
    if key == "region":
        return names.regions.get(value, "")
    if key == "status":
        return words.CUSTOMER_STATUS[value]
    if key in names.dicts:
        return names.dicts[key].get(value, value or "")
    if not value and row.get(f"no_{key}"):
        return "无"
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d}"
    return "" if value is None else str(value)
