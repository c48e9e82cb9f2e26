"""The steps of the 商机 card: edit, push, end, take back, close; each only where allowed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.errors import CrmError, Invalid
from crmlib.opportunities.actions import advance_stage, edit_opportunity
from crmlib.opportunities.card import OpportunityCard
from crmlib.opportunities.closing import USUAL_REASON, close_opportunity, reopen_opportunity
from crmlib.opportunities.guards import review_required
from crmlib.opportunities.model import Outcome
from crmlib.opportunities.outcome_rules import Closing, Ending
from crmlib.opportunities.outcomes import lose_opportunity, undo_loss, undo_win, win_opportunity
from crmlib.opportunities.queries import contact_choices, form_options
from crmlib.opportunities.rules import SUBJECT_FORMAT
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import options
from crmlib.store.engine import reading
from crmlib.ui.actions import Action
from crmlib.ui.choices import by_code, by_id
from crmlib.ui.fields import Field
from crmlib.ui.options import Option
from crmlib.ui.reply import Question, Reply, saved
from crmlib.ui.route import link

LABEL = words.OPPORTUNITY


@dataclass(frozen=True, slots=True)
class Planned:
    """Activities of the deal nobody began; ``cancel`` deletes one of the actor's own."""

    own: Sequence[Option] = ()
    cancel: Callable[[int], object] | None = None
    others: Sequence[str] = ()  # of other people: told, not cancelled


NOTHING_PLANNED = Planned()


def deal_steps(
    actor: Actor, card: OpportunityCard, planned: Planned = NOTHING_PLANNED
) -> list[Action]:
    """Return what the actor may do with the deal he looks at."""
    open_ = card.steps_open
    steps = []
    if "advance" in open_:
        steps.append(_advance(actor, card))
    if card.editable:
        steps.append(_edit(actor, card))
    if "decide" in open_:
        steps += [_win(actor, card), _lose(actor, card, planned)]
    if "undo" in open_:
        steps.append(_undo(actor, card))
    if "close" in open_:
        steps.append(_close(actor, card))
    if "reopen" in open_:
        steps.append(_reopen(actor, card))
    return steps


def coded(kind: DictKind) -> list[Option]:
    """Return the choices of a dictionary in use."""
    with reading() as session:
        return by_code(options(session, kind))


def _advance(actor: Actor, card: OpportunityCard) -> Action:
    def push(values: dict[str, Any], token: str) -> Reply:
        try:
            moved = advance_stage(
                actor,
                card.id,
                values["to_stage"],
                reason=values["reason"],
                ticked=values["ticked"],
                confirm=values.get("confirm") == "yes",
                version=card.version,
                token=token,
            )
        except Invalid as wrong:
            if set(wrong.faults) != {"confirm"}:
                raise
            text = wrong.faults["confirm"]
            asked = Question(text=text, name="confirm", ask_text=False, confirm="仍要推进")
            return Reply(ok=False, question=asked)
        return saved(
            f"已推进到「{moved.to_stage}」，赢率 {moved.probability}%，上一阶段停留 {moved.days} 天"
        )

    return Action(
        label="推进阶段",
        kind="primary",
        title=f"推进阶段：{card.stage.name}",
        note="跳过阶段或退回时须填写原因。",
        fields=_advance_fields(card),
        on_submit=push,
    )


def _advance_fields(card: OpportunityCard) -> list[Field]:
    steps = [(s.id, s.name) for s in card.steps if s.id != card.stage.id and not s.disabled]
    return [
        Field(
            name="to_stage",
            label=LABEL["stage"],
            kind="select",
            required=True,
            options=steps,
            default=card.next_step.id if card.next_step else None,
        ),
        Field(
            name="ticked",
            label="本阶段检查项",
            kind="multiselect",
            options=list(card.stage.checklist),
            hint="勾选已完成的检查项",
        ),
        Field(name="reason", label="原因", kind="textarea", max_length=255),
    ]


