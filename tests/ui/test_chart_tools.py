"""What the tools of a chart tell the browser: its figures in words, and only those."""

from datetime import date
from decimal import Decimal
from typing import Any

from crmlib.ui.chart_tools import ChartTools, Sheet, either
from crmlib.ui.grid import Column

SHARE = Column(name="share", label="转化率", kind="percent")
SHEET = Sheet(
    "漏斗",
    ("阶段", "商机数", "金额", SHARE, "中位天数", "截至"),
    [
        ("立项", 3, Decimal("1200000.50"), 0.25, 7.5, date(2026, 11, 23)),
        ("<b>报价</b>", 0, None, None, None, None),
    ],
    keys=("SETUP", "QUOTE"),
)


def asked(tools: ChartTools, question: str) -> dict[str, Any]:
    """Return what the browser is answered."""
    sent: list[dict[str, Any]] = []
    tools.send = sent.append
    tools._asked(None, {"ticket": "x", "ask": question, "with": None}, [])
    return sent[0]


def test_kinds_follow_from_the_first_figure_of_a_column() -> None:
    kinds = [column.kind for column in SHEET.columns()]
    assert kinds == ["text", "number", "money", "percent", "number", "date"]
    assert [c.kind for c in Sheet("空", ("甲", SHARE), []).columns()] == ["text", "percent"]


def test_table_shows_figures_in_words() -> None:
    told = asked(ChartTools("销售漏斗", ["筛选条件：无"], lambda: SHEET), "sheet")["reply"]
    assert told["heads"][:3] == [["阶段", False], ["商机数", True], ["金额", True]]
    assert told["rows"] == [
        ["立项", "3", "¥1,200,000.50", "25.0%", "7.5", "2026-11-23"],
        ["<b>报价</b>", "0", "—", "—", "—", "—"],
    ]
    assert told["keys"] == ["SETUP", "QUOTE"]


def test_workbook_needs_somebody_who_makes_it() -> None:
    assert not ChartTools("漏斗", [], lambda: SHEET).spec["mayExport"]
    fault = asked(ChartTools("漏斗", [], lambda: SHEET), "export")["fault"]
    assert fault["message"] == "您没有导出的权限"
    tools = ChartTools("漏斗", [], lambda: SHEET, export=lambda _sheet: ("a.xlsx", b"ab"))
    assert asked(tools, "export")["reply"] == {"name": "a.xlsx", "content": "YWI="}


def test_chosen_in_chart_and_table_is_let_go_again() -> None:
    assert either(("A", "B"), ("B", "C")) == ("A", "C")
    assert either((), ("B",)) == ("B",)
    assert either(("B",), ("B",)) == ()
