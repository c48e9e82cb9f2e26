"""What the card of a customer shows: its facts, contacts and shares."""

from datetime import date

import marimo as mo

from crmlib import words
from crmlib.customers.card import CustomerCard
from crmlib.customers.model import LIVE
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.cards import Markup, h

_FACTS = (
    *("code", "level", "trading", "owner", "office", "registered_at", "phone", "fax", "email"),
    *("website", "country", "industry", "region", "address", "registered_by", "value_score"),
    *("last_contact_on", "last_trade_on", "uscc", "source", "customer_type", "size"),
    *("short_name", "remark"),
)
# Nobody changes these by hand, and everybody knows; only what others could change is told.
_ALWAYS = frozenset(
    {"code", "owner", "office", "registered_at", "registered_by", "value_score", "trading"}
    | {"last_contact_on", "last_trade_on"}
)
_MOST_TOLD = 4  # fields of one reason; with more, the reason alone says it


def facts_panel(card: CustomerCard) -> mo.Html:
    """Return the fields of the head, how complete they are, and which are locked and why."""
    return mo.vstack(
        [
            cards.details([(words.CUSTOMER[n], _fact(card, n)) for n in _FACTS], columns=4),
            # What is merged or recycled says so above; nobody changes it.
            cards.show(_complete(card), *(_locks(card) if card.status in LIVE else ())),
        ]
    )


def _fact(card: CustomerCard, name: str) -> object:
    value = card.texts.get(name)
    return shown.phone(value) if name == "phone" else shown.plain(value)


def _complete(card: CustomerCard) -> Markup:
    text = f"资料完整度 {card.completeness}%"
    missing = f"，转交易前须补：{'、'.join(card.missing)}" if card.missing else ""
    useful = f"，建议补充：{'、'.join(card.useful)}" if card.useful else ""
    bar = h("progress", max=100, value=card.completeness, aria_label="资料完整度")
    return h("div", bar, " ", text, missing, useful, class_="sm-note")


def _locks(card: CustomerCard) -> list[Markup]:
    reasons: dict[str, list[str]] = {}
    for name in words.CUSTOMER:
        if name in card.locked and name not in _ALWAYS:
            reasons.setdefault(card.locked[name], []).append(words.CUSTOMER[name])
    return [
        h("div", f"不可修改：{'、'.join(names)}（{why}）" if len(names) <= _MOST_TOLD else why,
          class_="sm-note")
        for why, names in reasons.items()
    ]  # fmt: skip


def contacts_panel(card: CustomerCard) -> mo.Html:
    """Return the contacts; who may not read their numbers is told so."""
    table = cards.small_table(
        ["姓名", "人员角色", "移动电话", "主联系人", "职务", "邮箱", "在职"],
        [
            (
                c.name,
                c.role_text,
                shown.phone(c.mobile),
                shown.yes_no(c.is_primary),
                c.title,
                c.email,
                shown.yes_no(c.active),
            )
            for c in card.contacts
        ],
    )
    if card.sees_phones or not card.contacts:
        return table
    note = h("div", "您没有查看此客户联系方式的权限，号码已隐去", class_="sm-note")
    return mo.vstack([table, cards.show(note)])


def shares_panel(card: CustomerCard) -> mo.Html:
    """Return with whom the customer is shared."""
    return cards.small_table(
        ["用户", "共享方式", "共享内容", "截止日期", "共享人"],
        [
            (s.person, s.level_text, s.parts_text, share_end(s.ends_on, s.ended), s.shared_by)
            for s in card.shares
        ],
    )


def share_end(ends_on: date | None, ended: bool) -> object:
    """Return the last day of a share as tables and details show it."""
    if ends_on is None:
        return "长期"
    day = shown.day(ends_on)
    return h("span", day, " ", cards.tag("已到期")) if ended else day


def names_panel(card: CustomerCard) -> mo.Html:
    """Return the former names, the last one first."""
    return cards.small_table(["曾用名"], [(name,) for name in card.former_names])
