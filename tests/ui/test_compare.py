from datetime import date

from crmlib.errors import Stale
from crmlib.ui.compare import Compare, FieldPair, Pair, Side, Turn, Wanted
from crmlib.ui.reply import Reply, saved


def pair(key="1"):
    return Pair(
        key=key,
        survivor=Side(id="10", name="甲"),
        loser=Side(id="11", name="乙"),
        fields=[FieldPair(key="phone", label="电话", survivor="1", loser="2", why="较新")],
    )


class Reviewed:
    def __init__(self, answer=None, **more):
        self.wanted, self.decided, self.sent = [], [], []
        self.answer = answer or (lambda _: Turn(pair=pair("2"), left=4, reply=saved("已合并")))
        self.widget = Compare(Turn(pair=pair(), left=5), self.load, self.decide, **more)
        self.widget.send = self.sent.append

    def load(self, wanted):
        self.wanted.append(wanted)
        return Turn(pair=None)

    def decide(self, decision):
        self.decided.append(decision)
        return self.answer(decision)

    def ask(self, name, /, **what):
        self.widget._asked(None, {"ticket": "x", "ask": name, "with": what}, [])
        return self.sent[-1]


SENT = {
    "pair": "1",
    "verdict": "merge",
    "survivor": "10",
    "loser": "11",
    "picks": {"phone": "loser", "name": "neither"},
    "clashes": {},
    "reason": " 同一家 ",
    "until": "",
    "confirmed": True,
    "token": "t",
}


def test_the_first_pair_comes_with_the_widget():
    first = Reviewed().widget.spec["first"]
    assert (first["pair"]["key"], first["left"]) == ("1", 5)
    assert first["pair"]["fields"][0]["why"] == "较新"


def test_a_decision_arrives_whole_and_the_next_pair_is_the_answer():
    review = Reviewed()
    reply = review.ask("decide", **SENT)["reply"]
    assert (reply["pair"]["key"], reply["left"], reply["reply"]["message"]) == ("2", 4, "已合并")
    decision = review.decided[0]
    assert decision.picks == {"phone": "loser"}
    assert (decision.reason, decision.confirmed, decision.token) == ("同一家", True, "t")


def test_a_day_to_come_back_is_read():
    review = Reviewed()
    review.ask("decide", **SENT | {"verdict": "defer", "until": "2026-12-01"})
    assert review.decided[0].until == date(2026, 12, 1)
    told = review.ask("decide", **SENT | {"verdict": "defer", "until": "soon"})
    assert told["fault"]["message"] == "日期不正确，例如 2026-11-23"


def test_an_unknown_verdict_is_refused():
    review = Reviewed()
    assert "fault" in review.ask("decide", **SENT | {"verdict": "delete"})
    assert review.decided == []


def test_a_refusal_is_told_in_words():
    def stale(decision):
        raise Stale

    assert Reviewed(stale).ask("decide", **SENT)["fault"]["message"] == "数据已被他人修改，请刷新"


def test_swap_and_move_ask_for_the_pair():
    review = Reviewed()
    review.ask("load", pair="1", step="this", survivor="11")
    review.ask("load", pair="1", step="elsewhere")
    assert review.wanted == [
        Wanted(pair="1", step="this", survivor="11"),
        Wanted(pair="1", step="this", survivor=""),
    ]


def test_undo_gets_what_the_reply_carried():
    undone = []
    review = Reviewed(
        on_ask={"back": lambda _, values: undone.append(values) or Reply(ok=True, message="已撤销")}
    )
    told = review.ask("ask", name="back", values={"merge": 7})
    assert undone == [{"merge": 7}]
    assert told["reply"]["message"] == "已撤销"
