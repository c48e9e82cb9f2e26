"""Register a ticket, give it to somebody, and bring it to its end."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import Invalid, Refused
from crmlib.inbox.notices import head_of, notify
from crmlib.orders.model import SalesOrder
from crmlib.orders.rows import visible_orders
from crmlib.service import rules
from crmlib.service import terms as service_terms
from crmlib.service.handlers import possible_handlers
from crmlib.service.model import ServiceTicket, Severity, TicketKind, TicketStatus
from crmlib.service.rows import assignable_tickets, handled_tickets
from crmlib.service.rules import RevisitDraft, TicketDraft
from crmlib.store.numbers import next_number
from crmlib.store.text import clean, clean_lines

SERIES = "FW"
TICKET = ServiceTicket.__tablename__
P = Permission


@dataclass(frozen=True, slots=True)
class TicketSaved:
    """A ticket after a step."""

    ticket_id: int
    number: str
    status: str
    version: int


@action(Permission.TICKET_REGISTER)
def register_ticket(work: Work, draft: TicketDraft, *, token: str | None = None) -> TicketSaved:
    """Register what a customer asks or complains of; its clock runs from now.

    Raises:
        Invalid: all faults at once.
    """
    draft = rules.cleaned(draft)
    found, customer = rules.ticket_faults(draft), None
    if draft.customer_id is not None:
        customer = _customer(work, draft.customer_id)
        found |= _order_fault(work, draft)
        if draft.handler_id and draft.handler_id not in possible_handlers(
            work.session, work.actor, customer
        ):
            found["handler_id"] = rules.NOT_A_HANDLER
    if found or customer is None:
        raise Invalid(found)
    now = clock.now()
    reply_due, solve_due = rules.due(draft.severity, now)
    ticket = ServiceTicket(
        number=next_number(work.session, SERIES),
        kind=TicketKind(draft.kind),
        customer_id=customer.id,
        order_id=draft.order_id,
        description=draft.description,
        severity=Severity(draft.severity),
        handler_id=draft.handler_id or customer.owner_id,
        reply_due=reply_due,
        solve_due=solve_due,
        registered_by_id=work.actor.person_id,
        registered_at=now,
    )
    work.session.add(ticket)
    work.session.flush()
    receiver = ticket.handler_id or head_of(work.session, customer.office_id)
    kind = service_terms.TICKET_KIND[ticket.kind.value]
    _tell(work, ticket, {receiver, customer.owner_id}, f"新的{kind}：{customer.name}")
    return _saved(work, ticket)


def _customer(work: Work, customer_id: int) -> Customer:
    allowed = visible_customers(work.actor, P.TICKET_REGISTER) & Customer.status.in_(LIVE)
    return work.fetch(Customer, customer_id, allowed)


def _order_fault(work: Work, draft: TicketDraft) -> dict[str, str]:
    if draft.order_id is None:
        return {}
    order = select(SalesOrder.id).where(
        SalesOrder.id == draft.order_id,
        SalesOrder.customer_id == draft.customer_id,
        visible_orders(work.actor),
    )
    return {} if work.session.scalar(order) else {"order_id": rules.ORDER_OF_OTHER}


@action(Permission.TICKET_ASSIGN)
def assign_ticket(
    work: Work,
    ticket_id: int,
    handler_id: int | None,
    *,
    version: int | None = None,
    token: str | None = None,
) -> TicketSaved:
    """指派: say who handles a ticket that is not closed; he is told."""
    ticket = work.fetch(ServiceTicket, ticket_id, assignable_tickets(work.actor))
    expect_version(ticket, version)
    if ticket.status is TicketStatus.CLOSED:
        message = rules.NOT_NOW.format(
            state=service_terms.TICKET_STATUS[ticket.status.value],
            step=rules.STEP_NAMES[rules.ASSIGN],
        )
        raise Refused(message)
    customer = work.session.get_one(Customer, ticket.customer_id)
    if handler_id not in possible_handlers(work.session, work.actor, customer):
        raise Invalid({"handler_id": rules.NOT_A_HANDLER})
    if ticket.handler_id != handler_id:
        ticket.handler_id = handler_id
        _tell(work, ticket, {handler_id}, f"工单指派：{ticket.number}")
    return _saved(work, ticket)


@action(Permission.TICKET_HANDLE)
def accept_ticket(
    work: Work, ticket_id: int, *, version: int | None = None, token: str | None = None
) -> TicketSaved:
    """受理: take a ticket on; this is the first reply to the customer."""
    ticket = _step(work, ticket_id, rules.ACCEPT, version)
    ticket.replied_at = ticket.replied_at or clock.now()
    ticket.handler_id = ticket.handler_id or work.actor.person_id
    return _saved(work, ticket)


@action(Permission.TICKET_HANDLE)
def start_ticket(
    work: Work, ticket_id: int, *, version: int | None = None, token: str | None = None
) -> TicketSaved:
    """开始处理: work on the matter begins."""
    return _saved(work, _step(work, ticket_id, rules.START, version))


@action(Permission.TICKET_HANDLE)
def solve_ticket(
    work: Work,
    ticket_id: int,
    solution: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> TicketSaved:
    """解决: say what was done."""
    text = clean_lines(solution)
    ticket = _step(
        work, ticket_id, rules.SOLVE, version,
        rules.text_fault("solution", text, rules.TEXT_LENGTH),
    )  # fmt: skip
    ticket.solution, ticket.solved_at = text, clock.now()
    return _saved(work, ticket)


@action(Permission.TICKET_HANDLE)
def revisit_ticket(
    work: Work,
    ticket_id: int,
    draft: RevisitDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> TicketSaved:
    """回访: what the customer says of the solution; a low score is told to the manager."""
    found = rules.revisit_faults(draft, clock.today())
    ticket = _step(work, ticket_id, rules.REVISIT, version, found)
    ticket.revisit, ticket.score = clean_lines(draft.revisit), draft.score
    ticket.revisited_on = draft.revisited_on
    if draft.score is not None and draft.score <= rules.LOW_SCORE:
        customer = work.session.get_one(Customer, ticket.customer_id)
        boss = head_of(work.session, customer.office_id)
        title = f"客户不满意（{draft.score} 分）：{customer.name}"
        _tell(work, ticket, {boss, customer.owner_id}, title, always={boss})
    return _saved(work, ticket)


@action(Permission.TICKET_HANDLE)
def close_ticket(
    work: Work,
    ticket_id: int,
    improvement: str = "",
    *,
    version: int | None = None,
    token: str | None = None,
) -> TicketSaved:
    """关闭: after the revisit; a low score needs 改进措施."""
    text = clean_lines(improvement)
    ticket = _fetch(work, ticket_id, version)
    if refusal := rules.step_refusal(ticket.status.value, rules.CLOSE):
        raise Refused(refusal)
    if found := rules.close_faults(ticket.score, text):
        raise Invalid(found)
    ticket.status, ticket.improvement = TicketStatus.CLOSED, text or None
    ticket.closed_at = clock.now()
    return _saved(work, ticket)


@action(Permission.TICKET_HANDLE)
def reopen_ticket(
    work: Work,
    ticket_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> TicketSaved:
    """重开: the matter is not settled after all; the clock of the solution runs anew."""
    text = clean(reason)
    ticket = _step(
        work, ticket_id, rules.REOPEN, version,
        rules.text_fault("reopen_reason", text, rules.REASON_LENGTH),
    )  # fmt: skip
    closed = _day(ticket)
    if refusal := rules.reopen_refusal(closed, clock.today()):
        raise Refused(refusal)
    _, ticket.solve_due = rules.due(ticket.severity.value, clock.now())
    ticket.reopen_reason = text
    for name in ("solved_at", "revisit", "revisited_on", "score", "closed_at"):
        setattr(ticket, name, None)
    _tell(work, ticket, {ticket.handler_id}, f"工单重开：{ticket.number}")
    return _saved(work, ticket)


def _day(ticket: ServiceTicket) -> date | None:
    return clock.local(ticket.closed_at).date() if ticket.closed_at else None


def _fetch(work: Work, ticket_id: int, version: int | None) -> ServiceTicket:
    ticket = work.fetch(ServiceTicket, ticket_id, handled_tickets(work.actor))
    expect_version(ticket, version)
    return ticket


def _step(
    work: Work,
    ticket_id: int,
    step: str,
    version: int | None,
    faults: dict[str, str] | None = None,
) -> ServiceTicket:
    ticket = _fetch(work, ticket_id, version)
    if refusal := rules.step_refusal(ticket.status.value, step):
        raise Refused(refusal)
    if faults:
        raise Invalid(faults)
    ticket.status = TicketStatus(rules.MOVES[step][1])
    return ticket


def _tell(
    work: Work,
    ticket: ServiceTicket,
    people: set[int | None],
    title: str,
    *,
    always: set[int | None] | None = None,
) -> None:
    customer = work.session.get_one(Customer, ticket.customer_id)
    body = (
        f"{service_terms.TICKET_KIND[ticket.kind.value]} {ticket.number}，客户「{customer.name}」"
        f"（{customer.code}）\n{ticket.description}"
    )
    receivers = (people - {work.actor.person_id}) | (always or set())
    notify(work.session, receivers, title, body, (TICKET, ticket.id))


def _saved(work: Work, ticket: ServiceTicket) -> TicketSaved:
    work.session.flush()  # the form needs the new version
    return TicketSaved(ticket.id, ticket.number, ticket.status.value, ticket.version)
