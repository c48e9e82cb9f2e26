"""Choices of forms and filters out of what queries answer."""

from collections.abc import Iterable
from typing import Protocol

from crmlib.reference.queries import Option as Coded
from crmlib.ui.options import Option


class Somebody(Protocol):
    """A person a query offers."""

    @property
    def id(self) -> int:
        """The person's id."""

    @property
    def name(self) -> str:
        """The person's name."""

    @property
    def office(self) -> str:
        """The person's office."""


def by_code(coded: Iterable[Coded]) -> list[Option]:
    """Return dictionary rows as choices; what stands below another row shows it as the hint."""
    rows = list(coded)
    names = {row.code: row.name for row in rows}
    return [Option(row.code, row.name, names.get(row.parent or "", "")) for row in rows]


def by_id(coded: Iterable[Coded]) -> list[Option]:
    """Return rows whose code is an id (regions, people) as choices with whole numbers."""
    rows = list(coded)
    names = {row.code: row.name for row in rows}
    return [
        Option(int(row.code), row.name, names.get(row.parent or "", row.parent or ""))
        for row in rows
    ]


def people(found: Iterable[Somebody]) -> list[Option]:
    """Return people as choices; office, 编号 and login help to find them."""
    return [
        Option(
            person.id,
            person.name,
            " ".join(filter(None, (person.office, getattr(person, "seller_code", None)))),
        )
        for person in found
    ]
