"""Quotations to work with."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.quotes.actions import (
    approve_quote,
    create_quote,
    send_quote,
    submit_quote,
)
from crmlib.quotes.model import Quotation
from crmlib.quotes.rules import LineDraft, QuoteDraft
from crmlib.quotes.states import QuoteStatus
from tests import make

LINES = (
    LineDraft(product="P1-01", spec="304", quantity="100", unit_price="35.50"),
    LineDraft(product="P3-01", quantity="20", unit_price="880", discount="5"),
)


def draft(**values: Any) -> QuoteDraft:
    """Return a faultless draft: 3550.00 + 16720.00 = 20270.00."""
    good = QuoteDraft(
        delivery="签约后 30 天",
        payment_term="01",
        valid_until=clock.today() + timedelta(days=30),
        lines=LINES,
    )
    return replace(good, **values)


def quote(cast: dict[str, Actor], status: QuoteStatus = QuoteStatus.DRAFT, **values: Any) -> int:
    """Make a quotation of 王强's deal, brought to a status by the people whose work it is."""
    deal = values.pop("deal", None) or make.opportunity(make.customer())
    wang, zhang = cast["wangqiang"], cast["zhangwei"]
    key = create_quote(wang, deal, draft(**values)).quote_id
    for reached, step in (
        (QuoteStatus.WAITING, lambda: submit_quote(wang, key)),
        (QuoteStatus.APPROVED, lambda: approve_quote(zhang, key)),
        (QuoteStatus.SENT, lambda: send_quote(wang, key)),
    ):
        if make.fetch(Quotation, key).status is status:
            break
        step()
        assert make.fetch(Quotation, key).status is reached
    return key
