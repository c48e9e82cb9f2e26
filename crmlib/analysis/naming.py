"""Codes, keys and numbers of people in the words of the UI, as SQL for both databases."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, func, null, select, type_coerce
from sqlalchemy.orm import aliased

from crmlib.opportunities.model import Stage, StageSet, StageSetStatus
from crmlib.opportunities.setup import PROJECT
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region

# Signs between the digits of a number; a masked one must not show more digits for them.
_SEPARATORS = " -()（）+/、"
_HEAD, _TAIL = 3, 4


def mask(number: Any) -> ColumnElement[str]:
    """Return a number as 138****8888 in SQL, like ``customers.formats.mask_phone``."""
    digits = number
    for sign in _SEPARATORS:
        digits = func.replace(digits, sign, "")
    short = func.length(digits) <= _HEAD + _TAIL
    hidden = func.substr(digits, 1, _HEAD).concat("****")
    hidden = hidden.concat(func.substr(digits, func.length(digits) - _TAIL + 1))
    return case((number.is_(None), null()), (number == "", ""), (short, "****"), else_=hidden)


def number_for(number: Any, sees: ColumnElement[bool]) -> ColumnElement[str]:
    """Return a number as it is, or masked where the condition does not hold."""
    return case((sees, number), else_=mask(number))


def stage_in_force() -> Any:
    """Return code, name and position of each stage, as the dashboards call it.

    That is as the version in force has it (of 项目销售 before others), else the newest that had it:
    what has one code is one stage (see ``insight.naming``).
    """
    rank = func.row_number().over(
        partition_by=Stage.code,
        order_by=(
            case((StageSet.status == StageSetStatus.ACTIVE, 0), else_=1),
            case((StageSet.code == PROJECT, 0), else_=1),
            StageSet.number.desc(),
            Stage.position,
        ),
    )
    ranked = (
        select(Stage.code, Stage.name, Stage.position, rank.label("rank"))
        .join(StageSet, StageSet.id == Stage.stage_set_id)
        .where(StageSet.status.in_((StageSetStatus.ACTIVE, StageSetStatus.RETIRED)))
        .subquery()
    )
    columns = (ranked.c.code, ranked.c.name, ranked.c.position)
    return select(*columns).where(ranked.c.rank == 1).subquery()


class Names:
    """Joins of codes and keys with their names, one alias each."""

    def __init__(self) -> None:
        self._joins: list[tuple[Any, ColumnElement[bool]]] = []

    def item(self, kind: DictKind, code: Any) -> Any:
        """Return the name of a code of a dictionary."""
        row = aliased(DictItem)
        self._joins.append((row, and_(row.kind == kind.value, row.code == code)))
        return row.name

    def person(self, key: Any) -> Any:
        """Return the name of a person."""
        row = aliased(Person)
        self._joins.append((row, row.id == key))
        return row.name

    def office(self, key: Any) -> Any:
        """Return the name of an office."""
        row = aliased(Office)
        self._joins.append((row, row.id == key))
        return row.name

    def place(self, key: Any) -> tuple[Any, Any]:
        """Return the names of a region and of its province, if it is one."""
        row, above = aliased(Region), aliased(Region)
        self._joins += [(row, row.id == key), (above, above.id == row.parent_id)]
        province = case((row.parent_id.is_not(None), row.name))
        return func.coalesce(above.name, row.name), province

    def joined(self, statement: Select[Any]) -> Select[Any]:
        """Return a statement with all joins asked for so far."""
        for row, on in self._joins:
            statement = statement.outerjoin(row, on)
        return statement


def word(value: Any, told: dict[str, str]) -> ColumnElement[str]:
    """Return the Chinese word of a code of the program's own."""
    plain = type_coerce(value, String)
    return case(*((plain == code, name) for code, name in told.items()), else_=plain)


def labelled(**columns: Any) -> list[Any]:
    """Return columns under the names of the frame."""
    return [value.label(name) for name, value in columns.items()]
