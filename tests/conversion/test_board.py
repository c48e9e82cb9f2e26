"""转交易看板: which customers are due, what they lack, and that it keeps in step."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.conversion import figures
from crmlib.conversion.actions import convert, refuse
from crmlib.conversion.board import LATE
from crmlib.conversion.live import Boards, board_of
from crmlib.conversion.model import ConversionRequest
from crmlib.conversion.queries import check_list
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.people.model import Person
from tests import make
from tests.conversion.test_actions import ask, change, ready
from tests.duplicates.build import put


def lacks(actor: Actor) -> dict[int, list[str]]:
    return dict(board_of(actor).due.select("customer_id", "lacks").rows())


def test_due_are_potential_customers_with_a_won_deal_or_a_request(
    cast: dict[str, Actor],
) -> None:
    won, asked = ready(), make.customer("云岭第二测试有限公司")
    ask(cast["wangqiang"], asked)
    make.opportunity(make.customer())
    make.opportunity(make.customer(status=CustomerStatus.TRADING), outcome=Outcome.WON)
    assert lacks(cast["zhouting"]) == {won: [], asked: ["evidence"]}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _key: None,
        lambda key: change(Customer, key, phone=None),
        lambda key: change(Customer, key, no_fax=False),
        lambda key: change(Customer, key, region_id=None),
        lambda key: change(Customer, key, name="云岭测试门窗"),
        lambda key: change(Contact, make.rows(Contact, customer_id=key)[0].id, active=False),
        lambda key: change(Contact, make.rows(Contact, customer_id=key)[0].id, is_primary=False),
        lambda key: put(key, make.customer()),
        lambda key: put(make.customer(), key),
        lambda key: put(key, make.customer(status=CustomerStatus.RECYCLED)),
    ],
)
def test_the_board_agrees_with_the_check_list(
    cast: dict[str, Actor], spoil: Callable[[int], object]
) -> None:
    key = ready()
    spoil(key)
    failing = [c.key for c in check_list(cast["zhouting"], key) if not c.ok]
    assert lacks(cast["zhouting"])[key] == failing


def test_each_sees_the_board_of_his_tree(cast: dict[str, Actor]) -> None:
    south, east = ready(), ready("江东测试门窗有限公司", owner="chengang")
    seen = {who: set(lacks(cast[who])) for who in ("zhouting", "zhaolei", "zhangwei", "liuyang")}
    assert seen == {
        "zhouting": {south, east},
        "zhaolei": {south, east},
        "zhangwei": {south},
        "liuyang": {south},
    }
    for who in ("wangqiang", "limin", "chengang", "sunyue"):
        with pytest.raises(NotAllowed):
            board_of(cast[who])


def test_figures_and_the_rows_behind_them(cast: dict[str, Actor]) -> None:
    full, late, poor = ready(), ready("云岭二测试门窗有限公司"), ready("云岭三测试门窗有限公司")
    change(Customer, poor, phone=None, name="云岭三测试门窗")
    request = ask(cast["wangqiang"], late)
    change(ConversionRequest, request, requested_at=clock.now() - timedelta(days=14))
    refuse(cast["zhouting"], ask(cast["wangqiang"], full), "缺合同")
    convert(cast["zhouting"], ready("云岭四测试门窗有限公司"))
    board = board_of(cast["zhouting"])
    now = figures.totals(board.due, board.decided)
    assert (now.pending, now.late, now.ready, now.one) == (1, 1, 2, 0)
    assert (now.approved, now.refused, now.median_days) == (1, 1, 0.0)

    def shown(show: str) -> set[int]:
        return set(figures.picked(board.due, show)["customer_id"].to_list())

    assert shown(figures.PENDING) == shown(LATE) == shown("age:6") == {late}
    assert shown(figures.READY) == {full, late}
    assert shown("lack:fields") == shown("lack:legal_name") == {poor}
    assert shown("only:fields") == shown("age:0") == shown("nonsense") == set()
    assert shown("") == {full, late, poor}
    (row,) = figures.by_group(board.due, "owner").to_dicts()
    assert (row["label"], row["pending"], row["ready"], row["total"]) == ("王强", 1, 2, 3)
    for key, _label, only, count in figures.by_lack(board.due):
        assert (len(shown(f"only:{key}")), len(shown(f"lack:{key}"))) == (only, count)
    for key, _label, count in figures.by_age(board.due):
        assert len(shown(key)) == count
    assert figures.picked_decisions(board.decided, figures.ANSWERED).height == 1
    assert figures.kept(board.due, wait=LATE).height == 1
    assert figures.kept(board.due, owner=str(cast["chengang"].person_id)).is_empty()


def test_the_board_follows_what_others_do(cast: dict[str, Actor]) -> None:
    boards, me = Boards(), cast["zhouting"].person_id
    first, second = ready(), make.customer("云岭第二测试有限公司")

    def now() -> dict[int, list[str]]:
        return dict(boards.board(me).due.select("customer_id", "lacks").rows())

    assert now() == {first: []}
    deal = make.opportunity(second)
    change(Opportunity, deal, outcome=Outcome.WON)
    assert now() == {first: [], second: []}
    pair = put(first, second)
    assert now() == {first: ["duplicates"], second: ["duplicates"]}
    change(DuplicatePair, pair, status=PairStatus.DISTINCT)
    change(Customer, second, phone=None)
    assert now() == {first: [], second: ["fields"]}
    third = make.customer("云岭第三测试有限公司")
    put(first, third)
    assert now()[first] == ["duplicates"]
    change(Customer, third, status=CustomerStatus.RECYCLED)
    assert now()[first] == []
    request = ask(cast["wangqiang"], first)
    assert boards.board(me).due["request_id"].to_list() == [request, None]
    convert(cast["zhouting"], first)
    assert now() == {second: ["fields"]}
    assert boards.board(me).decided["customer_id"].to_list() == [first]


def test_a_change_of_office_moves_the_limits_at_once(cast: dict[str, Actor]) -> None:
    key = ready()
    boards, boss = Boards(), cast["zhangwei"].person_id
    assert boards.board(boss).due["customer_id"].to_list() == [key]
    change(Person, cast["wangqiang"].person_id, reports_to_id=None)
    change(Customer, key, office_id=cast["chengang"].office_id)
    change(Person, cast["wangqiang"].person_id, office_id=cast["chengang"].office_id)
    assert boards.board(boss).due.is_empty()
