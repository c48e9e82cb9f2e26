"""What the programs' interface takes about activities, the English keys of the draft spelled out."""

from dataclasses import dataclass

from crmlib.activities.states import ActivityStatus, Importance, Priority


@dataclass(frozen=True, slots=True)
class ActivityFields:
    """What can be said of an activity; moments as 2026-11-24T10:00+08:00."""

    subject: str = ""
    activity_type: str = ""
    contact_id: int | None = None
    phone: str = ""
    importance: Importance = Importance.NORMAL
    priority: Priority = Priority.MEDIUM
    planned_start: str | None = None
    planned_end: str | None = None
    opportunity_id: int | None = None
    description: str = ""
    result_note: str = ""
    place: str = ""
    remind: bool = False
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewActivity(ActivityFields):
    """An activity to enter, in any state; what is done needs its result."""

    customer_id: int | None = None
    status: ActivityStatus = ActivityStatus.NOT_STARTED
    started_at: str | None = None
    ended_at: str | None = None
    result: str = ""


@dataclass(frozen=True, slots=True)
class CompleteActivity:
    """How an activity ended; with ``push`` its deal moves, as in ``Advance``."""

    result: str = ""
    result_note: str | None = None
    ended_at: str | None = None
    push: bool = False
    to_stage_id: int | None = None
    reason: str = ""
    ticked: tuple[str, ...] = ()
    confirm: bool = False
