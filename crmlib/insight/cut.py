"""The part of the deals or customers a dashboard looks at; all their filters mean the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import polars as pl

from crmlib.ui.filters import ALL


class Basis(StrEnum):
    """Which date a period is about; the value is the frame's column."""

    EXPECTED_CLOSE = "expected_close"
    REGISTERED = "registered_on"


@dataclass(frozen=True, slots=True)
class Filters:
    """What part of deals, or of customers, is wanted; empty leaves everything in."""

    offices: tuple[int, ...] = ()  # keys, as those of owners
    owners: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()  # names of regions or provinces
    start: date | None = None
    end: date | None = None  # inclusive
    basis: Basis = Basis.EXPECTED_CLOSE
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    family: str = ""  # name of a product family
    source: str = ""  # names, as those that follow
    stage_set: str = ""
    industry: str = ""
    stages: tuple[str, ...] = ()  # codes


EVERYTHING = Filters()


def condition(filters: Filters) -> pl.Expr:
    """Return what the filters ask of a row of frames.DEALS, or of frames.CUSTOMERS."""
    region, province = (_is_one_of(c, filters.regions) for c in ("region", "province"))
    asked = (
        (filters.offices, _is_one_of("office_id", filters.offices)),
        (filters.owners, _is_one_of("owner_id", filters.owners)),
        (filters.stages, _is_one_of("stage_code", filters.stages)),
        (filters.regions, region | province),
        (filters.source, pl.col("source") == filters.source),
        (filters.stage_set, pl.col("stage_set") == filters.stage_set),
        (filters.industry, pl.col("industry") == filters.industry),
        (filters.family, pl.col("families").list.contains(filters.family)),
    )
    parts = [pl.lit(value=True), *(part for wanted, part in asked if wanted)]
    for value, lowest, highest in (
        (pl.col(filters.basis), filters.start, filters.end),
        (pl.col("amount"), filters.min_amount, filters.max_amount),
    ):
        parts += [value >= lowest] if lowest is not None else []
        parts += [value <= highest] if highest is not None else []
    return pl.all_horizontal(parts).fill_null(value=False)


def _is_one_of(column: str, wanted: Iterable[object]) -> pl.Expr:
    return pl.col(column).is_in(list(wanted))


def in_force(chosen: Mapping[str, object]) -> dict[str, str]:
    """Return the chosen filters that narrow: without those set to 全部."""
    return {name: str(value) for name, value in chosen.items() if value and value != ALL}


def cut_of(chosen: Mapping[str, str]) -> Filters:
    """Return the part that ``FilterBar.value["chosen"]`` names, whatever its period and amounts."""
    told = in_force(chosen)
    return Filters(
        offices=_keys(told, "office"),
        owners=_keys(told, "owner"),
        regions=(told["region"],) if "region" in told else (),
        family=told.get("family", ""),
        source=told.get("source", ""),
        stage_set=told.get("set", ""),
        industry=told.get("industry", ""),
    )


def _keys(chosen: Mapping[str, str], name: str) -> tuple[int, ...]:
    text = chosen.get(name, "")
    return (int(text),) if text.isdecimal() else ()


def offices_of(rows: pl.DataFrame) -> list[tuple[int, str]]:
    """Return the offices that occur, by name."""
    found = rows.select("office_id", pl.col("office").cast(pl.String))
    return found.unique().drop_nulls().sort("office").rows()


def people_of(rows: pl.DataFrame) -> list[tuple[int, str]]:
    """Return the people of rows with ``owner_id``, owner and office, by name.

    Those of one name carry their office.
    """
    found = rows.select("owner_id", pl.col("owner", "office").cast(pl.String))
    found = found.unique("owner_id").drop_nulls("owner_id")
    apart = pl.format("{}（{}）", "owner", "office")
    told = pl.when(pl.len().over("owner") > 1).then(apart).otherwise("owner")
    return found.select("owner_id", told.alias("owner")).sort("owner").rows()


def values_of(values: pl.Series) -> list[str]:
    """Return the texts that occur, in order."""
    return values.unique().drop_nulls().cast(pl.String).sort().to_list()
