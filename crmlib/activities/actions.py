"""Plan, start, complete, reopen and delete activities; every one keeps 最后接触日期 right."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.activities import drafts, rules
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.rows import visible_activities
from crmlib.activities.rules import ActivityDraft
from crmlib.customers.contacted import refresh_last_contact
from crmlib.customers.model import LIVE, Customer
from crmlib.duplicates.children import references
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.opportunities.actions import Moved, StageMove, move_stage
from crmlib.opportunities.model import Opportunity, Outcome, StageHistory
from crmlib.opportunities.rows import visible_opportunities
from crmlib.opportunities.rules import state_refusal
from crmlib.store.text import clean, clean_lines

_UNDONE = (ActivityStatus.NOT_STARTED, ActivityStatus.STARTED)


@dataclass(frozen=True, slots=True)
class ActivitySaved:
    """An activity after a step; ``stage`` names where its deal was pushed to, if it was."""

    activity_id: int
    number: str
    subject: str
    status: str
    version: int
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """How an activity ended; with ``push`` its deal moves too (see ``opportunities.StageMove``)."""

    result: str = ""
    result_note: str | None = None  # None: as it is
    ended_at: datetime | str | None = None  # None: now
    push: bool = False
    to_stage_id: int | None = None
    reason: str = ""
    ticked: Sequence[str] = ()
    confirm: bool = False


@action(Permission.ACTIVITY_CREATE)
def create_activity(work: Work, draft: ActivityDraft, *, token: str | None = None) -> ActivitySaved:
    """新增: save an activity in any state."""
    return _saved(drafts.insert_activity(work, draft))


@action(Permission.ACTIVITY_CREATE)
def record_contact(work: Work, draft: ActivityDraft, *, token: str | None = None) -> ActivitySaved:
    """联系记录: save what was done with a customer as a completed activity of the actor's own.

    A 主题 nobody gave is composed of type and result.
    """
    names = drafts.type_names(work.session)
    result, subject = clean(draft.result), clean(draft.subject)
    if not subject and result and draft.activity_type in names:
        subject = rules.contact_subject(names[draft.activity_type], result)
    # What is composed is missed only with what it is composed of.
    done = replace(
        draft,
        subject=subject or "…",
        status=ActivityStatus.DONE,
        owner_id=work.actor.person_id,
    )
    return _saved(drafts.insert_activity(work, done))


@action(Permission.ACTIVITY_EDIT)
def edit_activity(
    work: Work,
    activity_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
    token: str | None = None,
) -> ActivitySaved:
    """Change fields; unchanged values may be among ``changes``. After 已完成 only 结果说明."""
    activity = _held(work, activity_id, Permission.ACTIVITY_EDIT, version)
    before = drafts.draft_of(activity)
    wanted = {field: changes[field] for field in rules.EDITABLE & changes.keys()}
    after = rules.cleaned(replace(before, **wanted))
    changed = {f for f, value in asdict(after).items() if value != asdict(before)[f]}
    if refusal := rules.edit_refusal(activity.status, changed):
        raise Refused(refusal)
    found = _edit_faults(work, before, after, changed)
    found |= _belonging(work, activity, after, changed)
    if found:
        raise Invalid(found)
    for name, value in drafts.columns_of(after).items():
        if name in changed:
            setattr(activity, name, value)
    work.session.flush()  # the form needs the new version
    return _saved(activity)


def _edit_faults(
    work: Work, before: ActivityDraft, after: ActivityDraft, changed: set[str]
) -> dict[str, str]:
    """Return what the change made wrong; what was wrong before (imported) may stay."""
    types, now = drafts.types_offered(work.session) | {before.activity_type}, clock.now()
    old = rules.faults(before, types, now)
    new = rules.faults(after, types, now)
    return {name: text for name, text in new.items() if name in changed or name not in old}


def _belonging(
    work: Work, activity: Activity, after: ActivityDraft, changed: set[str]
) -> dict[str, str]:
    """Check contact, deal and 负责人 if they change; the stage and the office follow."""
    if not changed & {"contact_id", "opportunity_id", "owner_id"}:
        return {}
    place = drafts.place_of(work, after)
    if place is None:
        return {}
    found = drafts.place_faults(work.session, place, after)
    found = {name: text for name, text in found.items() if name in changed}
    if "opportunity_id" in changed:
        activity.stage_id = place.deal.stage_id if place.deal else None
    if "owner_id" in changed:
        owner = drafts.doer_of(work, after.owner_id, place.customer)
        if owner is None:
            return found | {"owner_id": rules.NO_OWNER}
        activity.owner_id, activity.office_id = owner.id, owner.office_id
        drafts.tell_owner(work, activity, "活动负责人变更", f"{work.actor.name}将活动转给您：")
    return found


@action(Permission.ACTIVITY_EDIT)
def start_activity(
    work: Work, activity_id: int, *, version: int | None = None, token: str | None = None
) -> ActivitySaved:
    """开始: it goes on from now; nobody need be reminded any more."""
    new = (ActivityStatus.NOT_STARTED,)
    activity = _held(work, activity_id, Permission.ACTIVITY_EDIT, version, new)
    activity.status, activity.started_at = ActivityStatus.STARTED, clock.now()
    activity.remind = False
    work.session.flush()
    return _saved(activity)


@action(Permission.ACTIVITY_EDIT)
def complete_activity(
    work: Work,
    activity_id: int,
    completion: Completion,
    *,
    version: int | None = None,
    token: str | None = None,
) -> ActivitySaved:
    """完成: with its result, and, if wished, push its deal in the same transaction."""
    activity = _held(work, activity_id, Permission.ACTIVITY_EDIT, version, _UNDONE)
    now, result = clock.now(), clean(completion.result)
    note = clean_lines(completion.result_note or "")
    ended = rules.end_after(activity.started_at, rules.read_moment(completion.ended_at) or now)
    found = rules.completion_faults(result, note, (activity.started_at, ended), now)
    moved = None
    try:
        moved = _push(work, activity, completion) if completion.push else None
    except Invalid as wrong:
        # A question is asked when nothing else is wrong.
        found |= {n: text for n, text in wrong.faults.items() if n != "confirm" or not found}
    if found or not isinstance(ended, datetime):
        raise Invalid(found)
    activity.status, activity.remind = ActivityStatus.DONE, False
    activity.result, activity.ended_at = result, ended
    activity.result_note = activity.result_note if completion.result_note is None else note or None
    _stamp_stage(work, activity)
    refresh_last_contact(work.session, [activity.customer_id])
    drafts.tell_owner(work, activity, "活动已完成", f"{work.actor.name}完成了活动")
    return _saved(activity, moved)


def _push(work: Work, activity: Activity, completion: Completion) -> Moved:
    """同时推进阶段: by the one code that moves a stage."""
    if activity.opportunity_id is None:
        raise Invalid({"push": rules.NO_DEAL})
    allowed = visible_opportunities(work.actor, Permission.OPPORTUNITY_ADVANCE)
    deal = work.fetch(Opportunity, activity.opportunity_id, allowed)
    decided = deal.outcome is not Outcome.OPEN
    if refusal := state_refusal(deal.number, closed=deal.closed, decided=decided):
        raise Refused(refusal)
    asked = completion
    move = StageMove(asked.to_stage_id, asked.reason, asked.ticked, asked.confirm)
    moved = move_stage(work, deal, move)
    newest = select(StageHistory).where(StageHistory.opportunity_id == deal.id)
    history = work.session.scalars(newest.order_by(StageHistory.id.desc()).limit(1)).one()
    history.activity_id = activity.id
    return moved


def _stamp_stage(work: Work, activity: Activity) -> None:
    """Keep in which stage its deal is now."""
    if activity.opportunity_id is not None:
        deal = work.session.get_one(Opportunity, activity.opportunity_id)
        activity.stage_id = deal.stage_id


@action(Permission.ACTIVITY_REOPEN)
def reopen_activity(
    work: Work, activity_id: int, *, version: int | None = None, token: str | None = None
) -> ActivitySaved:
    """重开: a completed activity goes on; its result stays to be written anew."""
    done = (ActivityStatus.DONE,)
    activity = _held(work, activity_id, Permission.ACTIVITY_REOPEN, version, done)
    activity.started_at = activity.started_at or activity.ended_at
    activity.status, activity.ended_at = ActivityStatus.STARTED, None
    refresh_last_contact(work.session, [activity.customer_id])
    drafts.tell_owner(work, activity, "活动已重开", f"{work.actor.name}重开了活动")
    return _saved(activity)


@action(Permission.ACTIVITY_EDIT)
def postpone_activity(
    work: Work,
    activity_id: int,
    to: datetime | str | None,
    *,
    version: int | None = None,
    token: str | None = None,
) -> ActivitySaved:
    """延后: plan an activity that has not begun for later, as long as before."""
    new = (ActivityStatus.NOT_STARTED,)
    activity = _held(work, activity_id, Permission.ACTIVITY_EDIT, version, new)
    wanted = rules.read_moment(to)
    fault = rules.later_fault(wanted, clock.now())
    if fault or not isinstance(wanted, datetime):
        raise Invalid({"to": fault or ""})
    plan = (activity.planned_start, activity.planned_end)
    activity.planned_start, activity.planned_end = rules.postponed(*plan, wanted)
    work.session.flush()
    return _saved(activity)


@action(Permission.ACTIVITY_EDIT)
def delete_activity(
    work: Work, activity_id: int, *, version: int | None = None, token: str | None = None
) -> ActivitySaved:
    """删除: only one's own that has not begun, and that nothing else tells of."""
    new = (ActivityStatus.NOT_STARTED,)
    activity = _held(work, activity_id, Permission.ACTIVITY_EDIT, version, new)
    if activity.owner_id != work.actor.person_id:
        raise NotAllowed
    for reference in references(Activity.__tablename__):
        keys = reference.table.c[reference.column].foreign_keys
        if all(key.ondelete == "SET NULL" for key in keys):
            continue  # a message or a report's line about it keeps its words
        told = select(reference.table.c.id).where(
            reference.points_at(Activity.__tablename__, activity.id)
        )
        if work.session.execute(told.limit(1)).first():
            raise Refused(rules.TOLD_OF)
    work.session.delete(activity)
    work.session.flush()
    return _saved(activity)


def _held(
    work: Work,
    activity_id: int,
    permission: Permission,
    version: int | None,
    states: Collection[ActivityStatus] = tuple(ActivityStatus),
) -> Activity:
    """Return the activity, its customer locked before it: merging goes the same way."""
    owner = select(Activity.customer_id).where(Activity.id == activity_id).scalar_subquery()
    customer = work.session.scalar(
        select(Customer).where(Customer.id == owner).with_for_update(of=Customer)
    )
    activity = work.fetch(Activity, activity_id, visible_activities(work.actor, permission))
    if customer is None or customer.status not in LIVE:
        raise Refused(rules.NOT_LIVE)
    expect_version(activity, version)
    if refusal := rules.step_refusal(activity.number, activity.status, states):
        raise Refused(refusal)
    return activity


def _saved(activity: Activity, moved: Moved | None = None) -> ActivitySaved:
    return ActivitySaved(
        activity.id,
        activity.number,
        activity.subject,
        activity.status.value,
        activity.version,
        moved.to_stage if moved else "",
    )
