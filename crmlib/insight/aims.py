"""Whose targets a board compares with: periods, people, offices, and targets rolled up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import polars as pl

from crmlib.insight import spans
from crmlib.insight.naming import Names
from crmlib.insight.spans import Span
from crmlib.insight.units import SELLING, Part, areas
from crmlib.targets import rules
from crmlib.targets.kinds import Measure, TargetKind

Plans = Mapping[str, Mapping[Measure, rules.Values]]  # subject → measure → its targets
Aim = tuple[Decimal | None, int | None]  # sales in yuan, new customers
NONE: Aim = (None, None)


class By(StrEnum):
    """Whose targets stand beside each other."""

    PERSON = "person"
    OFFICE = "office"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class Period:
    """A month, quarter or year, whole: its number within the year and its days."""

    kind: TargetKind
    year: int
    number: int

    @property
    def span(self) -> Span:
        """Return its first and last day."""
        start = rules.starts_on(self.year, self.kind, self.number)
        return Span(start, rules.ends_on(self.kind, start))

    def passed(self, today: date) -> float:
        """Return which share of its days lies behind us, today included."""
        whole = (self.span.end - self.span.start).days + 1
        return min(max(((today - self.span.start).days + 1) / whole, 0.0), 1.0)


def period_of(name: str, today: date) -> Period:
    """Return the period of a filter: month, quarter, year or 2026-11; anything else is the year."""
    if name == TargetKind.QUARTER:
        return Period(TargetKind.QUARTER, today.year, (today.month - 1) // 3 + 1)
    start = spans.span_of(name, today).start
    if name == TargetKind.MONTH or start.strftime("%Y-%m") == name:
        return Period(TargetKind.MONTH, start.year, start.month)
    return Period(TargetKind.YEAR, today.year, 1)


def plans(targets: pl.DataFrame) -> Plans:
    """Return the rows of ``targets.queries.TARGETS`` by what they are about."""
    found: dict[str, dict[Measure, dict[TargetKind, dict[int, Decimal]]]] = {}
    for row in targets.iter_rows(named=True):
        kind = TargetKind(row["kind"])
        mine = found.setdefault(_subject(row["person_id"], row["office_id"]), {})
        for measure in (Measure.SALES, Measure.CUSTOMERS):
            if row[measure] is not None:
                number = rules.number_of(kind, row["starts_on"])
                mine.setdefault(measure, {}).setdefault(kind, {})[number] = Decimal(row[measure])
    return found


@dataclass(frozen=True, slots=True)
class Aims:
    """The targets of the people and offices of a part of the firm."""

    plans: Plans
    names: Names
    part: Part

    def of(self, by: By, period: Period) -> dict[int, Aim]:
        """Return the target of each person, office or area that a board shows.

        An office's is its own, else the sum of its people's and of the offices below it. Where
        offices stand beside each other, one with others below it stands for its own people only.
        """
        people = self.part.people(self.names)
        role = pl.col("role").cast(pl.String)
        sellers = people.filter("active", role.is_in(list(SELLING)))
        homes = dict(people.select("owner_id", "home_id").rows())
        own = {key: self._own(_subject(key, None), period) for key in homes}
        if by is By.PERSON:
            selling = set(sellers["owner_id"])
            return {key: aim for key, aim in own.items() if key in selling or aim != NONE}
        of_people: dict[int, list[Aim]] = {}
        for person, aim in own.items():
            of_people.setdefault(homes[person], []).append(aim)
        children = self._children()
        shown = self._offices(people)

        def rolled(key: int) -> Aim:
            below = [rolled(child) for child in children.get(key, ())]
            parts = _sum([*of_people.get(key, ()), *below])
            # An office's own target is that of all its people, not of some of them.
            is_whole = key in shown and not self.part.owners
            mine = self._own(_subject(None, key), period) if is_whole else NONE
            return mine[0] if mine[0] is not None else parts[0], parts[1] if mine[
                1
            ] is None else mine[1]

        if by is By.AREA:
            told = areas(self.names).filter(pl.col("office_id").is_in(sorted(shown)))
            return {key: rolled(key) for key in sorted(set(told["area_id"]))}
        single = {
            key: _sum(of_people.get(key, ())) if key in children else rolled(key) for key in shown
        }
        staffed = set(sellers["home_id"])
        return {key: aim for key, aim in single.items() if key in staffed or aim != NONE}

    def _own(self, subject: str, period: Period) -> Aim:
        plan = self.plans.get(subject, {})
        sales, customers = (
            rules.effective(plan.get(measure, {}), period.kind, period.number)
            for measure in (Measure.SALES, Measure.CUSTOMERS)
        )
        return sales, None if customers is None else int(customers)

    def _children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for key, parent in self.names.offices.select("office_id", "office_parent_id").rows():
            if parent is not None:
                found.setdefault(parent, []).append(key)
        return found

    def _offices(self, people: pl.DataFrame) -> set[int]:
        seen = self.part.reach
        every = set(self.names.offices["office_id"])
        found = every if seen.everything else set(seen.offices) | set(people["home_id"])
        if self.part.owners:
            found = set(people["home_id"])
        return found & set(self.part.offices) if self.part.offices else found


def _subject(person: int | None, office: int | None) -> str:
    return f"{rules.PERSON}:{person}" if person else f"{rules.OFFICE}:{office}"


def _sum(aims: Iterable[Aim]) -> Aim:
    told = list(aims)
    counts = [aim[1] for aim in told if aim[1] is not None]
    return rules.total([aim[0] for aim in told]), sum(counts) if counts else None
