"""Several customers at once: what a step would do with each, and doing it with those it may."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from crmlib import words
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.actions import hand_over
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.recycle import move_to_bin, reason_faults, refusals
from crmlib.customers.rows import possible_owners, recyclable_customers, visible_customers
from crmlib.errors import Invalid, Refused
from crmlib.people.model import Person
from crmlib.store.engine import reading

NOT_YOURS = "不在您的权限范围内"
NONE_LEFT = "所选客户都不能处理"


@dataclass(frozen=True, slots=True)
class Outlook:
    """Names of the customers a step will touch, and why it leaves the others alone."""

    names: tuple[str, ...]
    refused: Mapping[str, str]  # name → reason


@dataclass(frozen=True, slots=True)
class BulkDone:
    """What was done with how many; the others by name with the reason."""

    count: int
    refused: dict[str, str]


def assign_outlook(actor: Actor, ids: Sequence[int]) -> Outlook:
    """Say what 分配 would do with these customers."""
    return _outlook(actor, ids, lambda session: _assignable(session, actor, ids))


def recycle_outlook(actor: Actor, ids: Sequence[int]) -> Outlook:
    """Say what 移入回收站 would do with these customers."""
    return _outlook(actor, ids, lambda session: _recyclable(session, actor, ids))


Sorted = tuple[list[Customer], dict[int, str]]  # those it may, and why not the others


def _outlook(actor: Actor, ids: Sequence[int], sort: Callable[[Session], Sorted]) -> Outlook:
    with reading() as session:
        chosen, refused = sort(session)
        names = _names(session, actor, ids)
        return Outlook(
            tuple(customer.name for customer in chosen),
            {names[key]: why for key, why in refused.items() if key in names},
        )


def _names(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, str]:
    """Return the names of those the actor may see; of the others not even that."""
    seen = select(Customer.id, Customer.name).where(Customer.id.in_(ids), visible_customers(actor))
    return {row.id: row.name for row in session.execute(seen)}


def _within(
    session: Session, ids: Sequence[int], allowed: ColumnElement[bool]
) -> tuple[list[Customer], dict[int, str]]:
    # Not locked: who comes second meets the version of the row.
    chosen = select(Customer).where(Customer.id.in_(ids), allowed).order_by(Customer.id)
    found = session.scalars(chosen).all()
    known = {customer.id for customer in found}
    return list(found), {key: NOT_YOURS for key in ids if key not in known}


def _assignable(session: Session, actor: Actor, ids: Sequence[int]) -> Sorted:
    found, refused = _within(session, ids, visible_customers(actor, Permission.CUSTOMER_ASSIGN))
    for customer in found:
        if customer.status not in LIVE:
            refused[customer.id] = f"状态是{words.CUSTOMER_STATUS[customer.status.value]}"
    return [c for c in found if c.id not in refused], refused


def _recyclable(session: Session, actor: Actor, ids: Sequence[int]) -> Sorted:
    found, refused = _within(session, ids, recyclable_customers(actor))
    refused |= refusals(session, found)
    return [c for c in found if c.id not in refused], refused


@action(Permission.CUSTOMER_ASSIGN)
def assign_customers(
    work: Work, customer_ids: Sequence[int], owner_id: int | None, *, token: str | None = None
) -> BulkDone:
    """Give all of these customers that may be given to one owner.

    Raises:
        Invalid: ``owner``.
        Refused: none of them may.
    """
    session = work.session
    allowed = possible_owners(work.actor, Permission.CUSTOMER_ASSIGN)
    owner = session.scalar(select(Person).where(Person.id == owner_id, allowed))
    if owner is None:
        raise Invalid({"owner": "负责人 只能选择您权限范围内的在职业务员"})
    chosen, refused = _assignable(session, work.actor, customer_ids)
    same = [customer for customer in chosen if customer.owner_id == owner.id]
    refused |= {customer.id: f"{owner.name} 已经是负责人" for customer in same}
    chosen = [customer for customer in chosen if customer not in same]
    names = _names(session, work.actor, customer_ids)
    if not chosen:
        raise Refused(_why_none(refused))
    for customer in chosen:
        hand_over(work, customer, owner.id)
    return BulkDone(len(chosen), {names[k]: why for k, why in refused.items() if k in names})


@action(Permission.CUSTOMER_RECYCLE)
def recycle_customers(
    work: Work,
    customer_ids: Sequence[int],
    reason: str,
    *,
    note: str = "",
    token: str | None = None,
) -> BulkDone:
    """Put all of these customers that may go into the 回收站.

    Raises:
        Invalid: ``reason`` or ``note``.
        Refused: none of them may.
    """
    session = work.session
    if faults := reason_faults(session, reason, note):
        raise Invalid(faults)
    names = _names(session, work.actor, customer_ids)
    chosen, refused = _recyclable(session, work.actor, customer_ids)
    if not chosen:
        raise Refused(_why_none(refused))
    for customer in chosen:
        move_to_bin(work, customer, reason, note)
    return BulkDone(len(chosen), {names[k]: why for k, why in refused.items() if k in names})


def _why_none(refused: Mapping[int, str]) -> str:
    return f"{NONE_LEFT}：{'；'.join(sorted(set(refused.values())))}"
