"""What the form of a quotation offers: deals, products, terms; and a 草稿 to be changed."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.errors import NotAllowed, Refused
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.opportunities.rows import visible_opportunities
from crmlib.quotes import rules
from crmlib.quotes.drafts import draft_of
from crmlib.quotes.model import Quotation
from crmlib.quotes.rows import quotes_for
from crmlib.quotes.rules import QuoteDraft
from crmlib.quotes.states import QuoteStep
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import Option, options
from crmlib.store.engine import reading
from crmlib.store.text import clean
from crmlib.words import QUOTE_STATUS

SHOWN = 20


@dataclass(frozen=True, slots=True)
class QuoteOptions:
    """What may be chosen in a quotation."""

    products: list[Option]
    payment_terms: list[Option]


@dataclass(frozen=True, slots=True)
class EditableQuote:
    """A 草稿 as its form opens it."""

    id: int
    version: int
    number: str
    revision: int
    draft: QuoteDraft


def quote_options() -> QuoteOptions:
    """Return the products and terms in use."""
    with reading() as session:
        return QuoteOptions(
            options(session, DictKind.PRODUCT), options(session, DictKind.PAYMENT_TERM)
        )


def deal_choices(actor: Actor, text: str) -> list[Option]:
    """Return open deals the actor may quote for, by number, 主题, project or customer."""
    typed = clean(text)
    columns = (
        *(Opportunity.number, Opportunity.subject, Opportunity.project_name),
        *(Customer.name, Customer.initials),
    )
    return _deals(actor, or_(*(c.icontains(typed, autoescape=True) for c in columns)))


def deal_choice(actor: Actor, opportunity_id: int) -> Option | None:
    """Return one open deal the actor may quote for, as a link to the form names it."""
    return next(iter(_deals(actor, Opportunity.id == opportunity_id)), None)


def _deals(actor: Actor, condition: ColumnElement[bool]) -> list[Option]:
    with reading() as session:
        rows = session.execute(
            select(Opportunity.id, Opportunity.subject, Opportunity.number)
            .join(Customer, Customer.id == Opportunity.customer_id)
            .where(
                condition,
                visible_opportunities(actor, Permission.QUOTE_EDIT),
                Opportunity.outcome == Outcome.OPEN,
                Opportunity.closed.is_(False),
            )
            .order_by(Opportunity.registered_at.desc(), Opportunity.id)
            .limit(SHOWN)
        )
        return [Option(str(key), subject, number) for key, subject, number in rows]


def editable_quote(actor: Actor, quote_id: int) -> EditableQuote:
    """Return a 草稿 the actor may change.

    Raises:
        NotAllowed: no such quotation, or not his to change.
        Refused: it is no 草稿 any more.
    """
    with reading() as session:
        quote = session.scalar(
            select(Quotation).where(
                Quotation.id == quote_id, quotes_for(actor, Permission.QUOTE_EDIT)
            )
        )
        if quote is None:
            raise NotAllowed
        if not rules.may(QuoteStep.EDIT, quote.status):
            raise Refused(f"报价单{QUOTE_STATUS[quote.status.value]}，不能修改，请新建版本")
        draft = draft_of(session, quote)
        return EditableQuote(quote.id, quote.version, quote.number, quote.revision, draft)
