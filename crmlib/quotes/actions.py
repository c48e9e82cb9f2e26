"""Make, change, put before a 主管, approve, hand on and copy quotations."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select, true

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.notices import notify
from crmlib.opportunities.actions import open_deal
from crmlib.opportunities.model import Opportunity
from crmlib.quotes import drafts, rules
from crmlib.quotes.deciders import approver_of
from crmlib.quotes.model import Quotation
from crmlib.quotes.rows import is_own
from crmlib.quotes.rules import QuoteDraft
from crmlib.quotes.states import QuoteStatus, QuoteStep
from crmlib.store.numbers import next_number
from crmlib.store.text import clean
from crmlib.ui.format import money
from crmlib.words import QUOTE

SERIES = "BJ"
P = Permission


@dataclass(frozen=True, slots=True)
class QuoteSaved:
    """A version of a quotation after a step."""

    quote_id: int
    number: str
    revision: int
    status: str
    version: int


@action(P.QUOTE_EDIT)
def create_quote(
    work: Work, opportunity_id: int, draft: QuoteDraft, *, token: str | None = None
) -> QuoteSaved:
    """Save the first version of a quotation of an open deal.

    Raises:
        Invalid: fields, lines as ``lines.0.quantity``.
        Refused: the deal is closed or decided.
    """
    deal = open_deal(work, opportunity_id, P.QUOTE_EDIT)
    draft = drafts.faultless(work.session, draft)
    number = next_number(work.session, SERIES)
    return _saved(drafts.insert_quote(work, draft, deal.id, number, 1))


@action(P.QUOTE_EDIT)
def edit_quote(
    work: Work,
    quote_id: int,
    draft: QuoteDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> QuoteSaved:
    """Change a 草稿, all of it at once; what was approved is never changed."""
    quote, _ = _quote(work, quote_id, P.QUOTE_EDIT, QuoteStep.EDIT, version)
    drafts.write_quote(work.session, quote, drafts.faultless(work.session, draft))
    return _saved(quote)


@action(P.QUOTE_EDIT)
def copy_quote(work: Work, quote_id: int, *, token: str | None = None) -> QuoteSaved:
    """新版本: a 草稿 that begins as a copy of a settled version."""
    quote, deal = _quote(work, quote_id, P.QUOTE_EDIT, QuoteStep.COPY, None)
    unfinished = select(Quotation.revision).where(
        Quotation.number == quote.number, Quotation.status.in_(rules.UNSETTLED)
    )
    if (revision := work.session.scalar(unfinished)) is not None:
        raise Refused(rules.UNFINISHED.format(number=quote.number, revision=revision))
    draft = drafts.draft_of(work.session, quote)
    if draft.valid_until is not None and draft.valid_until < clock.today():
        draft = replace(draft, valid_until=None)
    revision = drafts.next_revision(work.session, quote.number)
    return _saved(drafts.insert_quote(work, draft, deal.id, quote.number, revision))


@action(P.QUOTE_EDIT)
def submit_quote(
    work: Work, quote_id: int, *, version: int | None = None, token: str | None = None
) -> QuoteSaved:
    """提交审批: put a 草稿 before the nearest person above who may approve it."""
    quote, deal = _quote(work, quote_id, P.QUOTE_EDIT, QuoteStep.SUBMIT, version)
    quote.status = rules.after(QuoteStep.SUBMIT)
    quote.submitted_by_id, quote.submitted_at = work.actor.person_id, clock.now()
    quote.decided_by_id = quote.decided_at = quote.decision_note = None
    work.session.flush()  # who may approve asks the row
    quote.approver_id = approver_of(work.session, quote, deal)
    if quote.approver_id is None:
        raise Refused(rules.NOBODY_ABOVE)
    _tell(work, quote, deal, [quote.approver_id], "报价待审批", "提交了报价审批")
    return _saved_now(work, quote)


@action(P.QUOTE_EDIT)
def recall_quote(
    work: Work, quote_id: int, *, version: int | None = None, token: str | None = None
) -> QuoteSaved:
    """撤回: take back what nobody decided yet, to change it."""
    quote, deal = _quote(work, quote_id, P.QUOTE_EDIT, QuoteStep.RECALL, version)
    quote.status = rules.after(QuoteStep.RECALL)
    _tell(work, quote, deal, [quote.approver_id], "报价审批已撤回", "撤回了报价审批")
    return _saved_now(work, quote)


@action(P.QUOTE_APPROVE)
def approve_quote(
    work: Work,
    quote_id: int,
    *,
    note: str = "",
    version: int | None = None,
    token: str | None = None,
) -> QuoteSaved:
    """批准: from now on this version never changes; nobody approves his own."""
    return _decide(work, quote_id, QuoteStep.APPROVE, clean(note), version)


@action(P.QUOTE_APPROVE)
def return_quote(
    work: Work,
    quote_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> QuoteSaved:
    """退回: a 草稿 again, with the reason."""
    return _decide(work, quote_id, QuoteStep.RETURN, clean(reason), version)


def _decide(
    work: Work, quote_id: int, step: QuoteStep, note: str, version: int | None
) -> QuoteSaved:
    own = select(Quotation.id).where(Quotation.id == quote_id, is_own(work.actor))
    if work.session.scalar(own) is not None:
        raise Refused(rules.OWN)
    quote, deal = _quote(work, quote_id, P.QUOTE_APPROVE, step, version)
    needed = step is QuoteStep.RETURN
    if fault := rules.reason_fault(note, QUOTE["decision_note"], needed=needed):
        raise Invalid({"note": fault})
    quote.status, quote.decision_note = rules.after(step), note or None
    quote.decided_by_id, quote.decided_at = work.actor.person_id, clock.now()
    did = rules.STEPS[step]
    comment = f"：{note}" if note else ""
    _tell(work, quote, deal, _authors(quote, deal), f"报价已{did}", f"{did}了报价单{comment}")
    return _saved_now(work, quote)


@action(P.QUOTE_EDIT)
def send_quote(
    work: Work, quote_id: int, *, version: int | None = None, token: str | None = None
) -> QuoteSaved:
    """标记已发: the customer has it."""
    quote, deal = _quote(work, quote_id, P.QUOTE_EDIT, QuoteStep.SEND, version)
    quote.status, quote.sent_at = rules.after(QuoteStep.SEND), clock.now()
    _tell(work, quote, deal, _authors(quote, deal), "报价已发出", "将报价单标记为已发")
    return _saved_now(work, quote)


@action(P.QUOTE_EDIT)
def accept_quote(
    work: Work, quote_id: int, *, version: int | None = None, token: str | None = None
) -> QuoteSaved:
    """被接受: the customer took this version; of a deal's offers he takes one."""
    quote, deal = _quote(work, quote_id, P.QUOTE_EDIT, QuoteStep.ACCEPT, version)
    taken = select(Quotation.number).where(
        Quotation.opportunity_id == deal.id, Quotation.status == QuoteStatus.ACCEPTED
    )
    if number := work.session.scalar(taken):
        raise Refused(rules.ONE_ACCEPTED.format(number=number))
    quote.status, quote.accepted_at = rules.after(QuoteStep.ACCEPT), clock.now()
    told = [*_authors(quote, deal), quote.decided_by_id]
    _tell(work, quote, deal, told, "报价被客户接受", "将报价单标记为被接受")
    return _saved_now(work, quote)


