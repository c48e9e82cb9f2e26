"""Papers that figures are made of besides deals and activities, in memory along the change feed.

转交易 requests, 工单 and issued 目标 of the whole firm; rights are filters afterwards.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.access.reach import Reach, reach
from crmlib.access.rows import Ownership
from crmlib.customers.model import Customer
from crmlib.customers.rows import ownership
from crmlib.insight import live
from crmlib.insight.paper_tables import (
    CONVERSIONS,
    ISSUED,
    REQUESTS,
    TICKET_TABLE,
    TICKETS,
    target_rows,
    ticket_rows,
)
from crmlib.insight.raw import Table
from crmlib.insight.snapshot import Rows, Snapshot, Subject
from crmlib.people.model import Person
from crmlib.people.workdays import work_calendar
from crmlib.settings import settings
from crmlib.store.engine import reading
from crmlib.store.feed import Change
from crmlib.targets.queries import TARGETS


def _followed(
    table: Table, build: Callable[..., pl.DataFrame], customer: str = ""
) -> Subject[pl.DataFrame]:
    """Return the subject of a table; changes of the customer in a column touch its rows."""
    entity = table.key.class_.__tablename__
    key = table.order[0]

    def touched(changes: Iterable[Change], rows: Rows) -> set[int]:
        moved: dict[str, set[int]] = {}
        for change in changes:
            if change.entity in {entity, Customer.__tablename__} and change.entity_id:
                moved.setdefault(change.entity, set()).add(change.entity_id)
        found = moved.get(entity, set())
        if customer and (theirs := list(moved.get(Customer.__tablename__, ()))):
            for block in rows[0].values():
                found.update(block.filter(pl.col(customer).is_in(theirs))[key])
        return found

    return Subject((table,), build, touched)


def _people(_actor: Actor, _permission: Permission) -> Ownership:
    return Ownership(key=Person.id, owner=Person.id, registrant=Person.id, office=Person.office_id)


def _of_targets(seen: Reach) -> pl.Expr:
    """Return the twin of ``targets.rows.visible_targets`` for what is issued."""
    people = pl.col("person_id", "head_id").is_in(sorted(seen.owners))
    offices = pl.col("home_id", "office_id").is_in(sorted(seen.offices))
    return pl.any_horizontal(people, offices).fill_null(value=False)


def _together(schema: pl.Schema) -> Callable[..., pl.DataFrame]:
    def together(_state: object, blocks: list[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat([schema.to_frame(), *(rows.select(schema.names()) for rows in blocks)])

    return together


@dataclass(frozen=True, slots=True)
class _Firm:
    """The papers of one database."""

    requests: Snapshot[pl.DataFrame]
    tickets: Snapshot[pl.DataFrame]
    targets: live.Views[pl.DataFrame, pl.DataFrame]


@lru_cache(maxsize=1)  # of one database at a time, as the other snapshots
def _firm(_url: str) -> _Firm:
    requests = _followed(REQUESTS, lambda parts, _names, _today: parts[0])
    tickets = _followed(TICKET_TABLE, ticket_rows, "customer_id")
    targets: live.Kind[pl.DataFrame, pl.DataFrame] = live.Kind(
        _followed(ISSUED, target_rows),
        Permission.TARGET_VIEW,
        _people,
        _of_targets,
        pl.DataFrame.filter,
        _together(TARGETS),
    )
    return _Firm(Snapshot(requests), Snapshot(tickets), live.Views(targets))


def _papers() -> _Firm:
    return _firm(settings().database_url)


def _joined(snapshot: Snapshot[pl.DataFrame], table: Table) -> pl.DataFrame:
    blocks = snapshot.current().blocks.values()
    return pl.concat(blocks) if blocks else table.schema.to_frame()


# --- what somebody may see -------------------------------------------------------------------


def issued_targets(actor: Actor) -> pl.DataFrame:
    """Return the targets in force of all years that the actor may see (columns: TARGETS)."""
    return _papers().targets.data(actor.person_id)


def conversions(customers: pl.DataFrame) -> pl.DataFrame:
    """Return the approved conversions of some customers that still hold (columns: CONVERSIONS).

    ``customers`` are those somebody may see (columns: frames.CUSTOMERS).
    """
    owned = customers.select("customer_id", "owner_id", "office_id")
    rows = _joined(_papers().requests, REQUESTS).join(owned, on="customer_id")
    if rows.is_empty():
        return CONVERSIONS.to_frame()
    days = rows.select(workdays=workdays("requested_on", "decided_on", rows))
    return rows.with_columns(days).select(
        pl.col(name).cast(kind) for name, kind in CONVERSIONS.items()
    )


def workdays(since: str, until: str, rows: pl.DataFrame) -> pl.Series:
    """Return the working days after one day, up to and with another, of each row."""
    first, last = rows[since].min(), rows[until].max()
    assert isinstance(first, date)  # noqa: S101 columns of days, without gaps
    assert isinstance(last, date)  # noqa: S101
    calendar = work_calendar()
    days = [first + timedelta(days=n) for n in range(max((last - first).days, 0) + 1)]
    sums = pl.Series([calendar.is_workday(day) for day in days]).cast(pl.Int64()).cum_sum()
    places = rows.select(
        (pl.col(name) - first).dt.total_days().clip(0, len(days) - 1) for name in (since, until)
    )
    counted = sums.gather(places[until]) - sums.gather(places[since])
    return counted.clip(0)


def tickets(actor: Actor) -> pl.DataFrame:
    """Return the visible tickets; none for those who see no tickets (columns: TICKETS).

    The twin of ``service.rows.visible_tickets``.
    """
    if not actor.may(Permission.TICKET_VIEW):
        return TICKETS.to_frame()
    blocks = list(_papers().tickets.current().blocks.values())
    with reading() as session:
        seen = reach(session, actor, Permission.TICKET_VIEW, ownership(actor))
    if not seen.everything:
        blocks = [rows.filter(_of_tickets(seen, actor.person_id)) for rows in blocks]
    return pl.concat([TICKETS.to_frame(), *(rows.select(TICKETS.names()) for rows in blocks)])


def _of_tickets(seen: Reach, person_id: int) -> pl.Expr:
    parts = (
        pl.col("owner_id", "registrant_id") == person_id,
        pl.col("customer_owner_id").is_in(sorted(seen.owners)),
        pl.col("customer_registrant_id").is_in(sorted(seen.registrants)),
        pl.col("customer_office_id").is_in(sorted(seen.offices)),
        pl.col("customer_id").is_in(sorted(seen.keys)),
    )
    return pl.any_horizontal(*parts).fill_null(value=False)


def warm() -> None:
    """Read the papers, so that the first board need not wait."""
    papers = _papers()
    for snapshot in (papers.requests, papers.tickets):
        snapshot.current()
    papers.targets.warm()
