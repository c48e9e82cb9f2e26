"""What the 商机 card shows: its facts and its tabs."""

from collections.abc import Mapping

import marimo as mo

from crmlib import words
from crmlib.customers.panels import share_end
from crmlib.customers.why_panel import Subject
from crmlib.opportunities.card import OpportunityCard, StageMoved
from crmlib.opportunities.dossier import Dossier
from crmlib.opportunities.model import Outcome, StageEvent
from crmlib.opportunities.why import why_opportunity
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.cards import Markup, Tone, h
from crmlib.ui.route import link

LABEL = words.OPPORTUNITY
OF_DEAL = Subject("opportunity", "商机", why_opportunity)
_TONES: Mapping[Outcome, Tone] = {Outcome.OPEN: "info", Outcome.WON: "good", Outcome.LOST: "mute"}


def head_panel(card: OpportunityCard) -> mo.Html:
    """Return title, state, facts and, once it ended, how the deal ended."""
    tags = [cards.tag(words.OUTCOMES[card.outcome.value], _TONES[card.outcome])]
    if card.closed:
        tags.append(cards.tag("已关闭", "mute"))
    if card.is_stalled:
        tags.append(cards.tag(f"停滞 {card.days} 天", "bad"))
    title = cards.page_title("商机", record=card.subject, tags=tags, steps=("商业机会", "商机维护"))
    parts = [title, cards.details([*_facts(card), *_ending(card)], columns=4)]
    if card.customer_summary:
        told = "，".join(f"{label} {text}" for label, text in card.customer_summary)
        parts.append(cards.show(h("div", f"客户概要：{told}", class_="sm-note")))
    return mo.vstack(parts)


def _facts(card: OpportunityCard) -> list[tuple[str, object]]:
    customer: object = card.customer
    if card.may_open_customer:
        customer = cards.anchor(card.customer, link("customer", card.customer_id))
    amount = shown.money(card.amount) if card.may_see_amount else words.EMPTY
    return [
        (LABEL["number"], card.number),
        (LABEL["customer"], customer),
        (LABEL["contact"], f"{card.contact or '—'} {shown.phone(card.contact_mobile)}"),
        (LABEL["project_name"], card.project_name),
        (LABEL["project_type"], card.project_type_label),
        (LABEL["site_address"], card.site_address),
        (LABEL["products"], "、".join(p.name for p in card.products)),
        (LABEL["sales_task"], card.sales_task_label),
        (LABEL["amount"], amount),
        (LABEL["currency"], card.currency),
        (LABEL["stage"], card.stage.name),
        (LABEL["probability"], f"{card.probability}%"),
        (LABEL["days"], f"{card.days} 天（标准 {card.stage.standard_days} 天）"),
        (LABEL["expected_close"], shown.day(card.expected_close, weekday=True)),
        (LABEL["owner"], card.owner),
        (LABEL["office"], card.office),
        (LABEL["source"], card.source_label),
        (LABEL["registered_by"], card.registered_by),
        (LABEL["registered_at"], shown.moment(card.registered_at)),
        (LABEL["closed"], shown.yes_no(card.closed)),
    ]


def _ending(card: OpportunityCard) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = []
    if card.outcome is not Outcome.OPEN:
        facts += [
            (LABEL["decided_on"], shown.day(card.decided_on)),
            (LABEL["outcome_reason"], card.outcome_reason_label),
        ]
        if card.outcome is Outcome.WON:
            amount = shown.money(card.won_amount) if card.may_see_amount else words.EMPTY
            facts.append((LABEL["won_amount"], amount))
        facts += [
            (LABEL["competitor"], card.competitor_label or "无"),
            (LABEL["outcome_note"], card.outcome_note),
        ]
    if card.closed:
        facts += [
            (LABEL["closed_on"], shown.day(card.closed_on)),
            (LABEL["close_reason"], card.close_reason_label),
        ]
    return facts


def rivals_panel(papers: Dossier) -> mo.Html:
    """Return 竞争分析, the most dangerous first."""
    tones: Mapping[str, Tone] = {"high": "bad", "medium": "warn", "low": "mute"}
    fields = ("product", "price", "strengths", "weaknesses", "countermeasure")
    label = words.COMPETITOR
    return cards.small_table(
        [label["competitor"], label["threat"], *(label[name] for name in fields), "登记"],
        [
            (
                line.name,
                cards.tag(words.THREATS[line.draft.threat], tones[line.draft.threat]),
                *(getattr(line.draft, name) for name in fields),
                f"{line.entered_by} {shown.day(line.entered_at)}",
            )
            for line in papers.competitors
        ],
    )


def diary_panel(papers: Dossier) -> mo.Html:
    """Return 处理过程, the newest first."""
    return cards.timeline(
        (shown.moment(line.written_at), line.written_by, _lines(line.content))
        for line in papers.log
    )


def summary_panel(card: OpportunityCard) -> mo.Html:
    """Return the 项目总结."""
    if not card.project_summary:
        return cards.empty("还没有项目总结")
    return cards.show(_lines(card.project_summary))


def _lines(text: str) -> Markup:
    return h("div", *(h("div", line or " ") for line in text.split("\n")))


def parties_panel(papers: Dossier) -> mo.Html:
    """Return the companies in the project."""
    return cards.small_table(
        [words.PARTY["role"], words.PARTY["company"], words.PARTY["note"]],
        [(line.role, line.company, line.note) for line in papers.parties],
    )


def shares_panel(papers: Dossier) -> mo.Html:
    """Return with whom the deal is shared."""
    return cards.small_table(
        ["用户", "部门", "共享方式", "截止日期", "共享人", "共享时间"],
        [
            (
                s.person,
                s.office,
                "协作",
                share_end(s.ends_on, s.ended),
                s.shared_by,
                shown.moment(s.shared_at),
            )
            for s in papers.shares
        ],
    )


def history_panel(card: OpportunityCard) -> mo.Html:
    """Return 阶段历史, the newest first; the days add up to the age of the deal."""
    return cards.small_table(
        ["时间", "操作人", "事项", "从", "到", "天数", "原因"],
        [
            (
                shown.moment(move.moved_at),
                move.moved_by,
                _event(move),
                move.from_stage,
                move.to_stage,
                move.days if move.from_stage else None,
                move.reason,
            )
            for move in card.history
        ],
        right=(5,),
    )


def _event(move: StageMoved) -> str:
    if move.event is StageEvent.MOVE and move.from_stage is None:
        return "新建"
    return words.STAGE_EVENTS[move.event.value]
