"""Sheets of targets as their pages show them, and targets as a frame."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading
from crmlib.targets import rules
from crmlib.targets.kinds import Measure, TargetKind, TargetStatus
from crmlib.targets.model import Target
from crmlib.targets.rows import target_offices, target_people, visible_targets

SELLING = (Role.SALES, Role.MANAGER)
P = Permission
TARGETS = pl.Schema(
    {
        "person_id": pl.Int64(),  # null: an office's
        "office_id": pl.Int64(),  # null: a person's
        "kind": pl.String(),  # values of TargetKind
        "starts_on": pl.Date(),
        "sales": pl.Decimal(18, 2),  # yuan
        "customers": pl.Int64(),
        "satisfaction": pl.Float64(),
    }
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A target in the sheet's unit; version 0: there is none."""

    value: Decimal | None
    version: int
    state: str  # value of TargetStatus, "" without a target


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A person or an office and the targets of a year."""

    subject: str
    name: str
    settable: bool
    cells: tuple[Cell, ...]
    total: Decimal | None
    gaps: tuple[tuple[str, Decimal, Decimal], ...]  # see rules.gaps; of sales, in 万元


@dataclass(frozen=True, slots=True)
class TargetSheet:
    """An office's sheet: the office, the offices below it, its people."""

    year: int
    kind: TargetKind
    measure: Measure
    rows: tuple[SheetRow, ...]
    drafts: int
    own: Decimal | None  # the office's target for the year
    parts: Decimal | None  # what its people and the offices below it have together


@dataclass(frozen=True, slots=True)
class _Subject:
    text: str
    name: str
    settable: bool


def target_offices_of(actor: Actor) -> list[tuple[int, str]]:
    """Return the offices whose sheets the actor may open."""
    theirs = select(Person.office_id).where(target_people(actor), _sells())
    query = (
        select(Office.id, Office.name)
        .where(or_(target_offices(actor), Office.id.in_(theirs)), _selling_office())
        .order_by(func.coalesce(Office.parent_id, 0), Office.id)
    )
    with reading() as session:
        return [(row.id, row.name) for row in session.execute(query)]


def target_sheet(
    actor: Actor, year: int, kind: TargetKind, measure: Measure, office_id: int
) -> TargetSheet:
    """Return an office's sheet, cut to what the actor may see."""
    with reading() as session:
        office, below, people = _subjects(session, actor, office_id)
        subjects = [*office, *below, *people]
        stored = _by_subject(session, actor, year, [s.text for s in subjects])
    today = clock.today()
    rows, drafts, whole = [], 0, dict[str, Decimal | None]()
    for subject in subjects:
        mine = stored.get(subject.text, {})
        cells = tuple(
            _cell(mine.get((kind, number)), measure, today) for number in rules.periods(kind)
        )
        drafts += sum(c.state == TargetStatus.DRAFT for c in cells) if subject.settable else 0
        values = _values(mine, measure)
        whole[subject.text] = rules.effective(values, TargetKind.YEAR, 1)
        rows.append(
            SheetRow(
                subject.text,
                subject.name,
                subject.settable,
                cells,
                rules.total([cell.value for cell in cells]),
                tuple(rules.gaps(values)) if measure is not Measure.SATISFACTION else (),
            )
        )
    own = whole[office[0].text] if office else None
    parts = rules.total([whole[s.text] for s in (*below, *people)])
    return TargetSheet(year, kind, measure, tuple(rows), drafts, own, parts)


def target_frame(actor: Actor, year: int) -> pl.DataFrame:
    """Return the targets in force of a year that the actor may see (columns: TARGETS)."""
    query = select(
        Target.person_id,
        Target.office_id,
        Target.kind,
        Target.starts_on,
        Target.sales,
        Target.customers,
        Target.satisfaction,
    ).where(visible_targets(actor), Target.status != TargetStatus.DRAFT, _in_year(year))
    with reading() as session:
        rows = [
            (*row[:2], row.kind.value, *row[3:6], row[6] and float(row[6]))
            for row in session.execute(query)
        ]
    return pl.DataFrame(rows, schema=TARGETS, orient="row")


def _sells() -> Any:
    return Person.active.is_(True) & Person.role.in_(SELLING)


def _selling_office() -> Any:
    """Return the condition that somebody sells in an office, or in one below it."""
    some_sell = select(Person.office_id).where(_sells())
    parents = select(Office.parent_id).where(Office.id.in_(some_sell))
    return or_(Office.id.in_(some_sell), Office.id.in_(parents))


def _in_year(year: int) -> Any:
    return Target.starts_on.between(date(year, 1, 1), date(year, 12, 31))


def _subjects(
    session: Session, actor: Actor, office_id: int
) -> tuple[list[_Subject], list[_Subject], list[_Subject]]:
    """Return the office, the offices below it and its people, as far as the actor sees them."""
    sets = actor.may(P.TARGET_SET)
    nobody: set[int] = set()

    def settable(model: Any, mine: Any) -> set[int]:
        return set(session.scalars(select(model.id).where(mine))) if sets else nobody

    may_office = settable(Office, target_offices(actor, P.TARGET_SET))
    may_person = settable(Person, target_people(actor, P.TARGET_SET))
    offices = session.execute(
        select(Office.id, Office.name)
        .where(
            or_(Office.id == office_id, Office.parent_id == office_id),
            target_offices(actor),
            _selling_office(),
        )
        .order_by(Office.id)
    ).all()
    people = session.execute(
        select(Person.id, Person.name)
        .where(Person.office_id == office_id, target_people(actor), _sells())
        .order_by(Person.seller_code, Person.id)
    ).all()
    told = [_Subject(f"{rules.OFFICE}:{row.id}", row.name, row.id in may_office) for row in offices]
    mine = [each for each in told if each.text == f"{rules.OFFICE}:{office_id}"]
    return (
        mine,
        [each for each in told if each not in mine],
        [_Subject(f"{rules.PERSON}:{p.id}", p.name, p.id in may_person) for p in people],
    )


def _by_subject(
    session: Session, actor: Actor, year: int, subjects: Iterable[str]
) -> dict[str, dict[tuple[TargetKind, int], Target]]:
    keys = [rules.subject_of(text) for text in subjects]
    people = [key[1] for key in keys if key and key[0] == rules.PERSON]
    offices = [key[1] for key in keys if key and key[0] == rules.OFFICE]
    rows = session.scalars(
        select(Target).where(
            _in_year(year),
            or_(Target.person_id.in_(people), Target.office_id.in_(offices)),
            visible_targets(actor),
        )
    )
    found: dict[str, dict[tuple[TargetKind, int], Target]] = {}
    for row in rows:
        text = (
            f"{rules.PERSON}:{row.person_id}"
            if row.person_id
            else f"{rules.OFFICE}:{row.office_id}"
        )
        place = (row.kind, rules.number_of(row.kind, row.starts_on))
        found.setdefault(text, {})[place] = row
    return found


def _cell(target: Target | None, measure: Measure, today: date) -> Cell:
    if target is None:
        return Cell(None, 0, "")
    state = rules.state(target.status, target.kind, target.starts_on, today)
    return Cell(rules.typed(measure, getattr(target, measure)), target.version, state.value)


def _values(mine: dict[tuple[TargetKind, int], Target], measure: Measure) -> rules.Values:
    values: dict[TargetKind, dict[int, Decimal]] = {}
    for (kind, number), target in mine.items():
        value = rules.typed(measure, getattr(target, measure))
        if value is not None:
            values.setdefault(kind, {})[number] = value
    return values
