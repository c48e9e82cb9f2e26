import logging
from datetime import date
from decimal import Decimal

import pytest

from crmlib.errors import Invalid, NotAllowed, Stale
from crmlib.ui.fields import Field, Section
from crmlib.ui.options import Option
from crmlib.ui.reply import Question, Reply, saved
from crmlib.ui.sheet import Sheet
from crmlib.ui.widget import Fault, answered


def sheet(*fields, save=lambda *_: "保存成功", **more):
    return Sheet(fields, save, **more)


def submitted(a_sheet, attempt="t1", **typed):
    return a_sheet.submit({"token": attempt, "values": typed})


def test_values_arrive_typed():
    got = {}

    def save(values, token):
        got.update(values)
        return "好"

    form = sheet(
        Field(name="name", label="名称"),
        Field(name="amount", label="金额", kind="money"),
        Field(name="on", label="日期", kind="date"),
        Field(name="level", label="级别", kind="select", options=[("a", "A")]),
        Field(name="region", label="区域", kind="picker", options=[Option(7, "广州市")]),
        Field(name="products", label="产品", kind="multiselect", options=["门", "窗"]),
        Field(name="vip", label="重点", kind="checkbox"),
        Section("其他"),
        Field(name="by", label="登记人", kind="readonly"),
        save=save,
    )
    reply = submitted(
        form,
        name="  甲  ",
        amount="1,234.50",
        on="2026-11-23",
        level="a",
        region=7,
        products=["窗", "别的"],
        vip=True,
        by="冒充",
    )
    assert reply["ok"]
    assert got == {
        "name": "甲",
        "amount": Decimal("1234.50"),
        "on": date(2026, 11, 23),
        "level": "a",
        "region": 7,
        "products": ("窗",),
        "vip": True,
    }


def test_all_faults_are_told_at_once_and_nothing_is_saved():
    calls = []
    form = sheet(
        Field(name="name", label="客户名称", required=True),
        Field(name="note", label="备注", max_length=3),
        Field(name="amount", label="金额", kind="money"),
        Field(name="on", label="日期", kind="date"),
        Field(name="level", label="级别", kind="select", options=["A"]),
        save=lambda values, _: calls.append(values),
        check=lambda _: {"name": "名称太怪", "phone": "电话 格式不正确"},
    )
    reply = submitted(form, name="", note="四个字呀", amount="很多", on="昨日", level="Z")
    assert reply["errors"] == {
        "name": "客户名称 为必录项",
        "note": "备注 最多 3 个字",
        "amount": "金额 应为数字",
        "on": "日期 应为日期，例如 2026-11-23",
        "level": "级别 请从列表中选择",
        "phone": "电话 格式不正确",
    }
    assert calls == []


@pytest.mark.parametrize("typed", ["NaN", "Infinity", "1e", "--1"])
def test_odd_numbers_are_faults(typed):
    form = sheet(Field(name="amount", label="金额", kind="number"))
    assert submitted(form, amount=typed)["errors"] == {"amount": "金额 应为数字"}


def test_a_ticked_none_stands_for_the_required_value():
    got = []
    form = sheet(
        Field(name="fax", label="传真", required=True, none_tick="no_fax"),
        save=lambda values, _: got.append(values) or "好",
    )
    assert submitted(form, fax="", no_fax=False)["errors"] == {"fax": "传真 为必录项"}
    assert submitted(form, fax="还在", no_fax=True)["ok"]
    assert got == [{"fax": "", "no_fax": True}]


def test_a_hidden_field_is_neither_required_nor_kept():
    got = []
    form = sheet(
        Field(name="kind", label="类型", kind="radio", options=["甲", "乙"]),
        Field(name="why", label="说明", required=True, show_when=("kind", "乙")),
        save=lambda values, _: got.append(values["why"]) or "好",
    )
    assert submitted(form, kind="甲", why="旧的")["ok"]
    assert got == [""]
    assert submitted(form, "t2", kind="乙", why="")["errors"] == {"why": "说明 为必录项"}


def test_the_same_token_saves_once_and_gets_the_same_answer():
    calls = []

    def save(values, token):
        calls.append(token)
        return saved(f"第 {len(calls)} 次")

    form = sheet(Field(name="name", label="名称"), save=save)
    first, again = submitted(form, name="甲"), submitted(form, name="甲")
    assert calls == ["t1"]
    assert again == first
    assert submitted(form, "t2", name="乙")["message"] == "第 2 次"


