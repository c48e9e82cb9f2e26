"""关闭 and 重开: a closed deal is read only and out of the funnel."""

from dataclasses import dataclass

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission, Role, Scope
from crmlib.customers.model import LIVE, Customer
from crmlib.errors import Invalid, Refused
from crmlib.opportunities import outcome_rules as rules
from crmlib.opportunities.history import announce, stamp
from crmlib.opportunities.model import Opportunity, Outcome, StageEvent
from crmlib.opportunities.outcome_rules import Closing
from crmlib.opportunities.outcomes import standing_of
from crmlib.opportunities.rows import visible_opportunities
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.text import clean, clean_lines

USUAL_REASON = "01"  # 正常结案


@dataclass(frozen=True, slots=True)
class Closed:
    """A deal after 关闭 or 重开."""

    opportunity_id: int
    number: str
    closed: bool
    version: int


@action(Permission.OPPORTUNITY_CLOSE)
def close_opportunity(
    work: Work,
    opportunity_id: int,
    closing: Closing,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Closed:
    """关闭: after 赢单 or 输单 with a 项目总结, or by 综合部 with a reason at any time.

    Raises:
        Refused: closed already, or 进行中 and not for this actor to drop.
        Invalid: all faults at once.
    """
    session = work.session
    allowed = visible_opportunities(work.actor, Permission.OPPORTUNITY_CLOSE)
    deal = work.fetch(Opportunity, opportunity_id, allowed)
    standing, drops = standing_of(deal), work.actor.role is Role.GENERAL_OFFICE
    if refusal := rules.close_refusal(standing, may_drop=drops):
        raise Refused(refusal)
    expect_version(deal, version)
    reasons = labels(session, DictKind.CLOSE_REASON)
    note = clean(closing.note)
    closing = Closing(closing.reason or "", note, closing.summary)
    summary = deal.project_summary or ""
    if closing.summary is not None:
        summary = clean_lines(closing.summary)
    everywhere = Scope.ALL in work.actor.scopes(Permission.OPPORTUNITY_CLOSE)
    if found := rules.close_faults(closing, summary, reasons, everywhere=everywhere):
        raise Invalid(found)
    deal.closed, deal.closed_on = True, clock.today()
    deal.close_reason, deal.project_summary = closing.reason or USUAL_REASON, summary or None
    reason = reasons.get(deal.close_reason, deal.close_reason)
    stamp(work, deal, StageEvent.CLOSED, "；".join(filter(None, (reason, note))))
    dropped = "（废弃）" if deal.outcome is Outcome.OPEN else ""
    body = f"{work.actor.name}关闭了商机 {deal.number} {deal.subject}{dropped}，原因：{reason}"
    announce(work, deal, f"关闭商机【{deal.subject}】", body)
    return _closed(work, deal)


@action(Permission.OPPORTUNITY_REOPEN)
def reopen_opportunity(
    work: Work,
    opportunity_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Closed:
    """重开: a closed deal is worked on again, as won, lost or open as it was.

    Raises:
        Refused: not closed, or its customer is gone.
    """
    allowed = visible_opportunities(work.actor, Permission.OPPORTUNITY_REOPEN)
    deal = work.fetch(Opportunity, opportunity_id, allowed)
    customer = work.session.get_one(Customer, deal.customer_id)
    lives = customer.status in LIVE
    if refusal := rules.reopen_refusal(standing_of(deal), customer_lives=lives):
        raise Refused(refusal)
    expect_version(deal, version)
    reason = clean(reason)
    if found := rules.because_faults(reason):
        raise Invalid(found)
    deal.closed, deal.closed_on, deal.close_reason = False, None, None
    stamp(work, deal, StageEvent.REOPENED, reason)
    body = f"{work.actor.name}重开了商机 {deal.number} {deal.subject}，原因：{reason}"
    announce(work, deal, f"重开商机【{deal.subject}】", body)
    return _closed(work, deal)


def _closed(work: Work, deal: Opportunity) -> Closed:
    work.session.flush()  # the form needs the new version
    return Closed(deal.id, deal.number, deal.closed, deal.version)
