"""A list comes in row by row: wrong rows stay out with a reason, nothing comes in twice."""

from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import event, select

from crmlib.access.action import Work
from crmlib.access.actor import Actor, actor_of
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.duplicates.model import DuplicatePair, PairSource
from crmlib.errors import Invalid, NotAllowed
from crmlib.exchange import similar
from crmlib.exchange.columns import lines
from crmlib.exchange.customers import check_customers
from crmlib.exchange.found import Options
from crmlib.exchange.importing import Imported, import_file
from crmlib.exchange.ledger import Ledger, silent
from crmlib.exchange.model import Verdict
from crmlib.exchange.sheets import read_rows
from crmlib.people.model import Person
from crmlib.store.engine import engine, reading, writing
from crmlib.store.schema import ChangeLog
from tests import make

TITLES = [
    "客户代码", "客户名称", "客户级别", "负责人", "负责部门", "登记日期", "E-MAIL", "电话", "传真", "国家",
    "行业", "区域", "公司网址", "地址", "登记人", "交易客户", "联系人", "人员角色", "移动电话",
]  # fmt: skip
WHOLE = {
    "客户名称": "佛山市云帆幕墙工程有限公司",
    "客户级别": "重点客户",
    "负责人": "王强",
    "登记日期": "2021年3月5日",
    "电话": "0757-81234567",
    "传真": "无",
    "E-MAIL": "sales@yunfan.cn",
    "国家": "中国",
    "行业": "幕墙公司",
    "区域": "广东",
    "公司网址": "无",
    "地址": "佛山市南海区桂澜路1号",
    "登记人": "李敏",
    "交易客户": "否",
    "联系人": "何军",
    "人员角色": "采购负责人",
    "移动电话": 13800138000,
}


