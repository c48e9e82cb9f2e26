"""Which reports an actor may see, write on and be told of."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.access.rows import Ownership, condition
from crmlib.people.model import Office, Person
from crmlib.work_reports.kinds import ReportStatus
from crmlib.work_reports.model import WorkReport


def visible_reports(
    actor: Actor, permission: Permission = Permission.REPORT_VIEW
) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for a report.

    What is not handed in is nobody's but its author's.
    """
    is_out = WorkReport.status != ReportStatus.DRAFT
    return and_(_held(actor, permission), or_(is_out, own_reports(actor)))


def _held(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    return condition(
        actor,
        permission,
        Ownership(
            key=WorkReport.id,
            owner=WorkReport.person_id,
            registrant=WorkReport.person_id,
            office=WorkReport.office_id,
        ),
    )


def own_reports(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor wrote a report."""
    return WorkReport.person_id == actor.person_id


def reviewable_reports(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor stands above a report's author."""
    return and_(_held(actor, Permission.REPORT_REVIEW), WorkReport.person_id != actor.person_id)


def waiting_reports(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a report waits for the actor as its author's nearest 上级.

    Those further up may read it too; it does not wait for them.
    """
    if not actor.may(Permission.REPORT_REVIEW):
        return false()
    heads = exists().where(Office.id == Person.office_id, Office.head_id == actor.person_id)
    nearest = or_(
        Person.reports_to_id == actor.person_id, and_(Person.reports_to_id.is_(None), heads)
    )
    authors = select(Person.id).where(nearest, Person.id != actor.person_id)
    return and_(
        WorkReport.status == ReportStatus.SUBMITTED,
        WorkReport.person_id.in_(authors),
        reviewable_reports(actor),
    )


def people_on_board(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor follows whether a person hands in."""
    people = Ownership(
        key=Person.id, owner=Person.id, registrant=Person.id, office=Person.office_id
    )
    return condition(actor, Permission.REPORT_BOARD, people)
