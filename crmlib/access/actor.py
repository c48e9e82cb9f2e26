"""The person who acts, as the database knows him at this moment."""

from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    column,
    exists,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.orm import Session

from crmlib.access.grants import Permission, Role, Scopes, scopes
from crmlib.errors import NotAllowed
from crmlib.store.engine import reading

# The floor above owns these tables; here only their names and columns are known.
PERSON = table(
    "person",
    column("id", Integer),
    column("name", String),
    column("login", String),
    column("role", String),
    column("office_id", Integer),
    column("reports_to_id", Integer),
    column("active", Boolean),
    column("must_change", Boolean),
)
OFFICE = table(
    "office",
    column("id", Integer),
    column("name", String),
    column("parent_id", Integer),
    column("head_id", Integer),
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; a snapshot for display, read again inside every action."""

    person_id: int
    name: str
    login: str
    role: Role
    office_id: int
    office: str
    has_subordinates: bool

    def scopes(self, permission: Permission) -> Scopes:
        """Return the row scopes held for a permission."""
        return scopes(self.role, permission, has_subordinates=self.has_subordinates)

    def may(self, permission: Permission) -> bool:
        """Say whether the permission is held for any row; for showing, never for protecting."""
        return bool(self.scopes(permission))


def load_actor(session: Session, person_id: int | None) -> Actor:
    """Read the actor afresh.

    Raises:
        NotAllowed: unknown, deactivated, or his first password is not set yet.
    """
    own_office = OFFICE.alias("own_office")
    row = session.execute(
        select(
            PERSON.c.id,
            PERSON.c.name,
            PERSON.c.login,
            PERSON.c.role,
            PERSON.c.office_id,
            own_office.c.name.label("office"),
            leads(PERSON.c.id).label("leads"),
            PERSON.c.active,
            PERSON.c.must_change,
        )
        .join(own_office, own_office.c.id == PERSON.c.office_id)
        .where(PERSON.c.id == person_id)
    ).one_or_none()
    if row is None or not row.active or row.must_change:
        raise NotAllowed
    return Actor(
        row.id, row.name, row.login, Role(row.role), row.office_id, row.office, bool(row.leads)
    )


def leads(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Return whether a person column names somebody with subordinates."""
    staff, headed = PERSON.alias("staff"), OFFICE.alias("headed")
    return or_(
        exists().where(staff.c.reports_to_id == person, staff.c.active == true()),
        exists().where(headed.c.head_id == person),
    )


def actor_of(person_id: int | None) -> Actor:
    """Read the actor of a signed-in person in a session of its own (see ``load_actor``)."""
    with reading() as session:
        return load_actor(session, person_id)


def people_below(person_id: int) -> Select[tuple[int]]:
    """Select a person, his reporting subtree and everybody in the offices headed there."""
    reports = select(PERSON.c.id).where(PERSON.c.id == person_id).cte(recursive=True)
    reports = reports.union(select(PERSON.c.id).where(PERSON.c.reports_to_id == reports.c.id))
    in_offices = select(PERSON.c.id).where(PERSON.c.office_id.in_(offices_headed(person_id)))
    return select(reports.c.id).union(in_offices)  # type: ignore[return-value]


def offices_headed(person_id: int) -> Select[tuple[int]]:
    """Select the offices a person heads, with all offices below them."""
    headed = select(OFFICE.c.id).where(OFFICE.c.head_id == person_id).cte(recursive=True)
    headed = headed.union(select(OFFICE.c.id).where(OFFICE.c.parent_id == headed.c.id))
    return select(headed.c.id)


def is_person_below(actor: Actor, person: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a person column names somebody of the actor's subtree."""
    return person.in_(people_below(actor.person_id))
