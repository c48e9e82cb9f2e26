"""Targets: who sets whose, drafts and issued ones, stale sheets, locked months, sums."""

from datetime import date
from decimal import Decimal

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message
from crmlib.people.model import Office, Person
from crmlib.targets import queries, rules
from crmlib.targets.actions import issue_targets, save_targets
from crmlib.targets.kinds import Measure, TargetKind
from crmlib.targets.model import Target
from crmlib.targets.rules import RowDraft, SheetDraft
from tests import make

Cast = dict[str, Actor]
D, K = Decimal, TargetKind
YEAR = 2026


def person(cast: Cast, login: str) -> str:
    return f"person:{cast[login].person_id}"


def office(name: str) -> str:
    (row,) = make.rows(Office, name=name)
    return f"office:{row.id}"


def sheet(
    subject: str,
    *values: Decimal | int | None,
    kind: K = K.QUARTER,
    measure: Measure = Measure.SALES,
    year: int = YEAR,
) -> SheetDraft:
    told = [None if value is None else D(value) for value in values]
    told += [None] * (len(rules.periods(kind)) - len(told))
    return SheetDraft(year, kind, measure, (RowDraft(subject, tuple(told)),))


def versions(subject: str, kind: K = K.QUARTER) -> dict[tuple[str, int], int]:
    key = int(subject.partition(":")[2])
    column = f"{subject.partition(':')[0]}_id"
    rows = make.rows(Target, kind=kind, **{column: key})
    return {(subject, rules.number_of(kind, row.starts_on)): row.version for row in rows}


def test_who_sets_whose(cast: Cast) -> None:
    for actor, subject, may in (
        ("zhangwei", "wangqiang", True),
        ("zhangwei", "chengang", False),  # another's man
        ("zhangwei", "zhangwei", False),  # his own is set above
        ("zhangwei", "office:广州", False),
        ("liuyang", "zhangwei", True),
        ("liuyang", "office:广州", True),
        ("liuyang", "office:华南区", True),  # nobody stands above him
        ("liuyang", "liuyang", True),
        ("liuyang", "office:上海", False),
        ("zhouting", "chengang", True),
        ("zhouting", "office:上海", True),
        ("wangqiang", "wangqiang", False),
        ("zhaolei", "wangqiang", False),
        ("sunyue", "wangqiang", False),
        ("limin", "limin", False),
    ):
        whose = office(subject[7:]) if subject.startswith("office") else person(cast, subject)
        kind = K.MONTH if actor == "liuyang" else K.YEAR if actor == "zhouting" else K.QUARTER
        try:
            saved = save_targets(cast[actor], sheet(whose, 100, kind=kind), seen={}).changed
        except NotAllowed:
            saved = 0
        assert bool(saved) is may, (actor, subject)


def test_from_draft_to_issued_to_locked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    boss, seller = cast["zhangwei"], cast["wangqiang"]
    wang, home = person(cast, "wangqiang"), seller.office_id
    saved = save_targets(boss, sheet(wang, "120.5", 80, 60), seen={}, token="one")
    assert saved == save_targets(boss, sheet(wang, "120.5", 80, 60), seen={}, token="one")
    assert (saved.changed, saved.removed) == (3, 0)

    def cells(actor: Actor) -> list[tuple[Decimal | None, str]]:
        shown = queries.target_sheet(actor, YEAR, K.QUARTER, Measure.SALES, home)
        (row,) = [row for row in shown.rows if row.subject == wang]
        return [(cell.value, cell.state) for cell in row.cells]

    assert cells(boss)[:2] == [(D("120.5"), "draft"), (D(80), "draft")]
    # A draft is nobody's but those who may set it.
    assert cells(seller)[0] == (None, "")
    assert queries.target_frame(boss, YEAR).is_empty()
    done = issue_targets(boss, YEAR, K.QUARTER, [wang])
    assert (done.targets, done.subjects) == (3, 1)
    assert [m.title for m in make.rows(Message)] == ["2026 年季度目标已下达"]
    assert cells(seller)[2] == (D(60), "locked" if clock.today() > date(2026, 9, 30) else "issued")
    with pytest.raises(Refused, match="没有待下达"):
        issue_targets(boss, YEAR, K.QUARTER, [wang])
    frame = queries.target_frame(seller, YEAR)
    assert frame.schema == queries.TARGETS
    assert frame["sales"].to_list() == [D(1_205_000), D(800_000), D(600_000)]
    # The first quarter of the year is over: it cannot be changed, the last one can.
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 23))
    wanted = sheet(wang, 1, 80, 60, 50)
    with pytest.raises(Invalid) as refused:
        save_targets(boss, wanted, seen=versions(wang))
    assert refused.value.faults == {"rows.0.p1": rules.LOCKED}
    again = save_targets(boss, sheet(wang, "120.5", 80, 60, 50), seen=versions(wang))
    assert again.changed == 1
    assert cells(boss)[3] == (D(50), "draft")


