"""过滤方案: one's own, published ones, and with which a list opens."""

from typing import Any

import pytest

from crmlib.access.actor import Actor
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.people.model import ChosenScheme, FilterScheme, Person
from crmlib.people.schemes import (
    MOST,
    choose_scheme,
    delete_scheme,
    keeper,
    publish_scheme,
    save_scheme,
    shelf,
)
from crmlib.store.engine import writing
from tests import make

CONTENT: dict[str, Any] = {"filters": {"region": "3"}, "sort": "amount", "cols": "name,code"}


def names(actor: Actor, list_key: str = "customer") -> list[str]:
    return [line.name for line in shelf(actor, list_key).lines]


def saved(actor: Actor, name: str = "大单", list_key: str = "customer") -> int:
    return save_scheme(actor, list_key, name, CONTENT).id


def test_scheme_is_kept_for_one_list_of_one_person(cast: dict[str, Actor]) -> None:
    me = cast["wangqiang"]
    key = save_scheme(me, "customer", " 大单 ", CONTENT | {"page": 7, "x": 1}, token="t").id
    assert save_scheme(me, "customer", "大单", CONTENT, token="t").id == key
    (line,) = shelf(me, "customer").lines
    assert (line.name, line.content, line.is_own) == ("大单", CONTENT, True)
    assert names(me, "opportunity") == names(cast["chengang"]) == names(cast["liuyang"]) == []
    save_scheme(me, "customer", "小单", {"sort": "code"}, key)
    (line,) = shelf(me, "customer").lines
    assert (line.id, line.name, line.content) == (key, "小单", {"sort": "code"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "方案名称 为必录项"),
        ("  ", "方案名称 为必录项"),
        ("大单", "已有名为「大单」的方案"),
        ("默认方案", "「默认方案」是系统方案的名称，请换一个名称"),
        ("长" * 41, "方案名称 不能超过 40 个字"),
    ],
)
def test_names_that_cannot_be(cast: dict[str, Actor], name: str, message: str) -> None:
    saved(cast["wangqiang"])
    with pytest.raises(Invalid) as wrong:
        saved(cast["wangqiang"], name)
    assert wrong.value.faults == {"name": message}
    assert saved(cast["chengang"])  # another person's name is free


def test_list_opens_with_the_chosen_one_until_it_goes(cast: dict[str, Actor]) -> None:
    me = cast["zhangwei"]
    key = saved(me)
    assert shelf(me, "customer").content() is None
    choose_scheme(me, "customer", key)
    assert shelf(me, "customer").content() == CONTENT
    choose_scheme(me, "customer", 0)
    assert (shelf(me, "customer").chosen, make.rows(ChosenScheme)) == (0, [])
    choose_scheme(me, "customer", key)
    delete_scheme(me, key)
    assert (shelf(me, "customer").chosen, make.rows(FilterScheme)) == (0, [])


def test_system_scheme_is_not_deleted(cast: dict[str, Actor]) -> None:
    with pytest.raises(Refused, match="系统默认方案不能删除"):
        delete_scheme(cast["zhangwei"], 0)


def test_published_by_a_manager_reaches_his_people(cast: dict[str, Actor]) -> None:
    key = saved(cast["zhangwei"])
    publish_scheme(cast["zhangwei"], key, True)
    for login, count in {"wangqiang": 1, "limin": 1, "chengang": 0, "liuyang": 0}.items():
        assert len(names(cast[login])) == count, login
    (line,) = shelf(cast["wangqiang"], "customer").lines
    assert (line.is_own, line.by) == (False, "张伟")
    choose_scheme(cast["wangqiang"], "customer", key)
    with pytest.raises(NotAllowed):
        choose_scheme(cast["chengang"], "customer", key)
    with pytest.raises(NotAllowed):
        choose_scheme(cast["wangqiang"], "opportunity", key)
    publish_scheme(cast["zhangwei"], key, False)
    assert shelf(cast["wangqiang"], "customer").chosen == 0


def test_published_by_the_general_office_reaches_all_until_he_leaves(
    cast: dict[str, Actor],
) -> None:
    publish_scheme(cast["zhouting"], saved(cast["zhouting"]), True)
    assert all(names(actor) == ["大单"] for actor in cast.values())
    with writing() as session, session.begin():
        session.get_one(Person, cast["zhouting"].person_id).active = False
    assert names(cast["wangqiang"]) == []


def test_what_is_not_ones_own_stays_as_it_is(cast: dict[str, Actor]) -> None:
    key = saved(cast["zhouting"])
    publish_scheme(cast["zhouting"], key, True)
    stranger = cast["zhangwei"]
    for attempt in (
        lambda: delete_scheme(stranger, key),
        lambda: save_scheme(stranger, "customer", "别人的", {}, key),
        lambda: publish_scheme(stranger, key, False),
        lambda: publish_scheme(cast["wangqiang"], saved(cast["wangqiang"]), True),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_too_many_are_refused(cast: dict[str, Actor]) -> None:
    for number in range(MOST):
        saved(cast["wangqiang"], f"方案{number}")
    with pytest.raises(Refused, match="最多保存 50 个方案"):
        saved(cast["wangqiang"])


def test_keeper_does_what_the_menu_says(cast: dict[str, Actor]) -> None:
    kept = keeper(cast["zhangwei"], "customer")
    key = kept.save("大单", CONTENT, None, "t")
    assert kept.step("choose", key, False).message.startswith("已设为默认")
    assert kept.shelf().chosen == key
    assert kept.step("publish", key, True).message == "方案已发布"
    assert kept.shelf().lines[0].is_published
    assert kept.step("publish", key, False).message == "已取消发布"
    assert kept.step("choose", 0, False).message == "已恢复系统默认方案"
    assert kept.step("delete", key, False).message == "方案已删除"
    assert kept.shelf().lines == ()
