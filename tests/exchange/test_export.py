"""A list taken along: the rows one may take, as the page shows them, and a line in the log."""

import io
from datetime import date
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from crmlib.access.actor import Actor
from crmlib.customers.model import Customer, ShareLevel
from crmlib.customers.queries import CustomerQuery, customer_page
from crmlib.customers.sharing import share_customer
from crmlib.errors import NotAllowed, Refused
from crmlib.exchange import export
from crmlib.exchange.export import Listing, exporter, note_export, workbook
from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
from crmlib.store.schema import ChangeLog
from crmlib.ui.grid import Column, Filter, Page, Query
from tests import make

COLUMNS = [
    Column(name="code", label="客户代码", kind="code"),
    Column(name="name", label="客户名称"),
    Column(name="phone", label="电话", kind="phone"),
    Column(name="registered_at", label="登记日期", kind="date"),
]


def customers(actor: Actor) -> Listing:
    def fetch(asked: Query) -> Page:
        query = CustomerQuery(
            page=asked.page, size=asked.size, sort=asked.sort, find_text=asked.find_text
        )
        found = customer_page(actor, query)
        return Page(found.rows.to_dicts(), found.total)

    filters = [Filter(name="trading", label="交易客户", options=[("yes", "是"), ("no", "否")])]
    return Listing("customer", "客户", COLUMNS, fetch, filters, [("name", "客户名称")])


def opportunities(actor: Actor) -> Listing:
    def fetch(asked: Query) -> Page:
        found = opportunity_page(actor, OpportunityQuery(page=asked.page, size=asked.size))
        return Page(found.rows.to_dicts(), found.total)

    columns = [
        Column(name="number", label="编号", kind="code"),
        Column(name="amount", label="预计金额", kind="money"),
    ]
    return Listing("opportunity", "商机", columns, fetch)


def taken(
    listing: Listing, actor: Actor, **asked: object
) -> tuple[list[list[object]], dict[str, str]]:
    """Return the rows of an export and the facts of its sheet 说明."""
    call = exporter(actor, listing)
    assert call is not None
    name, content = call(Query(sort="registered_at", **asked))  # type: ignore[arg-type]
    assert name.startswith(f"{listing.title}-")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    facts = {str(row[0]): str(row[1]) for row in book.get_sheet_by_name("说明").to_python()}
    return book.get_sheet_by_name(listing.title).to_python(), facts  # type: ignore[return-value]


def test_rows_columns_and_facts(cast: dict[str, Actor]) -> None:
    make.customer("=1+1 幕墙公司", phone="020-12345678")
    make.customer("长沙远岫门窗厂")
    rows, facts = taken(
        customers(cast["wangqiang"]),
        cast["wangqiang"],
        find_field="name",
        find_text="幕墙",
        filters={"trading": "no"},
    )
    assert rows[0] == ["客户代码", "客户名称", "电话", "登记日期"]
    assert rows[1][1:3] == ["=1+1 幕墙公司", "020-12345678"]
    assert isinstance(rows[1][3], date)
    assert len(rows) == 2
    assert facts["条件"] == "交易客户：否；客户名称：含“幕墙”"
    assert facts["导出人"] == "王强（广州，wangqiang）"
    assert facts["行数"] == "1"


def test_every_export_is_logged_with_what_was_taken(cast: dict[str, Actor]) -> None:
    make.customer()
    taken(customers(cast["wangqiang"]), cast["wangqiang"])
    (logged,) = make.rows(ChangeLog, entity="export")
    assert (logged.person_id, logged.action) == (cast["wangqiang"].person_id, "note_export")
    assert logged.after["list"] == "客户"
    assert logged.after["rows"] == 1
    assert logged.after["columns"] == [c.label for c in COLUMNS]


def test_the_analyst_takes_masked_phones_and_nobody_else_s_names(cast: dict[str, Actor]) -> None:
    make.customer(phone="020-12345678")
    rows, _ = taken(customers(cast["sunyue"]), cast["sunyue"])
    assert rows[1][2] == "020****5678"
    mine, _ = taken(customers(cast["chengang"]), cast["chengang"])
    assert len(mine) == 1


def test_a_clerk_takes_nothing_along(cast: dict[str, Actor]) -> None:
    assert exporter(cast["limin"], customers(cast["limin"])) is None
    with pytest.raises(NotAllowed):
        note_export(cast["limin"], "customer", "客户", {}, [], 0)
    assert make.rows(ChangeLog, entity="export") == []


def test_what_a_manager_only_reads_by_a_share_stays(cast: dict[str, Actor]) -> None:
    other = make.customer(owner="chengang")
    make.customer(owner="wangqiang")
    share_customer(cast["chengang"], other, cast["zhangwei"].person_id, ShareLevel.READ)
    assert customers(cast["zhangwei"]).fetch(Query()).total == 2
    rows, facts = taken(customers(cast["zhangwei"]), cast["zhangwei"])
    assert make.fetch(Customer, other).code not in [row[0] for row in rows]
    assert len(rows) == 2
    assert facts["未导出"].startswith("1 行只可查看")


def test_too_many_rows_are_refused_not_cut(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_ROWS_OF", {cast["wangqiang"].role: 1})
    for _ in range(2):
        make.customer()
    with pytest.raises(Refused, match="超过一次可导出的 1 行"):
        taken(customers(cast["wangqiang"]), cast["wangqiang"])
    assert make.rows(ChangeLog, entity="export") == []
    assert len(taken(customers(cast["zhaolei"]), cast["zhaolei"])[0]) == 3


def test_all_pages_are_taken_in_their_order(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PIECE", 2)
    names = [f"测试{n}号公司" for n in range(5)]
    for name in names:
        make.customer(name)
    rows, _ = taken(customers(cast["zhouting"]), cast["zhouting"])
    assert sorted(str(row[1]) for row in rows[1:]) == names


def test_amounts_are_numbers_and_only_for_those_who_see_them(cast: dict[str, Actor]) -> None:
    make.opportunity(make.customer(), amount=Decimal("1234.50"))
    rows, _ = taken(opportunities(cast["wangqiang"]), cast["wangqiang"])
    assert rows[1][1] == 1234.5


def test_texts_never_become_formulas_numbers_or_links() -> None:
    texts = ["=SUM(A1)", "+86 138", "-1", "@x", "00123", "http://localhost/x"]
    columns = [Column(name=str(n), label=str(n)) for n in range(len(texts))]
    content = workbook(
        "表", columns, [{str(n): text for n, text in enumerate(texts)}], [("甲", "=1")]
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.get_sheet_by_name("表").to_python()[1] == texts
    assert book.get_sheet_by_name("说明").to_python() == [["甲", "=1"]]
