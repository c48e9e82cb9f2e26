"""Scan the whole base for duplicates into the review queue."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, AliasKind, Contact, Customer, CustomerAlias
from crmlib.duplicates import following, keystore, pairs
from crmlib.duplicates.changed import changed_pairs
from crmlib.duplicates.crew import crew
from crmlib.duplicates.model import DuplicatePair, Merge, PairSource, PairStatus
from crmlib.duplicates.review import fingerprint, is_waiting
from crmlib.duplicates.verdicts import parameters
from crmlib.reference.queries import region_names
from crmlib.store import log
from crmlib.store.engine import reading, writing
from crmlib.store.feed import Feed
from crmlib.store.schema import Base

RELATED_FLOOR = 0.8  # below it 关联 would drown the queue
MOVED = 0.005  # a smaller change of a score is not written
_CHUNK = 500
_REWRITE = 2000  # changed customers whose keys are read afresh; beyond it they are written down
_PAIRS = Base.metadata.tables[DuplicatePair.__tablename__]
_AT_ONCE = 5000  # customers read by number at a time
_COLUMNS = ("name", "phone", "fax", "email", "website", "address", "uscc")
_SCHEMA = dict.fromkeys(
    (*_COLUMNS, "province", "contact1", "mobile1", "contact2", "mobile2"), pl.String
)


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan found: new pairs, all pairs that wait, and how long it took."""

    pairs_new: int
    pairs_total: int
    seconds: float


@action(Permission.DUPLICATE_REVIEW)
def _allow_scan(work: Work) -> None:
    """Ask whether the actor may scan; the scan itself must not hold a transaction open."""


def scan(actor: Actor | None) -> ScanResult:
    """Look for pairs among all live customers; without an actor the system scans."""
    if actor is not None:
        _allow_scan(actor)
    started = time.perf_counter()
    place = Feed().place  # before the first row is read: later changes are followed from here
    table = records()
    with crew(len(table)) as hands:
        base = pairs.read_base(table, hands)
        store = keystore.store_of(base, place)
        packed = pairs.candidates(base, store.entries())
        found = _worth(pairs.judged_pairs(base, packed, hands))
    following.write(store)
    return _result(found, None, actor.person_id if actor else None, started)


def scan_changed() -> ScanResult | None:
    """Look for pairs of the customers that changed since the last scan.

    None when nothing changed. Where no scan has been yet, the base is read first and pairs are
    looked for from then on.
    """
    started = time.perf_counter()
    followed = following.read()
    if followed is None:
        prepare()
        return None
    feed = Feed(followed.place)
    changes = feed.poll()
    if any(following.is_bulk(change) for change in changes):
        return scan(None)
    with reading() as session:
        fresh = following.touched(session, changes)
    if not fresh:
        following.note(followed, fresh, feed.place)
        return None
    changed = np.array(sorted(followed.changed | fresh), np.int64)
    now = np.array(sorted(fresh), np.int64)
    found = _worth(changed_pairs(followed.store, changed, now, records))
    result = _result(found, fresh, None, started)
    if len(changed) > _REWRITE:
        table = records(changed.tolist())
        with crew(len(table)) as hands:
            base = pairs.read_base(table, hands)
        following.write(followed.store.replaced(changed, base, feed.place))
    else:
        following.note(followed, fresh, feed.place)
    return result


def prepare() -> None:
    """Keep the keys of all customers, so that those who change find their like."""
    place = Feed().place
    table = records()
    with crew(len(table)) as hands:
        following.write(keystore.store_of(pairs.read_base(table, hands), place))


def _worth(found: pl.DataFrame) -> pl.DataFrame:
    floor = parameters().scan_floor / 100
    return found.filter((pl.col("prob") >= floor) | (pl.col("related") >= RELATED_FLOOR))


def _result(
    found: pl.DataFrame, ids: set[int] | None, person_id: int | None, started: float
) -> ScanResult:
    fresh = _save(found, person_id)
    _drop_faded(found, ids, person_id)
    with reading() as session:
        waiting = session.scalar(select(func.count(DuplicatePair.id)).where(is_waiting())) or 0
    return ScanResult(fresh, waiting, round(time.perf_counter() - started, 3))


def records(ids: Iterable[int] | None = None) -> pl.DataFrame:
    """Return live customers as the engine reads them: two contacts each, and a row per old name."""
    chunks = [None] if ids is None else _chunks(list(ids))
    with reading() as session:
        regions = region_names(session)
        rows = [row for chunk in chunks for row in _records(session, regions, chunk)]
    return pl.DataFrame(rows, schema={"id": pl.Int64, **_SCHEMA, pairs.FORMER: pl.Boolean})


def _chunks(ids: list[int]) -> list[list[int]]:
    return [ids[i : i + _AT_ONCE] for i in range(0, len(ids), _AT_ONCE)]


def _records(
    session: Session, regions: dict[int, str], ids: list[int] | None
) -> Iterator[dict[str, Any]]:
    of_customer: ColumnElement[bool] = Customer.status.in_(LIVE)
    of_contact: ColumnElement[bool] = Contact.active.is_(True)
    of_alias: ColumnElement[bool] = CustomerAlias.kind == AliasKind.NAME
    if ids is not None:
        of_customer &= Customer.id.in_(ids)
        of_contact &= Contact.customer_id.in_(ids)
        of_alias &= CustomerAlias.customer_id.in_(ids)
    columns = [getattr(Customer, name) for name in _COLUMNS]
    rows = session.execute(select(Customer.id, Customer.region_id, *columns).where(of_customer))
    found = {row.id: {**row._mapping, "province": _province(regions, row)} for row in rows}
    contacts = session.execute(
        select(Contact.customer_id, Contact.name, Contact.mobile)
        .where(of_contact)
        .order_by(Contact.customer_id, Contact.is_primary.desc(), Contact.id)
    )
    for customer_id, name, mobile in contacts:
        if (row := found.get(customer_id)) is not None:
            place = 1 if "contact1" not in row else 2
            if f"contact{place}" not in row:
                row |= {f"contact{place}": name, f"mobile{place}": mobile}
    for row in found.values():
        del row["region_id"]
        yield row
    aliases = select(CustomerAlias.customer_id, CustomerAlias.value).where(of_alias)
    for customer_id, name in session.execute(aliases.order_by(CustomerAlias.id)):
        if customer_id in found and name != found[customer_id]["name"]:
            yield {"id": customer_id, "name": name, pairs.FORMER: True}


