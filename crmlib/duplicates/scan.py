"""Scan the whole base for duplicates into the review queue."""

import time
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Contact, Customer
from crmlib.duplicates import pairs
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.review import fingerprint, is_waiting
from crmlib.reference.queries import region_names
from crmlib.store import log
from crmlib.store.engine import reading, writing
from crmlib.store.schema import Base

SAME_FLOOR = 0.5
RELATED_FLOOR = 0.8  # below it 关联 would drown the queue
MOVED = 0.005  # a smaller change of a score is not written
_CHUNK = 500
_PAIRS = Base.metadata.tables[DuplicatePair.__tablename__]
_SCHEMA = dict.fromkeys(
    (
        "name",
        "phone",
        "fax",
        "email",
        "website",
        "address",
        "uscc",
        "province",
        "contact1",
        "mobile1",
        "contact2",
        "mobile2",
    ),
    pl.String,
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
    found = pairs.find_pairs(records()).filter(
        (pl.col("prob") >= SAME_FLOOR) | (pl.col("related") >= RELATED_FLOOR)
    )
    person_id = actor.person_id if actor else None
    fresh = _save(found, person_id)
    with reading() as session:
        waiting = session.scalar(select(func.count(DuplicatePair.id)).where(is_waiting())) or 0
    return ScanResult(fresh, waiting, round(time.perf_counter() - started, 3))


def records() -> pl.DataFrame:
    """Return all live customers as the engine reads them, with their first two contacts."""
    with reading() as session:
        regions = region_names(session)
        rows = session.execute(
            select(
                Customer.id,
                Customer.name,
                Customer.phone,
                Customer.fax,
                Customer.email,
                Customer.website,
                Customer.address,
                Customer.uscc,
                Customer.region_id,
            ).where(Customer.status.in_(LIVE))
        )
        found = {row.id: {**row._mapping, "province": _province(regions, row)} for row in rows}
        contacts = session.execute(
            select(Contact.customer_id, Contact.name, Contact.mobile)
            .where(Contact.active.is_(True))
            .order_by(Contact.customer_id, Contact.is_primary.desc(), Contact.id)
        )
        for customer_id, name, mobile in contacts:
            if (row := found.get(customer_id)) is not None:
                place = 1 if "contact1" not in row else 2
                if f"contact{place}" not in row:
                    row |= {f"contact{place}": name, f"mobile{place}": mobile}
    return pl.DataFrame(list(found.values()), schema={"id": pl.Int64, **_SCHEMA})


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
            "reasons": [[text, 0.0] for text in row["reasons"]],
        }
        if (pair := known.get((low, high))) is None:
            new.append({"a_id": low, "b_id": high, **values})
        else:
            _refresh(session, pair, values)
    _insert(session, new, person_id)
    return len(new)


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
    if moved > MOVED:
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
