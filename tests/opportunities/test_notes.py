"""竞争分析, 处理过程, 项目总结, 参与方: who writes, what is refused, what the card shows."""

from dataclasses import replace
from typing import Any

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.audit.history import history_of
from crmlib.errors import CrmError, Invalid, NotAllowed, Stale
from crmlib.opportunities import note_rules
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.dossier import dossier
from crmlib.opportunities.model import (
    CompetitorEntry,
    Opportunity,
    OpportunityParty,
    OpportunityShare,
    Outcome,
    ProcessLog,
)
from crmlib.opportunities.note_rules import CompetitorDraft, PartyDraft
from crmlib.opportunities.notes import (
    add_competitor,
    add_party,
    edit_competitor,
    edit_process,
    log_process,
    remove_competitor,
    remove_party,
    write_summary,
)
from crmlib.store.engine import writing
from tests import make

Cast = dict[str, Actor]
RIVAL = CompetitorDraft("01", "执手", "比我方低 8%", "价格低", "售后慢", "突出服务", "high")
KNOWN = {"01": "兴三星", "02": "合和"}
PARTY = PartyDraft("广州城投", "owner")
STEPS: dict[str, Any] = {
    "rival": lambda who, deal: add_competitor(who, deal, RIVAL),
    "diary": lambda who, deal: log_process(who, deal, "开会"),
    "summary": lambda who, deal: write_summary(who, deal, "复盘"),
    "party": lambda who, deal: add_party(who, deal, PARTY),
}


@pytest.mark.parametrize(
    ("change", "taken", "faults"),
    [
        ({}, [], {}),
        ({"competitor": ""}, [], {"competitor": "竞争对手 为必录项"}),
        ({"competitor": "99"}, [], {"competitor": "竞争对手 请从列表中选择"}),
        ({}, ["01"], {"competitor": "兴三星 已在竞争分析中，请修改原有记录"}),
        ({"threat": "x", "price": "长" * 121}, [], {
            "threat": "威胁 请从列表中选择", "price": "价格 不能超过 120 个字"}),
    ],
)  # fmt: skip
def test_faults_of_a_competitor(change: dict[str, str], taken: list[str], faults: object) -> None:
    assert note_rules.competitor_faults(replace(RIVAL, **change), KNOWN, taken) == faults


@pytest.mark.parametrize(
    ("draft", "held", "faults"),
    [
        (PARTY, [], {}),
        (PARTY, [("广州城投", "designer")], {}),
        (PARTY, [("广州城投", "owner")], {"company": "广州城投 已登记为甲方"}),
        (PartyDraft(), [], {"company": "公司名称 为必录项", "role": "角色 为必录项"}),
        (PartyDraft("甲", "x", "长" * 256), [], {
            "role": "角色 请从列表中选择", "note": "备注 不能超过 255 个字"}),
    ],
)  # fmt: skip
def test_faults_of_a_party(draft: PartyDraft, held: list[tuple[str, str]], faults: object) -> None:
    assert note_rules.party_faults(draft, held) == faults


def test_diary_needs_words() -> None:
    assert note_rules.content_faults("") == {"content": "内容 为必录项"}
    assert note_rules.content_faults("长" * 2001) == {"content": "内容 不能超过 2000 个字"}


@pytest.mark.parametrize("step", list(STEPS))
def test_who_may_write_what_down(cast: Cast, step: str) -> None:
    customer = make.customer()
    for login, actor in cast.items():
        deal = make.opportunity(customer, outcome=Outcome.LOST, decided_on=clock.today())
        with writing() as session, session.begin():
            session.add(
                OpportunityShare(
                    opportunity_id=deal,
                    person_id=cast["chengang"].person_id,
                    shared_by_id=cast["wangqiang"].person_id,
                    shared_at=clock.now(),
                )
            )
        may = login in {"wangqiang", "zhangwei", "liuyang", "chengang"}
        assert ("note" in opportunity_card(actor, deal).steps_open) is may, login
        if may:
            STEPS[step](actor, deal)
        else:
            with pytest.raises(NotAllowed):
                STEPS[step](actor, deal)


