"""Whose changes an actor may read: the right to the log, to each record, and to single fields."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.activities.model import Activity
from crmlib.activities.rows import visible_activities
from crmlib.attachments.model import Attachment
from crmlib.conversion.model import ConversionRequest
from crmlib.customers.model import (
    Contact,
    Customer,
    CustomerAlias,
    CustomerShare,
    RecycledCustomer,
)
from crmlib.customers.rows import sees_every_customer, visible_customers
from crmlib.duplicates.model import AffiliateLink, DuplicatePair, Merge
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import (
    CompetitorEntry,
    CustomerNeed,
    Opportunity,
    OpportunityParty,
    OpportunityProduct,
    OpportunityShare,
    ProcessLog,
    StageHistory,
)
from crmlib.opportunities.rows import visible_opportunities
from crmlib.orders.model import ContractReview, OrderEvent, OrderLine, SalesOrder
from crmlib.orders.rows import visible_orders, visible_reviews
from crmlib.people.model import Person
from crmlib.people.rows import visible_people
from crmlib.quotes.model import Quotation, QuotationLine
from crmlib.quotes.rows import visible_quotes
from crmlib.requests.model import AccessRequest
from crmlib.requests.rows import visible_requests
from crmlib.service.model import ServiceTicket
from crmlib.service.rows import visible_tickets
from crmlib.store.schema import ChangeLog
from crmlib.work_reports.model import WorkReport, WorkReportCustomer, WorkReportLine
from crmlib.work_reports.rows import visible_reports

P = Permission
Ids = Select[Any]
_WIDE = {Scope.ALL, Scope.MASKED}


def readable_log(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may read a row of the log.

    Raises:
        NotAllowed: he may read none.
    """
    held = actor.scopes(P.AUDIT_VIEW)
    if not held:
        raise NotAllowed
    whose = true() if Scope.ALL in held else ChangeLog.person_id == actor.person_id
    hidden = [
        or_(ChangeLog.entity != table, ChangeLog.entity_id.in_(ids))
        for table in GUARDED
        if (ids := visible_ids(actor, table)) is not None
    ]
    return and_(whose, *hidden)


def reads_everything(actor: Actor) -> bool:
    """Say whether the whole log is the actor's to read, who looked at what included."""
    return Scope.ALL in actor.scopes(P.AUDIT_VIEW)


def visible_ids(actor: Actor, table: str) -> Ids | None:
    """Return the rows of a table the actor may see; None if no rule hides any."""
    return GUARDED[table](actor) if table in GUARDED else None


def _customers(actor: Actor) -> Ids | None:
    if sees_every_customer(actor):
        return None
    return select(Customer.id).where(visible_customers(actor))


def _deals(actor: Actor) -> Ids | None:
    if actor.scopes(P.OPPORTUNITY_VIEW) & _WIDE:
        return None
    return select(Opportunity.id).where(visible_opportunities(actor))


def _of_customers(model: Any) -> Callable[[Actor], Ids | None]:
    def ids(actor: Actor) -> Ids | None:
        customers = _customers(actor)
        if customers is None:
            return None
        return select(model.id).where(model.customer_id.in_(customers))

    return ids


def _of_deals(model: Any) -> Callable[[Actor], Ids | None]:
    def ids(actor: Actor) -> Ids | None:
        deals = _deals(actor)
        return None if deals is None else select(model.id).where(model.opportunity_id.in_(deals))

    return ids


def _papers(model: Any) -> Callable[[Actor], Ids | None]:
    def ids(actor: Actor) -> Ids | None:
        if actor.scopes(P.OPPORTUNITY_PAPERS) & _WIDE:
            return None
        deals = select(Opportunity.id).where(visible_opportunities(actor, P.OPPORTUNITY_PAPERS))
        return select(model.id).where(model.opportunity_id.in_(deals))

    return ids


def _of_two(model: Any, one: str, other: str, permission: Permission) -> Any:
    def ids(actor: Actor) -> Ids | None:
        if not actor.may(permission):
            return select(model.id).where(false())
        customers = _customers(actor)
        if customers is None:
            return None
        both = (getattr(model, name).in_(customers) for name in (one, other))
        return select(model.id).where(*both)

    return ids


def _activities(actor: Actor) -> Ids | None:
    if actor.scopes(P.ACTIVITY_VIEW) & _WIDE:
        return None
    return select(Activity.id).where(visible_activities(actor))


def _of_reports(model: Any, key: str) -> Callable[[Actor], Ids | None]:
    def ids(actor: Actor) -> Ids | None:
        if actor.scopes(P.REPORT_VIEW) & _WIDE:
            return None
        mine = select(WorkReport.id).where(visible_reports(actor))
        return select(model.id).where(getattr(model, key).in_(mine))

    return ids


