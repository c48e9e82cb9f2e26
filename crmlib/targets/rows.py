"""Whose targets an actor may see, and whose he may set."""

from sqlalchemy import ColumnElement, and_, or_, select

from crmlib.access.actor import PERSON, Actor
from crmlib.access.grants import Permission, Scope
from crmlib.access.rows import Ownership, condition
from crmlib.people.model import Office, Person
from crmlib.targets.kinds import TargetStatus
from crmlib.targets.model import Target

_PEOPLE = Ownership(key=Person.id, owner=Person.id, registrant=Person.id, office=Person.office_id)
_OFFICES = Ownership(
    key=Office.id, owner=Office.head_id, registrant=Office.head_id, office=Office.id
)


def visible_targets(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see a target; a draft, that he may set it."""
    seen = _of(target_people(actor), target_offices(actor))
    issued = Target.status != TargetStatus.DRAFT
    if not actor.may(Permission.TARGET_SET):
        return and_(seen, issued)
    setting = Permission.TARGET_SET
    mine = _of(target_people(actor, setting), target_offices(actor, setting))
    return and_(seen, or_(issued, mine))


def _of(people: ColumnElement[bool], offices: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(
        Target.person_id.in_(select(Person.id).where(people)),
        Target.office_id.in_(select(Office.id).where(offices)),
    )


def target_people(
    actor: Actor, permission: Permission = Permission.TARGET_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds a right to targets for a person.

    Nobody sets his own target as long as somebody stands above him.
    """
    held = condition(actor, permission, _PEOPLE)
    if permission is not Permission.TARGET_SET or _sets_all(actor):
        return held
    return and_(held, or_(Person.id != actor.person_id, Person.reports_to_id.is_(None)))


def target_offices(
    actor: Actor, permission: Permission = Permission.TARGET_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds a right to targets for an office.

    Nobody sets the target of the office he heads as long as somebody stands above him.
    """
    held = condition(actor, permission, _OFFICES)
    if permission is not Permission.TARGET_SET or _sets_all(actor):
        return held
    free = select(PERSON.c.id).where(
        PERSON.c.id == actor.person_id, PERSON.c.reports_to_id.is_(None)
    )
    return and_(held, or_(Office.head_id.is_distinct_from(actor.person_id), free.exists()))


def _sets_all(actor: Actor) -> bool:
    return Scope.ALL in actor.scopes(Permission.TARGET_SET)
