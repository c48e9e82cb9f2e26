"""What is still to be done with a customer follows him to his new owner."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.handover import goes_along
from crmlib.customers.model import Customer
from crmlib.people.model import Person


def _move(session: Session, customer: Customer, former_id: int, owner: Person) -> int:
    # The customer is locked by now, as whoever changes one of his activities does first.
    undone = session.scalars(
        select(Activity)
        .where(
            Activity.customer_id == customer.id,
            Activity.owner_id == former_id,
            Activity.status != ActivityStatus.DONE,
        )
        .order_by(Activity.id)
    ).all()
    for activity in undone:
        activity.owner_id, activity.office_id = owner.id, owner.office_id
    return len(undone)


goes_along("个未完成活动", _move)
