"""A sheet of targets as a workbook: as shown, filled in, refused by the cell, saved as a whole."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.errors import Invalid, NotAllowed
from crmlib.exchange import target_sheets
from crmlib.exchange.target_sheets import export_targets, import_targets
from crmlib.store.engine import reading
from crmlib.store.schema import ChangeLog
from crmlib.targets import rules
from crmlib.targets.kinds import Measure, TargetKind
from crmlib.targets.model import Target
from crmlib.targets.queries import TargetSheet, target_sheet
from tests import make
from tests.exchange.target_file import filled, rows_of
from tests.targets.build import target

Cast = dict[str, Actor]
D, K = Decimal, TargetKind
TODAY = date(2026, 11, 23)


@pytest.fixture
def firm(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """王强 has quarters that are over and one that is not."""
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    wang = cast["wangqiang"].person_id
    for month, wan in ((1, 120.5), (10, 80)):
        target(wang, K.QUARTER, date(2026, month, 1), wan)
    target(cast["zhangwei"].person_id, K.QUARTER, date(2026, 10, 1), 300)
    return cast


def sheet(actor: Actor, measure: Measure = Measure.SALES, year: int = 2026) -> TargetSheet:
    return target_sheet(actor, year, K.QUARTER, measure, actor.office_id)


def test_a_sheet_comes_back_filled_in(firm: Cast) -> None:
    boss = firm["zhangwei"]
    name, content = export_targets(boss, sheet(boss), "广州")
    assert name.startswith("2026-年季度目标-销售额（万元）-广州-")
    rows = rows_of(content)
    assert rows[2][1:8] == ["对象", "一季度", "二季度", "三季度", "四季度", "合计", "状态"]
    (wang,) = [row for row in rows if row[1] == "王强"]
    assert wang[2:8] == [120.5, "", "", 80.0, 200.5, "锁定、下达"]
    assert import_targets(boss, sheet(boss), "广州", name, content, token="1").changed == 0
    # What is typed may carry signs; a blank cell takes its target away.
    new = filled(content, {("王强", 3): "¥1,000.5", ("王强", 4): 0.1 + 0.2, ("王强", 5): ""})
    saved = import_targets(boss, sheet(boss), "广州", name, new, token="2")
    assert (saved.changed, saved.removed) == (2, 1)
    told = {
        t.starts_on.month: t.sales for t in make.rows(Target, person_id=firm["wangqiang"].person_id)
    }
    assert told == {1: 1_205_000, 4: 10_005_000, 7: 3_000}
    with reading() as session:
        logged = session.scalars(select(ChangeLog.action).where(ChangeLog.entity == "target"))
        assert list(logged)[-3:] == ["save_targets"] * 3


def test_all_faults_are_told_by_their_cells_and_nothing_is_saved(firm: Cast) -> None:
    boss = firm["zhangwei"]
    name, content = export_targets(boss, sheet(boss), "广州")
    (at,) = [n for n, row in enumerate(rows_of(content), start=1) if row[1] == "王强"]
    (own,) = [n for n, row in enumerate(rows_of(content), start=1) if row[1] == "张伟"]
    (other,) = [row for row in make.rows(Target, person_id=firm["wangqiang"].person_id)
                if row.starts_on.month == 10]  # fmt: skip
    make.change(Target, other.id, sales=D(900_000))  # by somebody else, after the download
    wrong = filled(
        content,
        {("王强", 2): 1, ("王强", 3): -5, ("王强", 4): "很多", ("王强", 5): 60, ("张伟", 5): 999,
         ("张伟", 0): rows_of(content)[own - 1][0]},
    )  # fmt: skip
    before = len(make.rows(Target))
    with pytest.raises(Invalid) as refused:
        import_targets(boss, sheet(boss), "广州", name, wrong, token="1")
    assert refused.value.faults == {
        f"C{at}": rules.LOCKED,
        f"D{at}": rules.NEGATIVE,
        f"E{at}": target_sheets.NOT_A_NUMBER,
        f"F{at}": target_sheets.CHANGED,
        f"F{own}": target_sheets.NOT_YOURS,
    }
    assert len(make.rows(Target)) == before
    extra = filled(content, {("王强", 0): "person:999999|0,0,0,0"})
    with pytest.raises(Invalid) as refused:
        import_targets(boss, sheet(boss), "广州", name, extra, token="2")
    assert refused.value.faults == {f"B{at}": target_sheets.UNKNOWN_ROW}


def test_other_files_are_refused(firm: Cast) -> None:
    boss = firm["zhangwei"]
    name, content = export_targets(boss, sheet(boss), "广州")
    tries: list[tuple[str, bytes, TargetSheet, str]] = [
        ("x.txt", b"a", sheet(boss), "只能导入"),
        ("x.xlsx", b"", sheet(boss), "文件是空的"),
        ("x.xlsx", b"PK\x03\x04nonsense", sheet(boss), target_sheets.NOT_OURS),
        ("x.csv", "甲,乙\n1,2\n".encode(), sheet(boss), target_sheets.NOT_OURS),
        (name, content, sheet(boss, year=2027), "文件是「2026 年季度目标"),
        (name, content, sheet(boss, Measure.CUSTOMERS), "请先在页面上选择相同的"),
    ]
    for file, made, wanted, message in tries:
        with pytest.raises(Invalid) as refused:
            import_targets(boss, wanted, "广州", file, made, token="1")
        assert message in refused.value.faults["文件"]


def test_who_may_take_along_and_bring_back(firm: Cast) -> None:
    clerk, seller, boss = firm["limin"], firm["wangqiang"], firm["zhangwei"]
    with pytest.raises(NotAllowed):
        export_targets(clerk, sheet(seller), "广州")
    name, content = export_targets(seller, sheet(seller), "广州")
    assert [row[1] for row in rows_of(content)[3:]] == ["王强"]
    mine = filled(content, {("王强", 4): 50})
    with pytest.raises(Invalid) as refused:
        import_targets(seller, sheet(seller), "广州", name, mine, token="1")
    assert list(refused.value.faults.values()) == [target_sheets.NOT_YOURS]
    # A sheet that says more than its reader may set changes nothing either.
    with pytest.raises(NotAllowed):
        import_targets(seller, sheet(boss), "广州", name, mine, token="2")


def test_faults_found_while_saving_are_told_by_their_cells() -> None:
    faults = {"rows.1.p2": rules.LOCKED, "year": "年份"}
    assert target_sheets._addressed(faults, [3, 7]) == {"D8": rules.LOCKED, "文件": "年份"}