def test_a_refused_attempt_may_be_sent_again_with_its_token():
    def save(values, token):
        if not values.get("reason"):
            return Reply(ok=False, question=Question(text="相似客户"))
        return saved(values["reason"])

    form = sheet(Field(name="name", label="名称"), save=save)
    assert submitted(form, name="甲")["question"]["text"] == "相似客户"
    assert submitted(form, name="甲", reason=" 不同地址 ")["message"] == "不同地址"


@pytest.mark.parametrize(
    ("raised", "message", "errors"),
    [
        (Invalid({"name": "名称 已存在"}), "", {"name": "名称 已存在"}),
        (NotAllowed(), "您没有权限执行此操作", {}),
        (Stale(), "数据已被他人修改，请刷新", {}),
    ],
)
def test_errors_of_the_house_are_told_as_they_are(raised, message, errors):
    def save(values, token):
        raise raised

    reply = submitted(sheet(Field(name="name", label="名称"), save=save), name="甲")
    assert (reply["ok"], reply["message"], reply["errors"]) == (False, message, errors)


def test_an_unknown_error_is_told_by_its_number_only(caplog):
    def save(values, token):
        raise RuntimeError("secret")

    with caplog.at_level(logging.ERROR):
        reply = submitted(sheet(Field(name="name", label="名称"), save=save), name="甲")
    number = reply["message"].removeprefix("系统出错了（编号 ").removesuffix("），请重试")
    assert "secret" not in reply["message"]
    assert number in caplog.text
    assert "secret" in caplog.text


def test_options_found_by_a_handler_come_searchable():
    form = sheet(
        Field(name="owner", label="负责人", kind="picker", search="people"),
        on_ask={"people": lambda *_: [Option(3, "王强", "GD0103")]},
    )
    found = form.ask({"name": "people", "text": "wq", "values": {}})
    assert found[0]["value"] == 3
    assert all(word in found[0]["find"] for word in ("王强", "wangqiang", "wq", "gd0103"))


def test_a_question_nobody_answers_is_a_fault():
    with pytest.raises(Fault, match="请刷新"):
        sheet(Field(name="a", label="A")).ask({"name": "gone"})


def test_answered_keeps_the_value():
    assert answered(lambda number: number + 1)(1) == 2


def test_the_second_button_keeps_what_is_there():
    got = {}

    def save(values, token):
        got.update(values)
        return "好"

    form = sheet(
        Field(name="name", label="名称", required=True), Field(name="n", label="数", kind="number"),
        save=save,
    )  # fmt: skip
    assert submitted(form, name="", n="")["errors"] == {"name": "名称 为必录项"}
    assert submitted(form, name="", n="x", pressed="second")["errors"] == {"n": "数 应为数字"}
    assert submitted(form, attempt="t2", name="", n="", pressed="second")["ok"]
    assert got == {"name": "", "n": None, "pressed": "second"}


def test_a_marked_field_is_starred_and_left_to_the_rules() -> None:
    sheet = Sheet([Field(name="day", label="日期", marked=True)], lambda _v, _t: "好")
    assert sheet.spec()["fields"][0]["required"] is True
    assert sheet.save({"day": ""}, "t").ok


def test_a_greyed_field_is_neither_required_nor_kept() -> None:
    got = {}
    form = sheet(
        Field(name="status", label="状态", kind="select", options=[("new", "新"), ("done", "完")]),
        Field(
            name="remind",
            label="提醒",
            kind="checkbox",
            required=True,
            enable_when=("status", "new"),
        ),
        save=lambda values, _: got.update(values) or "好",
    )
    assert form.spec()["fields"][1]["enableWhen"] == ["status", ["new"]]
    assert submitted(form, status="done", remind=True)["ok"]
    assert got == {"status": "done", "remind": False}
    assert submitted(form, "t2", status="new", remind=False)["errors"] == {
        "remind": "提醒 为必录项"
    }


def test_what_follows_from_a_choice_is_told_as_the_form_holds_it() -> None:
    form = sheet(
        Field(name="customer", label="客户", kind="picker", search="find", fills="follow"),
        on_ask={
            "follow": lambda _text, values: Reply(
                ok=True,
                values={"contact": Option(3, "何经理"), "phone": values["customer"], "deal": None},
            )
        },
    )
    assert form.spec()["fields"][0]["fills"] == "follow"
    told = form.ask({"name": "follow", "text": "", "values": {"customer": "138"}})
    assert told["values"] == {
        "contact": {"value": 3, "label": "何经理", "hint": ""},
        "phone": "138",
        "deal": "",
    }
