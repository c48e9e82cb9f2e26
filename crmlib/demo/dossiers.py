"""Invented papers of the deals: 竞争分析, 处理过程, 参与方, 需求与异议."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from crmlib.demo.bulk import insert_rows
from crmlib.demo.calendar import last_evening
from crmlib.demo.codes import Codes
from crmlib.demo.deals import Deal
from crmlib.opportunities.model import (
    CompetitorEntry,
    CustomerNeed,
    NeedKind,
    OpportunityParty,
    PartyRole,
    ProcessLog,
    Threat,
)
from crmlib.reference.kinds import DictKind

Row = dict[str, Any]
_STRENGTHS = ("价格低", "本地有仓库，交期快", "与总包合作多年", "检测报告齐全", "品牌在甲方库内")
_WEAKNESSES = ("品类不全", "售后慢", "没有同类业绩", "样品未通过封样", "账期短")
_ANSWERS = (
    "突出一站式配套",
    "请设计院出面说明标准",
    "提供同类项目案例",
    "先送样后报价",
    "争取月结",
)
_DIARY = (
    "拜访项目部，确认五金品牌入围名单，下周提交样品。",
    "与设计院沟通节点图，要求承重 120kg，已请技术支持出方案。",
    "甲方反馈价格偏高，要求分项报价，约定周五前答复。",
    "样品已封存，等监理签字。",
    "总包采购换人，新联系人约在下周一见面。",
    "开标推迟两周，继续跟进竞争对手动向。",
)
_NEEDS = {
    NeedKind.NEED: (
        ("需要 304 不锈钢执手，配套隐藏铰链", "已列入报价清单"),
        ("要求提供盐雾 480 小时检测报告", "已提交检测报告"),
    ),
    NeedKind.PROPOSAL: (("外开上悬改内开下悬，减少五金种类", "设计院已同意"),),
    NeedKind.OBJECTION: (
        ("价格比同行高 8%", "批量供货可让 3 个点"),
        ("担心交期赶不上窗扇进场", "分三批发货，首批 15 天"),
    ),
}
_COMPANIES = {
    PartyRole.OWNER: ("锦城置业", "南湖开发", "临港城投", "远大医院"),
    PartyRole.DESIGNER: ("华筑设计院", "东岳建筑设计", "博雅幕墙顾问"),
    PartyRole.CONTRACTOR: ("中恒建设", "苏工集团", "宏宇建工"),
    PartyRole.FACADE: ("天翼幕墙", "金桥装饰", "明达幕墙"),
    PartyRole.WINDOWS: ("安泰门窗", "瑞丰门窗"),
}


def lay_down(session: Session, deals: list[Deal], codes: Codes, chance: Random) -> None:
    """Write the papers of the deals that are past their first stage."""
    told = [deal for deal in deals if len(deal.moves) > 1]
    makers: tuple[tuple[Any, Callable[..., Iterator[Row]]], ...] = (
        (CompetitorEntry, _competitors),
        (ProcessLog, _diary),
        (OpportunityParty, _parties),
        (CustomerNeed, _needs),
    )
    for model, rows in makers:
        insert_rows(session, model, _numbered(rows(told, codes, chance)))


def _numbered(rows: Iterator[Row]) -> Iterator[Row]:
    for key, row in enumerate(rows, start=1):
        yield {"id": key, **row}


def _competitors(deals: list[Deal], codes: Codes, chance: Random) -> Iterator[Row]:
    for deal in deals:
        if deal.is_small or chance.random() < 0.4:
            continue
        rivals = {codes.pick(chance, DictKind.COMPETITOR) for _ in range(1 + chance.randrange(2))}
        for rival in sorted(rivals):
            yield {
                "version": 1,
                "opportunity_id": deal.id,
                "competitor": rival,
                "product": codes.name(DictKind.PRODUCT, codes.families[deal.product]),
                "price": f"比我方低 {2 + chance.randrange(9)}%" if chance.random() < 0.5 else None,
                "strengths": chance.choice(_STRENGTHS),
                "weaknesses": chance.choice(_WEAKNESSES),
                "countermeasure": chance.choice(_ANSWERS),
                "threat": chance.choice(list(Threat)),
                "entered_by_id": deal.owner,
                "entered_at": _after(deal.moves[1].at, chance),
            }


def _diary(deals: list[Deal], _codes: Codes, chance: Random) -> Iterator[Row]:
    for deal in deals:
        if chance.random() < 0.5:
            continue
        for move in deal.moves[1:3]:
            yield {
                "version": 1,
                "opportunity_id": deal.id,
                "written_at": _after(move.at, chance),
                "written_by_id": deal.owner,
                "content": chance.choice(_DIARY),
            }


def _parties(deals: list[Deal], _codes: Codes, chance: Random) -> Iterator[Row]:
    for deal in deals:
        if deal.is_small or chance.random() < 0.3:
            continue
        for role in chance.sample(list(_COMPANIES), 2):
            yield {
                "opportunity_id": deal.id,
                "company": f"{deal.prospect.city.name}{chance.choice(_COMPANIES[role])}",
                "role": role,
                "note": None,
            }


def _needs(deals: list[Deal], _codes: Codes, chance: Random) -> Iterator[Row]:
    for deal in deals:
        if deal.is_small or chance.random() < 0.5:
            continue
        for kind in chance.sample(list(NeedKind), 2):
            content, answer = chance.choice(_NEEDS[kind])
            raised = _after(deal.moves[1].at, chance)
            is_answered = chance.random() < 0.7
            yield {
                "version": 1,
                "opportunity_id": deal.id,
                "kind": kind,
                "content": content,
                "raised_on": raised.date(),
                "owner_id": deal.owner,
                "answer": answer if is_answered else None,
                "answered_by_id": deal.owner if is_answered else None,
                "answered_at": _after(raised, chance) if is_answered else None,
                "entered_by_id": deal.owner,
                "entered_at": raised,
            }


def _after(moment: datetime, chance: Random) -> datetime:
    return min(moment + timedelta(hours=2 + chance.randrange(60)), last_evening())
