"""销售阶段定义 from draft to 生效, on both databases."""

import random
import threading
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.errors import CrmError, Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.inbox.queries import pending
from crmlib.inbox.related import OPEN, step_at
from crmlib.insight import funnel
from crmlib.insight.cut import Filters
from crmlib.insight.live import funnel_data
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.actions import advance_stage, create_opportunity
from crmlib.opportunities.choices import stage_choices
from crmlib.opportunities.model import (
    Opportunity,
    Outcome,
    Stage,
    StageAct,
    StageHistory,
    StageSet,
    StageSetStatus,
    StageSignature,
)
from crmlib.opportunities.outcomes import undo_win
from crmlib.opportunities.queries import OpportunityQuery, form_options, opportunity_page
from crmlib.opportunities.rules import OpportunityDraft
from crmlib.opportunities.stage_cards import set_card, stage_card
from crmlib.opportunities.stage_edits import (
    CODE_STAYS,
    add_stage,
    disable_stages,
    edit_stage,
    enable_stages,
    move_stages,
    remove_stages,
)
from crmlib.opportunities.stage_queries import sets_frame, stages_frame
from crmlib.opportunities.stage_rules import StageDraft
from crmlib.opportunities.stage_sets import (
    copy_stage_set,
    describe_stage_set,
    discard_stage_set,
    put_in_force,
    return_stage_set,
    sign_stage_set,
    submit_stage_set,
)
from crmlib.store.engine import reading, writing
from crmlib.store.schema import ChangeLog
from tests import make

Cast = dict[str, Actor]
SEAL = StageDraft("SEAL", "封样", 45, 45, 20, "封样签字\n封样入库")
SIGNERS = ("zhaolei", "zhouting", "liuyang")


def in_force(code: str = "project") -> StageSet:
    (one,) = make.rows(StageSet, code=code, status=StageSetStatus.ACTIVE)
    return one


def drafted(cast: Cast) -> int:
    return copy_stage_set(cast["zhaolei"], in_force().id).stage_set_id


def signed(cast: Cast, draft: int) -> int:
    submit_stage_set(cast["zhaolei"], draft)
    for login in SIGNERS:
        sign_stage_set(cast[login], draft)
    return draft


def stage(code: str, draft: int | None = None) -> Stage:
    (one,) = make.rows(Stage, code=code, stage_set_id=draft or in_force().id)
    return one


def codes(draft: int) -> list[str]:
    rows = make.rows(Stage, stage_set_id=draft)
    return [row.code for row in sorted(rows, key=lambda row: row.position)]


def letters(login: str, cast: Cast) -> list[Message]:
    copies = make.rows(MessageRecipient, person_id=cast[login].person_id)
    return [make.fetch(Message, copy.message_id) for copy in copies]


def test_the_scenario(cast: Cast) -> None:
    deal = make.opportunity(make.customer(), stage="QUOTE")
    before = make.fetch(Opportunity, deal)
    draft = drafted(cast)
    added = add_stage(cast["zhaolei"], draft, SEAL, token="t")
    assert add_stage(cast["zhaolei"], draft, SEAL, token="t") == added
    assert codes(draft)[3:6] == ["SAMPLE", "SEAL", "QUOTE"]
    describe_stage_set(cast["zhaolei"], draft, " 增加封样 ")
    submit_stage_set(cast["zhaolei"], draft)
    assert [p.count for p in pending(cast["liuyang"]) if p.label == "待会签"] == [1]
    with reading() as session:
        steps = {who: step_at(session, cast[who], "stage_set", draft) for who in SIGNERS}
        assert steps == dict.fromkeys(SIGNERS, "会签")
        assert step_at(session, cast["zhangwei"], "stage_set", draft) == OPEN
    sign_stage_set(cast["zhaolei"], draft, "同意")
    with pytest.raises(Refused, match="会签未完成，还缺：综合部、区域经理"):
        put_in_force(cast["zhaolei"], draft)
    sign_stage_set(cast["zhouting"], draft)
    done = sign_stage_set(cast["liuyang"], draft)
    assert done.text == "会签成功，会签已完成"
    assert not [p for p in pending(cast["liuyang"]) if p.label == "待会签"]
    former = in_force()
    answer = put_in_force(cast["zhaolei"], draft, token="force")
    assert answer.text == "项目销售第2版已生效，1 个进行中商机已转入"
    assert put_in_force(cast["zhaolei"], draft, token="force") == answer
    assert (in_force().id, in_force().effective_on) == (draft, clock.today())
    assert make.fetch(StageSet, former.id).status is StageSetStatus.RETIRED
    after = make.fetch(Opportunity, deal)
    assert make.fetch(Stage, after.stage_id).stage_set_id == draft
    assert (after.stage_since, after.probability) == (before.stage_since, before.probability)
    assert len(make.rows(StageHistory, opportunity_id=deal)) == 1  # the same stage: no move
    assert "销售阶段定义生效" in [m.title for m in letters("zhangwei", cast)]
    (row,) = sets_frame(cast["zhouting"]).filter(number=2, name="项目销售").to_dicts()
    assert (row["drafted"], row["agreed"], row["approved"]) == ("赵磊", "赵磊、周婷、刘洋", "赵磊")
    assert row["note"] == "增加封样"
    made = create_opportunity(cast["wangqiang"], _wish(make.customer()))
    new = make.fetch(Opportunity, made.opportunity_id)
    assert make.fetch(Stage, new.stage_id).stage_set_id == draft
    assert (
        advance_stage(cast["wangqiang"], deal, stage("SEAL").id, reason="补封样").to_stage == "封样"
    )


