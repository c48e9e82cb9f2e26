"""Orders out of the ERP: brought in once, brought up to date, taken back as a whole."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.cli import main
from crmlib.customers.model import Customer
from crmlib.errors import NotAllowed
from crmlib.exchange.importing import import_file
from crmlib.exchange.model import ImportKind, ImportRow, Verdict
from crmlib.inbox.queries import InboxQuery, inbox_page
from crmlib.opportunities.model import Opportunity
from crmlib.orders.model import OrderEvent, OrderLine, OrderStatus, SalesOrder
from tests import make
from tests.exchange.conftest import applied, checked, everything, undone, workbook

NAME = "佛山市云帆幕墙工程有限公司"
DAY = clock.today() - timedelta(days=20)
KIND = ImportKind.ORDERS


def row(number: str = "SO-1", **values: object) -> dict[str, object]:
    good: dict[str, object] = {
        "ERP单号": number,
        "客户名称": NAME,
        "客户代码": "",
        "商机编号": "",
        "订单日期": DAY.isoformat(),
        "交货日期": "",
        "订单金额": "",
        "ERP状态": "",
        "产品": "执手",
        "规格": "银色",
        "数量": "10",
        "单价": "120.5",
        "执行类型": "",
        "执行日期": "",
        "执行数量": "",
    }
    return good | values


def event(number: str, kind: str, quantity: object = "", days: int = 1) -> dict[str, object]:
    return {
        "ERP单号": number,
        "执行类型": kind,
        "执行日期": (DAY + timedelta(days=days)).isoformat(),
        "执行数量": quantity,
    }


def list_of(folder: Path, *rows: dict[str, object]) -> Path:
    return workbook(folder / "orders.xlsx", *rows)


def verdicts(boss: Actor, folder: Path, *rows: dict[str, object]) -> list[ImportRow]:
    key = checked(boss, KIND, list_of(folder, *rows))
    return make.rows(ImportRow, batch_id=key)


@pytest.fixture
def customer(boss: Actor) -> int:
    return make.customer(NAME)


def test_orders_come_in_once_and_are_taken_back(
    boss: Actor, cast: dict[str, Actor], tmp_path: Path, customer: int
) -> None:
    deal = make.fetch(Opportunity, make.opportunity(customer))
    before = everything()
    rows = (
        row(商机编号=deal.number, 执行类型="排产", 执行日期=DAY.isoformat()),
        row(产品="铰链", 数量="4.5", 单价="30", 规格=""),
        event("SO-1", "发货", "10"),
        row("SO-2", 订单金额="9,000", ERP状态="已取消", 产品="", 规格="", 数量="", 单价=""),
    )
    batch = applied(boss, checked(boss, KIND, list_of(tmp_path, *rows)))
    assert batch.counts["new"] == 4
    one, two = make.rows(SalesOrder)
    assert (one.number, one.amount, one.status) == (
        "SO-1", Decimal("1340.00"), OrderStatus.PART_SHIPPED,
    )  # fmt: skip
    assert (one.opportunity_id, one.customer_id, one.ordered_on) == (deal.id, customer, DAY)
    assert (two.amount, two.status) == (Decimal("9000.00"), OrderStatus.CANCELLED)
    assert [(line.position, line.product) for line in make.rows(OrderLine)] == [
        (1, "执手"),
        (2, "铰链"),
    ]
    assert len(make.rows(OrderEvent)) == 2
    assert make.fetch(Customer, customer).last_trade_on == DAY
    titles = list(inbox_page(cast["wangqiang"], InboxQuery()).rows["title"])
    assert titles == [f"潜在客户已有订单：{NAME}"]
    assert {r.verdict for r in verdicts(boss, tmp_path, *rows)} == {Verdict.SAME}
    undone(boss, batch.id)
    after = everything()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"message", "message_recipient"}


def test_a_later_list_brings_an_order_up_to_date(
    boss: Actor, tmp_path: Path, customer: int
) -> None:
    applied(boss, checked(boss, KIND, list_of(tmp_path, row())))
    more = list_of(tmp_path, row(订单金额="1,300"), event("SO-1", "发货", "10"))
    batch = applied(boss, checked(boss, KIND, more))
    assert batch.counts == {"new": 1, "update": 1, "pairs": 0}
    (order,) = make.rows(SalesOrder)
    assert (order.amount, order.status) == (Decimal("1300.00"), OrderStatus.SHIPPED)
    undone(boss, batch.id)
    (order,) = make.rows(SalesOrder)
    assert (order.amount, order.status) == (Decimal("1205.00"), OrderStatus.ENTERED)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"客户名称": "", "客户代码": "KH不存在"}, "客户代码"),
        ({"客户名称": "没有的公司"}, "客户名称"),
        ({"ERP单号": ""}, "ERP单号"),
        ({"订单日期": ""}, "订单日期"),
        ({"订单日期": "去年"}, "订单日期"),
        ({"商机编号": "SJ不存在"}, "商机编号"),
        ({"数量": "0"}, "数量"),
        ({"单价": "面议"}, "单价"),
        ({"产品": ""}, "产品"),
        ({"ERP状态": "在路上"}, "ERP状态"),
        ({"执行类型": "丢失", "执行日期": "2026-01-01"}, "执行类型"),
        ({"执行类型": "发货"}, "执行日期"),
        ({"产品": "", "规格": "", "数量": "", "单价": ""}, "订单金额"),
    ],
)
def test_a_bad_row_is_told_and_the_others_come(
    boss: Actor, tmp_path: Path, customer: int, values: dict[str, object], field: str
) -> None:
    bad, good = verdicts(boss, tmp_path, row("BAD", **values), row("GOOD"))  # type: ignore[misc]
    assert (bad.verdict, good.verdict) == (Verdict.ERROR, Verdict.NEW)
    assert field in [fault[0] for fault in bad.faults]


def test_rows_of_one_order_must_agree(boss: Actor, tmp_path: Path, customer: int) -> None:
    other = make.customer("长沙远岫门窗厂")
    code = make.fetch(Customer, other).code
    rows = (row(), row(客户名称="", 客户代码=code, 产品="铰链"), row(产品="合页"))
    found = verdicts(boss, tmp_path, *rows)
    assert [r.verdict for r in found] == [Verdict.NEW, Verdict.ERROR, Verdict.NEW]
    assert "第 2 行" in found[1].faults[0][2]


def test_two_equal_lines_of_an_order_are_two(boss: Actor, tmp_path: Path, customer: int) -> None:
    rows = (row(), row())
    applied(boss, checked(boss, KIND, list_of(tmp_path, *rows)))
    assert len(make.rows(OrderLine)) == 2
    assert {r.verdict for r in verdicts(boss, tmp_path, *rows)} == {Verdict.SAME}


def test_only_who_manages_orders_brings_them(
    cast: dict[str, Actor], boss: Actor, tmp_path: Path, customer: int
) -> None:
    path = list_of(tmp_path, row())
    for login in ("zhouting", "wangqiang"):
        with pytest.raises(NotAllowed):
            import_file(cast[login], path, kind=KIND)
        with pytest.raises(NotAllowed):
            import_file(cast[login], path, kind=KIND, dry_run=True)
    assert import_file(boss, path, kind=KIND, dry_run=True).created == 1
    assert main(["import", "orders", str(path), "--as", "zhaolei"]) == 0
    assert len(make.rows(SalesOrder)) == 1
