"""The steps of the 回收站 on a card: put away, take back, delete for ever."""

from collections.abc import Mapping
from typing import Any

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.card import CustomerCard
from crmlib.customers.model import LIVE, CustomerStatus
from crmlib.customers.recycle import TRADING, recycle_customer
from crmlib.errors import Invalid
from crmlib.recycling.actions import purge_customer, restore_customer
from crmlib.recycling.queries import reason_options, recycle_refusal, recycling_of
from crmlib.recycling.rules import KEPT_DAYS
from crmlib.ui.actions import Action
from crmlib.ui.choices import by_code
from crmlib.ui.fields import Field
from crmlib.ui.reply import Question, Reply, saved
from crmlib.ui.route import link

BIN_PAGE = "recycle_bin"


def bin_steps(actor: Actor, card: CustomerCard) -> list[Action]:
    """Return what the actor may do with the customer and the 回收站."""
    if card.status in LIVE:
        why_not = (
            recycle_refusal(actor, card.id) if actor.may(Permission.CUSTOMER_RECYCLE) else None
        )
        return [] if why_not is None else [_recycle(actor, card, why_not)]
    if card.status is not CustomerStatus.RECYCLED:
        return []
    found = recycling_of(actor, card.id)
    steps = [_restore(actor, card)] if found and found.may_restore else []
    return steps + ([_purge(actor, card)] if found and found.may_purge else [])


def _recycle(actor: Actor, card: CustomerCard, why_not: str) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        recycle_customer(
            actor, card.id, values["reason"], card.version, note=values["note"], token=token
        )
        return saved("已移入回收站", ("打开回收站", link(BIN_PAGE)))

    return Action(
        name="recycle",
        label="移入回收站",
        kind="danger",
        # What is open may be settled while the dialog stands; that a customer trades may not.
        disabled=TRADING if why_not == TRADING else "",
        note=why_not or "客户将不再出现在列表中，撞单分析仍能查到；可在回收站恢复。",
        fields=[
            Field(
                name="reason",
                label=words.RECYCLED["reason"],
                kind="select",
                options=by_code(reason_options()),
                required=True,
            ),
            Field(name="note", label=words.RECYCLED["note"], kind="textarea", max_length=255),
        ],
        on_submit=save,
        submit_label="移入回收站",
    )


def _restore(actor: Actor, card: CustomerCard) -> Action:
    def save(values: Mapping[str, Any], token: str) -> Reply:
        try:
            done = restore_customer(
                actor, card.id, card.version, reason=str(values.get("reason") or ""), token=token
            )
        except Invalid as wrong:
            if set(wrong.faults) != {"reason"}:
                raise
            return Reply(
                ok=False, question=Question(text=wrong.faults["reason"], confirm="仍要恢复")
            )
        return saved(done.text)

    return Action(
        name="restore",
        label="恢复",
        kind="primary",
        note=f"{card.name} 将恢复为潜在客户；恢复前会重新撞单。",
        fields=[Field(name="which", label="客户", kind="readonly", default=card.name)],
        on_submit=save,
        submit_label="恢复",
    )


def _purge(actor: Actor, card: CustomerCard) -> Action:
    def call() -> Reply:
        gone = purge_customer(actor, card.id, card.version)
        return saved(f"已彻底删除 {gone.code} {gone.name}", next=link(BIN_PAGE))

    return Action(
        name="purge",
        label="彻底删除",
        kind="danger",
        confirm=f"彻底删除 {card.name} 后不能恢复（移入回收站满 {KEPT_DAYS} 天后才能删除）",
        call=call,
    )