def _province(regions: dict[int, str], row: Any) -> str | None:
    path = regions.get(row.region_id, "").split(" / ")
    return path[1] if len(path) > 1 else None


def _save(found: pl.DataFrame, person_id: int | None) -> int:
    fresh = 0
    # Short transactions: people go on saving while thousands of pairs are written.
    for part in found.iter_slices(_CHUNK):
        with writing() as session, session.begin():
            session.info[log.PERSON], session.info[log.ACTION] = person_id, "scan"
            fresh += _save_part(session, part.to_dicts(), person_id)
    return fresh


def _save_part(session: Session, rows: list[dict[str, Any]], person_id: int | None) -> int:
    ids = {row["id1"] for row in rows} | {row["id2"] for row in rows}
    live = set(
        session.scalars(select(Customer.id).where(Customer.id.in_(ids), Customer.status.in_(LIVE)))
    )
    known = {
        (pair.a_id, pair.b_id): pair
        for pair in session.scalars(
            select(DuplicatePair).where(
                DuplicatePair.a_id.in_({min(r["id1"], r["id2"]) for r in rows})
            )
        )
    }
    new = []
    for row in rows:
        low, high = sorted((row["id1"], row["id2"]))
        if not {low, high} <= live:
            continue  # merged or recycled while the engine worked
        values = {
            "same": row["prob"],
            "related": row["related"],
            "reasons": [
                [text, round(weight, 2)]
                for text, weight in zip(row["reasons"], row["weights"], strict=True)
            ],
        }
        if (pair := known.get((low, high))) is None:
            new.append({"a_id": low, "b_id": high, **values})
        else:
            _refresh(session, pair, values)
    _insert(session, new, person_id)
    return len(new)


def _drop_faded(found: pl.DataFrame, ids: set[int] | None, person_id: int | None) -> None:
    """Take out open pairs of a scan that the customers as they are now no longer give.

    A pair with a merged or recycled side stays: it is back when the side is.
    """
    kept = set(found.select("id1", "id2").iter_rows())
    a, b = aliased(Customer), aliased(Customer)
    merged = select(Merge.pair_id).where(Merge.pair_id.is_not(None))
    open_ = (
        select(DuplicatePair.id, DuplicatePair.a_id, DuplicatePair.b_id)
        .join(a, a.id == DuplicatePair.a_id)
        .join(b, b.id == DuplicatePair.b_id)
        .where(
            DuplicatePair.status == PairStatus.OPEN,
            DuplicatePair.source == PairSource.SCAN,
            DuplicatePair.id.not_in(merged),
            a.status.in_(LIVE),
            b.status.in_(LIVE),
        )
    )
    with reading() as session:
        faded = [
            key
            for key, low, high in session.execute(open_)
            if (low, high) not in kept and (ids is None or low in ids or high in ids)
        ]
    for start in range(0, len(faded), _CHUNK):
        with writing() as session, session.begin():
            session.info[log.PERSON], session.info[log.ACTION] = person_id, "scan"
            still = (
                DuplicatePair.id.in_(faded[start : start + _CHUNK]),
                DuplicatePair.status == PairStatus.OPEN,
            )
            for pair in session.scalars(select(DuplicatePair).where(*still)):
                session.delete(pair)


def _refresh(session: Session, pair: DuplicatePair, values: dict[str, Any]) -> None:
    if pair.status is PairStatus.DEFERRED and _is_due(pair):
        pair.status, pair.snooze_until = PairStatus.OPEN, None
    if pair.status is PairStatus.DISTINCT:
        a, b = session.get_one(Customer, pair.a_id), session.get_one(Customer, pair.b_id)
        if pair.fingerprint == fingerprint(a, b):
            return
        pair.status, pair.decided_at, pair.decided_by_id = PairStatus.OPEN, None, None
    if pair.status is not PairStatus.OPEN:
        return
    moved = max(abs(pair.same - values["same"]), abs(pair.related - values["related"]))
    told = [text for text, _ in pair.reasons] != [text for text, _ in values["reasons"]]
    if moved > MOVED or told:
        pair.same, pair.related, pair.reasons = values.values()


def _is_due(pair: DuplicatePair) -> bool:
    return pair.snooze_until is not None and pair.snooze_until <= clock.today()


def _insert(session: Session, new: list[dict[str, Any]], person_id: int | None) -> None:
    if not new:
        return
    common = {
        "source": PairSource.SCAN,
        "status": PairStatus.OPEN,
        "found_at": clock.now(),
        "found_by_id": person_id,
        "version": 1,
    }
    whole = [row | common for row in new]
    ids = session.scalars(
        insert(_PAIRS).returning(_PAIRS.c.id, sort_by_parameter_order=True), whole
    ).all()
    log.write(
        session,
        [
            {
                "entity": _PAIRS.name,
                "entity_id": key,
                "kind": "insert",
                "before": None,
                "after": {name: log.plain(value) for name, value in row.items()},
            }
            for key, row in zip(ids, whole, strict=True)
        ],
    )
