"""Lists of opportunities: only visible rows, amounts only for those who may see them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Contact, Customer
from crmlib.customers.rows import possible_owners, visible_customers
from crmlib.opportunities.model import (
    Opportunity,
    OpportunityProduct,
    Outcome,
    Stage,
    StageSet,
    StageSetStatus,
)
from crmlib.opportunities.rows import visible_opportunities
from crmlib.opportunities.stage_queries import Flow, flows
from crmlib.opportunities.stages import days_in_stage
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import Option, options, region_names, region_subtree
from crmlib.store.engine import reading

MAX_SIZE = 500
SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "number": pl.String(),
        "subject": pl.String(),
        "customer_id": pl.Int64(),
        "customer": pl.String(),
        "project_name": pl.String(),
        "owner": pl.String(),
        "office": pl.String(),
        "region": pl.String(),
        "stage": pl.String(),
        "position": pl.Int64(),
        "probability": pl.Int64(),
        "amount": pl.Decimal(16, 2),  # yuan; null where the actor may not see it
        "expected_close": pl.Date(),
        "outcome": pl.String(),
        "closed": pl.Boolean(),
        "days": pl.Int64(),  # in the present stage
        "stalled": pl.Boolean(),
        "registered_at": pl.Datetime("us", "Asia/Shanghai"),
    }
)


@dataclass(frozen=True, slots=True)
class OpportunityQuery:
    """What part of the list is wanted; empty filters leave everything in."""

    page: int = 1
    size: int = 20
    sort: str = "registered_at"
    descending: bool = True
    find_field: str = ""  # number, subject, customer, project_name; empty: any of them
    find_text: str = ""
    customer_id: int | None = None
    stages: tuple[str, ...] = ()  # codes
    from_stage: str = ""  # code; this stage or a later one
    offices: tuple[int, ...] = ()
    owners: tuple[int, ...] = ()
    region_id: int | None = None  # with its provinces
    product: str = ""  # code of a product or of a family
    outcomes: tuple[Outcome, ...] = ()
    closed: bool | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    close_from: date | None = None
    close_to: date | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class OpportunityPage:
    """One page of the list (columns: SCHEMA) and the number of all rows found."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class FormOptions:
    """What the form of a new opportunity offers."""

    products: list[Option]  # families and, below them, their products
    sales_tasks: list[Option]
    project_types: list[Option]
    sources: list[Option]
    owners: list[Option]  # code = id as text; the actor first
    flows: list[Flow]  # kinds of selling, 项目销售 first


def opportunity_page(actor: Actor, query: OpportunityQuery) -> OpportunityPage:
    """Return one page of the visible opportunities, sorted and filtered by the database."""
    with reading() as session:
        found = _conditions(session, actor, query)
        count = select(func.count(Opportunity.id)).where(*found)
        if len(count.get_final_froms()) > 1:  # a condition names another table: seldom
            count = _joined(select(func.count(Opportunity.id))).where(*found)
        total = session.scalar(count) or 0
        size = min(max(query.size, 1), MAX_SIZE)
        ids = _joined(select(Opportunity.id)).where(*found).order_by(*_order(actor, query))
        keys = session.scalars(ids.limit(size).offset((max(query.page, 1) - 1) * size)).all()
        rows = session.execute(
            _joined(_columns(actor)).where(Opportunity.id.in_(keys), visible_opportunities(actor))
        )
        by_id = {row.id: row for row in rows}
        regions = region_names(session)
        return OpportunityPage(_frame([by_id[key] for key in keys if key in by_id], regions), total)


def of_customer(actor: Actor, customer_id: int) -> pl.DataFrame:
    """Return the visible opportunities of a customer, newest first (columns: SCHEMA)."""
    return opportunity_page(actor, OpportunityQuery(customer_id=customer_id, size=MAX_SIZE)).rows


def form_options(actor: Actor) -> FormOptions:
    """Return what the actor may choose from when he enters an opportunity."""
    with reading() as session:
        team = session.execute(
            select(Person.id, Person.name)
            .where(possible_owners(actor, Permission.OPPORTUNITY_CREATE))
            .order_by(Person.id != actor.person_id, Person.name)
        )
        return FormOptions(
            options(session, DictKind.PRODUCT),
            options(session, DictKind.SALES_TASK),
            options(session, DictKind.PROJECT_TYPE),
            options(session, DictKind.LEAD_SOURCE),
            [Option(str(key), name) for key, name in team],
            flows(session),
        )


def contact_choices(actor: Actor, customer_id: int) -> list[Option]:
    """Return the contacts of a customer the actor may open a deal with, the 主联系人 first."""
    with reading() as session:
        rows = session.execute(
            select(Contact.id, Contact.name, Contact.title)
            .join(Customer, Customer.id == Contact.customer_id)
            .where(
                Customer.id == customer_id,
                Contact.active.is_(True),
                visible_customers(actor, Permission.OPPORTUNITY_CREATE),
            )
            .order_by(Contact.is_primary.desc(), Contact.id)
        )
        return [Option(str(key), name, title) for key, name, title in rows]


def amount_for(actor: Actor) -> ColumnElement[Any]:
    """Return the amount where the actor may see it, else null; also for sorting and filters."""
    held = actor.scopes(Permission.OPPORTUNITY_AMOUNT)
    if held == actor.scopes(Permission.OPPORTUNITY_VIEW):
        return Opportunity.amount.expression
    if not held:
        return type_coerce(cast(null(), BigInteger), Opportunity.amount.type)
    may_see = visible_opportunities(actor, Permission.OPPORTUNITY_AMOUNT)
    return case((may_see, Opportunity.amount), else_=None)


