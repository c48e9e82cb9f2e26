"""What a person still holds and must be handed over before his account is closed."""

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    String,
    column,
    false,
    func,
    select,
    table,
)
from sqlalchemy.orm import Session

from crmlib.people.model import Person

# The floors above own these tables; here only their names and columns are known.
_CUSTOMER = table("customer", column("owner_id", Integer), column("status", String))
_OPPORTUNITY = table(
    "opportunity",
    column("owner_id", Integer),
    column("outcome", String),
    column("closed", Boolean),
)
_ACTIVITY = table("activity", column("owner_id", Integer), column("status", String))


def held_by(session: Session, person_id: int) -> dict[str, int]:
    """Return what → how many, for everything that blocks a departure."""
    return {
        "个客户": _count(
            session,
            _CUSTOMER.c.owner_id == person_id,
            _CUSTOMER.c.status.in_(("potential", "trading")),
        ),
        "个进行中商机": _count(
            session,
            _OPPORTUNITY.c.owner_id == person_id,
            _OPPORTUNITY.c.outcome == "open",
            _OPPORTUNITY.c.closed == false(),
        ),
        "个未完成活动": _count(
            session, _ACTIVITY.c.owner_id == person_id, _ACTIVITY.c.status != "done"
        ),
        "名下属": _count(session, Person.reports_to_id == person_id, Person.active.is_(True)),
    }


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0
