"""撞单 is noted and held within limits, over all processes."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.duplicates import asked, asking, live
from crmlib.duplicates.asked import Asked
from crmlib.duplicates.asking import ask, ask_all
from crmlib.duplicates.collision import Question
from crmlib.duplicates.entry import enter_customer
from crmlib.duplicates.model import Channel, CollisionQuery
from crmlib.duplicates.verdicts import Verdict
from crmlib.errors import Invalid, Refused
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.duplicates.test_entry import draft

NAME = "北京北大西飞发展有限公司"


@pytest.fixture(autouse=True)
def settled(indexed: dict[str, Actor]):
    """Nothing of a test is written after its database is gone."""
    yield
    assert asked.settle()


def noted() -> list[CollisionQuery]:
    assert asked.settle()
    return make.rows(CollisionQuery)


def past(actor: Actor, names: int, **values) -> None:
    """Write what another process noted."""
    with writing() as session, session.begin():
        for number in range(names):
            session.add(
                CollisionQuery(
                    **{
                        "person_id": actor.person_id,
                        "at": clock.now() - timedelta(seconds=70),
                        "name": f"测试名称{number}",
                        "with_phone": False,
                        "verdict": "none",
                        "hits": 0,
                        "channel": Channel.SCREEN,
                        "answers": 1,
                        "limited": False,
                    }
                    | values
                )
            )


def test_typing_on_is_one_question(indexed: dict[str, Actor]) -> None:
    make.customer(NAME, owner="chengang")
    me = indexed["limin"]
    for text in ("北大", "北大西", "北大西飞", "北大西飞发展", "北大西飞"):
        ask(me, text, "010-62751234")
    ask(me, "广州恒晟幕墙有限公司")
    first, second = noted()
    assert (first.name, first.answers, first.verdict, first.hits, first.with_phone) == (
        "北大西飞",
        5,
        "similar",
        1,
        True,
    )
    assert (second.name, second.answers, second.verdict, second.hits) == (
        "广州恒晟幕墙有限公司",
        1,
        "none",
        0,
    )
    assert {first.person_id, second.person_id} == {me.person_id}
    assert not make.rows(ChangeLog, entity="collision_query")


def test_two_who_type_one_name_are_two(indexed: dict[str, Actor]) -> None:
    ask(indexed["limin"], "北大西飞")
    ask(indexed["wangqiang"], "北大西飞")
    assert len(noted()) == 2


def test_long_typing_is_more_than_one_question(indexed: dict[str, Actor]) -> None:
    # Nobody hides a thousand answers behind one row.
    me = indexed["limin"]
    entry = Asked(me.person_id, "恒晟", False, "none", 0, Channel.SCREEN, clock.now())
    asked.note(*[entry] * 45)
    assert [row.answers for row in noted()] == [20, 20, 5]


def test_too_many_answers_within_a_minute(
    indexed: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COLLISIONS_PER_MINUTE", "3")
    me = indexed["limin"]
    past(me, 9)  # more than a minute ago
    past(me, 2, at=clock.now())
    ask(me, "北大西飞")
    for again in (lambda: ask(me, "恒晟"), lambda: ask_all(me, [Question("恒晟")])):
        with pytest.raises(Refused, match="查询过于频繁，请稍后再试"):
            again()
    refused = [row for row in noted() if row.verdict == "refused"]
    assert [(r.name, r.limited, r.answers) for r in refused] == [("恒晟", True, 0)] * 2
    ask(indexed["wangqiang"], "恒晟")
    for everything in ("zhouting", "zhaolei", "sunyue"):
        for _ in range(5):
            ask(indexed[everything], "恒晟")


def test_beyond_the_days_names_others_customers_are_hidden(
    indexed: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COLLISIONS_PER_DAY", "3")
    make.customer(NAME, owner="chengang", code="KH1")
    make.customer("北京北大西飞装饰有限公司", owner="wangqiang", code="KH2")
    wang = indexed["wangqiang"]
    past(wang, 5, at=clock.now() - timedelta(days=1, hours=1))
    assert {h.code for h in ask(wang, "北大西飞").hits} == {"KH1", "KH2"}
    past(wang, 2)
    again = ask(wang, "北大西飞")  # a name asked before costs nothing
    assert {h.code for h in again.hits} == {"KH1", "KH2"}
    assert not again.note
    answer = ask(wang, NAME)
    assert answer.verdict is Verdict.SAME
    assert [h.code for h in answer.hits] == ["KH2"]
    assert answer.note.startswith("今日撞单查询已达上限（3 个名称）")
    assert [row.name for row in noted() if row.limited] == [NAME]


def test_list_is_hidden_from_where_the_limit_is_reached(
    indexed: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COLLISIONS_PER_DAY", "2")
    names = ["北京北大西飞有限公司", "上海嘉信达有限公司", "成都蜀光建材有限公司"]
    for name in names:
        make.customer(name, owner="chengang")
    answers = ask_all(indexed["wangqiang"], [Question(n) for n in names])
    assert [len(a.hits) for a in answers] == [1, 1, 0]
    assert [bool(a.note) for a in answers] == [False, False, True]
    rows = noted()
    assert [(r.channel, r.answers, r.limited) for r in rows] == [
        (Channel.LIST, 1, False),
        (Channel.LIST, 0, False),
        (Channel.LIST, 0, True),
    ]


def test_saves_are_noted_also_refused_ones(
    indexed: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    make.customer(NAME, owner="chengang", code="KH1")
    me = indexed["limin"]
    with pytest.raises(Invalid) as fault:
        enter_customer(me, draft(NAME))
    assert fault.value.faults == {"name": f"已存在相同客户：KH1 {NAME}（负责人 陈刚）"}
    enter_customer(me, draft("广州恒晟幕墙有限公司", phone="020-11112222"))
    assert [(r.name, r.channel, r.verdict) for r in noted()] == [
        (NAME, Channel.SAVE, "same"),
        ("广州恒晟幕墙有限公司", Channel.SAVE, "none"),
    ]
    monkeypatch.setenv("CRM_COLLISIONS_PER_DAY", "1")
    make.customer("上海嘉信达门窗有限公司", owner="chengang", code="KH3")
    with pytest.raises(Invalid) as fault:
        enter_customer(me, draft("上海嘉信达门窗有限公司"))
    told = fault.value.faults["name"]
    assert told == f"已存在相同客户：{asking.HIDDEN_SHORT}"


def test_answer_does_not_wait_for_a_writer(indexed: dict[str, Actor]) -> None:
    # An import holds the database for seconds; 撞单 answers all the same.
    make.customer(NAME)
    begun, done = Event(), Event()

    def hold() -> None:
        with writing() as session, session.begin():
            session.add(
                CollisionQuery(
                    person_id=indexed["zhaolei"].person_id,
                    at=clock.now(),
                    name="x",
                    with_phone=False,
                    verdict="none",
                    hits=0,
                    channel=Channel.SAVE,
                )
            )
            session.flush()
            begun.set()
            assert done.wait(30)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        assert begun.wait(30)
        with contextlib.ExitStack() as stack:
            stack.callback(done.set)
            assert ask(indexed["limin"], "北大西飞").hits
            assert not held.done()
        held.result(30)
    assert {row.name for row in noted()} == {"北大西飞", "x"}


def test_what_waits_to_be_written_counts(
    indexed: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COLLISIONS_PER_MINUTE", "2")
    monkeypatch.setattr(asked, "_write", lambda *_: None)  # a writer that never gets there
    written = Event()
    monkeypatch.setattr(asked, "_write", lambda *_: written.wait(30))
    me = indexed["limin"]
    try:
        ask(me, "北大西飞")
        ask(me, "恒晟")
        with pytest.raises(Refused):
            ask(me, "嘉信达")
    finally:
        written.set()


def test_while_the_index_is_built_nothing_is_noted(
    indexed: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "index", lambda: None)
    assert ask(indexed["limin"], "北大西飞").verdict is Verdict.LOADING
    assert noted() == []
