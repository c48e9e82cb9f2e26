"""恢复 a customer from the 回收站, or 彻底删除 it when nothing needs it any more."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer, CustomerStatus, RecycledCustomer
from crmlib.customers.rows import recyclable_customers, visible_customers
from crmlib.duplicates.entry import check_return, remember_pairs
from crmlib.errors import Invalid, Refused
from crmlib.inbox.notices import head_of, notify
from crmlib.people.model import Person
from crmlib.recycling.children import needed_by, parts
from crmlib.recycling.rules import KEPT_DAYS, NOT_IN_BIN, too_young
from crmlib.store import log

CUSTOMERS = Customer.__tablename__
TOMBSTONE = "purged_customer"


@dataclass(frozen=True, slots=True)
class Restored:
    """A customer that came back; ``text`` is what the person reads."""

    customer_id: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Purged:
    """A customer that is gone for ever."""

    code: str
    name: str


@action(Permission.CUSTOMER_RECYCLE)
def restore_customer(
    work: Work,
    customer_id: int,
    version: int | None = None,
    *,
    reason: str = "",
    token: str | None = None,
) -> Restored:
    """Take a customer out of the 回收站 as 潜在客户; 撞单 is asked again.

    Raises:
        Invalid: ``name`` for an equal customer entered meanwhile, ``reason`` for similar ones
            without a reason.
        Refused: not in the 回收站.
    """
    customer = work.fetch(Customer, customer_id, recyclable_customers(work.actor))
    expect_version(customer, version)
    if customer.status is not CustomerStatus.RECYCLED:
        raise Refused(NOT_IN_BIN)
    found, faults = check_return(work, customer, reason)
    if faults:
        raise Invalid(faults)
    customer.status, customer.recycled_at = CustomerStatus.POTENTIAL, None
    entry = work.session.scalar(
        select(RecycledCustomer).where(RecycledCustomer.customer_id == customer.id)
    )
    if entry is not None:
        work.session.delete(entry)
    left = _without_leaver(work.session, customer)
    work.session.flush()
    remember_pairs(work, customer.id, found, reason)
    _tell(work, customer)
    return Restored(customer.id, customer.name, f"客户已恢复{left}")


def _without_leaver(session: Session, customer: Customer) -> str:
    """Take the owner away if he left meanwhile; return what is to be told about it."""
    owner = session.get(Person, customer.owner_id) if customer.owner_id else None
    if owner is None or owner.active:
        return ""
    customer.owner_id = None
    return f"，原负责人 {owner.name} 已停用，客户待分配"


def _tell(work: Work, customer: Customer) -> None:
    named = f"{customer.name}（{customer.code}）"
    if customer.owner_id is None:
        receiver, title = head_of(work.session, customer.office_id), f"待分配客户：{named}"
        body = f"{work.actor.name} 从回收站恢复了客户 {named}，请分配负责人。"
    else:
        receiver, title = customer.owner_id, f"客户已恢复：{named}"
        body = f"{work.actor.name} 从回收站恢复了您的客户 {named}。"
    if receiver != work.actor.person_id:
        notify(work.session, [receiver], title, body, (CUSTOMERS, customer.id))


@action(Permission.CUSTOMER_PURGE)
def purge_customer(
    work: Work, customer_id: int, version: int | None = None, *, token: str | None = None
) -> Purged:
    """Delete a recycled customer for ever, with all that is only its own; the log keeps a copy.

    Raises:
        Refused: not in the 回收站, not long enough, or something still needs it (it is named).
    """
    session = work.session
    customer = work.fetch(
        Customer, customer_id, visible_customers(work.actor, Permission.CUSTOMER_PURGE)
    )
    expect_version(customer, version)
    if customer.status is not CustomerStatus.RECYCLED or customer.recycled_at is None:
        raise Refused(NOT_IN_BIN)
    if clock.now() < customer.recycled_at + timedelta(days=KEPT_DAYS):
        raise Refused(too_young(clock.local(customer.recycled_at).date()))
    if needed := needed_by(session, customer.id):
        raise Refused(f"不能彻底删除，仍有：{'、'.join(needed)}")
    gone = Purged(customer.code, customer.name)
    own = {
        table.name: _delete(session, table, condition)
        for table, condition in parts(customer.id).items()
    }
    image = log.row_of(customer)
    session.delete(customer)
    session.flush()
    _bury(work, customer_id, gone, own | {CUSTOMERS: [image]})
    return gone


def _delete(session: Session, table: Table, condition: Any) -> list[dict[str, Any]]:
    """Delete rows of a table, each with its log row; return what they held."""
    rows = [
        {name: log.plain(value) for name, value in row._mapping.items()}
        for row in session.execute(select(table).where(condition))
    ]
    if rows:
        log.write(
            session,
            [
                {"entity": table.name, "entity_id": row["id"], "kind": "delete", "before": row}
                for row in rows
            ],
        )
        session.execute(delete(table).where(condition))
    return rows


def _bury(
    work: Work, customer_id: int, gone: Purged, held: dict[str, list[dict[str, Any]]]
) -> None:
    """Write the tombstone: what it was called, and how many rows of what went with it."""
    work.note(
        TOMBSTONE,
        customer_id,
        {
            "code": gone.code,
            "name": gone.name,
            "name_hash": hashlib.sha256(gone.name.encode()).hexdigest(),
            "rows": {table: len(rows) for table, rows in held.items() if rows},
        },
    )
