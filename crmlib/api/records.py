"""The records as programs read them: the queries of the screens, put into the shapes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

import polars as pl
from sqlalchemy import select

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.activities import pages as activities
from crmlib.activities.card import ActivityCard, activity_card
from crmlib.activities.choices import form_options
from crmlib.activities.pages import ActivityQuery
from crmlib.api import order_shapes, shapes
from crmlib.customers import model, queries
from crmlib.customers.card import CustomerCard, customer_card
from crmlib.customers.listing import CustomerQuery
from crmlib.customers.model import CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.customers.seen import note_contacts_seen
from crmlib.errors import Invalid, NotAllowed
from crmlib.opportunities import queries as deals
from crmlib.opportunities.card import OpportunityCard, opportunity_card
from crmlib.opportunities.queries import OpportunityQuery
from crmlib.orders.queries import OrderQuery, order_page
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import options
from crmlib.store.engine import reading

T = TypeVar("T")
_STATUS = {label: CustomerStatus(code) for code, label in words.CUSTOMER_STATUS.items()}
_LINE_TEXTS = ("level", "industry", "region", "owner", "office", "status")
_TEXTS = (*_LINE_TEXTS, "country", "customer_type", "source", "size")
CUSTOMER_SORTS = tuple(n for n in queries.PAGE_SCHEMA if n not in {"id", "phone", "registered_by"})
OPPORTUNITY_SORTS = (
    *("number", "subject", "customer", "project_name", "owner", "office", "stage"),
    *("probability", "amount", "expected_close", "outcome", "closed", "days", "registered_at"),
)


def customers(actor: Actor, query: CustomerQuery) -> shapes.CustomerList:
    """Return one page of the customers list."""
    found = queries.customer_page(actor, query)
    rows = tuple(_customer_line(row) for row in found.rows.to_dicts())
    return shapes.CustomerList(rows, found.total, query.page, query.size)


def _customer_line(row: Mapping[str, Any]) -> shapes.CustomerLine:
    own = _known(shapes.CustomerLine, row)
    return shapes.CustomerLine(
        **own
        | {
            "status": _STATUS[row["status"]],
            "trading": row["trading"] == words.YES,
            "texts": {name: row[name] for name in _LINE_TEXTS},
        }
    )


def customer(actor: Actor, customer_id: int) -> shapes.Customer:
    """Return a customer with its contacts."""
    card = _card(actor, customer_id)
    own = _known(shapes.Customer, card.texts) | _known(shapes.Customer, card.values)
    made = own | {
        name: getattr(card, name)
        for name in ("id", "version", "code", "name", "status", "office_id", "completeness")
    }
    return shapes.Customer(
        **made
        | {
            "owner": card.owner_id,
            "trading": card.status is CustomerStatus.TRADING,
            "former_names": card.former_names,
            "merged_into": shapes.MergedInto(*card.merged_into) if card.merged_into else None,
            "contacts": _contacts(card),
            "editable": tuple(sorted(card.editable)),
            "texts": {name: card.texts.get(name) for name in _TEXTS},
        }
    )


def _card(actor: Actor, customer_id: int) -> CustomerCard:
    card = customer_card(actor, customer_id)
    if card.sees_phones:  # a program that reads them leaves the same trace as a person
        note_contacts_seen(actor, card.id)
    return card


def _contacts(card: CustomerCard) -> tuple[shapes.Contact, ...]:
    return tuple(
        shapes.Contact(
            **_known(shapes.Contact, asdict(line)),
            customer_id=card.id,
            texts={"role": line.role_text},
        )
        for line in card.contacts
    )


def contacts(actor: Actor, customer_id: int) -> shapes.ContactList:
    """Return the contacts of a customer."""
    rows = _contacts(_card(actor, customer_id))
    return shapes.ContactList(rows, len(rows))


def contact(actor: Actor, contact_id: int) -> shapes.Contact:
    """Return a contact of a customer the actor may see."""
    with reading() as session:
        whose = select(model.Contact.customer_id).where(model.Contact.id == contact_id)
        customer_id = session.scalar(whose)
    if customer_id is None:
        raise NotAllowed
    found = _contacts(_card(actor, customer_id))
    return next(line for line in found if line.id == contact_id)


def opportunities(actor: Actor, query: OpportunityQuery) -> shapes.OpportunityList:
    """Return one page of the opportunities list."""
    found = deals.opportunity_page(actor, query)
    rows = _lines(shapes.OpportunityLine, found.rows)
    return shapes.OpportunityList(rows, found.total, query.page, query.size)


def opportunity(actor: Actor, opportunity_id: int) -> shapes.Opportunity:
    """Return an opportunity with its stages."""
    card: OpportunityCard = opportunity_card(actor, opportunity_id)
    own = {n: getattr(card, n) for n in _names(shapes.Opportunity) if hasattr(card, n)}
    labels = ("project_type", "sales_task", "source")
    texts = {name: getattr(card, f"{name}_label") for name in labels}
    return shapes.Opportunity(
        **own
        | {
            "products": tuple(product.code for product in card.products),
            "stage_id": card.stage.id,
            "stalled": card.is_stalled,
            "next_stage_id": card.next_step.id if card.next_step else None,
            "stages": tuple(shapes.StageStep(**asdict(step)) for step in card.steps),
            "history": tuple(shapes.StageMove(**asdict(move)) for move in card.history),
            "editable": tuple(sorted(card.editable)),
            "texts": texts
            | {
                "products": "、".join(product.name for product in card.products),
                "stage": card.stage.name,
                "outcome": words.OUTCOMES[card.outcome.value],
            },
        }
    )


def activity(actor: Actor, activity_id: int) -> ActivityCard:
    """Return an activity; a phone read in clear leaves its trace."""
    card = activity_card(actor, activity_id)
    if card.sees_phone and card.phone:
        note_contacts_seen(actor, card.customer_id)
    return card


def activity_list(actor: Actor, query: ActivityQuery) -> shapes.ActivityList:
    """Return one page of the activities, newest first."""
    found = activities.activity_page(actor, query, exact=True)
    rows = _lines(shapes.ActivityLine, found.rows)
    return shapes.ActivityList(rows, found.total, query.page, query.size)


def orders(actor: Actor, query: OrderQuery) -> order_shapes.OrderList:
    """Return one page of the orders list."""
    found = order_page(actor, query)
    rows = _lines(order_shapes.OrderLineShape, found.rows)
    return order_shapes.OrderList(rows, found.total, query.page, query.size)


def customer_coded(actor: Actor, code: str) -> int:
    """Return the visible customer of a code, or of a merged one's former code.

    Raises:
        Invalid: ``customer_code``; nobody the actor may see has it.
    """
    former = select(model.CustomerAlias.customer_id).where(
        model.CustomerAlias.kind == model.AliasKind.CODE, model.CustomerAlias.value == code
    )
    named = model.Customer.code == code, model.Customer.id.in_(former)
    with reading() as session:
        found = session.scalar(
            select(model.Customer.id)
            .where(
                named[0] | named[1],
                visible_customers(actor),
                model.Customer.status.in_(model.LIVE),
            )
            .order_by(named[0].desc())
            .limit(1)
        )
    if found is None:
        raise Invalid({"customer_code": f"没有此客户：{code[:60]}"})
    return found


def customer_choices(actor: Actor) -> shapes.Choices:
    """Return what the fields of a customer may hold."""
    found = queries.form_options(actor)
    named = {
        "level": found.levels,
        "industry": found.industries,
        "country": found.countries,
        "customer_type": found.customer_types,
        "source": found.sources,
        "size": found.sizes,
        "contact_role": found.contact_roles,
        "region": found.regions,
    }
    owners = tuple(shapes.Choice(str(p.id), p.name, p.office) for p in found.owners)
    return shapes.Choices(
        {name: _choices(rows) for name, rows in named.items()} | {"owner": owners}
    )


def opportunity_choices(actor: Actor) -> shapes.Choices:
    """Return what the fields of an opportunity may hold."""
    found = deals.form_options(actor)
    named = {
        "products": found.products,
        "sales_task": found.sales_tasks,
        "project_type": found.project_types,
        "source": found.sources,
        "owner_id": found.owners,
    }
    # What 赢单, 输单 and 关闭 ask for.
    ends = {
        "win_reason": DictKind.WIN_REASON,
        "loss_reason": DictKind.LOSS_REASON,
        "competitor": DictKind.COMPETITOR,
        "close_reason": DictKind.CLOSE_REASON,
    }
    with reading() as session:
        named |= {name: options(session, kind) for name, kind in ends.items()}
    return shapes.Choices({name: _choices(rows) for name, rows in named.items()})


def activity_choices(actor: Actor) -> shapes.Choices:
    """Return what the fields of an activity may hold."""
    found = form_options(actor)
    owners = tuple(shapes.Choice(str(o.value), o.label) for o in found.owners)
    return shapes.Choices({"activity_type": _choices(found.types), "owner_id": owners})


def _choices(rows: Iterable[Any]) -> tuple[shapes.Choice, ...]:
    return tuple(shapes.Choice(row.code, row.name, row.parent) for row in rows)


def _lines(kind: type[T], frame: pl.DataFrame) -> tuple[T, ...]:
    return tuple(kind(**_known(kind, row)) for row in frame.to_dicts())


def _known(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _names(kind) if name in values}


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]
