"""撞单参数 are checked, saved with a reason, followed at once, and their history is told."""

from dataclasses import replace

import polars as pl
import pytest

from crmlib.access.actor import Actor
from crmlib.customers.model import Customer
from crmlib.duplicates import scan, verdicts
from crmlib.duplicates.collision import collide
from crmlib.duplicates.effect import effect_of
from crmlib.duplicates.tuning import (
    UNCHANGED,
    drafted,
    save_parameters,
    tuning_history,
    tuning_state,
)
from crmlib.duplicates.verdicts import Verdict, defaults, parameters
from crmlib.errors import Invalid, NotAllowed, Stale
from tests import make
from tests.duplicates.build import change, put, whole_database


def test_a_change_holds_at_once_and_is_told(cast: dict[str, Actor]) -> None:
    boss = cast["zhouting"]
    assert (tuning_state(boss).version, tuning_state(boss).is_default) == (0, True)
    assert parameters() == defaults()
    given = replace(defaults(), name_similarity=85, fields=defaults().fields - {"fax"})
    saved = save_parameters(boss, given, "误报太多", version=0)
    assert parameters() == given
    state = tuning_state(cast["zhaolei"])
    assert (state.parameters, state.version, state.is_default) == (given, saved.version, False)
    save_parameters(cast["zhaolei"], defaults(), "误报太多", version=saved.version)
    assert parameters() == defaults()
    last, first = tuning_history(boss)
    assert (first.who, first.reason, last.who, last.reason) == (
        "周婷",
        "误报太多",
        "赵磊",
        "误报太多",
    )
    assert ("名称相似度", "70%", "85%") in first.lines
    assert ("名称相似度", "85%", "70%") in last.lines
    assert len(first.lines) == 2


