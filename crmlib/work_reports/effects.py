"""What handing in does: told visits become completed activities, planned ones activities to do."""

from collections.abc import Iterable
from datetime import date, datetime, time

from crmlib import clock
from crmlib.access.action import Work
from crmlib.activities.drafts import insert_activity
from crmlib.activities.rules import ActivityDraft
from crmlib.activities.states import ActivityStatus
from crmlib.errors import CrmError, Invalid, NotAllowed
from crmlib.work_reports import rules
from crmlib.work_reports.kinds import ReportKind
from crmlib.work_reports.model import WorkReportLine
from crmlib.work_reports.rules import LineDraft

NOT_YOURS = "您不能在此客户或商机下登记活动"
_EVENING = time(18)
# Where a fault of an activity is shown: the cell of its line.
_CELLS = {
    "customer_id": "about",
    "opportunity_id": "about",
    "activity_type": "activity_type",
    "result": "result",
    "planned_start": "hours",
    "planned_end": "hours",
}


def make_activities(
    work: Work,
    kind: ReportKind,
    starts_on: date,
    drafts: Iterable[LineDraft],
    rows: Iterable[WorkReportLine],
) -> int:
    """Make the activities that lines ask for and return how many; each row keeps its own.

    Raises:
        Invalid: whatever keeps a line from becoming one, at its cells.
    """
    found: dict[str, str] = {}
    made = 0
    for (place, draft), row in zip(rules.placed(kind, list(drafts)), rows, strict=True):
        wanted = _activity_of(draft, starts_on, work.actor.person_id)
        if wanted is None:
            continue
        try:
            row.activity_id = insert_activity(work, wanted).id
            made += 1
        except CrmError as fault:
            found |= {f"{place}.{cell}": text for cell, text in _at_cells(fault).items()}
    if found:
        raise Invalid(found)
    return made


def _activity_of(line: LineDraft, starts_on: date, person_id: int) -> ActivityDraft | None:
    if rules.becomes_done(line):
        return ActivityDraft(
            customer_id=line.customer_id,
            opportunity_id=line.opportunity_id,
            subject=line.text,
            activity_type=line.activity_type,
            status=ActivityStatus.DONE,
            result=line.result,
            ended_at=_done_at(starts_on),
            owner_id=person_id,
        )
    span = rules.hours_of(line)
    if not rules.becomes_planned(line) or span is None:
        return None
    return ActivityDraft(
        customer_id=line.customer_id,
        opportunity_id=line.opportunity_id,
        subject=line.text,
        activity_type=line.activity_type,
        planned_start=span[0],
        planned_end=span[1],
        remind=True,
        owner_id=person_id,
    )


def _done_at(day: date) -> datetime:
    # Of a day that is over nobody says the hour: its evening.
    return min(clock.now(), datetime.combine(day, _EVENING, tzinfo=clock.SHANGHAI))


def _at_cells(fault: CrmError) -> dict[str, str]:
    if isinstance(fault, Invalid):
        return {_CELLS.get(name, "text"): text for name, text in fault.faults.items()}
    return {"about": NOT_YOURS if isinstance(fault, NotAllowed) else fault.message}
