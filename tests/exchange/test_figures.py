"""The figures of a chart as a workbook: stated, counted, logged, and only for those who may."""

import io
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crmlib.access.actor import Actor
from crmlib.errors import NotAllowed
from crmlib.exchange.figures import chart_tools, export_figures
from crmlib.store.engine import reading
from crmlib.store.schema import ChangeLog
from crmlib.ui.chart_tools import Sheet
from crmlib.ui.grid import Column

SHEET = Sheet(
    "漏斗",
    ("阶段", "商机数", "金额", Column(name="share", label="转化率", kind="percent")),
    [("=1+1", 3, Decimal("1200000.50"), 0.25), ("报价", 0, None, None)],
)


def test_workbook_states_itself_and_is_logged(cast: dict[str, Actor]) -> None:
    stated = ["筛选条件：部门：广州办", "数据范围：全公司"]
    name, content = export_figures(cast["zhouting"], "销售漏斗", stated, SHEET)
    assert name.startswith("销售漏斗-")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("漏斗").to_python()
    assert [row[0] for row in rows[:3]] == ["销售漏斗", *stated]
    assert rows[4] == ["阶段", "商机数", "金额", "转化率"]
    assert rows[5] == ["=1+1", 3, 1200000.5, 0.25]
    assert rows[6] == ["报价", 0, "", ""]
    with reading() as session:
        logged = session.scalars(select(ChangeLog).where(ChangeLog.action == "note_export")).one()
    assert logged.person_id == cast["zhouting"].person_id
    assert logged.after is not None
    assert logged.after["list"] == "销售漏斗"
    assert logged.after["filters"] == {"说明": "；".join(stated)}


def test_who_may_not_export_is_offered_no_workbook(cast: dict[str, Actor]) -> None:
    clerk = cast["limin"]
    assert not chart_tools(clerk, "销售漏斗", [], lambda: SHEET).spec["mayExport"]
    assert chart_tools(cast["wangqiang"], "销售漏斗", [], lambda: SHEET).spec["mayExport"]
    with pytest.raises(NotAllowed):
        export_figures(clerk, "销售漏斗", [], SHEET)
