from crmlib.ui.actions import Action, ActionBar
from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply, saved


def told(bar, name, /, **what):
    sent = []
    bar.send = sent.append
    bar._asked(None, {"ticket": "x", "ask": name, "with": what}, [])
    return sent[-1]


def test_a_dialog_saves_with_its_own_fields():
    got = []
    bar = ActionBar(
        [
            Action(
                name="advance",
                label="推进",
                fields=[Field(name="stage", label="阶段", required=True)],
                on_submit=lambda values, token: got.append((values, token)) or "好",
            ),
            Action(label="共享", fields=[], on_submit=lambda *_: "不该"),
        ]
    )
    missing = told(bar, "submit", action="advance", token="t", values={})["reply"]
    assert missing["errors"] == {"stage": "阶段 为必录项"}
    assert told(bar, "submit", action="advance", token="t", values={"stage": "报价"})["reply"]["ok"]
    assert got == [({"stage": "报价"}, "t")]


def test_a_step_that_is_off_cannot_be_called():
    called = []
    bar = ActionBar(
        [Action(name="x", label="X", disabled="不行", call=lambda: called.append(1) or saved("好"))]
    )
    assert "fault" in told(bar, "call", action="x")
    assert "fault" in told(bar, "call", action="y")
    assert called == []


def test_an_undo_reaches_its_handler_without_a_dialog():
    bar = ActionBar(
        [
            Action(
                name="bin",
                label="移入回收站",
                call=lambda: saved("好"),
                on_ask={"back": lambda _, values: Reply(ok=True, message=f"已恢复 {values['id']}")},
            )
        ]
    )
    assert told(bar, "ask", name="back", values={"id": 3})["reply"]["message"] == "已恢复 3"
