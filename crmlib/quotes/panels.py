"""What a quotation's page and the tabs of other cards show."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import marimo as mo
import polars as pl

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import WORKSPACES
from crmlib.quotes.capitals import in_capitals
from crmlib.quotes.card import QuoteCard, VersionLine, quote_card
from crmlib.quotes.choices import deal_choice
from crmlib.quotes.compare import Item, LineChange, LinePair, line_pairs
from crmlib.quotes.queries import of_customer, of_opportunity
from crmlib.quotes.states import QuoteStatus
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.route import link

TONES: Mapping[QuoteStatus, cards.Tone] = {
    QuoteStatus.DRAFT: "mute",
    QuoteStatus.WAITING: "warn",
    QuoteStatus.APPROVED: "info",
    QuoteStatus.SENT: "info",
    QuoteStatus.ACCEPTED: "good",
    QuoteStatus.VOID: "bad",
}
CHANGES: Mapping[LineChange, tuple[str, cards.Tone]] = {
    LineChange.SAME: ("未变", "mute"),
    LineChange.CHANGED: ("修改", "warn"),
    LineChange.ADDED: ("新增", "good"),
    LineChange.DROPPED: ("删除", "bad"),
}


def amount(value: Decimal) -> str:
    """Return an amount of a document: always with the 分."""
    return f"{value:,.2f}"


def status_tag(status: QuoteStatus) -> cards.Markup:
    """Return a status as a coloured word."""
    return cards.tag(words.QUOTE_STATUS[status.value], TONES[status])


def print_link(quote_id: int) -> cards.Markup:
    """Return the way to the page for the printer, in a window of its own."""
    href = f"/quotes/{quote_id}/print"
    return cards.h("a", "打印", href=href, target="_blank", class_="sm-btn")


def head_panel(actor: Actor, card: QuoteCard) -> mo.Html:
    """Return title and facts of a version."""
    tags = [status_tag(card.status), cards.tag(f"第 {card.revision} 版")]
    if card.is_expired and card.status not in {QuoteStatus.ACCEPTED, QuoteStatus.VOID}:
        tags.append(cards.tag("已过有效期", "bad"))
    title = cards.page_title(
        "报价单",
        record=card.number,
        steps=("商业机会", "报价单"),
        tags=tags,
        links=[print_link(card.id)],
    )
    return mo.vstack([title, *_notes(card), cards.details(_facts(actor, card))])


def _notes(card: QuoteCard) -> list[mo.Html]:
    found = []
    if card.refusal:
        found.append(cards.notice(card.refusal, "warn"))
    if card.status is QuoteStatus.DRAFT and card.decided_by:
        found.append(cards.notice(f"{card.decided_by}退回：{card.decision_note}", "warn"))
    if card.void_reason:
        found.append(cards.notice(f"{words.QUOTE['void_reason']}：{card.void_reason}", "bad"))
    return found


def _way(actor: Actor, text: str, page: str, key: int, **params: str) -> object:
    # Analysts read quotations without the pages of 录入.
    if actor.role not in WORKSPACES["entry"]:
        return text
    return cards.anchor(text, link(page, key, workspace="entry", **params))


def _facts(actor: Actor, card: QuoteCard) -> list[tuple[str, object]]:
    label = words.QUOTE
    customer: object = card.customer
    if card.may_open_customer:
        customer = _way(actor, card.customer, "customer", card.customer_id)
    named = f"{card.deal} {card.subject}"
    deal = _way(actor, named, "opportunity", card.opportunity_id, tab="quotes")
    facts: list[tuple[str, object]] = [
        (label["customer"], customer),
        (label["opportunity"], deal),
        (words.OPPORTUNITY["owner"], f"{card.owner}（{card.office}）"),
        (label["total"], f"¥{amount(card.total)}"),
        (label["delivery"], card.delivery),
        (label["payment_term"], card.payment_term_label),
        (label["valid_until"], shown.day(card.valid_until)),
        (label["created_by"], f"{card.created_by} {shown.moment(card.created_at)}"),
    ]
    if card.status is QuoteStatus.WAITING:
        facts.append((label["approver"], card.approver))
    if card.decided_at and card.status is not QuoteStatus.DRAFT:
        facts.append((label["decided_by"], f"{card.decided_by} {shown.moment(card.decided_at)}"))
        facts.append((label["decision_note"], card.decision_note))
    if card.sent_at:
        facts.append((label["sent_at"], shown.moment(card.sent_at)))
    if card.accepted_at:
        facts.append((label["accepted_at"], shown.moment(card.accepted_at)))
    return facts


def lines_panel(card: QuoteCard) -> mo.Html:
    """Return the lines, the sum in figures and capitals, and the texts."""
    label = words.QUOTE_LINE
    heads = ["#", *(label[name] for name in label)]
    rows: list[Sequence[object]] = [
        (at, *_cells(card, item)) for at, item in enumerate(card.lines, start=1)
    ]
    rows.append(("", "合计", "", "", "", "", "", "", amount(card.total)))
    texts = [(words.QUOTE["terms"], _text(card.terms))]
    if card.pricing_note:
        texts.append((f"{words.QUOTE['pricing_note']}（不打印）", _text(card.pricing_note)))
    return mo.vstack(
        [
            cards.small_table(heads, _blanked(rows), right=(5, 6, 7, 8)),
            cards.details([("金额大写", in_capitals(card.total)), *texts], columns=2),
        ]
    )


def _blanked(rows: list[Sequence[object]]) -> list[list[object]]:
    # The foot has no cells to be marked as empty.
    *lines, foot = rows
    return [list(row) for row in lines] + [[cell or " " for cell in foot]]


def _text(text: str | None) -> cards.Markup | None:
    return cards.h("span", text, style="white-space: pre-line") if text else None


def _cells(card: QuoteCard, item: Item) -> tuple[object, ...]:
    return (
        card.products.get(item.product or "", ""),
        item.name,
        item.spec,
        item.unit,
        shown.number(item.quantity),
        amount(item.unit_price),
        shown.number(item.discount) if item.discount else "",
        amount(item.subtotal),
    )


def versions_panel(actor: Actor, card: QuoteCard, revision: str) -> mo.Html:
    """Return all versions and, side by side, this one and another (the one before it)."""
    heads = [
        words.QUOTE[name] for name in ("revision", "status", "total", "created_by", "created_at")
    ]
    rows = [(*_version_cells(card, line),) for line in card.versions]
    parts = [cards.small_table([*heads, "对比"], rows, right=(2,))]
    other = _other(card, revision)
    if other is not None:
        parts.append(compare_panel(quote_card(actor, other.id), card))
    return mo.vstack(parts)


def _version_cells(card: QuoteCard, line: VersionLine) -> tuple[object, ...]:
    is_this = line.id == card.id
    name = f"第 {line.revision} 版"
    beside = link("quote", card.id, tab="versions", against=str(line.revision))
    return (
        f"{name}（本版）"
        if is_this
        else cards.anchor(name, link("quote", line.id, tab="versions")),
        status_tag(line.status),
        amount(line.total),
        line.created_by,
        shown.moment(line.created_at),
        "" if is_this else cards.anchor("与本版对比", beside),
    )


def _other(card: QuoteCard, revision: str) -> VersionLine | None:
    others = [line for line in card.versions if line.id != card.id]
    asked = next((line for line in others if str(line.revision) == revision), None)
    before = next((line for line in others if line.revision < card.revision), None)
    return asked or before or (others[-1] if others else None)


def compare_panel(one: QuoteCard, other: QuoteCard) -> mo.Html:
    """Return two versions side by side, the older one left; what differs is marked."""
    old, new = sorted((one, other), key=lambda card: card.revision)
    heads = ["项目", f"第 {old.revision} 版", f"第 {new.revision} 版", "变化"]
    rows = [_field_row(label, a, b) for label, a, b in _compared_fields(old, new)]
    pairs = line_pairs(old.lines, new.lines)
    lines = [_pair_row(pair) for pair in pairs]
    line_heads = [words.QUOTE_LINE["name"], words.QUOTE_LINE["spec"], *heads[1:], "差额"]
    return mo.vstack(
        [
            cards.section(f"第 {old.revision} 版与第 {new.revision} 版对比"),
            cards.small_table(heads, rows),
            cards.small_table(line_heads, lines, right=(5,)),
        ]
    )


def _compared_fields(old: QuoteCard, new: QuoteCard) -> list[tuple[str, str, str]]:
    label = words.QUOTE

    def texts(card: QuoteCard) -> tuple[str, ...]:
        return (
            amount(card.total),
            card.delivery,
            card.payment_term_label,
            shown.day(card.valid_until),
            card.terms or "",
            card.pricing_note or "",
        )

    names = ("total", "delivery", "payment_term", "valid_until", "terms", "pricing_note")
    return [(label[n], a, b) for n, a, b in zip(names, texts(old), texts(new), strict=True)]


def _field_row(label: str, old: str, new: str) -> tuple[object, ...]:
    change = LineChange.SAME if old == new else LineChange.CHANGED
    return (label, old, new if old == new else _marked(new), _change(change))


def _marked(text: str) -> object:
    return cards.h("mark", text) if text else ""


def _change(change: LineChange) -> cards.Markup:
    word, tone = CHANGES[change]
    return cards.tag(word, tone)


def _pair_row(pair: LinePair) -> tuple[object, ...]:
    item = pair.after or pair.before
    assert item is not None  # noqa: S101 a pair has a side
    before = _sum(pair.before)
    after = _sum(pair.after)
    changed = pair.change is LineChange.CHANGED
    difference = f"{pair.difference:+,.2f}" if pair.difference else ""
    shown_after = _marked(after) if changed else after
    return (item.name, item.spec, before, shown_after, _change(pair.change), difference)


def _sum(item: Item | None) -> str:
    if item is None:
        return ""
    less = f" 优惠 {shown.number(item.discount)}%" if item.discount else ""
    return f"{shown.number(item.quantity)} {item.unit} × {amount(item.unit_price)}{less} = {amount(item.subtotal)}"


def deal_tab(actor: Actor, opportunity_id: int) -> mo.Html:
    """Return the tab 报价 of a deal: all versions, and the way to a new one."""
    found = quotes_table(of_opportunity(actor, opportunity_id), with_deal=False)
    if deal_choice(actor, opportunity_id) is None:
        return found
    way = link("quote_new", workspace="entry", opportunity=str(opportunity_id))
    return mo.vstack([found, cards.show(cards.anchor("新增报价", way, button=True))])


def customer_tab(actor: Actor, customer_id: int) -> mo.Html:
    """Return the tab 报价 of a customer: the newest version of each."""
    return quotes_table(of_customer(actor, customer_id), with_deal=True)


def quotes_table(frame: pl.DataFrame, *, with_deal: bool) -> mo.Html:
    """Return quotations as a tab of a deal or a customer shows them."""
    label = words.QUOTE
    names = ["number", "revision", "status", "total", "valid_until", "created_by", "created_at"]
    heads = [label[name] for name in names]
    if with_deal:
        heads.insert(2, label["opportunity"])
    rows = [_tab_row(row, with_deal=with_deal) for row in frame.to_dicts()]
    return cards.small_table([*heads, "打印"], rows, right=(4 if with_deal else 3,))


def _tab_row(row: dict[str, Any], *, with_deal: bool) -> list[object]:
    status = QuoteStatus(row["status"])
    cells: list[object] = [
        cards.anchor(row["number"], link("quote", row["id"])),
        f"第 {row['revision']} 版",
        status_tag(status),
        amount(row["total"]),
        shown.day(row["valid_until"]),
        row["created_by"],
        shown.moment(row["created_at"]),
        cards.h("a", "打印", href=f"/quotes/{row['id']}/print", target="_blank"),
    ]
    if with_deal:
        deal = link("opportunity", row["opportunity_id"])
        cells.insert(2, cards.anchor(row["subject"], deal))
    return cells
