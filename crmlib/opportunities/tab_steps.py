"""The steps below a tab of the 商机 card: who writes what down, and with whom it is shared."""

from collections.abc import Callable
from typing import Any

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.opportunities import notes
from crmlib.opportunities.card import OpportunityCard
from crmlib.opportunities.dossier import CompetitorLine, DealShareLine, Dossier, LogLine, PartyLine
from crmlib.opportunities.note_rules import LENGTHS, CompetitorDraft, PartyDraft
from crmlib.opportunities.sharing import partner_options, share_opportunity, unshare_opportunity
from crmlib.opportunities.steps import coded
from crmlib.reference.kinds import DictKind
from crmlib.ui import format as shown
from crmlib.ui.actions import Action
from crmlib.ui.choices import people
from crmlib.ui.fields import Field
from crmlib.ui.options import Option
from crmlib.ui.reply import Reply, saved

RIVALS, DIARY, SUMMARY, PARTIES, SHARES = "rivals", "diary", "summary", "parties", "shares"


def tab_steps(actor: Actor, card: OpportunityCard, papers: Dossier, tab: str) -> list[Action]:
    """Return what the actor may do in a tab."""
    if tab == SHARES:
        return _shares(actor, card, papers)
    makers: dict[str, Callable[[Actor, OpportunityCard, Dossier], list[Action]]] = {
        RIVALS: _rivals,
        DIARY: _diary,
        SUMMARY: _summary,
        PARTIES: _parties,
    }
    may_write = "note" in card.steps_open
    return makers[tab](actor, card, papers) if tab in makers and may_write else []


def _rivals(actor: Actor, card: OpportunityCard, papers: Dossier) -> list[Action]:
    rivals = coded(DictKind.COMPETITOR)
    steps = [_add_rival(actor, card, rivals)]
    for line in papers.competitors:
        steps += [_edit_rival(actor, line, rivals), _remove_rival(actor, line)]
    return steps


def _add_rival(actor: Actor, card: OpportunityCard, rivals: list[Option]) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        made = notes.add_competitor(actor, card.id, CompetitorDraft(**values), token=token)
        return saved(f"已登记竞争对手 {made.label}")

    return Action(
        label="新增竞争对手",
        columns=2,
        fields=_rival_fields(rivals),
        values={"threat": "medium"},
        on_submit=save,
        submit_label="保存",
    )


def _edit_rival(actor: Actor, line: CompetitorLine, rivals: list[Option]) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        draft = CompetitorDraft(**values)
        notes.edit_competitor(actor, line.id, draft, version=line.version, token=token)
        return saved("保存成功")

    held = {name: getattr(line.draft, name) for name in CompetitorDraft.__dataclass_fields__}
    if held["competitor"] not in {each.value for each in rivals}:
        rivals = [*rivals, Option(held["competitor"], line.name)]
    return Action(
        name=f"edit-rival-{line.id}",
        label=f"修改：{line.name}",
        columns=2,
        fields=_rival_fields(rivals),
        values=held,
        on_submit=save,
        submit_label="保存",
    )


def _remove_rival(actor: Actor, line: CompetitorLine) -> Action:
    def remove() -> Reply:
        return saved(f"已删除 {notes.remove_competitor(actor, line.id).label}")

    return Action(
        name=f"remove-rival-{line.id}",
        label=f"删除：{line.name}",
        confirm=f"从竞争分析中删除 {line.name}",
        call=remove,
    )


def _rival_fields(rivals: list[Option]) -> list[Field]:
    label = words.COMPETITOR
    long = ("strengths", "weaknesses", "countermeasure")
    return [
        Field(
            name="competitor",
            label=label["competitor"],
            kind="select",
            options=rivals,
            required=True,
        ),
        Field(
            name="threat",
            label=label["threat"],
            kind="radio",
            options=list(words.THREATS.items()),
            required=True,
        ),
        Field(name="product", label=label["product"], max_length=LENGTHS["product"]),
        Field(
            name="price",
            label=label["price"],
            max_length=LENGTHS["price"],
            hint="听到的报价，例如 36 万，或比我方低 8%",
        ),
        *(
            Field(name=name, label=label[name], kind="textarea", rows=2, max_length=LENGTHS[name])
            for name in long
        ),
    ]


