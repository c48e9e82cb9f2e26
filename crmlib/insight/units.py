"""Whose figures a board shows: people in somebody's reach, their offices, and the areas above."""

from dataclasses import dataclass

import polars as pl

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.access.reach import Reach, reach
from crmlib.access.rows import Ownership
from crmlib.insight.cut import people_of
from crmlib.insight.naming import Names
from crmlib.people.model import Person
from crmlib.store.engine import reading

SELLING = (Role.SALES.value, Role.MANAGER.value)
AREAS = pl.Schema({"office_id": pl.Int64(), "area_id": pl.Int64(), "area": pl.String()})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the firm; empty fields leave everybody in reach in.

    What is only shared with somebody is left out: figures of a person are whole or not there.
    """

    reach: Reach
    offices: tuple[int, ...] = ()  # with those below them (see ``offices_below``)
    owners: tuple[int, ...] = ()

    @property
    def whose(self) -> str:
        """Return in words whose figures these are."""
        return "全公司" if self.reach.everything else "只含您本人和下属"

    def condition(self) -> pl.Expr:
        """Return the condition on the columns owner_id and office_id of a frame."""
        parts = [pl.lit(value=True)]
        if not self.reach.everything:
            mine = pl.col("owner_id").is_in(sorted(self.reach.owners))
            parts.append(mine | pl.col("office_id").is_in(sorted(self.reach.offices)))
        if self.offices:
            parts.append(pl.col("office_id").is_in(list(self.offices)))
        if self.owners:
            parts.append(pl.col("owner_id").is_in(list(self.owners)))
        return pl.all_horizontal(parts).fill_null(value=False)

    def people(self, names: Names) -> pl.DataFrame:
        """Return these people by the office they work in (columns: naming.PEOPLE and office_id)."""
        found = names.people.with_columns(office_id=pl.col("home_id"))
        return found.filter(self.condition())


def reach_of(actor: Actor, permission: Permission) -> Reach:
    """Return whose figures a permission opens: all, the actor's subtree, or his own."""
    people = Ownership(
        key=Person.id, owner=Person.id, registrant=Person.id, office=Person.office_id
    )
    with reading() as session:
        return reach(session, actor, permission, people)


def offices_below(names: Names, office_id: int) -> tuple[int, ...]:
    """Return an office and all below it."""
    found, wanted = [office_id], {office_id}
    parents = names.offices.select("office_id", "office_parent_id").rows()
    while wanted:
        wanted = {key for key, parent in parents if parent in wanted}
        found += sorted(wanted)
    return tuple(found)


def areas(names: Names) -> pl.DataFrame:
    """Return to which area each office belongs: the one above it that stands under 总部."""
    parents = dict(names.offices.select("office_id", "office_parent_id").rows())
    called = dict(names.offices.select("office_id", "office").rows())

    def area(key: int) -> int:
        while (above := parents.get(key)) is not None and parents.get(above) is not None:
            key = above
        return key

    rows = [(key, area(key), called[area(key)]) for key in parents]
    return pl.DataFrame(rows, schema=AREAS, orient="row")


def office_options(names: Names, seen: Reach) -> list[tuple[str, str]]:
    """Return the offices whose figures one may look at, for a filter line."""
    people = Part(seen).people(names)
    held = {*people["home_id"].to_list(), *seen.offices}
    rows = names.offices.select("office_id", pl.col("office").cast(pl.String)).sort("office").rows()
    return [(str(key), name) for key, name in rows if seen.everything or key in held]


def owner_options(names: Names, part: Part) -> list[tuple[str, str]]:
    """Return the people who sell and still work here, for a filter line."""
    sellers = pl.col("role").cast(pl.String).is_in(list(SELLING)) & pl.col("active")
    found = part.people(names).filter(sellers)
    offices = names.offices.select("office", home_id="office_id")
    return [
        (str(key), name) for key, name in people_of(found.join(offices, on="home_id", how="left"))
    ]


def named(frame: pl.DataFrame, names: Names) -> pl.DataFrame:
    """Return the frame with ``owner`` and the ``office`` they work in, by owner_id."""
    people = names.people.select("owner_id", "owner", office_id="home_id")
    offices = names.offices.select("office_id", "office")
    told = people.join(offices, on="office_id", how="left").select(
        "owner_id", pl.col("owner", "office").cast(pl.String)
    )
    return frame.join(told, on="owner_id", how="left", maintain_order="left")
