"""The rows behind analysts' frames: one SELECT each, for a reader's rights or for the masked copy.

The same statement serves a report in the product, the masked copy of a SQLite base and the masked
views of a PostgreSQL base, so that all three give the same frames.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from crmlib import words
from crmlib.activities.model import Activity
from crmlib.analysis.naming import Names, labelled, number_for, stage_in_force, word
from crmlib.analysis.rights import Rights
from crmlib.analysis.trade import orders, quotes, targets
from crmlib.customers.model import LIVE, Contact, Customer, CustomerStatus
from crmlib.duplicates.model import DuplicatePair
from crmlib.opportunities.model import (
    Opportunity,
    OpportunityProduct,
    Stage,
    StageEvent,
    StageHistory,
    StageSet,
)
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem

_LIVE = Customer.status.in_(LIVE)


def customers(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.CUSTOMERS``."""
    names = Names()
    region, province = names.place(Customer.region_id)
    columns = labelled(
        customer_id=Customer.id,
        code=Customer.code,
        name=Customer.name,
        status=word(Customer.status, words.CUSTOMER_STATUS),
        trading=Customer.status == CustomerStatus.TRADING,
        level=names.item(DictKind.CUSTOMER_LEVEL, Customer.level),
        industry=names.item(DictKind.INDUSTRY, Customer.industry),
        source=names.item(DictKind.LEAD_SOURCE, Customer.source),
        customer_type=names.item(DictKind.CUSTOMER_TYPE, Customer.customer_type),
        size=names.item(DictKind.CUSTOMER_SIZE, Customer.size),
        region=region,
        province=province,
        owner_id=Customer.owner_id,
        owner=names.person(Customer.owner_id),
        office_id=Customer.office_id,
        office=names.office(Customer.office_id),
        registered_by=names.person(Customer.registered_by_id),
        registered_on=Customer.registered_at,
        phone=number_for(Customer.phone, rights.phones),
        value_score=Customer.value_score,
        last_contact_on=Customer.last_contact_on,
        last_trade_on=Customer.last_trade_on,
        incomplete=Customer.incomplete,
    )
    return names.joined(select(*columns).select_from(Customer)).where(_LIVE, rights.customers)