def workbook(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "list.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("客户资料")
        sheet.write_row(0, 0, ["客户资料  导出时间 2026-01-01"])
        sheet.write_row(2, 0, TITLES)
        for place, row in enumerate(rows, start=4):
            sheet.write_row(place, 0, [row.get(title, "") for title in TITLES])
    return path


def bring(actor: Actor, folder: Path, *rows: dict[str, object], **options: object) -> Imported:
    return import_file(actor, workbook(folder, *rows), **options)  # type: ignore[arg-type]


def test_a_row_comes_in_with_owner_day_and_contact(cast: dict[str, Actor], tmp_path: Path) -> None:
    done = bring(cast["zhaolei"], tmp_path, WHOLE)
    assert done == Imported(rows=1, created=1, updated=0, duplicates=0, similar=0, errors=0)
    (customer,) = make.rows(Customer)
    assert (customer.owner_id, customer.registered_by_id) == (
        cast["wangqiang"].person_id,
        cast["limin"].person_id,
    )
    assert customer.registered_at.isoformat() == "2021-03-04T16:00:00+00:00"
    assert customer.code.startswith("KH")
    assert customer.no_fax
    assert not customer.incomplete
    (contact,) = make.rows(Contact)
    assert (contact.mobile, contact.is_primary) == ("13800138000", True)
    logged = [r.entity for r in make.rows(ChangeLog, action="apply_import", kind="insert")]
    assert logged == ["customer", "contact"]


def test_running_twice_creates_nothing_new(cast: dict[str, Actor], tmp_path: Path) -> None:
    other = WHOLE | {"客户名称": "长沙远岫门窗厂", "移动电话": "", "电话": ""}
    bring(cast["zhaolei"], tmp_path, WHOLE, other)
    again = bring(cast["zhaolei"], tmp_path, WHOLE, other)
    assert (again.created, again.updated, again.duplicates) == (0, 0, 2)
    assert len(make.rows(Customer)) == 2


def test_a_known_name_only_fills_gaps(cast: dict[str, Actor], tmp_path: Path) -> None:
    key = make.customer(str(WHOLE["客户名称"]), address=None, phone="0757-1111111", incomplete=True)
    done = bring(cast["zhaolei"], tmp_path, WHOLE)
    assert (done.created, done.updated) == (0, 1)
    customer = make.fetch(Customer, key)
    assert (customer.address, customer.phone) == (WHOLE["地址"], "0757-1111111")
    assert not customer.incomplete


@pytest.mark.parametrize(
    "written",
    [
        "佛山市云帆幕墙工程有限公司　",
        "佛山市云帆幕墙工程有限公司\t",
        "佛山市 云帆幕墙 工程有限公司",
    ],
)
def test_one_name_in_two_spellings_is_one_customer(
    cast: dict[str, Actor], tmp_path: Path, written: str
) -> None:
    done = bring(cast["zhaolei"], tmp_path, WHOLE, WHOLE | {"客户名称": written})
    assert (done.created, done.duplicates) == (1, 1)


def test_a_similar_name_comes_in_and_waits_for_review(
    cast: dict[str, Actor], tmp_path: Path
) -> None:
    key = make.customer("佛山市云帆幕墙工程有限责任公司", mobile="13800138000")
    done = bring(cast["zhaolei"], tmp_path, WHOLE)
    assert (done.created, done.similar) == (1, 1)
    (pair,) = make.rows(DuplicatePair)
    assert pair.a_id == key
    assert pair.source is PairSource.IMPORT


@pytest.mark.parametrize(
    ("title", "value", "reason"),
    [
        ("客户名称", "", "客户名称 为必录项"),
        ("客户名称", "长" * 121, "客户名称 不能超过 120 个字"),
        ("负责人", "查无此人", "负责人 查无此人"),
        ("移动电话", "1380013800", "移动电话 应为 11 位手机号"),
        ("移动电话", "1.38E+10", "科学计数法"),
        ("E-MAIL", "无@", "E-MAIL 格式不正确"),
        ("登记日期", "去年", "登记日期 无法识别"),
        ("登记日期", "2999-01-01", "登记日期 不能晚于今天"),
        ("区域", "火星", "区域 中没有“火星”"),
        ("行业", "养殖", "行业 中没有“养殖”"),
        ("交易客户", "也许", "交易客户 应为 是 或 否"),
    ],
)
def test_a_wrong_value_keeps_the_row_out_with_its_reason(
    cast: dict[str, Actor], tmp_path: Path, title: str, value: str, reason: str
) -> None:
    report = tmp_path / "errors.xlsx"
    done = bring(cast["zhaolei"], tmp_path, WHOLE | {title: value}, WHOLE, report=report)
    assert (done.created, done.errors) == (1, 1)
    row = CalamineWorkbook.from_path(report).get_sheet_by_name("错误行").to_python()[1]
    assert row[:2] == ["5", title]
    assert reason in str(row[3])


def test_formulas_and_markup_are_only_text(cast: dict[str, Actor], tmp_path: Path) -> None:
    names = ["=1+1 幕墙公司", "<b>蓝田门窗厂</b>", "'; DROP TABLE customer; --"]
    report = tmp_path / "errors.xlsx"
    rows = [WHOLE | {"客户名称": n, "移动电话": "", "电话": ""} for n in names]
    bad = WHOLE | {"客户名称": "=HYPERLINK(1)", "负责人": "=cmd()"}
    assert bring(cast["zhaolei"], tmp_path, *rows, bad, report=report).created == 3
    assert {c.name for c in make.rows(Customer)} == set(names)
    sheet = CalamineWorkbook.from_path(report).get_sheet_by_name("错误行").to_python()
    assert "=HYPERLINK(1)" in sheet[1]


def test_one_code_for_two_names_is_the_second_ones_fault(
    cast: dict[str, Actor], tmp_path: Path
) -> None:
    first = WHOLE | {"客户代码": "K001"}
    second = WHOLE | {"客户代码": "K001", "客户名称": "珠海海岳玻璃有限公司", "移动电话": ""}
    assert bring(cast["zhaolei"], tmp_path, first, second).errors == 1
    third = second | {"客户名称": "中山星野建材商行"}
    assert bring(cast["zhaolei"], tmp_path, third).errors == 1
    assert [c.code for c in make.rows(Customer)] == ["K001"]


def test_missing_fields_come_in_as_incomplete(cast: dict[str, Actor], tmp_path: Path) -> None:
    bring(cast["zhouting"], tmp_path, {"客户名称": "惠州岭东装饰工程有限公司", "交易客户": "Y"})
    (customer,) = make.rows(Customer)
    assert customer.incomplete
    assert customer.owner_id is None
    assert customer.status is CustomerStatus.TRADING


def test_dry_run_counts_and_writes_nothing(cast: dict[str, Actor], tmp_path: Path) -> None:
    done = bring(cast["zhaolei"], tmp_path, WHOLE, WHOLE | {"负责人": "查无此人"}, dry_run=True)
    assert (done.created, done.errors) == (1, 1)
    assert make.rows(Customer) == []


def test_only_those_with_the_right_may_import(cast: dict[str, Actor], tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        bring(cast["wangqiang"], tmp_path, WHOLE)
    assert make.rows(Customer) == []


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
def test_csv_in_the_usual_encodings(sqlite_database: str, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("客户名称,电话\n肇庆鼎湖五金有限公司,0758-2222222\n", encoding=encoding)
    assert import_file(actor_of(make.people_ids()["zhaolei"]), path).created == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"no workbook"), ("a.csv", b"\xff\xfe\x00\x81"), ("a.pdf", b"")],
)
def test_an_unreadable_file_is_refused_in_words(
    sqlite_database: str, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid):
        import_file(actor_of(make.people_ids()["zhaolei"]), tmp_path / name)