@pytest.mark.parametrize("step", list(STEPS))
def test_a_closed_deal_is_read_only(cast: Cast, step: str) -> None:
    deal = make.opportunity(make.customer(), closed=True)
    with pytest.raises(CrmError, match="已经关闭"):
        STEPS[step](cast["wangqiang"], deal)


def test_competitors_most_dangerous_first_changed_and_taken_out(cast: Cast) -> None:
    me, deal = cast["wangqiang"], make.opportunity(make.customer())
    low = add_competitor(me, deal, replace(RIVAL, competitor="02", threat="low"))
    high = add_competitor(me, deal, RIVAL, token="t")
    assert add_competitor(me, deal, RIVAL, token="t") == high
    with pytest.raises(Invalid):
        add_competitor(me, deal, RIVAL)
    papers = dossier(me, deal)
    assert [c.name for c in papers.competitors] == ["兴三星", "合和"]
    assert papers.competitors[0].draft == RIVAL
    edit_competitor(me, low.note_id, replace(RIVAL, competitor="03"), version=1)
    with pytest.raises(Stale):
        edit_competitor(me, low.note_id, RIVAL, version=1)
    with pytest.raises(Invalid):
        edit_competitor(me, low.note_id, RIVAL)
    remove_competitor(me, high.note_id)
    assert [e.competitor for e in make.rows(CompetitorEntry)] == ["03"]
    steps = [entry.step for entry in history_of(me, "opportunity", deal).entries]
    assert {"登记竞争对手", "修改竞争分析", "删除竞争分析"} <= set(steps)


def test_the_diary_is_corrected_only_by_its_writer(cast: Cast) -> None:
    me, deal = cast["wangqiang"], make.opportunity(make.customer())
    first = log_process(me, deal, " 拜访项目部 \r\n 下周送样 ")
    log_process(cast["zhangwei"], deal, "请报价")
    lines = dossier(me, deal).log
    assert [(line.written_by, line.content, line.is_mine) for line in lines] == [
        ("张伟", "请报价", False),
        ("王强", "拜访项目部\n 下周送样", True),
    ]
    with pytest.raises(NotAllowed):
        edit_process(cast["zhangwei"], first.note_id, "别人的")
    edit_process(me, first.note_id, "拜访项目部", version=1)
    assert make.rows(ProcessLog)[0].content == "拜访项目部"
    with pytest.raises(Invalid):
        log_process(me, deal, " \n ")


def test_the_summary_is_written_over_an_unchanged_deal(cast: Cast) -> None:
    me, deal = cast["wangqiang"], make.opportunity(make.customer())
    write_summary(me, deal, "第一版", version=1)
    with pytest.raises(Stale):
        write_summary(me, deal, "第二版", version=1)
    with pytest.raises(Invalid):
        write_summary(me, deal, "长" * 5001)
    assert make.fetch(Opportunity, deal).project_summary == "第一版"


def test_parties_stand_in_the_order_of_their_roles(cast: Cast) -> None:
    me, deal = cast["wangqiang"], make.opportunity(make.customer())
    add_party(me, deal, PartyDraft("天翼幕墙", "facade"))
    owner = add_party(me, deal, PARTY)
    with pytest.raises(Invalid):
        add_party(me, deal, PARTY)
    assert [(p.role, p.company) for p in dossier(me, deal).parties] == [
        ("甲方", "广州城投"),
        ("幕墙", "天翼幕墙"),
    ]
    remove_party(me, owner.note_id)
    assert len(make.rows(OpportunityParty)) == 1
    with pytest.raises(NotAllowed):
        remove_party(me, owner.note_id)


def test_papers_of_another_are_refused(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    with pytest.raises(NotAllowed):
        dossier(cast["chengang"], deal)


def test_a_clerk_sees_the_deal_but_not_its_papers(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    for step in STEPS.values():
        step(cast["wangqiang"], deal)
    for login, reads in {"limin": False, "sunyue": True, "zhouting": True}.items():
        papers = dossier(cast[login], deal)
        assert (papers.readable, bool(papers.competitors), bool(papers.log)) == (reads,) * 3
        assert bool(opportunity_card(cast[login], deal).project_summary) is reads
        assert len(papers.parties) == 1
    told = str(history_of(cast["limin"], "opportunity", deal).entries)
    assert "复盘" not in told
    assert "比我方低" not in told
    assert "广州城投" in told
