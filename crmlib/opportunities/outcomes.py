"""赢单, 输单, 反赢单 and 反输单."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.errors import Invalid, Refused
from crmlib.opportunities import guards
from crmlib.opportunities import outcome_rules as rules
from crmlib.opportunities.actions import open_deal
from crmlib.opportunities.history import announce, stamp
from crmlib.opportunities.model import Opportunity, Outcome, StageEvent
from crmlib.opportunities.outcome_rules import Ending, Standing
from crmlib.opportunities.rows import managed_by, visible_opportunities
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.text import clean
from crmlib.words import OUTCOMES


@dataclass(frozen=True, slots=True)
class Decided:
    """A deal after it ended or came back; ``may_trade``: its customer is still 潜在."""

    opportunity_id: int
    number: str
    subject: str
    outcome: str
    version: int
    customer_id: int
    may_trade: bool = False


@action(Permission.OPPORTUNITY_DECIDE)
def win_opportunity(
    work: Work,
    opportunity_id: int,
    ending: Ending,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Decided:
    """赢单: the deal is ours; its stage ends here.

    Raises:
        Refused: closed, already decided.
        Invalid: all faults at once.
    """
    session = work.session
    deal = open_deal(work, opportunity_id, Permission.OPPORTUNITY_DECIDE, version)
    ending = rules.cleaned(ending)
    reasons = labels(session, DictKind.WIN_REASON)
    born = clock.local(deal.registered_at).date()
    found = rules.win_faults(ending, reasons, born, clock.today())
    manages = session.scalar(select(managed_by(work.actor)).where(Opportunity.id == deal.id))
    found |= rules.review_faults(
        needed=guards.review_required(session),
        approved=guards.review_approved(session, deal.id),
        manages=bool(manages),
        override=ending.override,
    )
    if found:
        raise Invalid(found)
    deal.won_amount = ending.amount  # type: ignore[assignment]  # the rules read it
    _end(work, deal, Outcome.WON, ending, reasons[ending.reason])
    customer = session.get_one(Customer, deal.customer_id)
    return _decided(work, deal, may_trade=customer.status is CustomerStatus.POTENTIAL)


@action(Permission.OPPORTUNITY_DECIDE)
def lose_opportunity(
    work: Work,
    opportunity_id: int,
    ending: Ending,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Decided:
    """输单: the deal went to a competitor, or to nobody; its stage ends here.

    Raises:
        Refused: closed, already decided.
        Invalid: all faults at once.
    """
    session = work.session
    deal = open_deal(work, opportunity_id, Permission.OPPORTUNITY_DECIDE, version)
    ending = rules.cleaned(ending)
    reasons = labels(session, DictKind.LOSS_REASON)
    rivals = labels(session, DictKind.COMPETITOR)
    born = clock.local(deal.registered_at).date()
    if found := rules.loss_faults(ending, reasons, rivals, born, clock.today()):
        raise Invalid(found)
    deal.competitor = ending.competitor or None
    _end(work, deal, Outcome.LOST, ending, reasons[ending.reason])
    return _decided(work, deal)


@action(Permission.OPPORTUNITY_UNDO)
def undo_win(
    work: Work,
    opportunity_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Decided:
    """反赢单: back to 进行中 in the stage it stood in; the history keeps both."""
    return _undo(work, opportunity_id, Outcome.WON, reason, version)


@action(Permission.OPPORTUNITY_UNDO)
def undo_loss(
    work: Work,
    opportunity_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Decided:
    """反输单: back to 进行中 in the stage it stood in; the history keeps both."""
    return _undo(work, opportunity_id, Outcome.LOST, reason, version)


def standing_of(deal: Opportunity) -> Standing:
    """Say where a deal stands."""
    return Standing(deal.number, deal.outcome.value, deal.closed)


def _end(work: Work, deal: Opportunity, outcome: Outcome, ending: Ending, reason: str) -> None:
    written: dict[str, Any] = {
        "outcome": outcome,
        "decided_on": ending.decided_on,
        "outcome_reason": ending.reason,
        "outcome_note": ending.note or None,
    }
    for name, value in written.items():
        setattr(deal, name, value)
    notes = [reason, ending.note, f"例外：{ending.override}" if ending.override else ""]
    stamp(work, deal, StageEvent(outcome.value), "；".join(filter(None, notes)))
    label = OUTCOMES[outcome.value]
    body = f"{work.actor.name}登记{label}商机 {deal.number} {deal.subject}，原因：{reason}"
    announce(work, deal, f"{label}商机【{deal.subject}】", body)


def _undo(
    work: Work, opportunity_id: int, outcome: Outcome, reason: str, version: int | None
) -> Decided:
    session = work.session
    allowed = visible_opportunities(work.actor, Permission.OPPORTUNITY_UNDO)
    deal = work.fetch(Opportunity, opportunity_id, allowed)
    orders = guards.count_orders(session, deal.id)
    if refusal := rules.undo_refusal(standing_of(deal), outcome.value, orders):
        raise Refused(refusal)
    expect_version(deal, version)
    reason = clean(reason)
    if found := rules.because_faults(reason):
        raise Invalid(found)
    deal.outcome = Outcome.OPEN
    for name in ("decided_on", "outcome_reason", "outcome_note", "won_amount", "competitor"):
        setattr(deal, name, None)
    stamp(work, deal, StageEvent.UNDONE, f"反{OUTCOMES[outcome.value]}：{reason}")
    label = OUTCOMES[outcome.value]
    body = f"{work.actor.name}对商机 {deal.number} {deal.subject} 执行反{label}，原因：{reason}"
    announce(work, deal, f"反{label}商机【{deal.subject}】", body)
    return _decided(work, deal)


def _decided(work: Work, deal: Opportunity, *, may_trade: bool = False) -> Decided:
    work.session.flush()  # the form needs the new version
    outcome, customer = deal.outcome.value, deal.customer_id
    return Decided(deal.id, deal.number, deal.subject, outcome, deal.version, customer, may_trade)
