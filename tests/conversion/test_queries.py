"""What the card, the request list and the ready view show, and to whom."""

from datetime import date
from decimal import Decimal

import pytest

from crmlib.access.actor import Actor
from crmlib.conversion.actions import convert, refuse, request_conversion
from crmlib.conversion.model import RequestStatus
from crmlib.conversion.queries import (
    RequestsQuery,
    check_list,
    conversion_state,
    ready_frame,
    request_of,
    request_template,
    requests_page,
)
from crmlib.customers.model import CustomerStatus
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Outcome
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


def test_ready_are_potential_customers_with_a_won_deal_or_a_request(
    cast: dict[str, Actor], key: int
) -> None:
    asked = make.customer("云岭第二测试有限公司")
    ask(cast["wangqiang"], asked)
    make.opportunity(make.customer())
    make.opportunity(make.customer(status=CustomerStatus.TRADING), outcome=Outcome.WON)
    rows = {row["customer_id"]: row for row in ready_frame(cast["zhouting"]).to_dicts()}
    assert rows.keys() == {key, asked}
    assert (rows[key]["won_deals"], rows[key]["won_amount"]) == (1, Decimal("5000.00"))
    assert (rows[key]["why"], rows[asked]["why"]) == ("赢单商机 1 个", "待处理的申请")
    assert ready_frame(cast["chengang"]).height == 0
    assert ready_frame(cast["limin"])["won_amount"].null_count() == 2
