"""The part of the deals a dashboard looks at, and what there is to choose from."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

# Filter of the address → column of frames.DEALS; the first three are shared by all dashboards.
KEYS = {"office": "office_id", "owner": "owner_id"}
NAMES = {"industry": "industry", "source": "source", "set": "stage_set"}


@dataclass(frozen=True, slots=True)
class Cut:
    """Chosen filters; what is empty leaves everything in."""

    keys: Mapping[str, int]  # of KEYS
    names: Mapping[str, str]  # of NAMES
    region: str = ""  # name of a region or province
    family: str = ""  # name of a product family

    def condition(self) -> pl.Expr:
        """Return the condition on a frame of deals."""
        parts = [pl.lit(value=True)]
        parts += [pl.col(KEYS[name]) == wanted for name, wanted in self.keys.items()]
        parts += [pl.col(NAMES[name]) == wanted for name, wanted in self.names.items()]
        if self.region:
            parts.append((pl.col("region") == self.region) | (pl.col("province") == self.region))
        if self.family:
            parts.append(pl.col("families").list.contains(self.family))
        return pl.all_horizontal(parts).fill_null(value=False)


EVERYTHING = Cut({}, {})


def cut_of(chosen: Mapping[str, str]) -> Cut:
    """Return the cut of ``FilterBar.value["chosen"]``, without 全部."""
    told = {name: value for name, value in chosen.items() if value and value != "all"}
    return Cut(
        {name: int(told[name]) for name in KEYS if told.get(name, "").isdecimal()},
        {name: told[name] for name in NAMES if name in told},
        told.get("region", ""),
        told.get("family", ""),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """What occurs among the deals: pairs of value and label."""

    offices: list[tuple[int, str]]
    owners: list[tuple[int, str]]
    regions: list[str]
    families: list[str]
    industries: list[str]
    sources: list[str]
    sets: list[str]


def offer(deals: pl.DataFrame) -> Offer:
    """Return what there is to filter deals by."""
    return Offer(
        pairs_of(deals, "office_id", "office"),
        pairs_of(deals, "owner_id", "owner"),
        values_of(deals["region"]),
        values_of(deals["families"].explode()),
        *(values_of(deals[column]) for column in NAMES.values()),
    )


def pairs_of(rows: pl.DataFrame, key: str, name: str) -> list[tuple[int, str]]:
    """Return the keys that occur with their names, by name."""
    found = rows.select(key, name).unique().drop_nulls()
    return found.with_columns(pl.col(name).cast(pl.String)).sort(name).rows()


def values_of(values: pl.Series) -> list[str]:
    """Return the texts that occur, in order."""
    return values.unique().drop_nulls().cast(pl.String).sort().to_list()
