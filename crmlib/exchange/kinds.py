"""Which check belongs to which kind of list."""

from collections.abc import Mapping

from crmlib.exchange.activities import check_activities
from crmlib.exchange.contacts import check_contacts
from crmlib.exchange.customers import check_customers
from crmlib.exchange.found import Check
from crmlib.exchange.model import ImportKind
from crmlib.exchange.opportunities import check_opportunities
from crmlib.exchange.orders import check_orders

CHECKS: Mapping[ImportKind, Check] = {
    ImportKind.CUSTOMERS: check_customers,
    ImportKind.CONTACTS: check_contacts,
    ImportKind.OPPORTUNITIES: check_opportunities,
    ImportKind.ACTIVITIES: check_activities,
    ImportKind.ORDERS: check_orders,
}
