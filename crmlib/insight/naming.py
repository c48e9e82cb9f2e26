"""The small tables that give names to keys and codes, read once for all blocks of a snapshot."""

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.opportunities.model import Stage, StageSet, StageSetStatus
from crmlib.opportunities.setup import PROJECT
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region

_TEXT, _INT, _NAME = pl.String(), pl.Int64(), pl.Categorical()
PEOPLE = pl.Schema(
    {
        "owner_id": _INT,
        "owner": _NAME,
        "home_id": _INT,  # the office the person works in
        "role": _NAME,
        "active": pl.Boolean(),
        "reports_to_id": _INT,
        "joined_on": pl.Date(),
    }
)
OFFICES = pl.Schema({"office_id": _INT, "office": _NAME, "office_parent_id": _INT, "head_id": _INT})
REGIONS = pl.Schema({"region_id": _INT, "region": _NAME, "province": _NAME})
STAGES = pl.Schema(
    {
        "stage_id": _INT,
        "stage_set": _NAME,  # name of the kind of selling
        "stage_code": _NAME,
        "stage": _NAME,
        "position": _INT,
        "standard_days": _INT,
        "stage_probability": _INT,
        "offered": pl.Boolean(),  # in some version in force
    }
)


@dataclass(frozen=True, slots=True)
class Names:
    """Frames to join and maps to replace by; ``items`` has code → name per dictionary."""

    people: pl.DataFrame  # PEOPLE
    offices: pl.DataFrame  # OFFICES
    regions: pl.DataFrame  # REGIONS
    stages: pl.DataFrame  # STAGES
    families: dict[str, str]  # code of a product → name of its family
    items: dict[DictKind, dict[str, str]]

    def item(self, kind: DictKind, column: str) -> pl.Expr:
        """Return the names for the codes of a column; a code nobody knows stays."""
        return pl.col(column).replace(self.items.get(kind, {})).cast(_NAME)


def load_names(session: Session) -> Names:
    """Read all names as they are now."""
    people = select(
        *(Person.id, Person.name, Person.office_id, Person.role, Person.active),
        *(Person.reports_to_id, Person.joined_on),
    )
    offices = select(Office.id, Office.name, Office.parent_id, Office.head_id)
    items: dict[DictKind, dict[str, str]] = {}
    families: dict[str, str] = {}
    for item in session.scalars(select(DictItem)):
        items.setdefault(DictKind(item.kind), {})[item.code] = item.name
    products = items.get(DictKind.PRODUCT, {})
    for item in session.scalars(select(DictItem).where(DictItem.kind == DictKind.PRODUCT)):
        families[item.code] = products.get(item.parent or item.code, item.name)
    return Names(
        _frame(session, people, PEOPLE),
        _frame(session, offices, OFFICES),
        _regions(session),
        _stages(session),
        families,
        items,
    )


def _frame(session: Session, statement: Any, schema: pl.Schema) -> pl.DataFrame:
    rows = [tuple(row) for row in session.execute(statement)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _regions(session: Session) -> pl.DataFrame:
    names = {r.id: r for r in session.scalars(select(Region))}
    rows = [
        (r.id, r.name, None) if r.parent_id is None else (r.id, names[r.parent_id].name, r.name)
        for r in names.values()
    ]
    return pl.DataFrame(rows, schema=REGIONS, orient="row")


def _stages(session: Session) -> pl.DataFrame:
    """Return the stages of all versions; what has one code has one name and one place.

    Those are of the version in force (of 项目销售 before others), else of the newest that had it.
    """
    rows = session.execute(
        select(
            Stage.id, Stage.code, Stage.name, Stage.position, Stage.standard_days,
            Stage.probability, StageSet.status == StageSetStatus.ACTIVE, ~Stage.disabled,
            StageSet.name.label("set_name"),
        )
        .join(StageSet, StageSet.id == Stage.stage_set_id)
        .where(StageSet.status.in_((StageSetStatus.ACTIVE, StageSetStatus.RETIRED)))
        .order_by(
            StageSet.status != StageSetStatus.ACTIVE,
            StageSet.code != PROJECT,
            StageSet.number.desc(),
            Stage.position,
        )
    ).all()  # fmt: skip
    first: dict[str, Any] = {}
    for row in rows:
        first.setdefault(row.code, row)
    offered = {row.code for row in rows if row[6] and row[7]}
    told = [
        (
            *(row.id, row.set_name, row.code, first[row.code].name, first[row.code].position),
            *(row.standard_days, row.probability, row.code in offered),
        )
        for row in rows
    ]
    return pl.DataFrame(told, schema=STAGES, orient="row")
