"""The rows behind the frames of orders, quotations and targets (see ``statements``)."""

from typing import Any

from sqlalchemy import BigInteger, Float, Select, cast, select, type_coerce

from crmlib import words
from crmlib.analysis.naming import Names, labelled, word
from crmlib.analysis.rights import Rights
from crmlib.customers.model import Customer
from crmlib.opportunities.model import Opportunity
from crmlib.orders import terms as order_terms
from crmlib.orders.model import SalesOrder
from crmlib.quotes.model import Quotation
from crmlib.reference.kinds import DictKind
from crmlib.targets import labels as target_words
from crmlib.targets.model import Target

THOUSANDTHS = 1000


def orders(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.ORDERS``."""
    names, order = Names(), SalesOrder
    region, province = names.place(Customer.region_id)
    columns = labelled(
        order_id=order.id,
        number=order.number,
        customer_id=order.customer_id,
        customer=Customer.name,
        industry=names.item(DictKind.INDUSTRY, Customer.industry),
        region=region,
        province=province,
        owner_id=Customer.owner_id,
        owner=names.person(Customer.owner_id),
        office_id=Customer.office_id,
        office=names.office(Customer.office_id),
        opportunity_id=order.opportunity_id,
        ordered_on=order.ordered_on,
        due_on=order.due_on,
        amount_fen=order.amount,
        status=word(order.status, order_terms.ORDER_STATUS),
        source=word(order.source, order_terms.ORDER_SOURCE),
    )
    base = select(*columns).select_from(order).join(Customer, Customer.id == order.customer_id)
    return names.joined(base).where(rights.orders)


def quotes(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.QUOTES``; customer and owner are those of the deal."""
    names, quote = Names(), Quotation
    columns = labelled(
        quote_id=quote.id,
        number=quote.number,
        revision=quote.revision,
        opportunity_id=quote.opportunity_id,
        customer_id=Opportunity.customer_id,
        customer=Customer.name,
        owner_id=Opportunity.owner_id,
        owner=names.person(Opportunity.owner_id),
        office_id=Opportunity.office_id,
        office=names.office(Opportunity.office_id),
        status=word(quote.status, words.QUOTE_STATUS),
        amount_fen=quote.total,
        payment_term=names.item(DictKind.PAYMENT_TERM, quote.payment_term),
        valid_until=quote.valid_until,
        created_on=quote.created_at,
        decided_on=quote.decided_at,
        sent_on=quote.sent_at,
        accepted_on=quote.accepted_at,
    )
    base = (
        select(*columns)
        .select_from(quote)
        .join(Opportunity, Opportunity.id == quote.opportunity_id)
        .join(Customer, Customer.id == Opportunity.customer_id)
    )
    return names.joined(base).where(rights.quotes)


def targets(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.TARGETS``."""
    names = Names()
    score = cast(type_coerce(Target.satisfaction, BigInteger), Float) / THOUSANDTHS
    columns = labelled(
        target_id=Target.id,
        kind=word(Target.kind, target_words.TARGET_KINDS),
        starts_on=Target.starts_on,
        person_id=Target.person_id,
        person=names.person(Target.person_id),
        office_id=Target.office_id,
        office=names.office(Target.office_id),
        sales_fen=Target.sales,
        customers=Target.customers,
        satisfaction=score,
    )
    return names.joined(select(*columns).select_from(Target)).where(rights.targets)