def _wish(customer: int) -> OpportunityDraft:
    return OpportunityDraft(
        customer_id=customer,
        project_name="天河大厦",
        products=("P2",),
        sales_task="01",
        amount=1,
        expected_close=clock.today(),
    )


def test_a_dropped_stage_asks_where_its_deals_go(cast: Cast) -> None:
    customer, now, former = make.customer(), clock.now(), in_force().id
    since = now - timedelta(days=9)
    deals = [make.opportunity(customer, stage="BID", stage_since=since) for _ in range(2)]
    by_hand = make.opportunity(customer, stage="INFO", probability=33)
    won = make.opportunity(customer, stage="BID", outcome=Outcome.WON)
    draft = drafted(cast)
    bid = stage("BID", draft).id
    with pytest.raises(Refused, match="「投标」有 2 个进行中的商机，不能删除；可以停用"):
        remove_stages(cast["zhaolei"], [bid])
    assert disable_stages(cast["zhaolei"], [bid]).text == (
        "已停用 1 个阶段；其中 2 个进行中商机，生效时须选择去向"
    )
    edit_stage(cast["zhaolei"], stage("INFO", draft).id, _as(draft, "INFO", probability=8))
    card = set_card(cast["zhaolei"], signed(cast, draft))
    assert [(s.code, s.count, s.target) for s in card.switching] == [
        ("INFO", 1, "INFO"),
        ("BID", 2, None),
    ]
    with pytest.raises(Invalid) as refused:
        put_in_force(cast["zhaolei"], draft)
    assert refused.value.faults == {"to_BID": "请选择「投标」的 2 个进行中商机转到哪个阶段"}
    assert in_force().number == 1
    put_in_force(cast["zhaolei"], draft, {"BID": "NEGO"})
    for key in deals:
        deal = make.fetch(Opportunity, key)
        assert make.fetch(Stage, deal.stage_id).code == "NEGO"
        assert (deal.probability, deal.stage_since > now) == (75, True)
        move = make.rows(StageHistory, opportunity_id=key)[-1]
        assert (move.reason, move.from_stage_id, move.to_stage_id) == (
            "阶段定义第2版生效",
            stage("BID", former).id,
            deal.stage_id,
        )
        assert move.days == 3  # since the row before
    assert make.fetch(Opportunity, by_hand).probability == 33
    assert make.fetch(Stage, make.fetch(Opportunity, won).stage_id).stage_set_id == former
    told = letters("wangqiang", cast)[-1]
    assert (told.title, told.body) == (
        "商机阶段随新版本调整",
        "项目销售第2版生效：「投标」→「商务谈判」2 个",
    )
    logged = make.rows(ChangeLog, entity="opportunity", action="put_in_force", kind="update")
    assert {r.entity_id for r in logged} == {*deals, by_hand}
    assert "BID" not in [option.code for option in stage_choices()]
    # A deal that is open again comes onto the version in force, as the mapping says.
    undo_win(cast["liuyang"], won, "客户反悔")
    back = make.fetch(Opportunity, won)
    assert make.fetch(Stage, back.stage_id).code == "NEGO"
    assert make.fetch(Stage, back.stage_id).stage_set_id == draft


def _as(draft: int, which: str, /, **changes: object) -> StageDraft:
    one = stage(which, draft)
    names = ("code", "name", "position", "probability", "standard_days")
    return StageDraft(**({name: getattr(one, name) for name in names} | changes))


