"""订单 and 合同评审 on cards: small tables, the head of an order, its events as a timeline."""

from typing import Any

import marimo as mo
import polars as pl

from crmlib import words
from crmlib.orders import terms as order_terms
from crmlib.orders.queries import EventShown, OrderCard
from crmlib.orders.review_queries import ReviewCard
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.route import link

LATE = "交货逾期"
STATUS_TONES: dict[str, cards.Tone] = {
    "entered": "mute",
    "preparing": "info",
    "part_shipped": "warn",
    "shipped": "good",
    "done": "good",
    "cancelled": "mute",
}
REVIEW_TONES: dict[str, cards.Tone] = {
    "draft": "mute",
    "submitted": "info",
    "approved": "good",
    "refused": "bad",
    "void": "mute",
}


def orders_table(orders: pl.DataFrame) -> mo.Html:
    """Return orders (columns: queries.SCHEMA) as the tab of a card shows them."""
    label = order_terms.ORDER
    return cards.small_table(
        [
            label["number"],
            label["ordered_on"],
            label["amount"],
            label["status"],
            "最近执行",
            label["due_on"],
        ],
        [
            (
                cards.anchor(row["number"], link("order", row["id"])),
                shown.day(row["ordered_on"]),
                shown.money(row["amount"]),
                cards.tag(order_terms.ORDER_STATUS[row["status"]], STATUS_TONES[row["status"]]),
                _last(row),
                _due(row["due_on"], late=row["late"]),
            )
            for row in orders.to_dicts()
        ],
        right=(2,),
    )


def _last(row: dict[str, Any]) -> str:
    if not row["last_event"]:
        return ""
    return f"{order_terms.EVENT_KIND[row['last_event']]} {shown.day(row['last_event_on'])}"


def _due(day: Any, *, late: bool) -> object:
    if not late:
        return shown.day(day)
    return cards.h("span", shown.day(day), " ", cards.tag(LATE, "bad"))


def reviews_table(reviews: pl.DataFrame) -> mo.Html:
    """Return contract reviews (columns: review_queries.SCHEMA) as the tab of a card shows them."""
    label = order_terms.REVIEW
    return cards.small_table(
        [
            label["number"],
            label["status"],
            label["amount"],
            label["asked_by"],
            label["submitted_on"],
            label["decided_on"],
            label["note"],
        ],
        [
            (
                cards.anchor(row["number"] or "未编号", link("contract_review", row["id"])),
                cards.tag(order_terms.REVIEW_STATUS[row["status"]], REVIEW_TONES[row["status"]]),
                shown.money(row["amount"]),
                row["asked_by"],
                shown.day(row["submitted_on"]),
                shown.day(row["decided_on"]),
                row["note"],
            )
            for row in reviews.to_dicts()
        ],
        right=(2,),
    )


def deal_panel(reviews: pl.DataFrame, orders: pl.DataFrame) -> mo.Html:
    """Return the tab 评审与订单 of a deal."""
    return mo.vstack(
        [
            cards.section("合同评审"),
            reviews_table(reviews) if reviews.height else _nothing("还没有合同评审"),
            cards.section("订单"),
            orders_table(orders) if orders.height else _nothing("还没有订单"),
        ]
    )


def _nothing(text: str) -> mo.Html:
    return cards.show(cards.h("p", text, class_="sm-note"))


def order_panel(card: OrderCard) -> mo.Html:
    """Return the head of an order, its lines and what was done."""
    label = order_terms.ORDER
    customer = (
        cards.anchor(card.customer, link("customer", card.customer_id))
        if card.may_open_customer
        else card.customer
    )
    deal = (
        cards.anchor(card.opportunity, link("opportunity", card.opportunity_id))
        if card.opportunity and card.opportunity_id
        else None
    )
    facts: list[tuple[str, object]] = [
        (label["customer"], customer),
        (words.CUSTOMER["code"], card.customer_code),
        (label["opportunity"], deal),
        (words.CUSTOMER["owner"], card.owner),
        (words.CUSTOMER["office"], card.office),
        (label["ordered_on"], shown.day(card.ordered_on, weekday=True)),
        (label["due_on"], _due(card.due_on, late=card.late)),
        (label["amount"], shown.money(card.amount)),
        (label["stated"], order_terms.ORDER_STATUS[card.stated.value]),
        (label["source"], order_terms.ORDER_SOURCE[card.source.value]),
        (label["registered_by"], card.registered_by),
        (label["registered_at"], shown.moment(card.registered_at)),
        (label["remark"], card.remark),
    ]
    return mo.vstack(
        [
            cards.details(facts),
            cards.section(label["lines"]),
            _lines(card) if card.lines else _nothing("没有明细"),
            cards.section("执行情况"),
            cards.timeline(
                (shown.day(event.happened_on), event.recorded_by, _event(event))
                for event in card.events
            ),
        ]
    )


def _lines(card: OrderCard) -> mo.Html:
    return cards.small_table(
        list(order_terms.ORDER_LINE.values()),
        [
            (
                line.product,
                line.specification,
                shown.number(line.quantity),
                shown.money(line.price),
                shown.money(line.amount),
            )
            for line in card.lines
        ],
        right=(2, 3, 4),
    )


def _event(event: EventShown) -> cards.Markup:
    quantity = f" {shown.number(event.quantity)}" if event.quantity is not None else ""
    told = f" · {event.remark}" if event.remark else ""
    return cards.h("div", cards.h("b", order_terms.EVENT_KIND[event.kind.value]), quantity, told)


def review_panel(card: ReviewCard) -> mo.Html:
    """Return the facts of a contract review."""
    label = order_terms.REVIEW
    return cards.details(
        [
            (label["number"], card.number),
            (label["status"], order_terms.REVIEW_STATUS[card.status.value]),
            (label["opportunity"], cards.anchor(card.opportunity, _deal(card))),
            (order_terms.ORDER["customer"], card.customer),
            (label["amount"], shown.money(card.amount)),
            (label["asked_by"], card.asked_by),
            (label["asked_at"], shown.moment(card.asked_at)),
            (label["submitted_on"], shown.day(card.submitted_on)),
            (label["decided_on"], shown.day(card.decided_on)),
            (label["file_name"], card.file_name),
            (label["remark"], card.remark),
            (label["note"], card.note),
        ]
    )


def _deal(card: ReviewCard) -> str:
    return link("opportunity", card.opportunity_id, tab="orders")
