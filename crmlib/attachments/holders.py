"""Records that may hold files, and who may see or change what they hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from crmlib.access.action import Work
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.records import fetch_live
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed, Refused
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities

CLOSED = "商机已关闭，不能再增删附件"
P = Permission


@dataclass(frozen=True, slots=True)
class Holder:
    """One kind of record that holds files.

    ``visible`` and ``changeable`` are the row conditions, ``fetch`` the record an action is about
    to give or take a file.
    """

    model: Any
    visible: Callable[[Actor], ColumnElement[bool]]
    changeable: Callable[[Actor], ColumnElement[bool]]
    fetch: Callable[[Work, int], object]


def holder(entity: str) -> Holder:
    """Return the kind of record by its table's name.

    Raises:
        NotAllowed: such records hold no files.
    """
    if entity not in _HOLDERS:
        raise NotAllowed
    return _HOLDERS[entity]


def _changeable_customers(actor: Actor) -> ColumnElement[bool]:
    return visible_customers(actor, P.CUSTOMER_EDIT) & Customer.status.in_(LIVE)


def _changeable_deals(actor: Actor) -> ColumnElement[bool]:
    return visible_opportunities(actor, P.OPPORTUNITY_EDIT) & Opportunity.closed.is_(False)


def _customer(work: Work, key: int) -> Customer:
    return fetch_live(work, key, P.CUSTOMER_EDIT)


def _deal(work: Work, key: int) -> Opportunity:
    deal = work.fetch(Opportunity, key, visible_opportunities(work.actor, P.OPPORTUNITY_EDIT))
    if deal.closed:
        raise Refused(CLOSED)
    return deal


_HOLDERS: Mapping[str, Holder] = {
    Customer.__tablename__: Holder(Customer, visible_customers, _changeable_customers, _customer),
    Opportunity.__tablename__: Holder(Opportunity, visible_opportunities, _changeable_deals, _deal),
}
