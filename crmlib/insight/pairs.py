"""重复候选 of the firm in memory, as 重复候选看板 counts them: live, and cut to a person's rights."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import polars as pl
from sqlalchemy import Select, and_
from sqlalchemy.orm import aliased

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.access.reach import Reach
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import ownership
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.queue import require_view
from crmlib.insight import live, reads
from crmlib.insight.duplicates import (
    BEFORE,
    BY_HAND,
    IMPORTED,
    PAIRS,
    PASSED,
    UNKNOWN,
    UNSEEN,
)
from crmlib.insight.live import Views, Visible
from crmlib.insight.naming import Names
from crmlib.insight.raw import Column, Kind, Table
from crmlib.insight.snapshot import Rows, State, Subject
from crmlib.reference.kinds import DictKind
from crmlib.settings import settings
from crmlib.store.feed import Change
from crmlib.store.schema import ChangeLog

_IMPORT = "import_customers"
_SPAN = 8_192  # pairs in a block
_TEXT = pl.String()
_SIDES = {side: (aliased(Customer), aliased(ChangeLog)) for side in "ab"}


def _columns() -> dict[str, Column]:
    pair = DuplicatePair
    found = {
        "pair_id": reads.number(pair.id),
        "same": Column(pair.same, Kind.FLOAT, pl.Float64()),
        "source": reads.text(pair.source),
        "status": reads.text(pair.status),
        "found_on": reads.day(pair.found_at),
        "decided_on": reads.day(pair.decided_at),
        "snooze_until": reads.date(pair.snooze_until),
    }
    for side, (customer, log) in _SIDES.items():
        found |= {
            f"{side}_id": reads.number(customer.id),
            f"{side}_name": reads.text(customer.name),
            f"{side}_status": reads.text(customer.status),
            f"{side}_region_id": reads.number(customer.region_id),
            f"{side}_owner_id": reads.number(customer.owner_id),
            f"{side}_office_id": reads.number(customer.office_id),
            f"{side}_registrant_id": reads.number(customer.registered_by_id),
            f"{side}_registered_at": reads.moment(customer.registered_at),
            f"{side}_channel": reads.text(customer.source),
            f"{side}_action": reads.text(log.action),
        }
    return found


def _joined(statement: Select[Any]) -> Select[Any]:
    """Join both sides, and by which action each of them came in."""
    statement = statement.select_from(DuplicatePair)
    for (customer, log), key in zip(
        _SIDES.values(), (DuplicatePair.a_id, DuplicatePair.b_id), strict=True
    ):
        came_in = and_(
            log.entity == Customer.__tablename__,
            log.entity_id == customer.id,
            log.kind == "insert",
        )
        statement = statement.join(customer, customer.id == key).outerjoin(log, came_in)
    return statement


_TABLE = Table(DuplicatePair.id, _columns(), ("pair_id",), _SPAN, _joined)
_TOLD_OF_NEWER = ("registrant_id", "channel", "action", "owner_id", "office_id")
# Who may see a pair hangs on both sides; these columns stay within.
_RIGHTS = [
    f"{side}_{name}" for side in _SIDES for name in ("id", "owner_id", "office_id", "registrant_id")
]


def pair_data(actor: Actor) -> Visible:
    """Return the pairs the actor may see (rows: duplicates.PAIRS), as of now.

    Those nobody can decide are left out.

    Raises:
        NotAllowed: no part in the review.
    """
    require_view(actor)
    return _views(settings().database_url).data(actor.person_id)


def pair_rows(raw: pl.DataFrame, names: Names, today: date) -> pl.DataFrame:
    """Return the pairs of raw rows with their words (columns: PAIRS, and those of rights)."""
    status, day = pl.col("status"), pl.lit(today)
    is_due = (status == PairStatus.DEFERRED.value) & (pl.col("snooze_until").fill_null(day) <= day)
    waits = (status == PairStatus.OPEN.value) | is_due
    in_use = [value.value for value in LIVE]
    both = pl.col("a_status").is_in(in_use) & pl.col("b_status").is_in(in_use)
    is_open = pl.col("state") == PairStatus.OPEN.value
    decided = pl.when(~is_open).then(pl.col("decided_on"))
    regions, people = _regions(names), names.people.select("owner_id", pl.col("owner").cast(_TEXT))
    rows = (
        raw.filter(~waits | both)
        .with_columns(
            state=pl.when(waits).then(pl.lit(PairStatus.OPEN.value)).otherwise(status),
            **{name: _of_newer(name) for name in _TOLD_OF_NEWER},
        )
        .join(people, left_on="registrant_id", right_on="owner_id", how="left")
        .join(regions.rename({"region_id": "a_region_id", "top": "a_top"}), "a_region_id", "left")
        .join(regions.rename({"region_id": "b_region_id", "top": "b_top"}), "b_region_id", "left")
    )
    told = rows.with_columns(
        origin=_origin(),
        channel=pl.col("channel").replace_strict(
            names.items.get(DictKind.LEAD_SOURCE, {}), default=UNKNOWN, return_dtype=_TEXT
        ),
        person_id="registrant_id",
        person=pl.col("owner").fill_null(UNKNOWN),
        region_ids=pl.concat_list("a_top", "b_top").list.drop_nulls().list.unique().list.sort(),
        decided_on=decided,
        age_days=(day - pl.col("found_on")).dt.total_days(),
        wait_days=(decided - pl.col("found_on")).dt.total_days(),
    )
    shown = [pl.col(name).cast(kind) for name, kind in PAIRS.items()]
    return told.select(*shown, *_RIGHTS).sort("pair_id")


def _of_newer(name: str) -> pl.Expr:
    """Return what is said of the side that was registered later."""
    at = pl.col("b_registered_at") - pl.col("a_registered_at")
    later = (at > pl.duration()) | ((at == pl.duration()) & (pl.col("b_id") > pl.col("a_id")))
    return pl.when(later).then(f"b_{name}").otherwise(f"a_{name}")


def _origin() -> pl.Expr:
    """Return which rule let the newer customer in beside the older one."""
    source, action = pl.col("source"), pl.col("action")
    is_imported = (source == PairSource.IMPORT.value) | action.eq_missing(_IMPORT)
    return (
        pl.when(source == PairSource.ENTRY.value)
        .then(pl.lit(PASSED))
        .when(is_imported)
        .then(pl.lit(IMPORTED))
        .when(source == PairSource.MANUAL.value)
        .then(pl.lit(BY_HAND))
        .when(action.fill_null("") != "")
        .then(pl.lit(UNSEEN))
        .otherwise(pl.lit(BEFORE))
    )


def _regions(names: Names) -> pl.DataFrame:
    """Return the region above each region, or itself: region_id, top."""
    regions = names.regions.with_columns(pl.col("region").cast(_TEXT))
    tops = regions.filter(pl.col("province").is_null()).select("region", top="region_id")
    return regions.join(tops, on="region").select("region_id", "top")


def _allowed(seen: Reach) -> pl.Expr:
    parts = (
        ("owner_id", seen.owners),
        ("registrant_id", seen.registrants),
        ("office_id", seen.offices),
        ("id", seen.keys),
    )
    any_of = [
        pl.col(f"{side}_{name}").is_in(sorted(ids)) for side in _SIDES for name, ids in parts if ids
    ]
    return pl.any_horizontal(any_of or [pl.lit(value=False)]).fill_null(value=False)


def _touched(changes: Iterable[Change], rows: Rows) -> set[int]:
    changes = list(changes)

    def ids(entity: str) -> set[int]:
        return {each.entity_id for each in changes if each.entity == entity and each.entity_id}

    found = ids(DuplicatePair.__tablename__)
    if customers := list(ids(Customer.__tablename__)):
        theirs = pl.col("a_id").is_in(customers) | pl.col("b_id").is_in(customers)
        for block in rows[0].values():
            found.update(block.filter(theirs)["pair_id"])
    return found


def _together(state: State[pl.DataFrame], blocks: list[pl.DataFrame]) -> Visible:
    rows = pl.concat([PAIRS.to_frame(), *(block.select(PAIRS.names()) for block in blocks)])
    return Visible(rows, state.names, state.day, state.read_at)


KIND: live.Kind[pl.DataFrame, Visible] = live.Kind(
    Subject((_TABLE,), lambda parts, names, today: pair_rows(parts[0], names, today), _touched),
    Permission.DUPLICATE_VIEW,
    ownership,
    _allowed,
    pl.DataFrame.filter,
    _together,
)


@lru_cache(maxsize=1)  # of one database at a time, as the other snapshots
def _views(_url: str) -> Views[pl.DataFrame, Visible]:
    return Views(KIND)