def contacts(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.CONTACTS``."""
    names = Names()
    columns = labelled(
        contact_id=Contact.id,
        customer_id=Contact.customer_id,
        customer=Customer.name,
        name=Contact.name,
        role=names.item(DictKind.CONTACT_ROLE, Contact.role),
        title=Contact.title,
        department=Contact.department,
        is_primary=Contact.is_primary,
        active=Contact.active,
        mobile=number_for(Contact.mobile, rights.phones),
        phone=number_for(Contact.phone, rights.phones),
    )
    base = select(*columns).select_from(Contact).join(Customer, Customer.id == Contact.customer_id)
    return names.joined(base).where(_LIVE, rights.customers)


def opportunities(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.OPPORTUNITIES``."""
    names, deal, told = Names(), Opportunity, stage_in_force()
    region, province = names.place(Customer.region_id)
    columns = labelled(
        opportunity_id=deal.id,
        number=deal.number,
        subject=deal.subject,
        customer_id=deal.customer_id,
        customer=Customer.name,
        industry=names.item(DictKind.INDUSTRY, Customer.industry),
        region=region,
        province=province,
        owner_id=deal.owner_id,
        owner=names.person(deal.owner_id),
        office_id=deal.office_id,
        office=names.office(deal.office_id),
        stage_code=Stage.code,
        stage=func.coalesce(told.c.name, Stage.name),
        position=func.coalesce(told.c.position, Stage.position),
        standard_days=Stage.standard_days,
        stage_since=deal.stage_since,
        probability=deal.probability,
        amount_fen=case((rights.amounts, deal.amount)),
        sales_task=names.item(DictKind.SALES_TASK, deal.sales_task),
        project_type=names.item(DictKind.PROJECT_TYPE, deal.project_type),
        source=names.item(DictKind.LEAD_SOURCE, deal.source),
        registered_on=deal.registered_at,
        expected_close=deal.expected_close,
    )
    base = (
        select(*columns, *_ends_of_deals(names, rights))
        .select_from(deal)
        .join(Customer, Customer.id == deal.customer_id)
        .join(Stage, Stage.id == deal.stage_id)
        .outerjoin(told, told.c.code == Stage.code)
    )
    return names.joined(base).where(rights.opportunities)


def _ends_of_deals(names: Names, rights: Rights) -> list[Any]:
    deal = Opportunity
    return labelled(
        outcome=word(deal.outcome, words.OUTCOMES),
        decided_on=deal.decided_on,
        outcome_reason=func.coalesce(
            names.item(DictKind.WIN_REASON, deal.outcome_reason),
            names.item(DictKind.LOSS_REASON, deal.outcome_reason),
        ),
        competitor=names.item(DictKind.COMPETITOR, deal.competitor),
        won_amount_fen=case((rights.amounts, deal.won_amount)),
        closed=deal.closed,
    )


def opportunity_products(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.PRODUCTS``."""
    item, family = aliased(DictItem), aliased(DictItem)
    kind = DictKind.PRODUCT.value
    columns = labelled(
        opportunity_id=OpportunityProduct.opportunity_id,
        product=func.coalesce(item.name, OpportunityProduct.product),
        family=func.coalesce(family.name, item.name),
    )
    return (
        select(*columns)
        .select_from(OpportunityProduct)
        .join(Opportunity, Opportunity.id == OpportunityProduct.opportunity_id)
        .outerjoin(item, and_(item.kind == kind, item.code == OpportunityProduct.product))
        .outerjoin(family, and_(family.kind == kind, family.code == item.parent))
        .where(rights.opportunities)
    )


def stage_stays(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.STAYS``."""
    told = stage_in_force()
    following = func.lead(StageHistory.moved_at).over(
        partition_by=StageHistory.opportunity_id, order_by=StageHistory.id
    )
    columns = labelled(
        opportunity_id=StageHistory.opportunity_id,
        stage_code=Stage.code,
        stage=func.coalesce(told.c.name, Stage.name),
        position=func.coalesce(told.c.position, Stage.position),
        standard_days=Stage.standard_days,
        entered_on=StageHistory.moved_at,
        next_on=following,
        decided_on=Opportunity.decided_on,
    )
    return (
        select(*columns)
        .select_from(StageHistory)
        .join(Opportunity, Opportunity.id == StageHistory.opportunity_id)
        .join(Stage, Stage.id == StageHistory.to_stage_id)
        .outerjoin(told, told.c.code == Stage.code)
        .where(StageHistory.event == StageEvent.MOVE, rights.opportunities)
    )


def activities(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.ACTIVITIES``."""
    names, told = Names(), stage_in_force()
    columns = labelled(
        activity_id=Activity.id,
        number=Activity.number,
        subject=Activity.subject,
        activity_type=names.item(DictKind.ACTIVITY_TYPE, Activity.activity_type),
        customer_id=Activity.customer_id,
        customer=Customer.name,
        opportunity_id=Activity.opportunity_id,
        stage_code=Stage.code,
        stage=func.coalesce(told.c.name, Stage.name),
        status=word(Activity.status, words.ACTIVITY_STATUS),
        importance=word(Activity.importance, words.IMPORTANCE),
        priority=word(Activity.priority, words.PRIORITY),
        planned_start=Activity.planned_start,
        planned_end=Activity.planned_end,
        started_at=Activity.started_at,
        ended_at=Activity.ended_at,
        created_on=Activity.created_at,
        owner_id=Activity.owner_id,
        owner=names.person(Activity.owner_id),
        office_id=Activity.office_id,
        office=names.office(Activity.office_id),
    )
    base = (
        select(*columns)
        .select_from(Activity)
        .join(Customer, Customer.id == Activity.customer_id)
        .outerjoin(Stage, Stage.id == Activity.stage_id)
        .outerjoin(told, told.c.code == Stage.code)
    )
    return names.joined(base).where(rights.activities)


def duplicates(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.DUPLICATES``."""
    names, pair = Names(), DuplicatePair
    a, b = aliased(Customer), aliased(Customer)
    is_b_newer = or_(
        b.registered_at > a.registered_at, and_(b.registered_at == a.registered_at, b.id > a.id)
    )
    columns = labelled(
        pair_id=pair.id,
        a_id=pair.a_id,
        a_name=a.name,
        b_id=pair.b_id,
        b_name=b.name,
        same=pair.same,
        related=pair.related,
        source=word(pair.source, words.PAIR_SOURCE),
        channel=names.item(
            DictKind.LEAD_SOURCE, case((is_b_newer, b.source), else_=a.source)
        ),
        status=word(pair.status, words.PAIR_STATUS),
        found_on=pair.found_at,
        decided_on=pair.decided_at,
    )  # fmt: skip
    base = select(*columns).select_from(pair).join(a, a.id == pair.a_id).join(b, b.id == pair.b_id)
    return names.joined(base).where(rights.pairs)


def people(rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.PEOPLE``."""
    names = Names()
    columns = labelled(
        person_id=Person.id,
        seller_code=Person.seller_code,
        name=Person.name,
        role=word(Person.role, words.ROLES),
        office_id=Person.office_id,
        office=names.office(Person.office_id),
        reports_to_id=Person.reports_to_id,
        reports_to=names.person(Person.reports_to_id),
        active=Person.active,
        joined_on=Person.joined_on,
        left_on=Person.left_on,
    )
    return names.joined(select(*columns).select_from(Person)).where(rights.people)


def offices(_rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.OFFICES``; every reader knows all of them."""
    names = Names()
    region, _province = names.place(Office.region_id)
    columns = labelled(
        office_id=Office.id,
        office=Office.name,
        parent=names.office(Office.parent_id),
        region=region,
        head=names.person(Office.head_id),
    )
    return names.joined(select(*columns).select_from(Office))


def stages(_rights: Rights) -> Select[Any]:
    """Select the rows of ``fields.STAGES``; every reader knows all of them."""
    columns = labelled(
        stage_id=Stage.id,
        stage_code=Stage.code,
        stage=Stage.name,
        position=Stage.position,
        probability=Stage.probability,
        standard_days=Stage.standard_days,
        process=StageSet.name,
        set_status=word(StageSet.status, words.STAGE_SET_STATUS),
    )
    return select(*columns).select_from(Stage).join(StageSet, StageSet.id == Stage.stage_set_id)


STATEMENTS: dict[str, Callable[[Rights], Select[Any]]] = {
    made.__name__: made
    for made in (
        customers,
        contacts,
        opportunities,
        opportunity_products,
        stage_stays,
        activities,
        orders,
        quotes,
        targets,
        duplicates,
        people,
        offices,
        stages,
    )
}
