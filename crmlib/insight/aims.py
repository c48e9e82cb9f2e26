"""Whose targets a board compares with: periods, people, offices, and targets rolled up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

import polars as pl

from crmlib.insight import spans
from crmlib.insight.naming import Names
from crmlib.insight.per_frame import PerFrame
from crmlib.insight.spans import Span
from crmlib.insight.units import SELLING, Part, areas
from crmlib.targets import rules
from crmlib.targets.kinds import Measure, TargetKind

Aim = tuple[Decimal | None, int | None]  # sales in yuan, new customers
NONE: Aim = (None, None)
_FINER = {TargetKind.YEAR: TargetKind.QUARTER, TargetKind.QUARTER: TargetKind.MONTH}
_LENGTH = {TargetKind.YEAR: "1y", TargetKind.QUARTER: "1q"}
_PERIODS_KEPT = 40
MEASURED = tuple(measure.value for measure in Measure)


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

    @classmethod
    def of(cls, span: Span) -> "Period | None":
        """Return the period that days are, or are the first days of; None for other days."""
        if span.kind not in set(TargetKind):
            return None
        kind = TargetKind(span.kind)
        return cls(kind, span.start.year, rules.number_of(kind, span.start))

    def passed(self, today: date) -> float:
        """Return which share of its days lies behind us, today included."""
        whole = (self.span.end - self.span.start).days + 1
        return min(max(((today - self.span.start).days + 1) / whole, 0.0), 1.0)


def period_of(name: str, today: date) -> Period:
    """Return the period of a filter (``spans.options``); anything else is the year."""
    is_known = name in dict(spans.options(today)) or f"{today:%Y-%m}" == name
    span = spans.span_of(name if is_known else spans.YEAR, today)
    return Period.of(span) or Period(TargetKind.YEAR, today.year, 1)


def in_force(targets: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Return what everybody is to reach in a period: subject, sales, customers, satisfaction.

    ``targets`` has the columns of ``targets.queries.TARGETS``; a subject is the key of a person,
    or that of an office below zero. Where a longer period has none, the shorter ones add up
    (``rules.effective``); of satisfaction they are averaged.
    """
    return _in_force.get(targets, lambda: _worked_out(targets, period), period)


_in_force = PerFrame[pl.DataFrame](_PERIODS_KEPT)


def _worked_out(targets: pl.DataFrame, period: Period) -> pl.DataFrame:
    told = targets.lazy().select(
        "kind",
        "starts_on",
        *MEASURED,
        subject=pl.coalesce("person_id", -pl.col("office_id")),
    )
    found = _of_kind(told, period.kind).filter(pl.col("starts_on") == period.span.start)
    return found.drop("starts_on").collect()


def _of_kind(told: pl.LazyFrame, kind: TargetKind) -> pl.LazyFrame:
    own = told.filter(pl.col("kind") == kind.value).drop("kind")
    if kind is TargetKind.MONTH:
        return own
    some = pl.col("sales", "customers")
    parts = (
        _of_kind(told, _FINER[kind])
        .group_by("subject", pl.col("starts_on").dt.truncate(_LENGTH[kind]))
        .agg(pl.when(some.count() > 0).then(some.sum()), pl.col("satisfaction").mean())
    )
    joined = own.join(parts, on=["subject", "starts_on"], how="full", coalesce=True)
    return joined.select(
        "subject",
        "starts_on",
        *(pl.coalesce(name, f"{name}_right").alias(name) for name in MEASURED),
    )


