"""One version of a quotation as its page shows it: head, lines, other versions, steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Contact, Customer
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.opportunities import rules as deal_rules
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Office, Person
from crmlib.quotes import rules
from crmlib.quotes.compare import Item
from crmlib.quotes.drafts import choices_of, lines_of
from crmlib.quotes.model import Quotation
from crmlib.quotes.rows import answerable_quotes, is_own, quotes_for
from crmlib.quotes.states import QuoteStatus, QuoteStep
from crmlib.store.engine import reading

_AUTHOR, _SUBMITTER, _APPROVER, _DECIDER, _OWNER = (aliased(Person) for _ in range(5))
_DECISIONS = frozenset({QuoteStep.APPROVE, QuoteStep.RETURN})


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of versions."""

    id: int
    revision: int
    status: QuoteStatus
    total: Decimal
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QuoteCard:
    """A version of a quotation; codes stand beside their labels where a form needs them."""

    id: int
    version: int
    number: str
    revision: int
    status: QuoteStatus
    opportunity_id: int
    deal: str
    subject: str
    project: str
    customer_id: int
    customer: str
    may_open_customer: bool
    contact: str
    owner: str
    owner_mobile: str | None
    office: str
    delivery: str
    payment_term: str
    payment_term_label: str
    valid_until: date | None
    is_expired: bool
    terms: str | None
    pricing_note: str | None
    total: Decimal
    created_by: str
    created_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    approver: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None
    sent_at: datetime | None
    accepted_at: datetime | None
    void_reason: str | None
    lines: tuple[Item, ...]
    products: Mapping[str, str]  # code → name
    versions: tuple[VersionLine, ...]  # newest first, this one included
    steps: frozenset[QuoteStep]  # what the actor may do now
    refusal: str | None  # why nothing can be done: the deal is closed or decided
    own_waits: bool  # it waits, and the actor would approve it were it not his own


def quote_card(actor: Actor, quote_id: int) -> QuoteCard:
    """Return a visible version of a quotation.

    Raises:
        NotAllowed: no such quotation, or not visible to the actor.
    """
    with reading() as session:
        row = session.execute(_select_card(actor, quote_id)).one_or_none()
        if row is None:
            raise NotAllowed
        quote: Quotation = row.Quotation
        choices = choices_of(session)
        today = clock.today()
        refusal = deal_rules.state_refusal(
            row.deal, closed=row.closed, decided=row.outcome is not Outcome.OPEN
        )
        expired = quote.valid_until is not None and quote.valid_until < today
        versions = _versions(session, quote.number)
        unfinished = any(v.status in rules.UNSETTLED for v in versions)
        return QuoteCard(
            **_own_columns(quote),
            **{name: getattr(row, name) for name in _NAMES},
            may_open_customer=bool(row.opens),
            contact=row.contact or "",
            payment_term_label=choices.payment_terms.get(quote.payment_term, quote.payment_term),
            is_expired=expired,
            lines=_items(session, quote.id),
            products=choices.products,
            versions=versions,
            steps=frozenset() if refusal else _steps(row, unfinished=unfinished, today=today),
            refusal=refusal,
            own_waits=bool(row.approves and row.own and quote.status is QuoteStatus.WAITING),
        )


_NAMES = (
    *("deal", "subject", "project", "customer_id", "customer", "owner", "owner_mobile", "office"),
    *("created_by", "submitted_by", "approver", "decided_by"),
)


def _select_card(actor: Actor, quote_id: int) -> Any:
    permissions = Permission
    return (
        select(
            Quotation,
            Opportunity.number.label("deal"),
            Opportunity.subject,
            Opportunity.project_name.label("project"),
            Opportunity.customer_id,
            Opportunity.closed,
            Opportunity.outcome,
            Customer.name.label("customer"),
            Contact.name.label("contact"),
            _OWNER.name.label("owner"),
            _OWNER.mobile.label("owner_mobile"),
            Office.name.label("office"),
            _AUTHOR.name.label("created_by"),
            _SUBMITTER.name.label("submitted_by"),
            _APPROVER.name.label("approver"),
            _DECIDER.name.label("decided_by"),
            visible_customers(actor).label("opens"),
            visible_opportunities(actor, permissions.QUOTE_EDIT).label("edits"),
            visible_opportunities(actor, permissions.QUOTE_APPROVE).label("approves"),
            answerable_quotes(actor).label("answers"),
            is_own(actor).label("own"),
        )
        .join(Opportunity, Opportunity.id == Quotation.opportunity_id)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .join(_OWNER, _OWNER.id == Opportunity.owner_id)
        .join(Office, Office.id == Opportunity.office_id)
        .join(_AUTHOR, _AUTHOR.id == Quotation.created_by_id)
        .outerjoin(Contact, Contact.id == Opportunity.contact_id)
        .outerjoin(_SUBMITTER, _SUBMITTER.id == Quotation.submitted_by_id)
        .outerjoin(_APPROVER, _APPROVER.id == Quotation.approver_id)
        .outerjoin(_DECIDER, _DECIDER.id == Quotation.decided_by_id)
        .where(Quotation.id == quote_id, quotes_for(actor, few=True))
    )


def _own_columns(quote: Quotation) -> dict[str, Any]:
    names = (
        *("id", "version", "number", "revision", "status", "opportunity_id", "delivery"),
        *("payment_term", "valid_until", "terms", "pricing_note", "total", "decision_note"),
        "void_reason",
    )
    moments = ("created_at", "submitted_at", "decided_at", "sent_at", "accepted_at")
    times = {name: getattr(quote, name) for name in moments}
    return {name: getattr(quote, name) for name in names} | {
        name: None if moment is None else clock.local(moment) for name, moment in times.items()
    }


def _steps(row: Any, *, unfinished: bool, today: date) -> frozenset[QuoteStep]:
    quote: Quotation = row.Quotation
    found = set()
    for step in QuoteStep:
        allowed = row.answers if step in _DECISIONS else row.edits
        if allowed and rules.may(step, quote.status):
            found.add(step)
    if unfinished:
        found.discard(QuoteStep.COPY)
    if found & _DECISIONS:  # whoever may return it needs not take it back
        found.discard(QuoteStep.RECALL)
    return frozenset(found)


def _items(session: Session, quote_id: int) -> tuple[Item, ...]:
    names = Item.__dataclass_fields__
    return tuple(
        Item(**{name: getattr(row, name) for name in names}) for row in lines_of(session, quote_id)
    )


def _versions(session: Session, number: str) -> tuple[VersionLine, ...]:
    rows = session.execute(
        select(
            Quotation.id,
            Quotation.revision,
            Quotation.status,
            Quotation.total,
            Person.name,
            Quotation.created_at,
        )
        .join(Person, Person.id == Quotation.created_by_id)
        .where(Quotation.number == number)
        .order_by(Quotation.revision.desc())
    )
    return tuple(VersionLine(*row[:5], clock.local(row[5])) for row in rows)