def test_statements_do_not_grow_with_the_rows(cast: dict[str, Actor], tmp_path: Path) -> None:
    def count(rows: int, mark: str) -> int:
        seen: list[str] = []
        note = lambda *a: seen.append(a[2])  # noqa: E731 a listener that goes again
        event.listen(engine(), "before_cursor_execute", note)
        names = (f"{mark}{chr(0x4E00 + 37 * n)}{chr(0x5000 + 53 * n)}有限公司" for n in range(rows))
        bring(
            cast["zhaolei"],
            tmp_path,
            *(WHOLE | {"客户名称": n, "移动电话": "", "电话": "", "E-MAIL": ""} for n in names),
        )
        event.remove(engine(), "before_cursor_execute", note)
        return len(seen)

    few = count(2, "甲")
    assert count(60, "乙") <= few + 10


def test_a_large_base_is_searched_by_what_it_shares(
    cast: dict[str, Actor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "_WHOLE_BASE", 0)
    make.customer("佛山市云帆幕墙工程有限责任公司", mobile="13800138000")
    make.customer("沈阳辽河置业有限公司")
    assert bring(cast["zhaolei"], tmp_path, WHOLE).similar == 1


def test_what_came_in_between_check_and_write_is_not_doubled(
    cast: dict[str, Actor], tmp_path: Path
) -> None:
    found = list(lines(read_rows(workbook(tmp_path, WHOLE))))
    with reading() as session:
        checked = check_customers(session, found, silent)
    make.customer(str(WHOLE["客户名称"]))
    with writing() as session, session.begin():
        written = checked.write(Ledger(Work(session, cast["zhaolei"])), Options())
    assert [row.verdict for row in written] == [Verdict.SAME]
    assert len(make.rows(Customer)) == 1


def test_namesakes_are_told_apart_by_office_or_code(cast: dict[str, Actor], tmp_path: Path) -> None:
    with writing() as session, session.begin():
        session.scalars(select(Person).where(Person.login == "chengang")).one().name = "王强"
    plain = WHOLE | {"负责人": "王强", "负责部门": ""}
    assert bring(cast["zhaolei"], tmp_path, plain).errors == 1
    assert bring(cast["zhaolei"], tmp_path, plain | {"负责部门": "上海办事处"}).created == 1
    (customer,) = make.rows(Customer)
    assert customer.owner_id == cast["chengang"].person_id
    by_code = plain | {"负责人": "GD0107", "客户名称": "珠海海岳玻璃有限公司", "移动电话": ""}
    assert bring(cast["zhaolei"], tmp_path, by_code).created == 1
