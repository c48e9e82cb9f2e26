"""接收人: groups and people found while one types, and what a form sends back."""

from crmlib.access.actor import Actor
from crmlib.inbox.receivers import chosen, find_receivers, person_key, receivers_named

Cast = dict[str, Actor]


def labels(actor: Actor, text: str) -> list[str]:
    return [option.label for option in find_receivers(actor, text)]


def test_found_by_name_pinyin_initials_office_and_group(cast: Cast) -> None:
    me, head = cast["wangqiang"], cast["zhangwei"]
    assert labels(me, "") == ["综合部", "信息部", "本部门：广州", "张伟", "李敏"]
    for typed in ("周婷", "zhouting", "zt", "ZhouTing"):
        assert labels(me, typed) == ["周婷"], typed
    assert labels(head, "wdxs") == ["我的下属"]
    assert labels(me, "上海 cg") == ["陈刚"]
    assert labels(me, "上海") == ["陈刚"]
    assert labels(me, "王强") == []  # never oneself
    assert labels(me, "没有此人") == []


def test_whom_an_answer_goes_to(cast: Cast) -> None:
    me = cast["wangqiang"]
    zhou = person_key(cast["zhouting"].person_id)
    assert [o.label for o in receivers_named(me, {zhou})] == ["周婷"]
    assert [o.value for o in receivers_named(me, {"综合部"})] == ["group:general_office"]
    assert receivers_named(me, {person_key(me.person_id), "不存在"}) == []


def test_what_the_form_sends() -> None:
    sent = ["person:3", "group:team", "person:x", 7, "person:12"]
    assert chosen(sent) == ([3, 12], ["team"])
