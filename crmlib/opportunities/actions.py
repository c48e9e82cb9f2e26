"""Create and edit opportunities, and move them from stage to stage."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.notices import notify
from crmlib.opportunities import drafts, rules
from crmlib.opportunities.model import (
    Opportunity,
    Outcome,
    StageHistory,
)
from crmlib.opportunities.rows import visible_opportunities
from crmlib.opportunities.rules import OpportunityDraft
from crmlib.opportunities.setup import PROJECT
from crmlib.opportunities.stages import first_step, steps_beside

LAST_STAGE = "商机已在最后一个阶段，请登记赢单或输单"
NO_STAGES = "还没有生效的销售阶段定义，请联系信息部"


@dataclass(frozen=True, slots=True)
class Created:
    """A new opportunity."""

    opportunity_id: int
    number: str
    subject: str


@dataclass(frozen=True, slots=True)
class Edited:
    """An opportunity after a change."""

    opportunity_id: int
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Moved:
    """An opportunity after a move; ``days`` were spent in the stage it left."""

    opportunity_id: int
    number: str
    from_stage: str
    to_stage: str
    probability: int
    days: int
    version: int


@dataclass(frozen=True, slots=True)
class StageMove:
    """A wish to move: to which stage (None: the next), why, with what ticked, warnings read."""

    to_stage_id: int | None = None
    reason: str = ""
    ticked: Sequence[str] = ()
    confirm: bool = False


@action(Permission.OPPORTUNITY_CREATE)
def create_opportunity(
    work: Work,
    draft: OpportunityDraft,
    *,
    stage_set: str = PROJECT,
    confirm: bool = False,
    token: str | None = None,
) -> Created:
    """Save a new deal in the first stage; ``confirm`` answers the warning about a similar one."""
    session = work.session
    draft, choices = rules.cleaned(draft), drafts.choices_of(session)
    customer = drafts.customer_for(work, draft.customer_id)
    found = rules.faults(draft, choices)
    if customer is not None:
        found |= drafts.contact_fault(session, customer, draft)
    owner = drafts.owner_for(work, draft.owner_id)
    if found:
        raise Invalid(found)
    assert customer is not None  # noqa: S101 a missing customer is a fault already
    if not confirm:
        drafts.warn_of_double(session, customer.id, draft.project_name)
    step = first_step(session, stage_set, hold=True)
    if step is None:
        raise Refused(NO_STAGES)
    deal = drafts.insert_deal(work, draft, customer, owner, step, choices)
    if owner.id != work.actor.person_id:
        body = f"{work.actor.name}为您新建了商机 {deal.number} {deal.subject}"
        notify(session, [owner.id], "新商机", body, (Opportunity.__tablename__, deal.id))
    return Created(deal.id, deal.number, deal.subject)


@action(Permission.OPPORTUNITY_EDIT)
def edit_opportunity(
    work: Work,
    opportunity_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
    token: str | None = None,
) -> Edited:
    """Change fields of an open deal; unchanged values may be among ``changes``."""
    session = work.session
    deal = open_deal(work, opportunity_id, Permission.OPPORTUNITY_EDIT, version)
    choices = drafts.choices_of(session)
    before = drafts.draft_of(session, deal)
    probability = rules.read_percent(changes.get("probability", deal.probability))
    known = before.__dataclass_fields__.keys() - {"customer_id"}
    wanted = {field: value for field, value in changes.items() if field in known}
    after = rules.cleaned(replace(before, **wanted))
    changed = {f for f, value in asdict(after).items() if value != asdict(before)[f]}
    changed |= {"probability"} if probability != deal.probability else set()
    if changed - drafts.editable_fields(work, opportunity_id):
        raise NotAllowed
    customer = session.get_one(Customer, deal.customer_id)
    if after.subject == before.subject and changed & {"products", "sales_task"}:
        composed = drafts.subject_of(before, customer, choices) == before.subject
        after = replace(after, subject="") if composed else after
    found = rules.faults(after, choices)
    if "contact_id" in changed:
        found |= drafts.contact_fault(session, customer, after)
    if probability is None:
        found["probability"] = rules.BAD_PROBABILITY
    if found:
        raise Invalid(found)
    after = replace(after, subject=after.subject or drafts.subject_of(after, customer, choices))
    deal.probability = deal.probability if probability is None else probability
    drafts.change_deal(work, deal, after, changed)
    session.flush()  # the form needs the new version
    return Edited(deal.id, deal.subject, deal.version)


@action(Permission.OPPORTUNITY_ADVANCE)
def advance_stage(
    work: Work,
    opportunity_id: int,
    to_stage_id: int | None = None,
    *,
    reason: str = "",
    ticked: Sequence[str] = (),
    confirm: bool = False,
    version: int | None = None,
    token: str | None = None,
) -> Moved:
    """推进阶段: to the next stage, or with a reason to any other."""
    deal = open_deal(work, opportunity_id, Permission.OPPORTUNITY_ADVANCE, version)
    return move_stage(work, deal, StageMove(to_stage_id, reason, ticked, confirm))


def move_stage(work: Work, deal: Opportunity, move: StageMove) -> Moved:
    """Move an open deal inside a running action; the only code that changes a stage."""
    steps = steps_beside(work.session, deal.stage_id)
    here = next(s for s in steps if s.id == deal.stage_id)
    upcoming = rules.next_step(steps, here.id)
    if move.to_stage_id is None and upcoming is None:
        raise Refused(LAST_STAGE)
    target_id = move.to_stage_id or (upcoming.id if upcoming else None)
    open_items = [] if move.confirm else rules.unticked(steps, here.id, move.ticked)
    if found := rules.move_faults(steps, here.id, target_id, move.reason, open_items):
        raise Invalid(found)
    target = next(s for s in steps if s.id == target_id)
    now = clock.now()
    days = (clock.today() - clock.local(deal.stage_since).date()).days
    work.session.add(
        StageHistory(
            opportunity_id=deal.id,
            from_stage_id=here.id,
            to_stage_id=target.id,
            moved_at=now,
            moved_by_id=work.actor.person_id,
            days=days,
            reason=move.reason.strip() or None,
        )
    )
    deal.stage_id, deal.stage_since, deal.probability = target.id, now, target.probability
    work.session.flush()  # the form needs the new version
    told = {deal.owner_id, work.session.get_one(Customer, deal.customer_id).owner_id}
    body = f"{work.actor.name}将商机 {deal.number} {deal.subject} 由「{here.name}」推进到「{target.name}」"
    related = (Opportunity.__tablename__, deal.id)
    notify(work.session, told - {work.actor.person_id}, "商机阶段已推进", body, related)
    return Moved(
        deal.id, deal.number, here.name, target.name, target.probability, days, deal.version
    )


def open_deal(
    work: Work, opportunity_id: int, permission: Permission, version: int | None = None
) -> Opportunity:
    """Return a deal that is still open and the actor's to work on.

    Raises:
        Refused: it is closed, or won or lost.
    """
    deal = work.fetch(Opportunity, opportunity_id, visible_opportunities(work.actor, permission))
    refusal = rules.state_refusal(
        deal.number, closed=deal.closed, decided=deal.outcome is not Outcome.OPEN
    )
    if refusal:
        raise Refused(refusal)
    expect_version(deal, version)
    return deal