def test_stale_sheet_faults_and_other_measures(cast: Cast) -> None:
    boss, wang = cast["zhangwei"], person(cast, "wangqiang")
    save_targets(boss, sheet(wang, 100, kind=K.YEAR), seen={})
    opened = versions(wang, K.YEAR)
    save_targets(cast["liuyang"], sheet(wang, 200, kind=K.YEAR), seen=opened)
    with pytest.raises(Stale):
        save_targets(boss, sheet(wang, 300, kind=K.YEAR), seen=opened)
    with pytest.raises(Stale):  # nothing was there when the sheet was opened
        save_targets(boss, sheet(wang, 300, kind=K.YEAR), seen={})
    with pytest.raises(Invalid) as refused:
        save_targets(boss, sheet(wang, -1, "0.00001", 10**9), seen={})
    assert refused.value.faults == {
        "rows.0.p1": rules.NEGATIVE,
        "rows.0.p2": rules.TOO_FINE,
        "rows.0.p3": rules.TOO_MUCH,
    }
    with pytest.raises(Invalid):
        save_targets(boss, sheet(wang, 1, year=1999), seen={})
    with pytest.raises(Invalid) as refused:
        save_targets(boss, sheet(wang, 5, measure=Measure.CUSTOMERS), seen={})
    assert refused.value.faults == {"rows.0.p1": rules.NO_SALES}
    seen = versions(wang, K.YEAR)
    save_targets(boss, sheet(wang, 5, kind=K.YEAR, measure=Measure.CUSTOMERS), seen=seen)
    scores = sheet(wang, "4.5", kind=K.YEAR, measure=Measure.SATISFACTION)
    save_targets(boss, scores, seen=versions(wang, K.YEAR))
    (row,) = make.rows(Target)
    assert (row.sales, row.customers, row.satisfaction) == (D(2_000_000), 5, D("4.5"))
    # Sales left blank takes the target away.
    gone = save_targets(boss, sheet(wang, None, kind=K.YEAR), seen=versions(wang, K.YEAR))
    assert (gone.changed, gone.removed) == (0, 1)
    assert make.rows(Target) == []


def test_sheet_of_an_office_says_what_does_not_add_up(cast: Cast) -> None:
    chief, wang = cast["liuyang"], person(cast, "wangqiang")
    south, canton = office("华南区"), office("广州")
    save_targets(chief, sheet(canton, 500, kind=K.YEAR), seen={})
    save_targets(chief, sheet(south, 900, kind=K.YEAR), seen={})
    save_targets(chief, sheet(wang, 100, 100), seen={})
    save_targets(chief, sheet(wang, 50, 20, kind=K.MONTH), seen={})
    of_canton = queries.target_sheet(
        chief, YEAR, K.MONTH, Measure.SALES, cast["wangqiang"].office_id
    )
    names = [row.name for row in of_canton.rows]
    assert names[0] == "广州"
    assert {"张伟", "王强"} <= set(names)
    assert "李敏" not in names  # no one who sells
    assert (of_canton.own, of_canton.parts) == (D(500), D(200))
    (mine,) = [row for row in of_canton.rows if row.subject == wang]
    assert (mine.total, mine.gaps) == (D(70), (("一季度", D(100), D(70)),))
    assert of_canton.drafts == 2
    of_south = queries.target_sheet(chief, YEAR, K.YEAR, Measure.SALES, int(south[7:]))
    assert of_south.own == 900
    assert of_south.parts == 500
    # What one does not see is not on one's sheet.
    seen = queries.target_sheet(
        cast["wangqiang"], YEAR, K.MONTH, Measure.SALES, cast["wangqiang"].office_id
    )
    assert [(row.name, row.settable) for row in seen.rows] == [("王强", False)]
    assert [name for _, name in queries.target_offices_of(cast["wangqiang"])] == ["广州"]
    assert {"华南区", "广州"} <= {name for _, name in queries.target_offices_of(chief)}
    assert "上海" in {name for _, name in queries.target_offices_of(cast["zhouting"])}


def test_draft_of_oneself_stays_with_who_sets_it(cast: Cast) -> None:
    zhang = person(cast, "zhangwei")
    save_targets(cast["liuyang"], sheet(zhang, 100), seen={})
    home = cast["zhangwei"].office_id
    for login, value in (("zhangwei", None), ("liuyang", D(100)), ("zhaolei", None)):
        shown = queries.target_sheet(cast[login], YEAR, K.QUARTER, Measure.SALES, home)
        (row,) = [row for row in shown.rows if row.subject == zhang]
        assert row.cells[0].value == value
    issue_targets(cast["zhouting"], YEAR, K.QUARTER, [zhang])
    make.change(Person, cast["wangqiang"].person_id, active=False)
    assert queries.target_frame(cast["zhaolei"], YEAR).height == 1
    assert queries.target_frame(cast["chengang"], YEAR).is_empty()
