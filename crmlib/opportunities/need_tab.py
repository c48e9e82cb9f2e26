"""The tab 需求与异议 of a 商机: its entries, and what the actor may do with them."""

from collections.abc import Sequence
from typing import Any

import marimo as mo

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.opportunities import needs
from crmlib.opportunities.card import OpportunityCard
from crmlib.opportunities.labels import ANSWERED, NEED, NEED_KINDS, OPEN
from crmlib.opportunities.need_rules import CONTENT_LENGTH, NeedDraft
from crmlib.opportunities.needs import NeedLine
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.actions import Action
from crmlib.ui.cards import Markup, h
from crmlib.ui.choices import people
from crmlib.ui.fields import Field
from crmlib.ui.options import Option
from crmlib.ui.reply import Reply, saved

NEEDS = "needs"
_HEADS = ("kind", "content", "raised_on", "owner", "state", "answer", "entered_by")
_BRIEF = 12  # letters of an entry that name it on a button


def needs_panel(lines: Sequence[NeedLine]) -> mo.Html:
    """Return the entries, those without an answer first, and how many those are."""
    table = cards.small_table([NEED[name] for name in _HEADS], [_row(line) for line in lines])
    waiting = [line for line in lines if line.is_open]
    if not waiting:
        return table
    counts = [(label, sum(n.kind == kind for n in waiting)) for kind, label in NEED_KINDS.items()]
    told = "、".join(f"{label} {count} 项" for label, count in counts if count)
    return mo.vstack([cards.notice(f"{OPEN}：{told}", "warn"), table])


def _row(line: NeedLine) -> tuple[object, ...]:
    answer: object = ""
    if not line.is_open:
        by = f"{line.answered_by} {shown.moment(line.answered_at)}"
        answer = h("div", _lines(line.answer), h("div", by, class_="sm-note"))
    return (
        NEED_KINDS[line.kind],
        _lines(line.content),
        shown.day(line.raised_on),
        line.owner,
        cards.tag(OPEN, "warn") if line.is_open else cards.tag(ANSWERED, "good"),
        answer,
        f"{line.entered_by} {shown.day(line.entered_at)}",
    )


def _lines(text: str) -> Markup:
    return h("div", *(h("div", line or " ") for line in text.split("\n")))


def need_steps(actor: Actor, card: OpportunityCard, lines: Sequence[NeedLine]) -> list[Action]:
    """Return what the actor may do in the tab: write down, answer, change."""
    if "note" not in card.steps_open:
        return []
    owners = people(needs.need_owners(actor, card.id))
    steps = [_add(actor, card, owners)]
    for line in lines:
        steps += [_answer(actor, line)] if line.is_open else []
        steps.append(_edit(actor, line, owners))
    return steps


def _add(actor: Actor, card: OpportunityCard, owners: list[Option]) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        made = needs.add_need(actor, card.id, NeedDraft(**values), token=token)
        return saved(f"已登记{made.label}")

    return Action(
        label="登记需求或异议",
        columns=2,
        fields=_fields(owners),
        values={"kind": "need", "raised_on": clock.today(), "owner_id": actor.person_id},
        on_submit=save,
        submit_label="保存",
    )


def _answer(actor: Actor, line: NeedLine) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        needs.answer_need(actor, line.id, values["answer"], version=line.version, token=token)
        return saved("已答复")

    return Action(
        name=f"answer-need-{line.id}",
        label=f"答复：{_brief(line)}",
        note=f"{NEED_KINDS[line.kind]}：{line.content}",
        fields=[_answer_field(required=True)],
        on_submit=save,
        submit_label="答复",
    )


def _edit(actor: Actor, line: NeedLine, owners: list[Option]) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        needs.edit_need(actor, line.id, NeedDraft(**values), version=line.version, token=token)
        return saved("保存成功")

    if line.owner_id not in {each.value for each in owners}:
        owners = [*owners, Option(line.owner_id, line.owner)]
    held = {name: getattr(line, name) for name in NeedDraft.__dataclass_fields__}
    return Action(
        name=f"edit-need-{line.id}",
        label=f"修改：{_brief(line)}",
        columns=2,
        fields=_fields(owners),
        values=held,
        on_submit=save,
        submit_label="保存",
    )


def _brief(line: NeedLine) -> str:
    text = " ".join(line.content.split())
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}…"


def _fields(owners: list[Option]) -> list[Field]:
    return [
        Field(
            name="kind",
            label=NEED["kind"],
            kind="radio",
            options=list(NEED_KINDS.items()),
            required=True,
            width=2,
        ),
        Field(
            name="content",
            label=NEED["content"],
            kind="textarea",
            rows=3,
            required=True,
            max_length=CONTENT_LENGTH,
            width=2,
        ),
        Field(name="raised_on", label=NEED["raised_on"], kind="date", required=True),
        Field(name="owner_id", label=NEED["owner"], kind="picker", options=owners, required=True),
        _answer_field(required=False),
    ]


def _answer_field(*, required: bool) -> Field:
    return Field(
        name="answer",
        label=NEED["answer"],
        kind="textarea",
        rows=3,
        required=required,
        max_length=CONTENT_LENGTH,
        width=2,
        hint="" if required else "还没有答复可留空",
    )
