"""申请转交易, 转交易客户, 驳回, 撤回 and 撤销转交易."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission, Role
from crmlib.conversion import rules
from crmlib.conversion.facts import (
    conversion_of,
    facts_of,
    live_orders,
    pending_request,
    stake_of,
    standing_of,
    undo_refusal_of,
    won_deals,
)
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.errors import Invalid, Refused
from crmlib.inbox.actions import post_message
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.inbox.notices import notify
from crmlib.store.text import clean, clean_lines


@dataclass(frozen=True, slots=True)
class Requested:
    """A request that was sent; ``text`` is what the applicant reads."""

    request_id: int
    message_id: int
    text: str = rules.SENT


@dataclass(frozen=True, slots=True)
class Converted:
    """A customer that is a 交易客户 now."""

    customer_id: int
    last_trade_on: str
    text: str = rules.CONVERTED


@dataclass(frozen=True, slots=True)
class Answered:
    """A request, or a conversion, after a step."""

    request_id: int | None
    text: str


@action(Permission.CONVERSION_REQUEST)
def request_conversion(
    work: Work,
    customer_id: int,
    recipients: Sequence[int] = (),
    groups: Sequence[str] = (Role.GENERAL_OFFICE.value,),
    title: str = "",
    body: str = "",
    *,
    token: str | None = None,
) -> Requested:
    """申请转交易: write the request and send it as a message to 综合部."""
    session = work.session
    customer = _customer(work, customer_id, Permission.CONVERSION_REQUEST)
    pending = pending_request(session, customer.id) is not None
    if refusal := rules.request_refusal(standing_of(customer), pending=pending):
        raise Refused(refusal)
    if work.actor.role in groups:  # who holds that post alone still gets what is meant for it
        recipients = [*recipients, work.actor.person_id]
    sent = post_message(work, recipients, groups, title, body)
    message = session.get_one(Message, sent.message_id)
    # The customer was checked above; the message leads to his card.
    message.related_type, message.related_id = Customer.__tablename__, customer.id
    request = ConversionRequest(
        customer_id=customer.id,
        applicant_id=work.actor.person_id,
        message_id=sent.message_id,
        title=clean(title),
        body=clean_lines(body),
        requested_at=clock.now(),
    )
    session.add(request)
    session.flush()  # the answer names it
    return Requested(request.id, sent.message_id)


@action(Permission.CONVERSION_DECIDE)
def convert(
    work: Work,
    customer_id: int,
    *,
    request_id: int | None = None,
    override_reason: str = "",
    version: int | None = None,
    token: str | None = None,
) -> Converted:
    """转交易客户: approve the pending request, or convert without one."""
    session = work.session
    customer = _customer(work, customer_id, Permission.CONVERSION_DECIDE)
    request = pending_request(session, customer.id)
    stake = stake_of(session, work.actor, customer, request)
    if refusal := rules.convert_refusal(standing_of(customer), stake):
        raise Refused(refusal)
    if request_id is not None and (request is None or request.id != request_id):
        raise Refused(rules.NOT_PENDING)
    expect_version(customer, version)
    reason = clean(override_reason)
    _require(rules.reason_faults(reason, "override_reason", needed=False))
    found = rules.checks(facts_of(session, customer))
    rules.require_clear(found, reason)
    customer.status = CustomerStatus.TRADING
    customer.last_trade_on = _trade_day(work, customer)
    if request is None:
        request = _own_record(work, customer)
    request.status, request.override_reason = RequestStatus.APPROVED, reason or None
    request.evidence = [asdict(check) for check in found]
    _sign(work, request)
    session.flush()  # two people converting at once: the second meets the version here
    body = f"客户「{customer.name}」（{customer.code}）已转为交易客户"
    _tell(work, [request.applicant_id, customer.owner_id], rules.CONVERTED, body, customer)
    return Converted(customer.id, customer.last_trade_on.isoformat())


@action(Permission.CONVERSION_DECIDE)
def refuse(
    work: Work,
    request_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Answered:
    """驳回: the customer stays as it is, the applicant reads why and may apply again."""
    request, customer = _pending(work, request_id, version)
    if request.applicant_id == work.actor.person_id:
        raise Refused(rules.OWN_REQUEST)
    reason = clean(reason)
    _require(rules.reason_faults(reason))
    request.status, request.decision_note = RequestStatus.REFUSED, reason
    _sign(work, request)
    body = f"客户「{customer.name}」（{customer.code}）的转交易申请被驳回。原因：{reason}"
    _tell(work, [request.applicant_id], "转交易申请被驳回", body, customer)
    return Answered(request.id, "申请已驳回")


@action(Permission.CONVERSION_REQUEST)
def withdraw(
    work: Work, request_id: int, *, version: int | None = None, token: str | None = None
) -> Answered:
    """撤回: the applicant takes back a request nobody answered yet."""
    mine = ConversionRequest.applicant_id == work.actor.person_id
    request = work.fetch(ConversionRequest, request_id, mine)
    _require_pending(request, version)
    request.status = RequestStatus.WITHDRAWN
    _sign(work, request)
    customer = work.session.get_one(Customer, request.customer_id)
    copies = select(MessageRecipient.person_id).where(
        MessageRecipient.message_id == request.message_id
    )
    body = f"{work.actor.name} 撤回了客户「{customer.name}」（{customer.code}）的转交易申请"
    _tell(work, list(work.session.scalars(copies)), "转交易申请已撤回", body, customer)
    return Answered(request.id, "申请已撤回")


@action(Permission.CONVERSION_UNDO)
def undo_conversion(
    work: Work,
    customer_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Answered:
    """撤销转交易: back to 潜在客户, with a reason the owner reads; what was locked opens again.

    Raises:
        Refused: never converted here, traded since, or too long ago.
    """
    session = work.session
    customer = _customer(work, customer_id, Permission.CONVERSION_UNDO)
    if customer.status is not CustomerStatus.TRADING:
        raise Refused(rules.NOT_TRADING)
    expect_version(customer, version)
    request = conversion_of(session, customer.id)
    if refusal := undo_refusal_of(session, customer, request):
        raise Refused(refusal)
    reason = clean(reason)
    _require(rules.reason_faults(reason))
    customer.status, customer.last_trade_on = CustomerStatus.POTENTIAL, None
    if request is not None:
        request.undone_at, request.undo_reason = clock.now(), reason
    work.note(Customer.__tablename__, customer.id, {"undo_conversion": reason})
    told = [customer.owner_id, request.applicant_id if request else None]
    body = f"客户「{customer.name}」（{customer.code}）已撤销转交易。原因：{reason}"
    _tell(work, told, "客户已撤销转交易", body, customer)
    return Answered(request.id if request else None, "已撤销转交易，客户恢复为潜在客户")


def _customer(work: Work, customer_id: int, permission: Permission) -> Customer:
    return work.fetch(Customer, customer_id, visible_customers(work.actor, permission))


def _pending(
    work: Work, request_id: int, version: int | None
) -> tuple[ConversionRequest, Customer]:
    # CONVERSION_DECIDE is held for all rows or for none.
    request = work.fetch(ConversionRequest, request_id, ConversionRequest.id == request_id)
    _require_pending(request, version)
    return request, work.session.get_one(Customer, request.customer_id)


def _require_pending(request: ConversionRequest, version: int | None) -> None:
    if request.status is not RequestStatus.PENDING:
        raise Refused(rules.NOT_PENDING)
    expect_version(request, version)


def _require(faults: Mapping[str, str]) -> None:
    if faults:
        raise Invalid(faults)


def _trade_day(work: Work, customer: Customer) -> date:
    if orders := live_orders(work.session, customer.id):
        latest: date = orders[0].ordered_on
        return latest
    days = [deal.decided_on for deal in won_deals(work.session, customer.id) if deal.decided_on]
    return max(days, default=clock.today())


def _own_record(work: Work, customer: Customer) -> ConversionRequest:
    # Converted without a request: the record of the decision is written all the same.
    title, body = rules.template(customer.name, customer.code, ())
    request = ConversionRequest(
        customer_id=customer.id,
        applicant_id=work.actor.person_id,
        title=title,
        body=body,
        requested_at=clock.now(),
        decision_note="综合部直接转交易",
    )
    work.session.add(request)
    return request


def _sign(work: Work, request: ConversionRequest) -> None:
    request.decided_at, request.decided_by_id = clock.now(), work.actor.person_id


def _tell(
    work: Work, people: Sequence[int | None], title: str, body: str, customer: Customer
) -> None:
    receivers = {person for person in people if person != work.actor.person_id}
    notify(work.session, receivers, title, body, (Customer.__tablename__, customer.id))