def _diary(actor: Actor, card: OpportunityCard, papers: Dossier) -> list[Action]:
    def save(values: dict[str, Any], token: str) -> Reply:
        notes.log_process(actor, card.id, values["content"], token=token)
        return saved("已登记处理过程")

    add = Action(
        label="登记处理过程",
        fields=[_content()],
        on_submit=save,
        submit_label="保存",
    )
    return [add, *(_edit_log(actor, line) for line in papers.log if line.is_mine)]


def _edit_log(actor: Actor, line: LogLine) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        notes.edit_process(actor, line.id, values["content"], version=line.version, token=token)
        return saved("保存成功")

    return Action(
        name=f"edit-log-{line.id}",
        label=f"修改：{shown.moment(line.written_at)}",
        fields=[_content()],
        values={"content": line.content},
        on_submit=save,
        submit_label="保存",
    )


def _content() -> Field:
    return Field(
        name="content",
        label=words.PROCESS["content"],
        kind="textarea",
        rows=5,
        required=True,
        max_length=2000,
    )


def _summary(actor: Actor, card: OpportunityCard, _papers: Dossier) -> list[Action]:
    def save(values: dict[str, Any], token: str) -> Reply:
        notes.write_summary(actor, card.id, values["summary"], version=card.version, token=token)
        return saved("项目总结已保存")

    field = Field(
        name="summary",
        label=words.OPPORTUNITY["project_summary"],
        kind="textarea",
        rows=10,
        max_length=5000,
    )
    return [
        Action(
            label="修改项目总结" if card.project_summary else "填写项目总结",
            fields=[field],
            values={"summary": card.project_summary or ""},
            on_submit=save,
            submit_label="保存",
        )
    ]


def _parties(actor: Actor, card: OpportunityCard, papers: Dossier) -> list[Action]:
    def save(values: dict[str, Any], token: str) -> Reply:
        made = notes.add_party(actor, card.id, PartyDraft(**values), token=token)
        return saved(f"已添加参与方 {made.label}")

    label = words.PARTY
    add = Action(
        label="添加参与方",
        fields=[
            Field(name="company", label=label["company"], required=True, max_length=120),
            Field(
                name="role",
                label=label["role"],
                kind="select",
                options=list(words.PARTY_ROLES.items()),
                required=True,
            ),
            Field(name="note", label=label["note"], max_length=255),
        ],
        on_submit=save,
        submit_label="添加",
    )
    return [add, *(_remove_party(actor, line) for line in papers.parties)]


def _remove_party(actor: Actor, line: PartyLine) -> Action:
    def remove() -> Reply:
        return saved(f"已删除参与方 {notes.remove_party(actor, line.id).label}")

    return Action(
        name=f"remove-party-{line.id}",
        label=f"删除：{line.company}（{line.role}）",
        confirm=f"删除参与方 {line.company}（{line.role}）",
        call=remove,
    )


def _shares(actor: Actor, card: OpportunityCard, papers: Dossier) -> list[Action]:
    steps = [_share(actor, card)] if "share" in card.steps_open else []
    return steps + [_unshare(actor, card, line) for line in papers.shares if line.may_revoke]


def _share(actor: Actor, card: OpportunityCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        done = share_opportunity(actor, card.id, values["person"], values["ends_on"], token=token)
        return saved(f"已共享给 {done.person}")

    return Action(
        label="共享",
        title=f"商机共享：{card.subject}",
        note="对方可查看此商机、登记活动和处理过程、推进阶段；看不到该客户的其他商机，"
        "不能赢单、输单、关闭、再共享。",
        fields=share_fields(people(partner_options(actor, card.id))),
        on_submit=save,
        submit_label="添加",
    )


def share_fields(colleagues: list[Option]) -> list[Field]:
    """Return what 商机共享 asks: whom, until when."""
    return [
        Field(name="person", label="选择用户", kind="picker", options=colleagues, required=True),
        Field(name="ends_on", label="截止日期", kind="date", hint="留空为长期"),
    ]


def _unshare(actor: Actor, card: OpportunityCard, line: DealShareLine) -> Action:
    def call() -> Reply:
        done = unshare_opportunity(actor, card.id, line.person_id)
        return saved(f"已取消对 {done.person} 的共享")

    return Action(
        name=f"unshare-{line.person_id}",
        label=f"取消共享：{line.person}",
        confirm=f"取消后 {line.person} 不能再查看和推进此商机",
        call=call,
    )
