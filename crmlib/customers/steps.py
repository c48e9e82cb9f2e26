"""The steps of the customer card: edit, add a contact, share, assign; each only where allowed."""

from collections.abc import Callable
from typing import Any

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.actions import add_contact, assign_customer
from crmlib.customers.card import CustomerCard, ShareLine
from crmlib.customers.model import ShareLevel
from crmlib.customers.queries import form_options, owner_options, share_options
from crmlib.customers.rules import contact_draft
from crmlib.customers.sharing import USUAL, Parts, share_customer, unshare_customer
from crmlib.ui.actions import Action
from crmlib.ui.choices import by_code, people
from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply, saved
from crmlib.ui.route import link

_PART_HINTS = {
    "with_contacts": "不勾选时电话、邮箱等对其隐去",
    "with_opportunities": "该客户的全部商机，权限同共享方式",
    "with_activities": "与该客户的活动记录",
}


def card_steps(actor: Actor, card: CustomerCard) -> list[Action]:
    """Return what the actor may do with the customer he looks at."""
    makers: list[tuple[bool, Callable[[Actor, CustomerCard], Action]]] = [
        (bool(card.editable), _edit),
        (card.may_edit_contacts, _add_contact),
        (card.may_share, _share),
        (card.may_assign, _assign),
    ]
    return [make(actor, card) for allowed, make in makers if allowed]


def _edit(_actor: Actor, card: CustomerCard) -> Action:
    return Action(label="编辑", href=link("customer_edit", card.id))


def _add_contact(actor: Actor, card: CustomerCard) -> Action:
    def save(values: dict[str, object], token: str) -> Reply:
        made = add_contact(actor, card.id, contact_draft(values), token=token)
        return saved(f"已添加联系人 {made.name}")

    roles = by_code(form_options(actor).contact_roles)
    label = words.CONTACT
    return Action(
        label="添加联系人",
        columns=2,
        fields=[
            Field(name="name", label=label["name"], required=True),
            Field(name="role", label=label["role"], kind="select", options=roles, required=True),
            Field(name="mobile", label=label["mobile"], kind="tel", required=True),
            Field(name="title", label=label["title"]),
            Field(name="email", label=label["email"], kind="email"),
            Field(name="is_primary", label=label["is_primary"], kind="checkbox"),
        ],
        on_submit=save,
    )


def _share(actor: Actor, card: CustomerCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        done = share_customer(
            actor,
            card.id,
            values["person"],
            ShareLevel(values["level"]),
            values["ends_on"],
            parts=Parts(**{name: bool(values[name]) for name in words.SHARE_PARTS}),
            token=token,
        )
        return saved(f"已共享给 {done.person}")

    colleagues = people(share_options(actor, card.id))
    levels = list(words.SHARE_LEVELS.items())
    return Action(
        label="共享",
        fields=[
            Field(
                name="person", label="选择用户", kind="picker", options=colleagues, required=True
            ),
            Field(
                name="level",
                label="共享方式",
                kind="radio",
                options=levels,
                default=ShareLevel.READ.value,
                required=True,
            ),
            Field(name="ends_on", label="截止日期", kind="date", hint="留空为长期"),
            *_part_fields(),
        ],
        on_submit=save,
        submit_label="添加",
    )


def _part_fields() -> list[Field]:
    return [
        Field(
            name=name,
            label=f"包含{label}",
            kind="checkbox",
            default=getattr(USUAL, name),
            hint=_PART_HINTS[name],
        )
        for name, label in words.SHARE_PARTS.items()
    ]


def share_ends(actor: Actor, card: CustomerCard) -> list[Action]:
    """Return 取消共享 for each share the actor may take back."""
    return [_unshare(actor, card, line) for line in card.shares if line.may_revoke]


def _unshare(actor: Actor, card: CustomerCard, line: ShareLine) -> Action:
    def call() -> Reply:
        done = unshare_customer(actor, card.id, line.person_id)
        return saved(f"已取消对 {done.person} 的共享")

    return Action(
        name=f"unshare-{line.person_id}",
        label=f"取消共享：{line.person}",
        confirm=f"取消后 {line.person} 不能再通过共享查看 {card.name}",
        call=call,
    )


def _assign(actor: Actor, card: CustomerCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        assign_customer(actor, card.id, values["owner"], card.version, token=token)
        return saved("分配成功")

    owners = people(owner_options(actor, Permission.CUSTOMER_ASSIGN))
    owner = words.CUSTOMER["owner"]
    return Action(
        label="分配",
        note="原负责人的进行中商机和未完成活动一并转给新负责人",
        fields=[Field(name="owner", label=owner, kind="picker", options=owners, required=True)],
        on_submit=save,
    )
