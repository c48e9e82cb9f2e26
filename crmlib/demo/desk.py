"""What lies on people's desks: duplicate candidates, messages, a request for conversion."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.conversion.model import ConversionRequest
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.demo.calendar import last_evening
from crmlib.demo.customers import THE_EXAMPLE, Prospect
from crmlib.demo.people import Staff
from crmlib.demo.variants import Relation
from crmlib.duplicates.model import DuplicatePair, PairSource
from crmlib.duplicates.pairs import pair_verdict
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities.model import Opportunity, Outcome

_RELATED_KEPT = 0.25  # share of affiliates in the queue


def lay_out(session: Session, staff: Staff, prospects: list[Prospect], queue: int) -> None:
    """Fill the queue of 综合部 and the inboxes of the cast."""
    _add_candidates(session, prospects, queue)
    _ask_for_conversion(session, staff)
    _write_to(session, staff)


def _add_candidates(session: Session, prospects: list[Prospect], queue: int) -> None:
    twins = [p for p in prospects if p.twin and p.status is not CustomerStatus.RECYCLED]
    doubles = [p for p in twins if p.relation is Relation.SAME][: int(queue * (1 - _RELATED_KEPT))]
    sisters = [p for p in twins if p.relation is Relation.AFFILIATE][: queue - len(doubles)]
    for prospect in doubles + sisters:
        other = prospects[(prospect.twin or 1) - 1]
        if other.status is CustomerStatus.RECYCLED:
            continue
        same, related, reasons = pair_verdict(_record(other), _record(prospect))
        session.add(
            DuplicatePair(
                a_id=min(other.id, prospect.id),
                b_id=max(other.id, prospect.id),
                same=same,
                related=related,
                reasons=[[reason.text, reason.weight] for reason in reasons],
                source=PairSource.SCAN,
                found_at=last_evening(),
            )
        )


def _record(prospect: Prospect) -> dict[str, object]:
    return {
        "id": prospect.id,
        "name": prospect.name,
        "province": prospect.city.province,
        "city": prospect.city.name,
        "phone": prospect.phone,
        "mobile": prospect.contacts[0].mobile,
    }


def _ask_for_conversion(session: Session, staff: Staff) -> None:
    """王强 asks 综合部 to convert a customer with a won deal, other than the seed's example."""
    applicant = staff.by_login["wangqiang"]
    customer = session.scalar(
        select(Customer)
        .join(Opportunity, Opportunity.customer_id == Customer.id)
        .where(
            Customer.owner_id == applicant,
            Customer.status == CustomerStatus.POTENTIAL,
            Customer.name != THE_EXAMPLE,
        )
        .order_by(Opportunity.outcome != Outcome.WON, Customer.incomplete, Customer.id)
        .limit(1)
    )
    if customer is None:
        return
    title = f"申请转交易：{customer.name}（{customer.code}）"[:120]
    body = f"客户名称：{customer.name}\n客户代码：{customer.code}\n依据：已有交易，请评估。"
    message = _send(
        session, applicant, [staff.by_login["zhouting"]], title, body, ("customer", customer.id)
    )
    session.add(
        ConversionRequest(
            customer_id=customer.id,
            applicant_id=applicant,
            message_id=message.id,
            title=title,
            body=body,
            requested_at=last_evening(),
            evidence=[],
        )
    )


def _write_to(session: Session, staff: Staff) -> None:
    people = staff.by_login
    waiting = session.execute(
        select(Customer.id, Customer.name, Customer.code)
        .where(Customer.owner_id.is_(None), Customer.status == CustomerStatus.POTENTIAL)
        .where(Customer.office_id == _office_of(staff, "zhangwei"))
        .order_by(Customer.id.desc())
        .limit(2)
    )
    for key, name, code in waiting:
        body = f"客户名称：{name}\n客户代码：{code}\n请分配负责人。"
        _send(
            session,
            None,
            [people["zhangwei"]],
            f"待分配客户：{name}"[:120],
            body,
            ("customer", key),
        )
    monthly = "请各办事处本周内核对客户资料，补齐传真、网址与主联系人。"
    everybody = [people[login] for login in ("zhangwei", "limin", "wangqiang", "chengang")]
    _send(session, people["zhouting"], everybody, "客户资料完善通知", monthly, None)


def _office_of(staff: Staff, login: str) -> int | None:
    head = staff.by_login[login]
    return next((b.office_id for b in staff.branches if b.head == head), None)


def _send(
    session: Session,
    sender: int | None,
    recipients: list[int],
    title: str,
    body: str,
    related: tuple[str, int] | None,
) -> Message:
    message = Message(
        sender_id=sender,
        title=title,
        body=body,
        sent_at=last_evening() - timedelta(hours=2),
        related_type=related[0] if related else None,
        related_id=related[1] if related else None,
    )
    session.add(message)
    session.flush()  # the copies need its number
    session.add_all(MessageRecipient(message_id=message.id, person_id=p) for p in recipients)
    return message
