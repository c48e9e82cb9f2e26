"""需求与异议: what is refused, who may write and answer, who is told, what the tab shows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.audit.history import history_of
from crmlib.errors import CrmError, Invalid, NotAllowed, Stale
from crmlib.inbox.queries import inbox_page
from crmlib.opportunities import need_rules
from crmlib.opportunities.model import CustomerNeed, Outcome
from crmlib.opportunities.need_rules import NeedDraft
from crmlib.opportunities.needs import add_need, answer_need, edit_need, need_owners, needs_of
from crmlib.opportunities.sharing import share_opportunity
from tests import make

Cast = dict[str, Actor]
TODAY = date(2026, 11, 23)
DRAFT = NeedDraft("objection", "价格比同行高 8%", TODAY, 1)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, {}),
        ({"kind": "", "content": ""}, {
            "kind": "类别 请从列表中选择", "content": "内容 为必录项"}),
        ({"content": "长" * 2001, "answer": "长" * 2001}, {
            "content": "内容 不能超过 2000 个字", "answer": "答复 不能超过 2000 个字"}),
        ({"raised_on": TODAY + timedelta(days=1)}, {"raised_on": "提出日期 不能晚于今天"}),
        ({"owner_id": 9}, {"owner_id": "负责人 只能选择能推进此商机的在职人员"}),
        ({"owner_id": None}, {"owner_id": "负责人 只能选择能推进此商机的在职人员"}),
    ],
)  # fmt: skip
def test_faults_of_an_entry(change: dict[str, object], faults: object) -> None:
    draft = replace(DRAFT, **change)  # type: ignore[arg-type]
    assert need_rules.need_faults(draft, {1, 2}, TODAY) == faults


def test_an_answer_needs_words() -> None:
    assert need_rules.answer_faults("") == {"answer": "答复 为必录项"}
    assert need_rules.answer_faults("长" * 2001) == {"answer": "答复 不能超过 2000 个字"}
    assert need_rules.answer_faults("可以") == {}


def test_an_objection_from_its_entry_to_its_answer(cast: Cast) -> None:
    me, head = cast["wangqiang"], cast["zhangwei"]
    deal = make.opportunity(make.customer())
    objection = NeedDraft("objection", " 价格偏高 ", owner_id=head.person_id)
    made = add_need(me, deal, objection, token="t")
    assert add_need(me, deal, objection, token="t") == made
    wish = add_need(me, deal, NeedDraft(content="十年质保"))
    title = inbox_page(head).rows.row(0, named=True)["title"]
    assert title.startswith("客户异议待答复：")
    lines = {line.id: line for line in needs_of(head, deal)}
    assert lines[wish.note_id].owner == "王强"
    assert lines[made.note_id].content == "价格偏高"
    assert lines[made.note_id].raised_on == clock.today()
    with pytest.raises(Invalid):
        answer_need(head, made.note_id, " ")
    answer_need(head, made.note_id, "可让 3 个点", version=1)
    with pytest.raises(Stale):
        answer_need(head, made.note_id, "再答", version=1)
    told = inbox_page(me).rows.row(0, named=True)["title"]
    assert told.startswith("客户异议已答复：")
    # The open ones stand first.
    assert [(n.kind, n.is_open, n.answered_by) for n in needs_of(me, deal)] == [
        ("need", True, None),
        ("objection", False, "张伟"),
    ]
    steps = [entry.step for entry in history_of(me, "opportunity", deal).entries]
    assert {"登记需求或异议", "答复需求或异议"} <= set(steps)
    assert "客户异议待答复" not in str(inbox_page(me).rows.to_dicts())


def test_an_entry_changes_hands_and_its_answer_is_taken_back(cast: Cast) -> None:
    me, head = cast["wangqiang"], cast["zhangwei"]
    deal = make.opportunity(make.customer())
    draft = NeedDraft("proposal", "隐框改明框", answer="客户同意")
    made = add_need(me, deal, draft)
    first = needs_of(me, deal)[0]
    assert (first.answer, first.answered_by, first.is_open) == ("客户同意", "王强", False)
    edit_need(head, made.note_id, replace(draft, content="隐框改半隐框"), version=1)
    assert needs_of(me, deal)[0].answered_by == "王强"  # the answer is the one he gave
    edit_need(me, made.note_id, replace(draft, answer="", owner_id=head.person_id))
    now = needs_of(me, deal)[0]
    assert (now.is_open, now.answered_by, now.owner) == (True, None, "张伟")
    assert "客户方案待答复" in str(inbox_page(head).rows.to_dicts())
    with pytest.raises(Stale):
        edit_need(me, made.note_id, draft, version=1)
    with pytest.raises(NotAllowed):
        answer_need(me, 999, "没有")


def test_who_may_write_and_own_entries(cast: Cast) -> None:
    deal = make.opportunity(make.customer(), outcome=Outcome.LOST, decided_on=clock.today())
    mine = add_need(cast["wangqiang"], deal, NeedDraft(content="需求"))
    for login, actor in cast.items():
        if login in {"wangqiang", "zhangwei", "liuyang"}:
            add_need(actor, deal, NeedDraft(content=login))
            answer_need(actor, mine.note_id, f"{login} 答复")
            continue
        assert need_owners(actor, deal) == (), login
        for step in (
            lambda who: add_need(who, deal, NeedDraft(content="别人的")),
            lambda who: edit_need(who, mine.note_id, NeedDraft(content="别人的")),
            lambda who: answer_need(who, mine.note_id, "别人的"),
        ):
            with pytest.raises(NotAllowed):
                step(actor)
    assert needs_of(cast["limin"], deal) == ()  # a clerk does not read the papers
    assert len(needs_of(cast["zhouting"], deal)) == 4
    chen = cast["chengang"].person_id
    with pytest.raises(Invalid) as wrong:
        add_need(cast["wangqiang"], deal, NeedDraft(content="交给外人", owner_id=chen))
    assert set(wrong.value.faults) == {"owner_id"}


def test_a_partner_may_own_an_entry_and_a_closed_deal_takes_none(cast: Cast) -> None:
    me, chen = cast["wangqiang"], cast["chengang"]
    deal = make.opportunity(make.customer())
    assert [p.name for p in need_owners(me, deal)] == ["王强", "张伟", "刘洋"]
    share_opportunity(me, deal, chen.person_id)
    assert [p.name for p in need_owners(chen, deal)] == ["陈刚", "王强", "张伟", "刘洋"]
    add_need(me, deal, NeedDraft(content="送样", owner_id=chen.person_id))
    assert make.rows(CustomerNeed)[0].owner_id == chen.person_id
    closed = make.opportunity(make.customer(), closed=True)
    with pytest.raises(CrmError, match="已经关闭"):
        add_need(me, closed, NeedDraft(content="晚了"))
