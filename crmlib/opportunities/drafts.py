"""Turn what a form holds into rows of an opportunity, and back."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, attributes

from crmlib import clock
from crmlib.access.action import Work
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Contact, Customer
from crmlib.customers.rows import possible_owners, visible_customers
from crmlib.duplicates import names
from crmlib.errors import Invalid, Refused
from crmlib.inbox.notices import notify
from crmlib.opportunities import rules
from crmlib.opportunities.model import (
    Opportunity,
    OpportunityProduct,
    Outcome,
    StageHistory,
)
from crmlib.opportunities.rows import managed_by, owned_by
from crmlib.opportunities.rules import OpportunityDraft, Step
from crmlib.people.model import Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.numbers import next_number

SERIES = "SJ"
NOT_LIVE = "客户已合并或已移入回收站，不能新建商机"


def choices_of(session: Session) -> rules.Choices:
    """Return what an opportunity may choose from."""
    return rules.Choices(
        labels(session, DictKind.PRODUCT),
        labels(session, DictKind.SALES_TASK),
        labels(session, DictKind.PROJECT_TYPE),
        labels(session, DictKind.LEAD_SOURCE),
    )


def customer_for(work: Work, customer_id: int | None) -> Customer | None:
    """Return the live customer a deal is to be made with, if one is named."""
    if customer_id is None:
        return None
    allowed = visible_customers(work.actor, Permission.OPPORTUNITY_CREATE)
    customer = work.fetch(Customer, customer_id, allowed)
    if customer.status not in LIVE:
        raise Refused(NOT_LIVE)
    return customer


def contact_fault(session: Session, customer: Customer, draft: OpportunityDraft) -> dict[str, str]:
    """Return what is wrong with the 主联系人; a customer without contacts gets no deal."""
    contacts = set(
        session.scalars(
            select(Contact.id).where(Contact.customer_id == customer.id, Contact.active.is_(True))
        )
    )
    if not contacts:
        return {"contact_id": rules.NO_CONTACT}
    if draft.contact_id is not None and draft.contact_id not in contacts:
        return {"contact_id": "主联系人 请从该客户的联系人中选择"}
    return {}


def owner_for(work: Work, owner_id: int | None) -> Person:
    """Return the 负责人: the actor, or somebody of his subtree who sells."""
    allowed = possible_owners(work.actor, Permission.OPPORTUNITY_CREATE)
    return work.fetch(Person, owner_id or work.actor.person_id, allowed)


def warn_of_double(session: Session, customer_id: int, project: str) -> None:
    """Ask for a yes when the customer already has an open deal of the same project."""
    double = session.execute(
        select(Opportunity.number, Person.name)
        .join(Person, Person.id == Opportunity.owner_id)
        .where(
            Opportunity.customer_id == customer_id,
            Opportunity.project_name == project,
            Opportunity.outcome == Outcome.OPEN,
            Opportunity.closed.is_(False),
        )
        .limit(1)
    ).one_or_none()
    if double:
        text = f"该客户的项目「{project}」已有进行中的商机 {double.number}（负责人 {double.name}），确认仍要新建吗？"
        raise Invalid({"confirm": text})


def subject_of(draft: OpportunityDraft, customer: Customer, choices: rules.Choices) -> str:
    """Return the 主题 composed of customer, products and task."""
    parsed = names.parse(customer.name)
    short = customer.short_name or rules.short_name(
        customer.name, parsed.brand, parsed.trade, parsed.area
    )
    products = [choices.products.get(code, code) for code in draft.products]
    task = choices.sales_tasks.get(draft.sales_task, draft.sales_task)
    return rules.compose_subject(short, products, task)


def insert_deal(
    work: Work,
    draft: OpportunityDraft,
    customer: Customer,
    owner: Person,
    step: Step,
    choices: rules.Choices,
) -> Opportunity:
    """Add the deal, its products and the first row of its history."""
    session, now, me = work.session, clock.now(), work.actor.person_id
    contact_id = draft.contact_id or session.scalar(
        select(Contact.id)
        .where(Contact.customer_id == customer.id, Contact.active.is_(True))
        .order_by(Contact.is_primary.desc(), Contact.id)
        .limit(1)
    )
    deal = Opportunity(
        **_columns(draft)
        | {
            "number": next_number(session, SERIES),
            "subject": draft.subject or subject_of(draft, customer, choices),
            "customer_id": customer.id,
            "contact_id": contact_id,
            "owner_id": owner.id,
            "office_id": owner.office_id,
            "stage_id": step.id,
            "stage_since": now,
            "probability": step.probability,
            "registered_by_id": me,
            "registered_at": now,
        }
    )
    session.add(deal)
    session.flush()  # its products and its history need its number
    session.add_all(OpportunityProduct(opportunity_id=deal.id, product=p) for p in draft.products)
    session.add(
        StageHistory(opportunity_id=deal.id, to_stage_id=step.id, moved_at=now, moved_by_id=me)
    )
    return deal


def _columns(draft: OpportunityDraft) -> dict[str, Any]:
    return {f: value for f, value in asdict(draft).items() if f not in {"products", "owner_id"}}


def _products(session: Session, deal: Opportunity) -> list[OpportunityProduct]:
    return list(
        session.scalars(
            select(OpportunityProduct)
            .where(OpportunityProduct.opportunity_id == deal.id)
            .order_by(OpportunityProduct.id)
        )
    )


def draft_of(session: Session, deal: Opportunity) -> OpportunityDraft:
    """Return a deal as a form holds it."""
    products = tuple(row.product for row in _products(session, deal))
    fields = set(OpportunityDraft.__dataclass_fields__) - {"products"}
    return OpportunityDraft(products=products, **{f: getattr(deal, f) for f in fields})


def editable_fields(work: Work, opportunity_id: int) -> frozenset[str]:
    """Return the fields the actor may change on this deal."""
    owns, manages = work.session.execute(
        select(owned_by(work.actor), managed_by(work.actor)).where(Opportunity.id == opportunity_id)
    ).one()
    return rules.editable_fields(owns=bool(owns), manages=bool(manages))


def change_deal(work: Work, deal: Opportunity, draft: OpportunityDraft, changed: set[str]) -> None:
    """Write the changed fields of a draft to the deal; its version grows by one."""
    if "products" in changed:
        _change_products(work.session, deal, draft.products)
    if "owner_id" in changed:
        owner = owner_for(work, draft.owner_id)
        deal.owner_id, deal.office_id = owner.id, owner.office_id
    for field, value in _columns(draft).items():
        setattr(deal, field, value)
    if "products" in changed:
        # A deal whose products changed has changed: its version grows and the feed names it.
        attributes.flag_modified(deal, "subject")
        work.note(Opportunity.__tablename__, deal.id, {"products": list(draft.products)})
    if "owner_id" in changed:
        body = f"{work.actor.name}将商机 {deal.number} {deal.subject} 转给您负责"
        related = (Opportunity.__tablename__, deal.id)
        notify(work.session, [deal.owner_id], "商机负责人变更", body, related)


def _change_products(session: Session, deal: Opportunity, wanted: Collection[str]) -> None:
    held = {row.product: row for row in _products(session, deal)}
    for product in held.keys() - set(wanted):
        session.delete(held[product])
    session.add_all(
        OpportunityProduct(opportunity_id=deal.id, product=product)
        for product in wanted
        if product not in held
    )
