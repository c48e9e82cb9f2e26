"""报告提交: how many reports were due, handed in and late, per person and week or month.

The reports of the firm lie in memory and follow the change feed; days on which nothing is
expected, and who has to write, are those of ``work_reports.board``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import polars as pl
from sqlalchemy import and_

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.errors import NotAllowed
from crmlib.insight.naming import Names
from crmlib.insight.raw import Column, Kind, Table
from crmlib.insight.snapshot import Snapshot, State, Subject
from crmlib.insight.units import Part, offices_below, reach_of
from crmlib.people.workdays import work_calendar
from crmlib.settings import settings
from crmlib.work_reports import rules
from crmlib.work_reports.board import WRITERS
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport
from crmlib.work_reports.rules import IsWorkday

Every = Literal["1w", "1mo"]
_KEY, _COUNT, _KINDS = pl.Int64(), pl.Int64(), pl.Enum([kind.value for kind in ReportKind])
_IS_DRAFT = WorkReport.status == ReportStatus.DRAFT
_COLUMNS: Mapping[str, Column] = {
    "report_id": Column(WorkReport.id, Kind.NUMBER, _KEY),
    "person_id": Column(WorkReport.person_id, Kind.NUMBER, _KEY),
    "kind": Column(WorkReport.kind, Kind.TEXT, _KINDS),
    "starts_on": Column(WorkReport.starts_on, Kind.DATE, pl.Date()),
    "is_out": Column(~_IS_DRAFT, Kind.FLAG, pl.Boolean()),
    "is_read": Column(WorkReport.status == ReportStatus.READ, Kind.FLAG, pl.Boolean()),
    "late": Column(WorkReport.late, Kind.FLAG, pl.Boolean()),
    "returned": Column(
        and_(_IS_DRAFT, WorkReport.returned_reason.is_not(None)), Kind.FLAG, pl.Boolean()
    ),
}
_TABLE = Table(WorkReport.id, _COLUMNS, ("report_id",), 32_768, lambda rows: rows)
REPORTS = _TABLE.schema
COUNTS = ("due", "handed_in", "late", "read", "missing")
# One row per person and period in which something was due or handed in.
TALLY = pl.Schema(
    {
        "person_id": _KEY,
        "office_id": _KEY,  # where the person works today
        "period": pl.Date(),  # the Monday, or the first of the month
        **dict.fromkeys(COUNTS, _COUNT),
    }
)


PEOPLE = pl.Schema(
    {
        "office_id": _KEY,
        "person_id": _KEY,
        "since": pl.Date(),  # from when on he has to write; null: he need not
        "name": pl.String(),
        "office": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of reports that are due: handed in at all, of them late, read; and missing ones."""

    due: int = 0
    handed_in: int = 0
    late: int = 0
    read: int = 0
    missing: int = 0

    @property
    def punctual(self) -> int:
        """Return how many were handed in in time."""
        return self.handed_in - self.late

    @property
    def share(self) -> float | None:
        """Return the share handed in of those due, if any is due."""
        return self.handed_in / self.due if self.due else None

    @property
    def in_time(self) -> float | None:
        """Return the share handed in in time of those due, if any is due."""
        return self.punctual / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class Board:
    """The weeks of everybody the actor follows; without ``is_named`` he sees figures alone."""

    rows: pl.DataFrame  # TALLY by week
    people: pl.DataFrame  # PEOPLE
    names: Names
    part: Part
    begun: date  # the first day anybody ever wrote about: nothing was due before
    read_at: datetime
    is_named: bool

    def narrowed(self, office_id: int | None, person_id: int | None) -> "Board":
        """Return the board of an office with those below it, or of a person."""
        offices = offices_below(self.names, office_id) if office_id is not None else ()
        wanted = [pl.lit(value=True)]
        if offices:
            wanted.append(pl.col("office_id").is_in(list(offices)))
        if person_id is not None:
            wanted.append(pl.col("person_id") == person_id)
        rows, people = self.rows.filter(wanted), self.people.filter(wanted)
        return replace(self, rows=rows, people=people)