def _of_quotes(model: Any, key: str) -> Callable[[Actor], Ids | None]:
    def ids(actor: Actor) -> Ids | None:
        # Quotations are not 信息部's to read, the whole log is.
        if actor.scopes(P.QUOTE_VIEW) & _WIDE or reads_everything(actor):
            return None
        return select(model.id).where(getattr(model, key).in_(visible_quotes(actor)))

    return ids


def _orders(actor: Actor) -> Ids | None:
    if actor.scopes(P.ORDER_VIEW) & _WIDE:
        return None
    return select(SalesOrder.id).where(visible_orders(actor))


def _of_orders(model: Any) -> Callable[[Actor], Ids | None]:
    def ids(actor: Actor) -> Ids | None:
        orders = _orders(actor)
        return None if orders is None else select(model.id).where(model.order_id.in_(orders))

    return ids


def _reviews(actor: Actor) -> Ids | None:
    if actor.scopes(P.OPPORTUNITY_AMOUNT) & _WIDE:
        return None
    return select(ContractReview.id).where(visible_reviews(actor))


def _tickets(actor: Actor) -> Ids | None:
    if Scope.ALL in actor.scopes(P.TICKET_VIEW):
        return None
    return select(ServiceTicket.id).where(visible_tickets(actor))


def _attachments(actor: Actor) -> Ids | None:
    if not actor.may(P.ATTACHMENT_VIEW):
        return select(Attachment.id).where(false())
    parts = []
    for table, ids in ((Customer.__tablename__, _customers), (Opportunity.__tablename__, _deals)):
        found, is_of = ids(actor), Attachment.entity_type == table
        parts.append(is_of if found is None else is_of & Attachment.entity_id.in_(found))
    return select(Attachment.id).where(or_(*parts))


def _requests(actor: Actor) -> Ids | None:
    if Scope.ALL in actor.scopes(P.CUSTOMER_SHARE) & actor.scopes(P.CUSTOMER_ASSIGN):
        return None
    return select(AccessRequest.id).where(visible_requests(actor))


def _people(actor: Actor) -> Ids | None:
    if Scope.ALL in actor.scopes(P.PERSON_VIEW):
        return None
    return select(Person.id).where(visible_people(actor))


GUARDED: Mapping[str, Callable[[Actor], Ids | None]] = {
    Customer.__tablename__: _customers,
    Contact.__tablename__: _of_customers(Contact),
    CustomerAlias.__tablename__: _of_customers(CustomerAlias),
    CustomerShare.__tablename__: _of_customers(CustomerShare),
    RecycledCustomer.__tablename__: _of_customers(RecycledCustomer),
    ConversionRequest.__tablename__: _of_customers(ConversionRequest),
    Opportunity.__tablename__: _deals,
    CompetitorEntry.__tablename__: _papers(CompetitorEntry),
    CustomerNeed.__tablename__: _papers(CustomerNeed),
    OpportunityParty.__tablename__: _of_deals(OpportunityParty),
    ProcessLog.__tablename__: _papers(ProcessLog),
    OpportunityProduct.__tablename__: _of_deals(OpportunityProduct),
    OpportunityShare.__tablename__: _of_deals(OpportunityShare),
    StageHistory.__tablename__: _of_deals(StageHistory),
    Quotation.__tablename__: _of_quotes(Quotation, "id"),
    QuotationLine.__tablename__: _of_quotes(QuotationLine, "quotation_id"),
    Activity.__tablename__: _activities,
    SalesOrder.__tablename__: _orders,
    OrderLine.__tablename__: _of_orders(OrderLine),
    OrderEvent.__tablename__: _of_orders(OrderEvent),
    ContractReview.__tablename__: _reviews,
    ServiceTicket.__tablename__: _tickets,
    Attachment.__tablename__: _attachments,
    AccessRequest.__tablename__: _requests,
    AffiliateLink.__tablename__: _of_two(AffiliateLink, "a_id", "b_id", P.CUSTOMER_VIEW),
    DuplicatePair.__tablename__: _of_two(DuplicatePair, "a_id", "b_id", P.DUPLICATE_VIEW),
    Merge.__tablename__: _of_two(Merge, "survivor_id", "loser_id", P.DUPLICATE_VIEW),
    Person.__tablename__: _people,
    WorkReport.__tablename__: _of_reports(WorkReport, "id"),
    WorkReportCustomer.__tablename__: _of_reports(WorkReportCustomer, "report_id"),
    WorkReportLine.__tablename__: _of_reports(WorkReportLine, "report_id"),
}
