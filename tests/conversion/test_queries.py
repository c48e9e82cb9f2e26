"""What the card, the request list and the ready view show, and to whom."""

from datetime import date, timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.conversion.actions import convert, refuse, request_conversion, undo_conversion
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.conversion.queries import (
    RequestsQuery,
    check_list,
    conversion_state,
    request_of,
    request_template,
    requests_page,
)
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Outcome
from crmlib.store.engine import writing
from tests import make


@pytest.fixture
def key(cast: dict[str, Actor]) -> int:
    """A customer of 王强 with a won deal."""
    made = make.customer("云岭测试门窗有限公司", code="KHX1")
    make.opportunity(made, outcome=Outcome.WON, decided_on=date(2026, 4, 2), won_amount=5000)
    return made


def ask(actor: Actor, customer_id: int) -> int:
    return request_conversion(actor, customer_id, title="申请转交易", body="请审核").request_id


def test_the_template_is_prefilled(cast: dict[str, Actor], key: int) -> None:
    made = request_template(cast["wangqiang"], key)
    assert made.title == "申请转交易：云岭测试门窗有限公司（KHX1）"
    assert "赢单商机 SJT" in made.body
    assert (made.groups, made.recipients_label, made.refusal) == (
        ("general_office",),
        "综合部",
        None,
    )
    assert [(name, office) for _, name, office in made.people] == [("周婷", "综合部")]
    ask(cast["wangqiang"], key)
    assert request_template(cast["wangqiang"], key).refusal == "已有待处理的申请"
    with pytest.raises(NotAllowed):
        request_template(cast["chengang"], key)


def test_the_check_list_is_for_those_who_see_the_customer(cast: dict[str, Actor], key: int) -> None:
    assert [check.ok for check in check_list(cast["zhouting"], key)] == [True] * 5
    with pytest.raises(NotAllowed):
        check_list(cast["chengang"], key)


def test_the_newest_request_is_told(cast: dict[str, Actor], key: int) -> None:
    assert request_of(cast["wangqiang"], key) is None
    first = ask(cast["wangqiang"], key)
    refuse(cast["zhouting"], first, "缺合同")
    told = request_of(cast["wangqiang"], key)
    assert told is not None
    assert (told.status_label, told.decision_note, told.decided_by) == ("驳回", "缺合同", "周婷")
    second = ask(cast["wangqiang"], key)
    mine, theirs = (request_of(cast[who], key) for who in ("wangqiang", "zhouting"))
    assert mine is not None
    assert theirs is not None
    assert (mine.id, mine.is_mine, mine.can_decide) == (second, True, False)
    assert (theirs.is_mine, theirs.can_decide) == (False, True)
    with pytest.raises(NotAllowed):
        request_of(cast["chengang"], key)


def test_the_card_knows_its_buttons(cast: dict[str, Actor], key: int) -> None:
    seller, boss = conversion_state(cast["wangqiang"], key), conversion_state(cast["zhouting"], key)
    assert (seller.can_request, seller.can_convert, seller.can_undo) == (True, False, False)
    assert (boss.can_request, boss.can_convert, boss.can_undo) == (False, True, False)
    assert not conversion_state(cast["limin"], key).can_convert
    convert(cast["zhouting"], key)
    after = conversion_state(cast["zhouting"], key)
    assert (after.trading, after.can_convert, after.can_undo) == (True, False, True)
    assert conversion_state(cast["wangqiang"], key).request_refusal == "该客户已经是交易客户"


def test_requests_are_listed_for_those_who_see_the_customer(
    cast: dict[str, Actor], key: int
) -> None:
    ask(cast["wangqiang"], key)
    seen = {who for who, actor in cast.items() if requests_page(actor, RequestsQuery()).total}
    assert seen == {"wangqiang", "limin", "zhangwei", "liuyang", "zhouting", "zhaolei", "sunyue"}
    row = requests_page(cast["zhouting"], RequestsQuery()).rows.row(0, named=True)
    assert (row["customer"], row["applicant"], row["status"]) == (
        "云岭测试门窗有限公司",
        "王强",
        "待处理",
    )
    assert requests_page(cast["zhouting"], RequestsQuery(text="KHX1")).total == 1
    assert requests_page(cast["zhouting"], RequestsQuery(text="_")).total == 0
    done = RequestsQuery(statuses=(RequestStatus.APPROVED,))
    assert requests_page(cast["zhouting"], done).total == 0


def test_requests_that_wait_too_long_are_found(cast: dict[str, Actor], key: int) -> None:
    late = ask(cast["wangqiang"], key)
    ask(cast["wangqiang"], make.customer("云岭第二测试有限公司"))
    with writing() as session, session.begin():
        session.get_one(ConversionRequest, late).requested_at = clock.now() - timedelta(days=20)
    found = requests_page(cast["zhouting"], RequestsQuery(overdue=True))
    assert (found.total, found.rows["id"].to_list()) == (1, [late])
    told = request_of(cast["wangqiang"], key)
    assert told is not None
    assert (told.overdue, told.age_days) == (True, found.rows["age_days"][0])
    every = requests_page(cast["zhouting"], RequestsQuery()).rows
    assert every["overdue"].to_list() == [True, False]


def test_an_undone_conversion_is_told_as_such(cast: dict[str, Actor], key: int) -> None:
    ask(cast["wangqiang"], key)
    convert(cast["zhouting"], key)
    state = conversion_state(cast["zhouting"], key)
    assert (state.can_undo, state.undo_refusal) == (True, "")
    assert conversion_state(cast["wangqiang"], key).undo_refusal == NotAllowed.message
    undo_conversion(cast["zhouting"], key, "合同作废")
    told = request_of(cast["wangqiang"], key)
    assert told is not None
    assert (told.status_label, told.undo_reason) == ("已撤销", "合同作废")
    done = RequestsQuery(statuses=(RequestStatus.APPROVED,))
    row = requests_page(cast["zhouting"], done).rows.row(0, named=True)
    assert (row["status"], row["decision_note"]) == ("已撤销", "合同作废")