def board(actor: Actor, weeks: Sequence[date]) -> Board:
    """Return the hand-ins of weeks by their Mondays, all within the span they cover.

    Raises:
        NotAllowed: the actor follows nobody's reports.
    """
    held = actor.scopes(Permission.REPORT_BOARD)
    if not held:
        raise NotAllowed
    state, part = _firm(settings().database_url).current(), _part(actor, Permission.REPORT_BOARD)
    days = (min(weeks), max(weeks) + timedelta(days=6))
    people = _people(part, state.names)
    rows = _counted(state, people, days, "1w")
    told = (state.names, part, _begun(_reports(state)), state.read_at)
    return Board(rows, people, *told, is_named=Scope.MASKED not in held)


def total(rows: pl.DataFrame) -> Tally:
    """Return the sums of some rows of TALLY."""
    return Tally(**{name: int(rows[name].sum()) for name in COUNTS})


def grouped(rows: pl.DataFrame, by: str) -> list[tuple[Any, Tally]]:
    """Return the sums per value of a column, in its order."""
    found = rows.group_by(by).agg(pl.col(COUNTS).sum()).sort(by)
    return [(key, Tally(*counts)) for key, *counts in found.rows()]


def by_person(found: Board, rows: pl.DataFrame, show: str = "") -> pl.DataFrame:
    """Return who writes or wrote, those who owe most first: columns of PEOPLE and COUNTS.

    ``show`` names a count: only people who have any of it.
    """
    sums = rows.group_by("person_id").agg(pl.col(COUNTS).sum())
    told = found.people.join(sums, on="person_id", how="left").filter(
        pl.col("since").is_not_null() | pl.col("due").is_not_null()
    )
    wanted = pl.col(show) > 0 if show in COUNTS else pl.lit(value=True)
    return (
        told.with_columns(pl.col(COUNTS).fill_null(0))
        .filter(wanted)
        .sort("missing", "office", "person_id", descending=[True, False, False])
    )


def tally(
    actor: Actor,
    since: date,
    until: date,
    every: Every = "1mo",
    permission: Permission = Permission.REPORT_BOARD,
) -> pl.DataFrame:
    """Return the reports of days from ``since`` to ``until`` (both included; columns: TALLY).

    A plan counts on its Monday, and nothing was due before the first report of the firm. Of the people a permission reaches, those who work here today;
    without any scope there are no rows. 提交率 is handed_in ÷ due, 及时率 (handed_in - late) ÷ due,
    and due = handed_in + missing.
    """
    state = _firm(settings().database_url).current()
    return _counted(state, _people(_part(actor, permission), state.names), (since, until), every)


def warm() -> None:
    """Read the reports, so that the first board need not wait."""
    _firm(settings().database_url).current()


def _part(actor: Actor, permission: Permission) -> Part:
    return Part(reach_of(actor, permission))


def _counted(
    state: State[pl.DataFrame], people: pl.DataFrame, days: tuple[date, date], every: Every
) -> pl.DataFrame:
    reports = _reports(state)
    due = due_by_now(*days, clock.now(), work_calendar().is_workday)
    due = due.filter(pl.col("starts_on") >= _begun(reports))
    return counted(reports, people, due, days, every)


