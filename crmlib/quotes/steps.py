"""The buttons of a quotation's page."""

from collections.abc import Callable, Sequence
from typing import Any

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.quotes.actions import (
    QuoteSaved,
    accept_quote,
    approve_quote,
    copy_quote,
    recall_quote,
    return_quote,
    send_quote,
    submit_quote,
    void_quote,
)
from crmlib.quotes.card import QuoteCard
from crmlib.quotes.rules import OWN
from crmlib.quotes.states import QuoteStep
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.format import money
from crmlib.ui.reply import Reply, saved
from crmlib.ui.route import link

S = QuoteStep


def quote_steps(actor: Actor, card: QuoteCard) -> list[Action]:
    """Return what the actor may do with a version now."""
    found = [make(actor, card) for step, make in _MAKERS if step in card.steps]
    if card.own_waits:
        found.insert(0, Action(label="批准", kind="primary", disabled=OWN))
    return found


def _edit(_actor: Actor, card: QuoteCard) -> Action:
    return Action(label="修改", href=link("quote_edit", card.id, workspace="entry"))


def _submit(actor: Actor, card: QuoteCard) -> Action:
    return _sure(
        "提交审批",
        f"提交后不能修改。{_what(card)}",
        lambda: submit_quote(actor, card.id, version=card.version),
        "已提交审批",
        kind="primary",
    )


def _recall(actor: Actor, card: QuoteCard) -> Action:
    return _sure(
        "撤回审批",
        "撤回后报价单回到草稿，可以修改。",
        lambda: recall_quote(actor, card.id, version=card.version),
        "已撤回，报价单回到草稿",
    )


def _approve(actor: Actor, card: QuoteCard) -> Action:
    def done(values: dict[str, Any], token: str) -> Reply:
        approve_quote(actor, card.id, note=values["note"], version=card.version, token=token)
        return saved("已批准")

    return Action(
        label="批准",
        kind="primary",
        note=f"批准后这一版不能再修改。{_what(card)}",
        fields=_note(required=False),
        on_submit=done,
        submit_label="批准",
    )


def _return(actor: Actor, card: QuoteCard) -> Action:
    def done(values: dict[str, Any], token: str) -> Reply:
        return_quote(actor, card.id, values["note"], version=card.version, token=token)
        return saved("已退回")

    return Action(
        label="退回",
        note="退回后编制人可以修改并重新提交。",
        fields=_note(required=True),
        on_submit=done,
        submit_label="退回",
    )


def _send(actor: Actor, card: QuoteCard) -> Action:
    return _sure(
        "标记已发",
        f"确认这一版已经发给客户？{_what(card)}",
        lambda: send_quote(actor, card.id, version=card.version),
        "已标记为已发",
        kind="primary",
    )


def _accept(actor: Actor, card: QuoteCard) -> Action:
    return _sure(
        "被接受",
        f"确认客户接受这一版？{_what(card)}",
        lambda: accept_quote(actor, card.id, version=card.version),
        "已标记为被接受",
        kind="primary",
    )


def _copy(actor: Actor, card: QuoteCard) -> Action:
    def done() -> Reply:
        made = copy_quote(actor, card.id)
        return saved(
            f"已建立第 {made.revision} 版，可以修改",
            next=link("quote_edit", made.quote_id, workspace="entry"),
        )

    return Action(
        label="新版本",
        confirm=f"以第 {card.revision} 版为底稿建立新的版本？本版保持不变。",
        call=done,
    )


def _void(actor: Actor, card: QuoteCard) -> Action:
    def done(values: dict[str, Any], token: str) -> Reply:
        void_quote(actor, card.id, values["reason"], version=card.version, token=token)
        return saved("已作废")

    label = words.QUOTE["void_reason"]
    return Action(
        label="作废",
        kind="danger",
        note=f"作废后不能恢复，可以从它建立新版本。{_what(card)}",
        fields=[Field(name="reason", label=label, kind="textarea", required=True, max_length=255)],
        on_submit=done,
        submit_label="作废",
    )


_MAKERS: Sequence[tuple[QuoteStep, Callable[[Actor, QuoteCard], Action]]] = (
    (S.APPROVE, _approve),
    (S.RETURN, _return),
    (S.SUBMIT, _submit),
    (S.SEND, _send),
    (S.ACCEPT, _accept),
    (S.EDIT, _edit),
    (S.RECALL, _recall),
    (S.COPY, _copy),
    (S.VOID, _void),
)


def _what(card: QuoteCard) -> str:
    return f"{words.QUOTE['total']} {money(card.total)}。"


def _note(*, required: bool) -> list[Field]:
    label = words.QUOTE["decision_note"]
    return [Field(name="note", label=label, kind="textarea", required=required, max_length=255)]


def _sure(
    label: str, question: str, call: Callable[[], QuoteSaved], told: str, **look: Any
) -> Action:
    def done() -> Reply:
        call()
        return saved(told)

    return Action(label=label, confirm=question, call=done, **look)
