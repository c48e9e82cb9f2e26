"""Who works here: the list of people, and choices for pickers."""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.errors import NotAllowed
from crmlib.people import codes
from crmlib.people.model import Office, OfficePrefix, Person
from crmlib.people.rows import visible_people
from crmlib.store.engine import reading
from crmlib.words import ROLES

OWNING_ROLES = (Role.SALES, Role.MANAGER)
LEFT = "（已离职）"
PEOPLE_SCHEMA = pl.Schema(
    {
        "id": pl.Int64,
        "seller_code": pl.String,
        "name": pl.String,
        "login": pl.String,
        "role": pl.String,
        "office": pl.String,
        "reports_to": pl.String,
        "mobile": pl.String,
        "email": pl.String,
        "active": pl.Boolean,
        "joined_on": pl.Date,
        "left_on": pl.Date,
    }
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One choice in a picker of people."""

    id: int
    name: str
    office: str
    seller_code: str | None


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as the form of 业务员管理 opens him."""

    id: int
    version: int
    seller_code: str | None
    login: str
    name: str
    role: Role
    office_id: int
    reports_to_id: int | None
    mobile: str
    email: str
    active: bool


@dataclass(frozen=True, slots=True)
class OfficeOption:
    """One choice of 部门; ``prefix`` begins the 编号 of its people."""

    id: int
    name: str
    prefix: str | None


def people_frame(actor: Actor) -> pl.DataFrame:
    """Return the people the actor may see, by 编号 and name; columns of ``PEOPLE_SCHEMA``."""
    superior = aliased(Person)
    query = (
        select(
            Person.id,
            Person.seller_code,
            Person.name,
            Person.login,
            Person.role,
            Office.name,
            superior.name,
            Person.mobile,
            Person.email,
            Person.active,
            Person.joined_on,
            Person.left_on,
        )
        .join(Office, Office.id == Person.office_id)
        .outerjoin(superior, superior.id == Person.reports_to_id)
        .where(visible_people(actor))
        .order_by(Person.seller_code.is_(None), Person.seller_code, Person.id)
    )
    with reading() as session:
        rows = [(*row[:4], ROLES[row[4]], *row[5:]) for row in session.execute(query)]
    return pl.DataFrame(rows, schema=PEOPLE_SCHEMA, orient="row")


def person_card(actor: Actor, person_id: int) -> PersonCard:
    """Return a person for the form.

    Raises:
        NotAllowed: no such person, or not for this actor.
    """
    with reading() as session:
        row = session.scalar(select(Person).where(Person.id == person_id, visible_people(actor)))
        if row is None:
            raise NotAllowed
        return PersonCard(
            row.id,
            row.version,
            row.seller_code,
            row.login,
            row.name,
            row.role,
            row.office_id,
            row.reports_to_id,
            row.mobile or "",
            row.email or "",
            row.active,
        )


def colleagues(actor: Actor) -> list[Colleague]:
    """Return everybody at work: whom one may write to or share with is no secret in the firm."""
    return _options(Person.id > 0)


def assignable(actor: Actor) -> list[Colleague]:
    """Return the people to whom the actor may give customers."""
    return _options(
        visible_people(actor, Permission.CUSTOMER_ASSIGN) & Person.role.in_(OWNING_ROLES)
    )


def offices(actor: Actor) -> list[OfficeOption]:
    """Return all offices with the 编号 prefix in use, by name of the tree's top first."""
    query = (
        select(Office.id, Office.name, OfficePrefix.prefix)
        .outerjoin(OfficePrefix, OfficePrefix.office_id == Office.id)
        .order_by(Office.id, OfficePrefix.id)
    )
    with reading() as session:
        found = {row.id: OfficeOption(*row) for row in session.execute(query)}
    return list(found.values())


def next_code(actor: Actor, office_id: int) -> str | None:
    """Return the 编号 a new person of the office would get, None without prefix or right.

    Raises:
        Invalid: the prefix is used up.
    """
    if not actor.may(Permission.PERSON_MANAGE):
        return None
    with reading() as session:
        return codes.next_code(session, office_id)


def display_name(name: str, *, active: bool) -> str:
    """Return the name as history shows it."""
    return name if active else name + LEFT


def _options(condition: ColumnElement[bool]) -> list[Colleague]:
    query = (
        select(Person.id, Person.name, Office.name, Person.seller_code)
        .join(Office, Office.id == Person.office_id)
        .where(Person.active.is_(True), condition)
        .order_by(Office.id, Person.name)
    )
    with reading() as session:
        return [Colleague(*row) for row in session.execute(query)]
