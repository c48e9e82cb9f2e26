"""The form of a quotation: its head, its lines, and what becomes of what was typed."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from crmlib import words
from crmlib.quotes.choices import QuoteOptions
from crmlib.quotes.rules import (
    DEFAULT_UNIT,
    LENGTHS,
    LINE_LENGTHS,
    MOST_LINES,
    LineDraft,
    QuoteDraft,
)
from crmlib.ui.choices import by_code
from crmlib.ui.fields import Computed, Field, Section

_HEAD = ("delivery", "payment_term", "valid_until", "terms", "pricing_note")


def quote_fields(offered: QuoteOptions) -> list[Field | Section]:
    """Return the fields of a quotation after its deal."""
    label = words.QUOTE
    return [
        Field(
            name="delivery",
            label=label["delivery"],
            required=True,
            max_length=LENGTHS["delivery"],
            hint="如：合同签订后 30 天",
        ),
        Field(
            name="payment_term",
            label=label["payment_term"],
            kind="select",
            required=True,
            options=by_code(offered.payment_terms),
        ),
        Field(name="valid_until", label=label["valid_until"], kind="date"),
        Field(
            name="lines",
            label=label["lines"],
            kind="lines",
            required=True,
            most=MOST_LINES,
            columns=line_columns(offered),
            hint="折扣率按百分比优惠：5 表示优惠 5%（95 折）",
        ),
        _long_text("terms", 4, "印在报价单上，如质保、运输、验收"),
        _long_text("pricing_note", 2, "定价策略与议价经过，仅供内部审批，不打印"),
    ]


def _long_text(name: str, rows: int, hint: str) -> Field:
    label, limit = words.QUOTE[name], LENGTHS[name]
    return Field(name=name, label=label, kind="textarea", rows=rows, max_length=limit, hint=hint)


def line_columns(offered: QuoteOptions) -> tuple[Field | Computed, ...]:
    """Return the columns of a line."""
    label = words.QUOTE_LINE
    return (
        Field(
            name="product",
            label=label["product"],
            kind="picker",
            options=by_code(offered.products),
            width=170,
        ),
        Field(
            name="name",
            label=label["name"],
            max_length=LINE_LENGTHS["name"],
            hint="留空为产品名称",
        ),
        Field(name="spec", label=label["spec"], max_length=LINE_LENGTHS["spec"], width=150),
        Field(
            name="unit",
            label=label["unit"],
            max_length=LINE_LENGTHS["unit"],
            default=DEFAULT_UNIT,
            width=58,
        ),
        Field(name="quantity", label=label["quantity"], kind="number", required=True, width=92),
        Field(name="unit_price", label=label["unit_price"], kind="money", required=True, width=122),
        Field(name="discount", label=label["discount"], kind="number", width=78),
        Computed(
            name="subtotal",
            label=label["subtotal"],
            times=("quantity", "unit_price"),
            less="discount",
            width=126,
        ),
    )


def draft_of_values(values: Mapping[str, Any]) -> QuoteDraft:
    """Return what was typed as a draft."""
    lines = (LineDraft(**line) for line in values["lines"])
    return QuoteDraft(**{name: values[name] for name in _HEAD}, lines=tuple(lines))


def values_of_draft(draft: QuoteDraft) -> dict[str, Any]:
    """Return a draft as the form's first values; a discount of nothing is left blank."""
    lines = [asdict(line) | {"discount": line.discount or None} for line in draft.lines]
    return {name: getattr(draft, name) for name in _HEAD} | {"lines": lines}
