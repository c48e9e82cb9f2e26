"""What happened around a customer: changes, activities, stages, messages; all, or of one kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.audit.entries import Entry
from crmlib.audit.history import history_of
from crmlib.customers.model import Customer
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.people.model import Person
from crmlib.store.engine import reading

CUSTOMER, MESSAGES = Customer.__tablename__, "messages"
# What may be picked from a timeline, and the tables of each.
KINDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "data": ("资料", frozenset({"customer", "contact", "customer_alias", "recycled_customer"})),
    "activities": ("活动", frozenset({"activity"})),
    "deals": (
        "商机与阶段",
        frozenset(
            {
                *("opportunity", "opportunity_product", "opportunity_share", "stage_history"),
                *("competitor_entry", "customer_need", "opportunity_party", "process_log"),
            }
        ),
    ),
    "orders": (
        "评审与订单",
        frozenset({"contract_review", "sales_order", "order_line", "order_event"}),
    ),
    "service": ("服务", frozenset({"service_ticket"})),
    "conversion": ("转交易", frozenset({"conversion_request"})),
    "shares": ("共享与申请", frozenset({"customer_share", "access_request"})),
    "merges": ("查重与合并", frozenset({"merge", "duplicate_pair", "affiliate_link"})),
    "files": ("附件", frozenset({"attachment"})),
    MESSAGES: ("消息", frozenset()),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message about the customer that the actor sent or received."""

    id: int
    at: datetime
    person: str
    title: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The newest of what happened, and how much there is of the kind asked for."""

    entries: tuple[Entry | Letter, ...]
    total: int


def timeline_of(actor: Actor, customer_id: int, *, kind: str = "", size: int = 30) -> Timeline:
    """Return the newest of what happened to a customer; ``kind`` is a key of ``KINDS`` or all.

    Raises:
        NotAllowed: no such customer, or not for this actor.
    """
    kind = kind if kind in KINDS else ""
    tables = KINDS[kind][1] if kind else None
    history = history_of(actor, CUSTOMER, customer_id, size=size, tables=tables)
    found: list[Entry | Letter] = list(history.entries)
    total = history.total
    if kind in {"", MESSAGES}:
        with reading() as session:
            letters, count = _letters(session, actor, customer_id, size)
        found, total = [*found, *letters], total + count
    found.sort(key=lambda entry: entry.at, reverse=True)
    return Timeline(tuple(found[:size]), total)


def _letters(
    session: Session, actor: Actor, customer_id: int, size: int
) -> tuple[list[Letter], int]:
    sender, me = aliased(Person), actor.person_id
    got = select(MessageRecipient.message_id).where(MessageRecipient.person_id == me)
    where = (
        Message.related_type == CUSTOMER,
        Message.related_id == customer_id,
        or_(Message.sender_id == me, Message.id.in_(got)),
    )
    rows = session.execute(
        select(Message.id, Message.sent_at, sender.name, Message.title)
        .outerjoin(sender, sender.id == Message.sender_id)
        .where(*where)
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(size)
    )
    count = session.scalar(select(func.count(Message.id)).where(*where)) or 0
    found = [
        Letter(key, clock.local(at), name or words.SYSTEM_SENDER, title)
        for key, at, name, title in rows
    ]
    return found, count