def _edit(actor: Actor, card: OpportunityCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        edit_opportunity(actor, card.id, values, version=card.version, token=token)
        return saved("保存成功")

    values = {name: getattr(card, name, None) for name in _EDIT_FIELDS} | {
        "products": [product.code for product in card.products],
        "subject": card.subject,
    }
    fields = [f for f in _edit_fields(actor, card) if f.name in card.editable]
    return Action(
        label="编辑",
        title=f"编辑商机 {card.number}",
        columns=2,
        fields=fields,
        values={f.name: values[f.name] for f in fields},
        on_submit=save,
        submit_label="保存",
    )


_EDIT_FIELDS = (
    *("contact_id", "project_name", "project_type", "sales_task", "amount", "expected_close"),
    *("site_address", "source", "owner_id", "probability"),
)


def _edit_fields(actor: Actor, card: OpportunityCard) -> list[Field]:
    choices = form_options(actor)
    contacts = by_id(contact_choices(actor, card.customer_id))
    owners = by_id(choices.owners)
    if card.owner_id not in {each.value for each in owners}:
        owners.append(Option(card.owner_id, card.owner))

    def field(name: str, **more: Any) -> Field:
        return Field(name=name, label=LABEL[name.removesuffix("_id")], **more)

    shown = [field("contact_id", kind="select", options=contacts)] if contacts else []
    return [
        *shown,
        field("project_name", required=True),
        field("project_type", kind="select", options=by_code(choices.project_types)),
        field("products", kind="multiselect", options=by_code(choices.products), required=True),
        field("sales_task", kind="select", options=by_code(choices.sales_tasks), required=True),
        field("amount", kind="money", required=True, hint="单位：元"),
        field("expected_close", kind="date", required=True),
        field("site_address"),
        field("source", kind="select", options=by_code(choices.sources)),
        field("probability", hint="0 到 100 的整数，推进阶段后按阶段重置"),
        field("owner_id", kind="picker", options=owners, required=True),
        field("subject", width=2, required=True, hint=SUBJECT_FORMAT),
    ]


def _win(actor: Actor, card: OpportunityCard) -> Action:
    def win(values: dict[str, Any], token: str) -> Reply:
        ending = Ending(
            decided_on=values["decided_on"],
            reason=values["reason"],
            amount=values["amount"],
            note=values["note"],
            override=values.get("override") or "",
        )
        done = win_opportunity(actor, card.id, ending, version=card.version, token=token)
        way = link("customer", done.customer_id, tab="checks") if done.may_trade else ""
        return saved(f"赢单商机【{done.subject}】", ("申请转交易", way) if way else None)

    with reading() as session:
        needs_review = review_required(session)
    override = Field(
        name="override", label="例外原因", kind="textarea", rows=2, max_length=255,
        hint="合同评审尚未通过时由办事处主任或区域经理填写",
    )  # fmt: skip
    return Action(
        label="赢单",
        title=f"赢单：{card.subject}",
        fields=[
            *_ending_fields(coded(DictKind.WIN_REASON)),
            Field(
                name="amount",
                label=LABEL["won_amount"],
                kind="money",
                marked=True,
                hint="单位：元",
            ),
            *([override] if needs_review else []),
            _note_field(),
        ],
        values={"decided_on": clock.today(), "amount": card.amount},
        on_submit=win,
        submit_label="赢单",
    )


def _lose(actor: Actor, card: OpportunityCard, planned: Planned) -> Action:
    def lose(values: dict[str, Any], token: str) -> Reply:
        ending = Ending(
            decided_on=values["decided_on"],
            reason=values["reason"],
            competitor=values["competitor"],
            no_competitor=bool(values["no_competitor"]),
            note=values["note"],
        )
        done = lose_opportunity(actor, card.id, ending, version=card.version, token=token)
        return saved(
            f"输单商机【{done.subject}】{_cancelled(planned, values.get('cancelled') or ())}"
        )

    note = f"其他人还有未开始的活动：{'、'.join(planned.others)}" if planned.others else ""
    return Action(
        label="输单",
        title=f"输单：{card.subject}",
        note=note,
        fields=_loss_fields(planned),
        values={"decided_on": clock.today()},
        on_submit=lose,
        submit_label="输单",
    )


def _loss_fields(planned: Planned) -> list[Field]:
    cancelled = Field(
        name="cancelled",
        label="取消未开始的活动",
        kind="multiselect",
        options=planned.own,
        hint="勾选后这些活动被删除",
    )
    return [
        *_ending_fields(coded(DictKind.LOSS_REASON)),
        Field(
            name="competitor",
            label=LABEL["competitor"],
            kind="select",
            options=coded(DictKind.COMPETITOR),
            none_tick="no_competitor",
            marked=True,
            hint="这个项目最终由谁拿到",
        ),
        *([cancelled] if planned.own and planned.cancel else []),
        _note_field(),
    ]


def _cancelled(planned: Planned, chosen: Collection[Any]) -> str:
    """Cancel what was ticked; an activity somebody began meanwhile stays and is named."""
    done, kept = 0, []
    for key in chosen:
        try:
            if planned.cancel:
                planned.cancel(int(key))
                done += 1
        except CrmError as fault:
            kept.append(fault.message)
    text = f"，已取消 {done} 个活动" if done else ""
    return text + (f"，{len(kept)} 个未能取消（{kept[0]}）" if kept else "")


def _ending_fields(reasons: list[Option]) -> list[Field]:
    reason = LABEL["outcome_reason"]
    return [
        Field(name="decided_on", label=LABEL["decided_on"], kind="date", marked=True),
        Field(name="reason", label=reason, kind="select", options=reasons, marked=True),
    ]


def _note_field() -> Field:
    return Field(name="note", label=LABEL["outcome_note"], kind="textarea", rows=2, max_length=255)


def _undo(actor: Actor, card: OpportunityCard) -> Action:
    label = f"反{words.OUTCOMES[card.outcome.value]}"
    step = undo_win if card.outcome is Outcome.WON else undo_loss

    def back(values: dict[str, Any], token: str) -> Reply:
        step(actor, card.id, values["reason"], version=card.version, token=token)
        return saved(f"已{label}，商机恢复为进行中")

    note = "商机恢复为进行中，停在原来的阶段；历史保留。"
    return Action(label=label, kind="danger", note=note, fields=[_because()], on_submit=back)


def _close(actor: Actor, card: OpportunityCard) -> Action:
    def close(values: dict[str, Any], token: str) -> Reply:
        closing = Closing(values["reason"], values["note"], values["summary"])
        close_opportunity(actor, card.id, closing, version=card.version, token=token)
        return saved("商机已关闭")

    drops = card.outcome is Outcome.OPEN
    note = "进行中的商机关闭即为废弃。" if drops else ""
    return Action(
        label="关闭",
        kind="danger",
        title=f"关闭：{card.subject}",
        note=f"{note}关闭后只读，不再计入漏斗；只有综合部和信息部可以重开。",
        fields=[
            Field(
                name="reason",
                label=LABEL["close_reason"],
                kind="select",
                options=coded(DictKind.CLOSE_REASON),
                required=card.closes_anywhere,
            ),
            Field(name="note", label="关闭说明", max_length=255),
            Field(
                name="summary",
                label=LABEL["project_summary"],
                kind="textarea",
                rows=5,
                marked=not card.closes_anywhere,
                hint="得失、经验、后续",
            ),
        ],
        values={
            "reason": "" if card.closes_anywhere else USUAL_REASON,
            "summary": card.project_summary or "",
        },
        on_submit=close,
        submit_label="关闭",
    )


def _reopen(actor: Actor, card: OpportunityCard) -> Action:
    def reopen(values: dict[str, Any], token: str) -> Reply:
        reopen_opportunity(actor, card.id, values["reason"], version=card.version, token=token)
        return saved("商机已重开")

    return Action(label="重开", fields=[_because()], on_submit=reopen)


def _because() -> Field:
    return Field(name="reason", label="原因", kind="textarea", required=True, max_length=255)
