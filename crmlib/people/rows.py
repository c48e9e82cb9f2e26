"""Which people an actor may reach, and who stands below whom."""

from sqlalchemy import ColumnElement, Select, select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.access.rows import Ownership, condition
from crmlib.people.model import Person


def visible_people(
    actor: Actor, permission: Permission = Permission.PERSON_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for a person."""
    people = Ownership(
        key=Person.id, owner=Person.id, registrant=Person.id, office=Person.office_id
    )
    return condition(actor, permission, people)


def reporting_line(person_id: int) -> Select[int]:
    """Select a person and everybody who reports to him, however many levels down."""
    line = select(Person.id).where(Person.id == person_id).cte("line", recursive=True)
    line = line.union(select(Person.id).where(Person.reports_to_id == line.c.id))
    return select(line.c.id)
