"""Activities: dated contact and work with a customer."""

from datetime import datetime

from sqlalchemy import Index, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

# The words of the table's columns: whoever works with the table finds them beside it.
from crmlib.activities.states import ActivityStatus as ActivityStatus
from crmlib.activities.states import Importance as Importance
from crmlib.activities.states import Priority as Priority
from crmlib.store.schema import Versioned, references
from crmlib.store.types import choice


class Activity(Versioned):
    """One visit, call, meeting …, planned or done."""

    __tablename__ = "activity"
    number: Mapped[str] = mapped_column(String(30), unique=True)
    subject: Mapped[str] = mapped_column(String(255))
    activity_type: Mapped[str] = mapped_column(String(30))
    customer_id: Mapped[int] = references("customer", index=False)
    contact_id: Mapped[int | None] = references("contact")
    phone: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[ActivityStatus] = mapped_column(choice(ActivityStatus))
    importance: Mapped[Importance] = mapped_column(choice(Importance), default=Importance.NORMAL)
    priority: Mapped[Priority] = mapped_column(choice(Priority), default=Priority.MEDIUM)
    planned_start: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    opportunity_id: Mapped[int | None] = references("opportunity")
    stage_id: Mapped[int | None] = references("stage")
    result: Mapped[str | None] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    result_note: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(String(120))
    remind: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[int] = references("person", index=False)
    office_id: Mapped[int] = references("office", index=False)
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_activity_owner_id_status_planned_end", "owner_id", "status", "planned_end"),
        Index("ix_activity_office_id_status_planned_end", "office_id", "status", "planned_end"),
        Index("ix_activity_customer_id_ended_at", "customer_id", "ended_at"),
    )


# When an activity takes place: done, planned, or merely noted. Lists are sorted by it.
WHEN = func.coalesce(Activity.ended_at, Activity.planned_start, Activity.created_at)
Index("ix_activity_when", WHEN, Activity.id)
Index("ix_activity_owner_id_when", Activity.owner_id, WHEN)
Index("ix_activity_office_id_when", Activity.office_id, WHEN)