def _joined(statement: Select[Any]) -> Select[Any]:
    # Outer, though each is there: else SQLite begins with the smallest table and sorts every deal.
    return (
        statement.select_from(Opportunity)
        .outerjoin(Customer, Customer.id == Opportunity.customer_id)
        .outerjoin(Person, Person.id == Opportunity.owner_id)
        .outerjoin(Office, Office.id == Opportunity.office_id)
        .outerjoin(Stage, Stage.id == Opportunity.stage_id)
    )


def _columns(actor: Actor) -> Any:
    return select(
        Opportunity.id,
        Opportunity.number,
        Opportunity.subject,
        Opportunity.customer_id,
        Customer.name.label("customer"),
        Opportunity.project_name,
        Person.name.label("owner"),
        Office.name.label("office"),
        Customer.region_id,
        Stage.name.label("stage"),
        Stage.position,
        Stage.standard_days,
        Opportunity.probability,
        amount_for(actor).label("amount"),
        Opportunity.expected_close,
        Opportunity.outcome,
        Opportunity.closed,
        Opportunity.stage_since,
        Opportunity.decided_on,
        Opportunity.closed_on,
        Opportunity.registered_at,
    )


def _sortable(actor: Actor) -> dict[str, ColumnElement[Any]]:
    return {
        "number": Opportunity.number.expression,
        "subject": Opportunity.subject.expression,
        "customer": Customer.name.expression,
        "project_name": Opportunity.project_name.expression,
        "owner": Person.name.expression,
        "office": Office.name.expression,
        "stage": Stage.position.expression,
        "probability": Opportunity.probability.expression,
        "amount": amount_for(actor),
        "expected_close": Opportunity.expected_close.expression,
        "outcome": Opportunity.outcome.expression,
        "closed": Opportunity.closed.expression,
        "days": Opportunity.stage_since.expression,  # the other way round, see _order
        "registered_at": Opportunity.registered_at.expression,
    }


def _order(actor: Actor, query: OpportunityQuery) -> list[ColumnElement[Any]]:
    column = _sortable(actor).get(query.sort, Opportunity.registered_at.expression)
    falling = query.descending != (query.sort == "days")
    first = column.desc().nulls_last() if falling else column.asc().nulls_last()
    return [first, Opportunity.id.desc()]


def _conditions(
    session: Session, actor: Actor, query: OpportunityQuery
) -> list[ColumnElement[bool]]:
    amount = amount_for(actor)
    wanted: dict[str, tuple[Any, ColumnElement[bool]]] = {
        "customer_id": (query.customer_id, Opportunity.customer_id == query.customer_id),
        "stages": (query.stages, Stage.code.in_(query.stages)),
        "offices": (query.offices, Opportunity.office_id.in_(query.offices)),
        "owners": (query.owners, Opportunity.owner_id.in_(query.owners)),
        "product": (query.product, _about(query.product)),
        "outcomes": (query.outcomes, Opportunity.outcome.in_(query.outcomes)),
        "closed": (query.closed is not None, Opportunity.closed.is_(bool(query.closed))),
        "close_from": (
            query.close_from,
            Opportunity.expected_close >= (query.close_from or date.min),
        ),
        "close_to": (query.close_to, Opportunity.expected_close <= (query.close_to or date.max)),
        "mine": (query.mine, Opportunity.owner_id == actor.person_id),
        "find": (query.find_text.strip(), _find(query.find_field, query.find_text.strip())),
    }
    found = [visible_opportunities(actor), *(c for given, c in wanted.values() if given)]
    if query.amount_from is not None:
        found.append(amount >= query.amount_from)
    if query.amount_to is not None:
        found.append(amount <= query.amount_to)
    if query.region_id is not None:
        found.append(Customer.region_id.in_(region_subtree(session, query.region_id)))
    if query.from_stage:
        first = (
            select(func.min(Stage.position))
            .join(StageSet, StageSet.id == Stage.stage_set_id)
            .where(Stage.code == query.from_stage, StageSet.status == StageSetStatus.ACTIVE)
        )
        found.append(Stage.position >= first.scalar_subquery())
    return found


def _about(product: str) -> ColumnElement[bool]:
    # The items of a family P2 have codes P2-01, P2-02 …
    return exists().where(
        OpportunityProduct.opportunity_id == Opportunity.id,
        or_(
            OpportunityProduct.product == product,
            OpportunityProduct.product.startswith(f"{product}-", autoescape=True),
        ),
    )


def _find(field: str, text: str) -> ColumnElement[bool]:
    columns = {
        "number": Opportunity.number,
        "subject": Opportunity.subject,
        "customer": Customer.name,
        "project_name": Opportunity.project_name,
    }
    chosen = [columns[field]] if field in columns else list(columns.values())
    return or_(*(column.icontains(text, autoescape=True) for column in chosen))


def _frame(rows: list[Any], regions: dict[int, str]) -> pl.DataFrame:
    records = []
    for row in rows:
        days = days_in_stage(row.stage_since, row.decided_on or row.closed_on)
        is_open = row.outcome is Outcome.OPEN and not row.closed
        record = row._asdict() | {
            "region": regions.get(row.region_id),
            "outcome": row.outcome.value,
            "days": days,
            "stalled": is_open and days > row.standard_days,
            "registered_at": clock.local(row.registered_at),
        }
        records.append({name: record[name] for name in SCHEMA})
    return pl.DataFrame(records, schema=SCHEMA)
