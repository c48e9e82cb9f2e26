"""One opportunity as its page shows it: fields, stages, history and what the actor may do."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role, Scope
from crmlib.customers.formats import mask_phone
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.inbox.related import Related, open_with
from crmlib.opportunities import rules
from crmlib.opportunities.model import (
    Opportunity,
    OpportunityProduct,
    Outcome,
    Stage,
    StageEvent,
    StageHistory,
)
from crmlib.opportunities.rows import held_on, managed_by, owned_by, visible_opportunities
from crmlib.opportunities.rules import Step
from crmlib.opportunities.stages import days_in_stage, steps_beside
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import Option, labels, region_names
from crmlib.store.engine import reading

PAGE = "opportunity"
# The steps a page offers: by which permission, asked for the deal's row.
_STEPS = {
    "advance": Permission.OPPORTUNITY_ADVANCE,
    "decide": Permission.OPPORTUNITY_DECIDE,
    "undo": Permission.OPPORTUNITY_UNDO,
    "close": Permission.OPPORTUNITY_CLOSE,
    "reopen": Permission.OPPORTUNITY_REOPEN,
    "share": Permission.OPPORTUNITY_SHARE,
    "note": Permission.OPPORTUNITY_NOTE,
}
_PAPERS = Permission.OPPORTUNITY_PAPERS
_ASKED = (Permission.OPPORTUNITY_AMOUNT, Permission.OPPORTUNITY_EDIT, _PAPERS, *_STEPS.values())


@dataclass(frozen=True, slots=True)
class StageMoved:
    """One row of 阶段历史; ``days`` passed since the row before."""

    moved_at: datetime
    moved_by: str
    from_stage: str | None
    to_stage: str
    days: int
    reason: str | None
    event: StageEvent = StageEvent.MOVE


@dataclass(frozen=True, slots=True)
class OpportunityCard:
    """A deal and its children; codes stand beside their labels where a form needs them."""

    id: int
    version: int
    number: str
    subject: str
    customer_id: int
    customer: str
    customer_code: str
    may_open_customer: bool
    customer_summary: tuple[tuple[str, str], ...]  # for those who may not open it
    is_potential: bool  # its customer never traded
    contact_id: int | None
    contact: str | None
    contact_mobile: str | None  # masked unless the actor may see it
    project_name: str
    project_type: str | None
    project_type_label: str | None
    site_address: str | None
    products: tuple[Option, ...]
    sales_task: str
    sales_task_label: str
    amount: Decimal | None  # yuan; None where the actor may not see it
    may_see_amount: bool
    currency: str
    expected_close: date
    probability: int
    source: str | None
    source_label: str | None
    owner_id: int
    owner: str
    office: str
    outcome: Outcome
    closed: bool
    decided_on: date | None
    outcome_reason_label: str | None
    outcome_note: str | None
    won_amount: Decimal | None
    competitor_label: str | None
    project_summary: str | None
    closed_on: date | None
    close_reason_label: str | None
    registered_by: str
    registered_at: datetime
    stage: Step
    stage_since: datetime
    days: int
    is_stalled: bool
    steps: tuple[Step, ...]
    next_step: Step | None
    history: tuple[StageMoved, ...]  # newest first
    may_advance: bool
    editable: frozenset[str]  # empty: may not edit
    steps_open: frozenset[str]  # what the actor may do with it as it stands
    closes_anywhere: bool  # 关闭 asks a reason instead of a 项目总结


def opportunity_card(actor: Actor, opportunity_id: int) -> OpportunityCard:
    """Return the card of a visible opportunity.

    Raises:
        NotAllowed: no such deal, or not visible to the actor.
    """
    with reading() as session:
        row = session.execute(_select_card(actor, opportunity_id)).one_or_none()
        if row is None:
            raise NotAllowed
        deal: Opportunity = row.Opportunity
        steps = tuple(steps_beside(session, deal.stage_id))
        stage = next(s for s in steps if s.id == deal.stage_id)
        is_open = deal.outcome is Outcome.OPEN and not deal.closed
        held = held_on(session, actor, deal.id, _ASKED)
        days = days_in_stage(deal.stage_since, deal.decided_on or deal.closed_on)
        return OpportunityCard(
            **_own_columns(deal),
            **_labels(session, deal),
            customer=row.customer,
            customer_code=row.code,
            may_open_customer=bool(row.sees_customer),
            customer_summary=() if row.sees_customer else _summary(session, row),
            is_potential=row.customer_status is CustomerStatus.POTENTIAL,
            contact=row.contact,
            contact_mobile=row.mobile if row.sees_phone else mask_phone(row.mobile),
            **_guarded(deal, held),
            owner=row.owner,
            office=row.office,
            registered_by=row.registrant,
            stage=stage,
            days=days,
            is_stalled=is_open and days > stage.standard_days,
            steps=steps,
            next_step=rules.next_step(steps, stage.id),
            history=_history(session, deal.id),
            **_allowed(actor, row, held, is_open=is_open),
        )


def _guarded(deal: Opportunity, held: Collection[Permission]) -> dict[str, Any]:
    sees_amount = Permission.OPPORTUNITY_AMOUNT in held
    return {
        "amount": deal.amount if sees_amount else None,
        "may_see_amount": sees_amount,
        "won_amount": deal.won_amount if sees_amount else None,
        "project_summary": deal.project_summary if _PAPERS in held else None,
    }


def _allowed(
    actor: Actor, row: Any, held: Collection[Permission], *, is_open: bool
) -> dict[str, Any]:
    may_edit = is_open and Permission.OPPORTUNITY_EDIT in held
    return {
        "may_advance": is_open and Permission.OPPORTUNITY_ADVANCE in held,
        "editable": _editable(row) if may_edit else frozenset(),
        "steps_open": _steps_open(
            actor, row.Opportunity, {name for name, asked in _STEPS.items() if asked in held}
        ),
        "closes_anywhere": Scope.ALL in actor.scopes(Permission.OPPORTUNITY_CLOSE),
    }


def _steps_open(actor: Actor, deal: Opportunity, held: set[str]) -> frozenset[str]:
    """Return which of the steps one holds the state of a deal leaves open."""
    if deal.closed:
        return frozenset(held & {"reopen"})
    held -= {"reopen"}
    if deal.outcome is not Outcome.OPEN:
        return frozenset(held - {"advance", "decide", "share"})
    drops = actor.role is Role.GENERAL_OFFICE
    return frozenset(held - {"undo"} - (set() if drops else {"close"}))


def _summary(session: Session, row: Any) -> tuple[tuple[str, str], ...]:
    industries = labels(session, DictKind.INDUSTRY)
    told = {
        "code": row.code,
        "industry": industries.get(row.industry or "", ""),
        "region": region_names(session).get(row.region_id, "") if row.region_id else "",
        "address": row.address or "",
    }
    return tuple((words.CUSTOMER[name], text) for name, text in told.items() if text)


def _select_card(actor: Actor, opportunity_id: int) -> Any:
    registrant = aliased(Person)
    phone = Permission.CONTACT_PHONE
    return (
        select(
            Opportunity,
            Customer.name.label("customer"),
            Customer.code,
            Customer.status.label("customer_status"),
            Customer.industry,
            Customer.region_id,
            Customer.address,
            Contact.name.label("contact"),
            Contact.mobile,
            Person.name.label("owner"),
            Office.name.label("office"),
            registrant.name.label("registrant"),
            visible_customers(actor).label("sees_customer"),
            # A deal shared to work on comes with its contact, whoever owns the customer.
            (visible_customers(actor, phone) | visible_opportunities(actor, phone)).label(
                "sees_phone"
            ),
            owned_by(actor).label("owns"),
            managed_by(actor).label("manages"),
        )
        .join(Customer, Customer.id == Opportunity.customer_id)
        .join(Person, Person.id == Opportunity.owner_id)
        .join(Office, Office.id == Opportunity.office_id)
        .join(registrant, registrant.id == Opportunity.registered_by_id)
        .outerjoin(Contact, Contact.id == Opportunity.contact_id)
        .where(Opportunity.id == opportunity_id, visible_opportunities(actor))
    )


def _own_columns(deal: Opportunity) -> dict[str, Any]:
    names = [
        "id",
        "version",
        "number",
        "subject",
        "customer_id",
        "contact_id",
        "project_name",
        "project_type",
        "site_address",
        "sales_task",
        "expected_close",
        "probability",
        "source",
        "owner_id",
        "outcome",
        "closed",
        "decided_on",
        "outcome_note",
        "closed_on",
    ]
    return {name: getattr(deal, name) for name in names} | {
        "registered_at": clock.local(deal.registered_at),
        "stage_since": clock.local(deal.stage_since),
    }


def _labels(session: Session, deal: Opportunity) -> dict[str, Any]:
    names = labels(session, DictKind.PRODUCT)
    chosen = session.scalars(
        select(OpportunityProduct.product)
        .where(OpportunityProduct.opportunity_id == deal.id)
        .order_by(OpportunityProduct.id)
    )
    tasks = labels(session, DictKind.SALES_TASK)
    won = deal.outcome is Outcome.WON
    reasons = DictKind.WIN_REASON if won else DictKind.LOSS_REASON
    return {
        "products": tuple(Option(code, names.get(code, code)) for code in chosen),
        "sales_task_label": tasks.get(deal.sales_task, deal.sales_task),
        "project_type_label": labels(session, DictKind.PROJECT_TYPE).get(deal.project_type or ""),
        "source_label": labels(session, DictKind.LEAD_SOURCE).get(deal.source or ""),
        "outcome_reason_label": labels(session, reasons).get(deal.outcome_reason or ""),
        "competitor_label": labels(session, DictKind.COMPETITOR).get(deal.competitor or ""),
        "currency": words.CURRENCIES.get(deal.currency, deal.currency),
        "close_reason_label": labels(session, DictKind.CLOSE_REASON).get(deal.close_reason or ""),
    }


def _history(session: Session, opportunity_id: int) -> tuple[StageMoved, ...]:
    left, entered = aliased(Stage), aliased(Stage)
    rows = session.execute(
        select(
            StageHistory.moved_at,
            Person.name,
            left.name,
            entered.name,
            StageHistory.days,
            StageHistory.reason,
            StageHistory.event,
        )
        .join(Person, Person.id == StageHistory.moved_by_id)
        .join(entered, entered.id == StageHistory.to_stage_id)
        .outerjoin(left, left.id == StageHistory.from_stage_id)
        .where(StageHistory.opportunity_id == opportunity_id)
        .order_by(StageHistory.id.desc())
    )
    return tuple(StageMoved(clock.local(row[0]), *row[1:]) for row in rows)


def _editable(row: Any) -> frozenset[str]:
    return rules.editable_fields(owns=bool(row.owns), manages=bool(row.manages))


def _related(session: Session, actor: Actor, opportunity_id: int) -> Related | None:
    subject = session.scalar(
        select(Opportunity.subject).where(
            Opportunity.id == opportunity_id, visible_opportunities(actor)
        )
    )
    return Related(PAGE, opportunity_id, subject) if subject else None


open_with(Opportunity.__tablename__, _related)