@action(P.QUOTE_EDIT)
def void_quote(
    work: Work,
    quote_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> QuoteSaved:
    """作废, with the reason; the version stays to be read."""
    quote, deal = _quote(work, quote_id, P.QUOTE_EDIT, QuoteStep.VOID, version)
    reason = clean(reason)
    if fault := rules.reason_fault(reason, QUOTE["void_reason"]):
        raise Invalid({"reason": fault})
    told = [*_authors(quote, deal), quote.approver_id]
    quote.status, quote.void_reason = rules.after(QuoteStep.VOID), reason
    _tell(work, quote, deal, told, "报价已作废", f"作废了报价单：{reason}")
    return _saved_now(work, quote)


def _quote(
    work: Work, quote_id: int, permission: Permission, step: QuoteStep, version: int | None
) -> tuple[Quotation, Opportunity]:
    """Return a version and its open deal, the deal locked first: steps of a deal queue up."""
    deal_id = work.session.scalar(select(Quotation.opportunity_id).where(Quotation.id == quote_id))
    if deal_id is None:
        raise NotAllowed
    deal = open_deal(work, deal_id, permission)
    quote = work.fetch(Quotation, quote_id, true())
    expect_version(quote, version)
    refusal = rules.step_refusal(
        step, quote.status, valid_until=quote.valid_until, today=clock.today()
    )
    if refusal:
        raise Refused(refusal)
    return quote, deal


def _authors(quote: Quotation, deal: Opportunity) -> list[int | None]:
    return [quote.created_by_id, quote.submitted_by_id, deal.owner_id]


def _tell(
    work: Work,
    quote: Quotation,
    deal: Opportunity,
    people: Iterable[int | None],
    title: str,
    done: str,
) -> None:
    body = (
        f"{work.actor.name}{done}\n报价单 {quote.number} 第 {quote.revision} 版，"
        f"{QUOTE['total']} {money(quote.total)}\n商机 {deal.number} {deal.subject}"
    )
    related = (Quotation.__tablename__, quote.id)
    receivers = set(people) - {work.actor.person_id}
    notify(work.session, receivers, f"{title}：{quote.number}", body, related)


def _saved_now(work: Work, quote: Quotation) -> QuoteSaved:
    work.session.flush()  # the page needs the new version
    return _saved(quote)


def _saved(quote: Quotation) -> QuoteSaved:
    return QuoteSaved(quote.id, quote.number, quote.revision, quote.status.value, quote.version)