def test_only_drafts_change_and_codes_stay(cast: Cast) -> None:
    admin = cast["zhaolei"]
    with pytest.raises(Refused, match="只有草稿可以修改"):
        add_stage(admin, in_force().id, SEAL)
    draft = drafted(cast)
    with pytest.raises(Refused, match="项目销售第2版还是「草稿」，请先完成或删除"):
        copy_stage_set(admin, in_force().id)
    with pytest.raises(Invalid) as refused:
        add_stage(admin, draft, StageDraft("BID", "投标", 60, 10, 10))
    assert set(refused.value.faults) == {"code", "name", "position"}
    with pytest.raises(Invalid) as refused:
        edit_stage(admin, stage("BID", draft).id, _as(draft, "BID", code="BID2"))
    assert refused.value.faults == {"code": CODE_STAYS}
    seal = add_stage(admin, draft, SEAL)
    with pytest.raises(Stale):
        edit_stage(admin, seal.stage_id, SEAL, version=seal.version - 1)
    edit_stage(admin, seal.stage_id, _as(draft, "SEAL", code="SEAL2", position=5))
    assert codes(draft)[0] == "SEAL2"
    card = stage_card(admin, seal.stage_id)
    assert (card.is_draft, card.is_code_fixed, card.draft.position) == (True, False, 5)
    move_stages(admin, [seal.stage_id], 1)
    assert codes(draft)[:3] == ["INFO", "SEAL2", "SETUP"]
    assert [row.position for row in make.rows(Stage, stage_set_id=draft)][:2] == [10, 30]
    disable_stages(admin, [seal.stage_id])
    assert enable_stages(admin, [seal.stage_id]).count == 1
    assert remove_stages(admin, [seal.stage_id]).count == 1
    with pytest.raises(NotAllowed):
        remove_stages(admin, [seal.stage_id])
    others = [s.id for s in make.rows(Stage, stage_set_id=draft) if s.code != "INFO"]
    disable_stages(admin, others)
    with pytest.raises(Refused, match="至少要有 2 个未停用的阶段"):
        submit_stage_set(admin, draft)
    discard_stage_set(admin, draft)
    assert make.rows(Stage, stage_set_id=draft) == make.rows(StageSet, id=draft) == []
    assert make.rows(StageSignature) == []


def test_each_signs_once_and_anybody_of_them_sends_it_back(cast: Cast) -> None:
    draft = drafted(cast)
    shown = submit_stage_set(cast["zhaolei"], draft).version
    with pytest.raises(Refused, match="只有草稿可以修改"):
        add_stage(cast["zhaolei"], draft, SEAL)
    sign_stage_set(cast["zhouting"], draft, "可以", version=shown)
    with pytest.raises(Refused, match=rules.ALREADY_SIGNED):
        sign_stage_set(cast["zhouting"], draft)
    for login in ("zhangwei", "wangqiang", "limin", "sunyue", "chengang"):  # 张伟 leads no region
        for step in (sign_stage_set, return_stage_set):
            with pytest.raises(NotAllowed):
                step(cast[login], draft, "意见")
    with pytest.raises(Invalid):
        return_stage_set(cast["liuyang"], draft, "  ")
    return_stage_set(cast["liuyang"], draft, "封样应在报价之前")
    assert make.fetch(StageSet, draft).status is StageSetStatus.DRAFT
    assert letters("zhaolei", cast)[-1].body.endswith("封样应在报价之前")
    with pytest.raises(Refused, match=rules.NOT_SIGNING):
        sign_stage_set(cast["liuyang"], draft)
    submit_stage_set(cast["zhaolei"], draft)
    with pytest.raises(Stale):  # what he looked at is not what is there now
        sign_stage_set(cast["liuyang"], draft, version=shown)
    assert set_card(cast["liuyang"], draft).signing.missing == ("综合部", "信息部", "区域经理")
    for login in SIGNERS:
        sign_stage_set(cast[login], draft)
    acts = [act.act for act in set_card(cast["liuyang"], draft).acts]
    assert acts.count(StageAct.AGREED) == 4
    assert acts[:4] == ["drafted", "submitted", "agreed", "returned"]


