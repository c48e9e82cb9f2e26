"""Record orders and what was done to fulfil them; only 信息部 writes, as the ERP says."""

from dataclasses import dataclass

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.orders import rules, storing
from crmlib.orders.model import OrderEvent, OrderSource, OrderStatus, SalesOrder
from crmlib.orders.rows import visible_orders
from crmlib.orders.rules import EventDraft, OrderDraft

KNOWN_NUMBER = "ERP单号 已存在，请在该订单中修改"


@dataclass(frozen=True, slots=True)
class OrderSaved:
    """An order after a save; ``changed`` is False when everything was known already."""

    order_id: int
    number: str
    status: str
    created: bool
    changed: bool
    version: int


@dataclass(frozen=True, slots=True)
class EventSaved:
    """An order after an event was noted or taken away."""

    order_id: int
    event_id: int
    number: str
    status: str
    changed: bool
    version: int


@action(Permission.ORDER_MANAGE)
def record_order(
    work: Work,
    draft: OrderDraft,
    *,
    source: OrderSource = OrderSource.MANUAL,
    new: bool = False,
    version: int | None = None,
    token: str | None = None,
) -> OrderSaved:
    """Enter the order of an ERP单号, or bring a known one up to date.

    ``new`` refuses a known number, ``version`` a form opened before somebody else's change.

    Raises:
        Invalid: all faults at once; those of lines as ``lines.0.quantity``.
    """
    draft = rules.cleaned(draft)
    found = rules.order_faults(draft) | storing.reference_faults(work.session, draft)
    known = storing.order_numbered(work.session, draft.number) if draft.number else None
    if known is not None and new:
        found["number"] = KNOWN_NUMBER
    if found:
        raise Invalid(found)
    if known is not None:
        expect_version(known, version)
    elif version is not None:
        raise Stale
    stored = storing.store_order(work, draft, source)
    order = stored.order
    return OrderSaved(
        order.id, order.number, order.status.value, stored.is_new, stored.changed, order.version
    )


@action(Permission.ORDER_MANAGE)
def add_event(
    work: Work, order_id: int, draft: EventDraft, *, token: str | None = None
) -> EventSaved:
    """Note a step of fulfilling an order; the order's status follows.

    Raises:
        Invalid: all faults at once.
        Refused: the order was cancelled.
    """
    order = _order(work, order_id)
    if order.status is OrderStatus.CANCELLED:
        raise Refused(rules.IS_CANCELLED.format(number=order.number))
    draft = rules.clean_event(draft)
    if found := rules.event_faults(draft, clock.today()):
        raise Invalid(found)
    event, changed = storing.store_event(work, order, draft)
    return _after(work, order, event.id, changed=changed)


@action(Permission.ORDER_MANAGE)
def remove_event(work: Work, event_id: int, *, token: str | None = None) -> EventSaved:
    """Take a wrongly noted step away; the order's status follows."""
    event = work.session.get(OrderEvent, event_id, with_for_update=True)
    if event is None:
        raise NotAllowed
    order = _order(work, event.order_id)
    work.session.delete(event)
    work.session.flush()
    storing.restate(work.session, order)
    return _after(work, order, event_id, changed=True)


def _order(work: Work, order_id: int) -> SalesOrder:
    return work.fetch(SalesOrder, order_id, visible_orders(work.actor, Permission.ORDER_MANAGE))


def _after(work: Work, order: SalesOrder, event_id: int, *, changed: bool) -> EventSaved:
    work.session.flush()  # the form needs the new version
    return EventSaved(order.id, event_id, order.number, order.status.value, changed, order.version)
