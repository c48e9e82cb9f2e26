import json
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import pytest

from crmlib.ui.fields import Computed, Field
from crmlib.ui.options import Option
from crmlib.ui.sheet import Sheet
from crmlib.ui.static_files import STATIC_DIR

COLUMNS = (
    Field(name="id", label="", kind="hidden"),
    Field(name="product", label="产品", kind="picker", options=[("P1", "执手")], width=120),
    Field(name="name", label="名称", required=True, max_length=4),
    Field(name="quantity", label="数量", kind="number", required=True, default=1),
    Field(name="on", label="日期", kind="date"),
    Field(name="seen", label="原文", kind="readonly"),
    Computed(name="subtotal", label="小计", times=("quantity", "price"), less="discount"),
)


def saved_by(**more):
    got = []
    field = Field(name="lines", label="明细", kind="lines", columns=COLUMNS, **more)
    form = Sheet([field], lambda values, _: got.append(values["lines"]) or "好")
    return form, got


def submitted(form, lines):
    return form.submit({"token": "t", "values": {"lines": lines}})


def test_rows_arrive_typed_without_what_is_only_shown():
    form, got = saved_by()
    row = {"id": 7, "product": "P1", "name": " 执手 ", "quantity": "1,200.5", "on": "2026-11-23"}
    assert submitted(form, [{**row, "seen": "冒充", "subtotal": "1", "other": "x"}])["ok"]
    assert got == [
        (
            {
                "id": 7,
                "product": "P1",
                "name": "执手",
                "quantity": Decimal("1200.5"),
                "on": date(2026, 11, 23),
            },
        )
    ]


def test_faults_name_row_and_column_all_at_once():
    form, got = saved_by(required=True)
    reply = submitted(
        form,
        [
            {"name": "执手", "quantity": "1"},
            {"name": "名称太长了", "quantity": "很多", "product": "P9", "on": "昨日"},
            {"name": "", "quantity": ""},
        ],
    )
    assert reply["errors"] == {
        "lines.1.product": "产品 请从列表中选择",
        "lines.1.name": "名称 最多 4 个字",
        "lines.1.quantity": "数量 应为数字",
        "lines.1.on": "日期 应为日期，例如 2026-11-23",
        "lines.2.name": "名称 为必录项",
        "lines.2.quantity": "数量 为必录项",
    }
    assert got == []


@pytest.mark.parametrize("sent", ["", None, [], ["x"], {"a": 1}])
def test_no_rows_are_a_fault_where_some_are_needed(sent):
    form, got = saved_by()
    assert submitted(form, sent)["ok"]
    assert got == [()]
    assert submitted(saved_by(required=True)[0], sent)["errors"] == {"lines": "明细 为必录项"}


def test_too_many_rows_are_a_fault():
    form, _ = saved_by(most=2)
    rows = [{"name": "执手", "quantity": "1"}] * 3
    assert submitted(form, rows)["errors"] == {"lines": "明细 最多 2 行"}


def test_the_browser_is_told_columns_and_first_rows():
    field = Field(name="lines", label="明细", kind="lines", columns=COLUMNS)
    lines = [{"product": Option("P1", "执手"), "quantity": Decimal("2.50"), "on": None}]
    spec = Sheet([field], lambda *_: "好", values={"lines": lines}).spec()
    (told,) = spec["fields"]
    assert [c["kind"] for c in told["columns"]][1:4] == ["picker", "text", "number"]
    assert told["columns"][3]["default"] == 1
    assert told["columns"][6]["times"] == ["quantity", "price"]
    assert told["columns"][1]["options"][0]["find"].endswith("zhishou zs")
    (row,) = spec["values"]["lines"]
    assert row == {
        "product": {"value": "P1", "label": "执手", "hint": ""},
        "quantity": "2.50",
        "on": "",
    }


NODE = shutil.which("node")
# factors, percentage → whole cents; the rules of quotes hold the same table against Python.
CENTS = [
    (["3", "1.15"], "", "345"),
    (["0.5", "0.01"], "", "1"),
    (["1", "0.01"], "50", "1"),
    (["1", "0.01"], "50.1", "0"),
    (["1,200", "￥3.335"], "", "400200"),
    (["999999999.999", "99999999.99"], "0", "9999999998990000000"),
    (["7", "33.33"], "12.5", "20415"),
    (["", "1"], "", None),
    (["1", "-1"], "", None),
    (["1", "1"], "101", None),
]


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_what_the_browser_works_out_is_exact_and_blocks_are_taken_apart():
    program = """
    const given = JSON.parse(process.argv[1]);
    const cents = given.cents.map(([factors, less]) => lineCents(factors, less)?.toString() ?? null);
    console.log(JSON.stringify({ cents, sheets: given.sheets.map(lineSheet), text: lineText(123456789n), sums: given.sums.map((texts) => lineSum(texts)?.toString() ?? null) }));
    """
    sheets = ["a\tb\r\n1\t2\r\n", '"x\ny"\t"a ""b"""\n', '"3寸\tb', "one"]
    sums = [["1", "", "2.5"], ["", " "], ["1", "x"], []]
    given = json.dumps({"cents": [case[:2] for case in CENTS], "sheets": sheets, "sums": sums})
    code = (STATIC_DIR / "line_values.js").read_text("utf-8").replace("export ", "")
    done = subprocess.run(
        [NODE, "-e", code + program, given], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["cents"] == [case[2] for case in CENTS]
    assert told["sheets"] == [
        [["a", "b"], ["1", "2"]],
        [["x y", 'a "b"']],
        [['"3寸', "b"]],
        [["one"]],
    ]
    assert told["text"] == "1,234,567.89"
    assert told["sums"] == ["350", None, None, None]


def test_given_rows_and_sums_are_told_to_the_browser():
    columns = (
        Field(name="a", label="1月", kind="number"),
        Computed(name="sum", label="合计", plus=("a",), total=False),
    )
    field = Field(name="lines", label="明细", kind="lines", columns=columns, fixed=True)
    (told,) = Sheet([field], lambda *_: "好").spec()["fields"]
    assert told["fixed"] is True
    assert (told["columns"][1]["plus"], told["columns"][1]["times"]) == (["a"], [])
