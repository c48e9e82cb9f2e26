"""移入回收站: a 潜在客户 that is none goes out of sight, with its reason, and can come back."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers.blockers import blockers
from crmlib.customers.model import Customer, CustomerStatus, RecycledCustomer
from crmlib.customers.rows import recyclable_customers
from crmlib.errors import Invalid, Refused
from crmlib.inbox.notices import notify
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem
from crmlib.store.text import clean

TRADING = "交易客户不能移入回收站"
_NOT_POTENTIAL = {
    CustomerStatus.TRADING: TRADING,
    CustomerStatus.MERGED: "客户已合并，不能移入回收站",
    CustomerStatus.RECYCLED: "客户已在回收站",
}
BLOCKED = "不能移入回收站，请先处理："
_NOTE_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Recycled:
    """A customer that went into the 回收站."""

    customer_id: int
    code: str
    name: str


@action(Permission.CUSTOMER_RECYCLE)
def recycle_customer(
    work: Work,
    customer_id: int,
    reason: str,
    version: int | None = None,
    *,
    note: str = "",
    token: str | None = None,
) -> Recycled:
    """Put a 潜在客户 into the 回收站; ``reason`` is a code of 回收原因.

    Raises:
        Invalid: ``reason`` or ``note``.
        Refused: a 交易客户, one that is merged or there already, or work on it is still open.
    """
    customer = work.fetch(Customer, customer_id, recyclable_customers(work.actor))
    expect_version(customer, version)
    return move_to_bin(work, customer, reason, note)


def move_to_bin(work: Work, customer: Customer, reason: str, note: str = "") -> Recycled:
    """Recycle a customer within another action's transaction, with all of its checks but rights."""
    why_not = refusals(work.session, [customer]).get(customer.id)
    if why_not:
        raise Refused(why_not)
    if faults := reason_faults(work.session, reason, note):
        raise Invalid(faults)
    customer.status, customer.recycled_at = CustomerStatus.RECYCLED, clock.now()
    work.session.add(
        RecycledCustomer(
            customer_id=customer.id,
            reason=reason,
            note=clean(note) or None,
            recycled_by_id=work.actor.person_id,
        )
    )
    work.session.flush()
    notify(
        work.session,
        {customer.owner_id} - {work.actor.person_id},
        f"客户移入回收站：{customer.name}（{customer.code}）",
        f"{work.actor.name} 把您的客户 {customer.name}（{customer.code}）移入了回收站。",
        (Customer.__tablename__, customer.id),
    )
    return Recycled(customer.id, customer.code, customer.name)


def refusals(session: Session, customers: list[Customer]) -> Mapping[int, str]:
    """Return why customers may not be recycled; those that may are left out."""
    found = {c.id: _NOT_POTENTIAL[c.status] for c in customers if c.status in _NOT_POTENTIAL}
    open_work = blockers(session, [c.id for c in customers if c.id not in found])
    return found | {key: BLOCKED + "；".join(texts) for key, texts in open_work.items()}


def reason_faults(session: Session, reason: str, note: str = "") -> dict[str, str]:
    """Return what is wrong with the reason of a recycling."""
    found = {}
    known = select(DictItem.id).where(
        DictItem.kind == DictKind.RECYCLE_REASON.value,
        DictItem.code == reason,
        DictItem.disabled.is_(False),
    )
    if not reason:
        found["reason"] = words.required(words.RECYCLED["reason"])
    elif session.scalar(known) is None:
        found["reason"] = f"{words.RECYCLED['reason']} 请从列表中选择"
    if len(clean(note)) > _NOTE_LENGTH:
        found["note"] = f"{words.RECYCLED['note']} 不能超过 {_NOTE_LENGTH} 个字"
    return found