@dataclass(frozen=True)
class Aims:
    """The targets of the people and offices of a part of the firm."""

    targets: pl.DataFrame  # targets.queries.TARGETS
    names: Names
    part: Part

    def of(self, by: By, period: Period) -> dict[int, Aim]:
        """Return the target of each person, office or area that a board shows.

        An office's is its own, else the sum of its people's and of the offices below it. Where
        offices stand beside each other, one with others below it stands for its own people only.
        """
        own = self._own(period)
        homes, shown, children = self._homes, self._shown, self._children
        if by is By.PERSON:
            found = dict.fromkeys(self._sellers["owner_id"].to_list(), NONE)
            return found | {key: aim for key, aim in own.items() if key in homes and aim != NONE}
        of_people: dict[int, list[Aim]] = {}
        for person, aim in own.items():
            if person in homes:
                of_people.setdefault(homes[person], []).append(aim)

        def rolled(key: int) -> Aim:
            below = [rolled(child) for child in children.get(key, ())]
            parts = _sum([*of_people.get(key, ()), *below])
            # An office's own target is that of all its people, not of some of them.
            is_whole = key in shown and not self.part.owners
            sales, customers = own.get(-key, NONE) if is_whole else NONE
            return (
                parts[0] if sales is None else sales,
                parts[1] if customers is None else customers,
            )

        if by is By.AREA:
            told = areas(self.names).filter(pl.col("office_id").is_in(sorted(shown)))
            return {key: rolled(key) for key in sorted(set(told["area_id"]))}
        single = {
            key: _sum(of_people.get(key, ())) if key in children else rolled(key) for key in shown
        }
        staffed = set(self._sellers["home_id"])
        return {key: aim for key, aim in single.items() if key in staffed or aim != NONE}

    def whole(self, period: Period) -> Aim:
        """Return the target of the part as a whole: that of its offices, or people, together."""
        return _sum(self.of(self.usual, period).values())

    @property
    def usual(self) -> By:
        """Return whose targets stand for the whole: the offices', where there are several."""
        seen = self.part.reach
        several = seen.everything or len(set(self._homes.values()) | set(seen.offices)) > 1
        return By.OFFICE if several else By.PERSON

    def scores(self, by: By, period: Period) -> dict[int, float]:
        """Return the satisfaction each is to reach; an office's own, else its people's on average."""
        found = in_force(self.targets, period).drop_nulls("satisfaction")
        own = dict(found.select("subject", "satisfaction").rows())
        if by is By.PERSON:
            return {key: score for key, score in own.items() if key in self._homes}
        place = dict(areas(self.names).select("office_id", "area_id").rows())
        of_place: dict[int, list[float]] = {}
        for key, score in own.items():
            if home := self._homes.get(key):
                of_place.setdefault(place[home] if by is By.AREA else home, []).append(score)
        found_means = {key: sum(scores) / len(scores) for key, scores in of_place.items()}
        if self.part.owners:
            return found_means
        return found_means | {key: own[-key] for key in self._shown if -key in own}

    def score(self, period: Period) -> float | None:
        """Return the satisfaction the part is to reach: that of its offices, on average."""
        told = self.scores(self.usual, period)
        return sum(told.values()) / len(told) if told else None

    def _own(self, period: Period) -> dict[int, Aim]:
        rows = in_force(self.targets, period).select("subject", "sales", "customers").rows()
        return {subject: (sales, customers) for subject, sales, customers in rows}

    @cached_property
    def _people(self) -> pl.DataFrame:
        return self.part.people(self.names)

    @cached_property
    def _homes(self) -> dict[int, int]:
        return dict(self._people.select("owner_id", "home_id").rows())

    @cached_property
    def _sellers(self) -> pl.DataFrame:
        role = pl.col("role").cast(pl.String)
        return self._people.filter("active", role.is_in(list(SELLING)))

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for key, parent in self.names.offices.select("office_id", "office_parent_id").rows():
            if parent is not None:
                found.setdefault(parent, []).append(key)
        return found

    @cached_property
    def _shown(self) -> set[int]:
        seen = self.part.reach
        every = set(self.names.offices["office_id"])
        found = every if seen.everything else set(seen.offices) | set(self._homes.values())
        if self.part.owners:
            found = set(self._homes.values())
        return found & set(self.part.offices) if self.part.offices else found


def _sum(aims: Iterable[Aim]) -> Aim:
    told = list(aims)
    counts = [aim[1] for aim in told if aim[1] is not None]
    return rules.total([aim[0] for aim in told]), sum(counts) if counts else None