def test_another_process_follows(cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    assert parameters() == defaults()
    with monkeypatch.context() as patch:  # the save of another process: nobody tells this one
        patch.setattr(verdicts, "forget_parameters", lambda: None)
        given = replace(defaults(), containment=80)
        save_parameters(cast["zhouting"], given, "试行", version=0)
    kept = verdicts._kept
    assert kept is not None
    monkeypatch.setattr(verdicts, "_kept", replace(kept, until=0.0))  # half a second later
    assert parameters() == given


@pytest.mark.parametrize("login", ["limin", "wangqiang", "zhangwei", "liuyang", "sunyue"])
def test_nobody_else_sees_or_changes_them(cast: dict[str, Actor], login: str) -> None:
    given = replace(defaults(), containment=80)
    with pytest.raises(NotAllowed):
        save_parameters(cast[login], given, "试行", version=0)
    for ask in (tuning_state, tuning_history):
        with pytest.raises(NotAllowed):
            ask(cast[login])
    with pytest.raises(NotAllowed):
        effect_of(cast[login], given)


def test_faults_come_all_at_once_beside_their_fields(cast: dict[str, Actor]) -> None:
    given = replace(
        defaults(),
        name_similarity=0,
        containment=101,
        overall=-1,
        scan_floor=99,
        contacted_within_days=0,
        fields=frozenset(),
    )
    with pytest.raises(Invalid) as caught:
        save_parameters(cast["zhouting"], given, " ", version=0)
    assert caught.value.faults.keys() == {
        "name_similarity",
        "containment",
        "overall",
        "scan_floor",
        "contacted_within_days",
        "fields",
        "reason",
    }
    assert caught.value.faults["scan_floor"] == "扫描下限 应为 30 到 95 的整数"
    with pytest.raises(Invalid, match="255"):
        save_parameters(cast["zhouting"], replace(defaults(), overall=50), "因" * 256, version=0)
    with pytest.raises(Invalid, match=UNCHANGED):
        save_parameters(cast["zhouting"], defaults(), "没有", version=0)
    assert tuning_state(cast["zhouting"]).version == 0


def test_a_stale_form_is_refused(cast: dict[str, Actor]) -> None:
    boss = cast["zhouting"]
    done = save_parameters(boss, replace(defaults(), overall=60), "一", version=0)
    for version in (0, done.version + 1):
        with pytest.raises(Stale):
            save_parameters(boss, replace(defaults(), overall=65), "二", version=version)
    assert save_parameters(boss, defaults(), "三", version=done.version, token="t").version == 2
    assert save_parameters(boss, defaults(), "三", version=done.version, token="t").version == 2


def test_what_a_form_delivers_becomes_parameters() -> None:
    typed = {**defaults().stored(), "name_similarity": 85.0, "overall": None, "scan_floor": 50.5}
    given = drafted(typed)
    assert (given.name_similarity, given.overall, given.scan_floor) == (85, -1, -1)
    assert given.fields == defaults().fields


def test_the_check_follows_the_parameters(indexed: dict[str, Actor]) -> None:
    there = make.customer("西安秦岭门窗有限公司", phone="029-88001234", phone_key="02988001234")
    asked = ("广州恒晟幕墙有限公司", "029-88001234")
    boss = indexed["zhouting"]
    assert collide(boss, *asked).verdict is Verdict.SIMILAR
    without = replace(defaults(), fields=defaults().fields - {"phone", "fax"})
    saved = save_parameters(boss, without, "总机太多", version=0)
    assert collide(boss, *asked).verdict in {Verdict.NONE, Verdict.RELATED}
    later = replace(defaults(), contacted_within_days=30)
    save_parameters(boss, later, "只看近期", version=saved.version)
    change(Customer, there, last_contact_on=make.clock.today() - make.timedelta(days=90))
    assert collide(boss, *asked).verdict is Verdict.RELATED


def test_a_tax_number_that_takes_no_part_bars_nobody(indexed: dict[str, Actor]) -> None:
    make.customer("西安秦岭门窗有限公司", uscc="91440101MA5TEST001")
    boss, name = indexed["zhouting"], "广州恒晟幕墙有限公司"
    assert collide(boss, name, uscc="91440101MA5TEST001").verdict is Verdict.SAME
    without = replace(defaults(), fields=defaults().fields - {"uscc"})
    save_parameters(boss, without, "试行", version=0)
    assert collide(boss, name, uscc="91440101MA5TEST001").verdict is not Verdict.SAME


def test_the_scan_keeps_to_its_floor(cast: dict[str, Actor]) -> None:
    found = pl.DataFrame({"prob": [0.96, 0.7, 0.4, 0.1], "related": [0.0, 0.0, 0.0, 0.9]})

    def queued() -> list[float]:
        return scan._worth(found)["prob"].to_list()

    boss = cast["zhouting"]
    assert queued() == [0.96, 0.7, 0.1]  # the last one is 关联
    save_parameters(boss, replace(defaults(), scan_floor=95), "只要把握大的", version=0)
    assert queued() == [0.96, 0.1]
    save_parameters(boss, replace(defaults(), scan_floor=30), "都要", version=1)
    assert queued() == [0.96, 0.7, 0.4, 0.1]


def test_the_effect_is_told_before_anything_is_saved(indexed: dict[str, Actor]) -> None:
    a = make.customer("云岭测试门窗有限公司")
    b = make.customer("云岭测式门窗有限公司")
    put(a, b, same=0.75)
    boss = indexed["zhouting"]
    before = whole_database()
    strict = replace(
        defaults(), name_similarity=99, containment=100, scan_floor=80, may_save_similar=False
    )
    found = effect_of(boss, strict)
    assert whole_database() == before
    assert (found.pair_count, found.floor_now, found.floor_then) == (1, 1, 0)
    assert found.save_count == 2
    now = {shift.verdict: shift.now for shift in found.pairs}
    then = {shift.verdict: shift.then for shift in found.pairs}
    assert now[Verdict.SIMILAR] == 1
    assert sum(now.values()) == sum(then.values()) == 1
    if then[Verdict.SIMILAR] == 0:
        assert found.examples[0].now is Verdict.SIMILAR
    same = effect_of(boss, defaults())
    assert all(shift.now == shift.then for shift in (*same.pairs, *same.saves))
    assert same.examples == ()
