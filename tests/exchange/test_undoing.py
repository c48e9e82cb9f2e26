"""An import taken back leaves the database as it was, but for what people did since."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from crmlib.access.actor import Actor
from crmlib.activities.model import Activity
from crmlib.customers.actions import edit_contact
from crmlib.customers.model import Contact, Customer
from crmlib.duplicates.entry import edit_customer
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.errors import Refused
from crmlib.exchange.importing import import_file, undo_file
from crmlib.exchange.jobs import undo_import
from crmlib.exchange.model import ImportBatch, ImportKind
from crmlib.opportunities.model import Opportunity
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.exchange.conftest import applied, checked, everything, undone, workbook

BRANDS = [
    "云帆",
    "海岳",
    "星野",
    "远岫",
    "岭东",
    "鼎湖",
    "青桐",
    "丁香",
    "杜鹃",
    "蓝田",
    "辽河",
    "白鹭",
    "松涛",
    "银杏",
    "金桂",
    "碧波",
]
PLACES = ["佛山市", "珠海市", "中山市", "长沙市", "惠州市", "肇庆市", "沈阳市", "南昌市"]
TRADES = ["幕墙工程", "门窗", "五金", "玻璃"]


def customer_rows(count: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for n in range(count):
        brand, place, trade = BRANDS[n % 16], PLACES[n // 16 % 8], TRADES[n // 128 % 4]
        rows.append(
            {
                "客户名称": f"{place}{brand}{trade}有限公司",
                "电话": f"0757-8{n:07d}",
                "客户级别": "重点客户",
                "负责人": "王强" if n % 3 else "",
                "登记人": "李敏",
                "登记日期": "2021-03-05",
                "地址": f"桂澜路{n}号",
                "联系人": "何军" if n % 2 else "",
                "移动电话": f"139{n:08d}" if n % 2 else "",
            }
        )
    return rows


def change(model: type[Any], key: int, **values: object) -> None:
    with writing() as session, session.begin():
        session.execute(update(model).where(model.id == key).values(**values))


@pytest.fixture
def key(boss: Actor, tmp_path: Path) -> int:
    """A batch of two new customers, applied."""
    batch = checked(boss, ImportKind.CUSTOMERS, workbook(tmp_path / "a.xlsx", *customer_rows(2)))
    return applied(boss, batch).id


def test_everything_is_as_it_was(boss: Actor, tmp_path: Path) -> None:
    known = customer_rows(300)[7]
    filled = make.customer(str(known["客户名称"]), address=None, phone=None, phone_key=None)
    make.customer("佛山市云帆幕墙工程有限责任公司", mobile="13900000001")
    make.opportunity(filled)
    before = everything()
    batch = checked(boss, ImportKind.CUSTOMERS, workbook(tmp_path / "a.xlsx", *customer_rows(300)))
    done = applied(boss, batch)
    assert done.counts["update"] == 1
    assert done.counts["similar"] > 0
    assert len(make.rows(Customer)) == 301
    assert make.fetch(Customer, filled).address == known["地址"]
    assert undone(boss, batch).kept == []
    assert everything() == before
    deleted = make.rows(ChangeLog, action="undo_import", kind="delete", entity="customer")
    assert len(deleted) == 299


def test_contacts_deals_and_activities_are_taken_back_too(boss: Actor, tmp_path: Path) -> None:
    make.customer("佛山市云帆幕墙工程有限公司")
    before = everything()
    lists: dict[ImportKind, dict[str, object]] = {
        ImportKind.CONTACTS: {"姓名": "林工", "移动电话": "13900002222"},
        ImportKind.OPPORTUNITIES: {
            "项目名称": "云帆大厦", "感兴趣产品": "执手", "销售任务": "报价", "预计金额": 1200.5,
            "预计成交日期": "2027-01-31",
        },
        ImportKind.ACTIVITIES: {"主题": "上门拜访", "活动类型": "上门拜访", "实际结束": "2026-03-05"},
    }  # fmt: skip
    batches = []
    for kind, row in lists.items():
        path = workbook(tmp_path / f"{kind}.xlsx", {"客户": "佛山市云帆幕墙工程有限公司"} | row)
        done = applied(boss, checked(boss, kind, path))
        assert done.counts["new"] == 1, kind
        batches.append(done.id)
    assert len(make.rows(Opportunity)) == len(make.rows(Activity)) == 1
    for batch in reversed(batches):
        assert undone(boss, batch).kept == []
    assert everything() == before


def test_what_people_changed_since_stays_whole(
    boss: Actor, cast: dict[str, Actor], key: int
) -> None:
    first, second = make.rows(Customer)
    (contact,) = make.rows(Contact)
    assert contact.customer_id == second.id
    edit_contact(boss, contact.id, {"title": "经理"}, contact.version)
    (kept,) = undone(boss, key).kept
    assert kept == [3, second.name, "导入后已被修改"]
    assert [c.id for c in make.rows(Customer)] == [second.id]
    assert len(make.rows(Contact)) == 1
    assert first.id != second.id


def test_what_people_built_on_stays(boss: Actor, key: int) -> None:
    first, second = make.rows(Customer)
    make.opportunity(first.id)
    (kept,) = undone(boss, key).kept
    assert kept == [2, first.name, "已有商机"]
    assert [c.id for c in make.rows(Customer)] == [first.id]
    assert second.id != first.id


def test_a_merged_customer_stays_for_its_document(
    boss: Actor, cast: dict[str, Actor], key: int
) -> None:
    first, second = make.rows(Customer)
    merge(cast["zhouting"], first.id, second.id, {})
    kept = undone(boss, key).kept
    assert [row[0] for row in kept] == [2, 3]
    assert len(make.rows(Customer)) == 2


def test_a_filled_field_changed_since_is_left(boss: Actor, tmp_path: Path) -> None:
    known = make.customer("佛山市云帆幕墙工程有限公司", address=None, phone=None, phone_key=None)
    row = {"客户名称": "佛山市云帆幕墙工程有限公司", "地址": "旧路1号", "电话": "0757-81234567"}
    batch = checked(boss, ImportKind.CUSTOMERS, workbook(tmp_path / "a.xlsx", row))
    applied(boss, batch)
    version = make.fetch(Customer, known).version
    edit_customer(boss, known, {"address": "新路2号"}, version)
    assert undone(boss, batch).kept == [[2, row["客户名称"], "导入后已被修改"]]
    after = make.fetch(Customer, known)
    assert (after.address, after.phone, after.phone_key) == ("新路2号", None, None)


def test_open_pairs_go_and_decided_ones_keep_their_customers(boss: Actor, tmp_path: Path) -> None:
    make.customer("佛山市云帆幕墙工程有限责任公司", phone="0757-80000000")
    rows = customer_rows(1)
    batch = checked(boss, ImportKind.CUSTOMERS, workbook(tmp_path / "a.xlsx", *rows))
    applied(boss, batch)
    (pair,) = make.rows(DuplicatePair)
    change(DuplicatePair, pair.id, status=PairStatus.DISTINCT)
    assert undone(boss, batch).kept == [[2, rows[0]["客户名称"], "已有重复候选"]]
    assert len(make.rows(Customer)) == 2


def test_a_customer_somebody_removed_is_no_obstacle(boss: Actor, key: int) -> None:
    first, _ = make.rows(Customer)
    with writing() as session, session.begin():
        session.delete(session.get(Customer, first.id))
    assert undone(boss, key).kept == []
    assert make.rows(Customer) == []


def test_a_batch_that_built_on_another_is_undone_first(boss: Actor, tmp_path: Path) -> None:
    before = everything()
    row = customer_rows(1)[0] | {"地址": ""}
    first = applied(boss, checked(boss, ImportKind.CUSTOMERS, workbook(tmp_path / "a.xlsx", row)))
    more = row | {"地址": "桂澜路9号"}
    second = applied(boss, checked(boss, ImportKind.CUSTOMERS, workbook(tmp_path / "b.xlsx", more)))
    assert second.counts["update"] == 1
    assert undone(boss, second.id).kept == []
    assert undone(boss, first.id).kept == []
    assert everything() == before


def test_by_command_the_last_import_of_a_file_is_taken_back(boss: Actor, tmp_path: Path) -> None:
    before = everything()
    path = workbook(tmp_path / "a.xlsx", *customer_rows(3))
    assert import_file(boss, path).created == 3
    assert undo_file(boss, path).kept == 0
    assert everything() == before
    with pytest.raises(Refused, match="没有可撤销的导入"):
        undo_file(boss, path)


def test_an_undo_needs_its_turn(boss: Actor, key: int) -> None:
    with pytest.raises(Refused):
        undo_import(boss, key, lambda *_: None)
    assert make.fetch(ImportBatch, key).undone_at is None
