"""Turn what a form holds into rows of a quotation, and back."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, attributes

from crmlib import clock
from crmlib.access.action import Work
from crmlib.errors import Invalid
from crmlib.quotes import rules
from crmlib.quotes.model import Quotation, QuotationLine
from crmlib.quotes.rules import Choices, LineDraft, QuoteDraft
from crmlib.quotes.states import QuoteStatus
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels

_LINE = tuple(LineDraft.__dataclass_fields__)
_HEAD = tuple(name for name in QuoteDraft.__dataclass_fields__ if name != "lines")


def choices_of(session: Session) -> Choices:
    """Return what a quotation may choose from."""
    return Choices(labels(session, DictKind.PRODUCT), labels(session, DictKind.PAYMENT_TERM))


def faultless(session: Session, draft: QuoteDraft) -> QuoteDraft:
    """Return the draft cleaned.

    Raises:
        Invalid: all that is wrong with it.
    """
    choices = choices_of(session)
    draft = rules.cleaned(draft, choices)
    if found := rules.faults(draft, choices, clock.today()):
        raise Invalid(found)
    return draft


def insert_quote(
    work: Work, draft: QuoteDraft, opportunity_id: int, number: str, revision: int
) -> Quotation:
    """Add a version as 草稿 with its lines."""
    quote = Quotation(
        number=number,
        revision=revision,
        opportunity_id=opportunity_id,
        status=QuoteStatus.DRAFT,
        created_by_id=work.actor.person_id,
        created_at=clock.now(),
        total=Decimal(0),
    )
    write_quote(work.session, quote, draft)
    return quote


def write_quote(session: Session, quote: Quotation, draft: QuoteDraft) -> None:
    """Write a faultless draft to a version; its ``version`` grows by one whatever changed."""
    for name in _HEAD:
        setattr(quote, name, getattr(draft, name))
    quote.total = rules.total_of(draft.lines)
    if quote.id is None:
        session.add(quote)
    else:
        attributes.flag_modified(quote, "total")
    session.flush()  # the lines need its number
    held = {row.position: row for row in lines_of(session, quote.id)}
    for position, line in enumerate(draft.lines, start=1):
        values = asdict(line) | {"subtotal": rules.subtotal_of(line)}
        if row := held.pop(position, None):
            for name, value in values.items():
                setattr(row, name, value)
        else:
            session.add(QuotationLine(quotation_id=quote.id, position=position, **values))
    for row in held.values():
        session.delete(row)
    session.flush()


def lines_of(session: Session, quote_id: int) -> list[QuotationLine]:
    """Return the lines of a version in order."""
    return list(
        session.scalars(
            select(QuotationLine)
            .where(QuotationLine.quotation_id == quote_id)
            .order_by(QuotationLine.position)
        )
    )


def draft_of(session: Session, quote: Quotation) -> QuoteDraft:
    """Return a version as a form holds it."""
    head: dict[str, Any] = {name: getattr(quote, name) for name in _HEAD}
    lines = (
        LineDraft(**{name: getattr(row, name) for name in _LINE})
        for row in lines_of(session, quote.id)
    )
    return QuoteDraft(**head, lines=tuple(lines))


def next_revision(session: Session, number: str) -> int:
    """Return the number of a new version."""
    newest = select(func.max(Quotation.revision)).where(Quotation.number == number)
    return (session.scalar(newest) or 0) + 1