@pytest.mark.parametrize("login", ["wangqiang", "limin", "sunyue", "chengang"])
def test_others_neither_see_nor_change_the_definition(cast: Cast, login: str) -> None:
    actor, one = cast[login], in_force()
    for question in (stages_frame, sets_frame):
        with pytest.raises(NotAllowed):
            question(actor)
    with pytest.raises(NotAllowed):
        set_card(actor, one.id)
    with pytest.raises(NotAllowed):
        stage_card(actor, stage("INFO").id)
    for step in (copy_stage_set, submit_stage_set, discard_stage_set, put_in_force):
        with pytest.raises(NotAllowed):
            step(actor, one.id)
    assert len(make.rows(StageSet)) == 2


def test_signers_do_not_define(cast: Cast) -> None:
    draft = drafted(cast)
    for login in ("zhouting", "liuyang", "zhangwei"):
        assert stages_frame(cast[login]).height == 12
        assert set_card(cast[login], draft).may_define is False
        for step in (copy_stage_set, submit_stage_set, discard_stage_set, put_in_force):
            with pytest.raises(NotAllowed):
                step(cast[login], draft)
        with pytest.raises(NotAllowed):
            add_stage(cast[login], draft, SEAL)
    assert set_card(cast["zhangwei"], draft).signing.cannot_sign