def _reports(state: State[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([REPORTS.to_frame(), *state.blocks.values()])


def _begun(reports: pl.DataFrame) -> date:
    """Return the first day anybody wrote about; a firm that never did owes nothing."""
    first = reports["starts_on"].min()
    return first if isinstance(first, date) else date.max


def due_by_now(since: date, until: date, now: datetime, is_workday: IsWorkday) -> pl.DataFrame:
    """Return the reports whose time is over by now: kind, starts_on."""
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    expected = [(ReportKind.SUMMARY, day) for day in days if is_workday(day)]
    expected += [
        (ReportKind.PLAN, day)
        for day in days
        if day.weekday() == 0 and any(map(is_workday, rules.days_of(ReportKind.PLAN, day)))
    ]
    rows = [(kind, day) for kind, day in expected if rules.is_late(kind, day, now, is_workday)]
    return pl.DataFrame(rows, schema={"kind": _KINDS, "starts_on": pl.Date()}, orient="row")


def counted(
    reports: pl.DataFrame,
    people: pl.DataFrame,
    due: pl.DataFrame,
    days: tuple[date, date],
    every: Every,
) -> pl.DataFrame:
    """Count what was due and handed in (columns: TALLY); ``people`` as of ``_people``."""
    since, until = days
    period = pl.col("starts_on").dt.truncate(every)
    was_due = _is_among(due) & (pl.col("since") <= pl.col("starts_on"))
    came = pl.col("is_out") | pl.col("returned")
    told = (
        reports.lazy()
        .filter(pl.col("starts_on").is_between(since, until))
        .join(people.lazy().select("person_id", "since"), on="person_id")
        .group_by("person_id", period=period)
        .agg(
            handed_in=pl.col("is_out").sum(),
            late=(pl.col("is_out") & pl.col("late")).sum(),
            read=pl.col("is_read").sum(),
            returned=pl.col("returned").sum(),
            covered=(was_due & came).sum(),
        )
    )
    missing = pl.col("wanted") - pl.col("covered") + pl.col("returned")
    return (
        _wanted(people, due, since, every)
        .join(told, on=["person_id", "period"], how="full", coalesce=True)
        .with_columns(pl.exclude("person_id", "period").fill_null(0).cast(_COUNT))
        .with_columns(missing=missing, due=pl.col("handed_in") + missing)
        .filter(pl.col("due") > 0)
        .join(people.lazy().select("person_id", "office_id"), on="person_id")
        .select(pl.col(name).cast(kind) for name, kind in TALLY.items())
        .sort("period", "person_id")
        .collect()
    )


def _is_among(due: pl.DataFrame) -> pl.Expr:
    """Return the condition that a report was due; quicker than to join two columns."""
    days = {kind: due.filter(pl.col("kind") == kind)["starts_on"] for kind in ReportKind}
    return pl.any_horizontal(
        (pl.col("kind") == kind) & pl.col("starts_on").is_in(those.implode())
        for kind, those in days.items()
    )


def _wanted(people: pl.DataFrame, due: pl.DataFrame, since: date, every: Every) -> pl.LazyFrame:
    """Count what each of those who write had to hand in: person_id, period, wanted.

    People who were there from the first day on have the same, so days are counted per first day.
    """
    writers = people.lazy().filter(pl.col("since").is_not_null())
    first = pl.max_horizontal("since", pl.lit(since))
    per_start = (
        writers.select(first=first)
        .unique()
        .join(due.lazy(), how="cross")
        .filter(pl.col("starts_on") >= pl.col("first"))
        .group_by("first", period=pl.col("starts_on").dt.truncate(every))
        .agg(wanted=pl.len())
    )
    told = writers.select("person_id", first=first).join(per_start, on="first")
    return told.select("person_id", "period", "wanted")


def _people(part: Part, names: Names) -> pl.DataFrame:
    """Return who works here (columns: PEOPLE)."""
    writes = pl.col("role").cast(pl.String).is_in([role.value for role in WRITERS])
    joined = pl.col("joined_on").fill_null(date.min)
    offices = names.offices.select("office_id", "office")
    return (
        part.people(names)
        .filter("active")
        .join(offices, on="office_id", how="left")
        .select(
            "office_id",
            person_id="owner_id",
            since=pl.when(writes).then(joined),
            name=pl.col("owner").cast(pl.String),
            office=pl.col("office").cast(pl.String),
        )
    )


@lru_cache(maxsize=1)  # of one database at a time, as the other snapshots
def _firm(_url: str) -> Snapshot[pl.DataFrame]:
    return Snapshot(
        Subject(
            (_TABLE,),
            lambda parts, _names, _today: parts[0],
            lambda changes, _rows: {
                change.entity_id
                for change in changes
                if change.entity == WorkReport.__tablename__ and change.entity_id
            },
        )
    )