def test_two_at_once_put_it_in_force_once(cast: Cast) -> None:
    make.opportunity(make.customer(), stage="BID")
    draft = signed(cast, drafted(cast))
    told: list[str] = []
    start = threading.Barrier(3)

    def press() -> None:
        start.wait()
        try:
            told.append(put_in_force(cast["zhaolei"], draft).text)
        except CrmError as refusal:
            told.append(refusal.message)

    def sell() -> None:
        start.wait()
        create_opportunity(cast["wangqiang"], _wish(customer))

    customer = make.customer()
    threads = [threading.Thread(target=call) for call in (press, press, sell)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(text.startswith("项目销售第2版已生效") for text in told) == 1
    assert "只有会签中的版本可以生效" in told
    sets = {make.fetch(Stage, d.stage_id).stage_set_id for d in make.rows(Opportunity)}
    assert sets == {draft}


def test_the_second_flow_is_chosen_for_a_new_deal(cast: Cast) -> None:
    flows = form_options(cast["wangqiang"]).flows
    assert [flow.name for flow in flows] == ["项目销售", "零星采购"]
    wish = _wish(make.customer())
    made = create_opportunity(cast["wangqiang"], wish, stage_set=flows[1].code)
    deal = make.fetch(Opportunity, made.opportunity_id)
    moved = advance_stage(cast["wangqiang"], deal.id, confirm=True)
    assert (moved.from_stage, moved.to_stage) == ("信息收集", "报价")
    with pytest.raises(Refused):
        create_opportunity(cast["wangqiang"], wish, stage_set="none", confirm=True)


def test_a_funnel_over_two_versions_has_one_row_per_code(cast: Cast) -> None:
    customer = make.customer()
    make.opportunity(customer, stage="QUOTE", amount=100)
    make.opportunity(customer, stage="BID", amount=200)
    make.opportunity(customer, stage="BID", amount=50, outcome=Outcome.WON)
    draft = drafted(cast)
    add_stage(cast["zhaolei"], draft, SEAL)
    edit_stage(cast["zhaolei"], stage("QUOTE", draft).id, _as(draft, "QUOTE", name="正式报价"))
    disable_stages(cast["zhaolei"], [stage("BID", draft).id])
    remove_stages(cast["zhaolei"], [stage("SETUP", draft).id])
    names = funnel.stages(funnel_data(cast["zhangwei"]), Filters())["stage"].to_list()
    assert "封样" not in names  # a draft is nobody's funnel
    put_in_force(cast["zhaolei"], signed(cast, draft), {"BID": "SEAL"})
    make.opportunity(customer, stage="QUOTE", amount=10)
    data = funnel_data(cast["zhangwei"])
    rows = funnel.stages(data, Filters())
    found = rows.select("stage_code", "stage", "count").rows()
    assert found == [
        ("INFO", "信息收集", 0),
        ("SPEC", "方案配合·品牌入围", 0),
        ("SAMPLE", "送样·封样", 0),
        ("SEAL", "封样", 1),
        ("QUOTE", "正式报价", 2),
        ("NEGO", "商务谈判", 0),
        ("CONTRACT", "合同评审·签约", 0),
    ]
    assert funnel.rows(data, Filters(), "SEAL").collect()["amount"].to_list() == [200]
    assert funnel.stages(data, Filters(stages=("QUOTE",)))["count"].to_list() == [2]
    assert data.stays.filter(pl.col("stage_code") == "BID").height == 2
    won = data.deals.filter(pl.col("outcome") == "won")
    assert won["stage_code"].to_list() == ["BID"]
    listed = opportunity_page(cast["zhangwei"], OpportunityQuery(stages=("QUOTE",)))
    assert (listed.total, set(listed.rows["stage"])) == (2, {"正式报价"})
    assert opportunity_page(cast["zhangwei"], OpportunityQuery(from_stage="SEAL")).total == 4


# --- any sequence of allowed steps -----------------------------------------------------------

STEPS = (
    *("copy", "add", "disable", "enable", "remove", "move", "submit", "sign", "sign", "sign"),
    *("return", "force", "force", "discard", "deal", "advance", "win", "undo"),
)


def take(step: str, chance: random.Random, cast: Cast, customer: int) -> None:
    """Try a step with whatever is there; what the rules refuse changes nothing."""
    admin = cast["zhaolei"]
    sets = make.rows(StageSet, code="project")
    newest = sets[-1]
    stages = make.rows(Stage, stage_set_id=newest.id)
    one = chance.choice(stages)
    deals = make.rows(Opportunity)
    deal = chance.choice(deals).id if deals else 0
    enabled = [s.code for s in stages if not s.disabled] or [one.code]
    mapping = {s.code: chance.choice(enabled) for s in make.rows(Stage) if chance.random() < 0.9}
    number = chance.randrange(1, 10_000)
    new = StageDraft(f"S{number}", f"阶段{number}", number, number % 101, 5)
    signer = cast[chance.choice([*SIGNERS, "zhangwei", "wangqiang"])]
    {
        "copy": lambda: copy_stage_set(admin, newest.id),
        "add": lambda: add_stage(admin, newest.id, new),
        "disable": lambda: disable_stages(admin, [one.id]),
        "enable": lambda: enable_stages(admin, [one.id]),
        "remove": lambda: remove_stages(admin, [one.id]),
        "move": lambda: move_stages(admin, [one.id], chance.choice((-1, 1))),
        "submit": lambda: submit_stage_set(admin, newest.id),
        "sign": lambda: sign_stage_set(signer, newest.id),
        "return": lambda: return_stage_set(signer, newest.id, "再议"),
        "force": lambda: put_in_force(admin, newest.id, mapping),
        "discard": lambda: discard_stage_set(admin, newest.id),
        "deal": lambda: create_opportunity(cast["wangqiang"], _wish(customer), confirm=True),
        "advance": lambda: advance_stage(
            cast["wangqiang"], deal, chance.choice(stages).id, reason="跳过", confirm=True
        ),
        "win": lambda: _end(deal),
        "undo": lambda: undo_win(cast["liuyang"], deal, "反赢单"),
    }[step]()


def _end(deal: int) -> None:
    with writing() as session, session.begin():
        row = session.get(Opportunity, deal)
        if row is not None:
            row.outcome = Outcome.WON


def check_world() -> None:
    """One version in force for each kind of selling; every open deal stands on a stage of it."""
    sets = {s.id: s for s in make.rows(StageSet)}
    active = [s.code for s in sets.values() if s.status is StageSetStatus.ACTIVE]
    assert sorted(active) == ["project", "small"]
    assert sum(s.status in {"draft", "signing"} for s in sets.values()) <= 1
    stages = {s.id: s for s in make.rows(Stage)}
    for deal in make.rows(Opportunity):
        here = stages[deal.stage_id]
        last = make.rows(StageHistory, opportunity_id=deal.id)[-1]
        assert stages[last.to_stage_id].code == here.code
        if deal.outcome is Outcome.OPEN:
            assert sets[here.stage_set_id].status is StageSetStatus.ACTIVE
            assert not here.disabled


@pytest.fixture
def lone_cast(sqlite_database: str) -> Cast:
    return {login: actor_of(number) for login, number in make.people_ids().items()}


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=15, max_size=40), seed=st.integers(0, 999))
def test_no_sequence_of_steps_leaves_a_deal_behind(
    lone_cast: Cast, steps: list[str], seed: int
) -> None:
    chance, customer = random.Random(seed), make.customer()
    # Some steps in the usual order first, so that versions do come into force.
    usual = ["deal", "copy", "add", "submit", *["sign"] * 8, "force"]
    for step in [*steps, *usual]:
        try:
            take(step, chance, lone_cast, customer)
        except CrmError:
            continue
        finally:
            check_world()
