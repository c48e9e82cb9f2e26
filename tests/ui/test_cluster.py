from crmlib.errors import Invalid
from crmlib.ui.cluster import Candidate, ClusterDesk
from crmlib.ui.reply import Reply

SENT = {
    "survivor": "1",
    "losers": ["2", "9"],
    "others": ["3"],
    "reason": " 同一家 ",
    "others_reason": "",
    "confirmed": True,
    "token": "t",
}


class Chosen:
    def __init__(self, answer=None):
        self.choices, self.sent = [], []
        self.answer = answer or (lambda _: Reply(ok=True, message="已合并"))
        self.widget = ClusterDesk(
            [Candidate(id=key, name=f"客户{key}") for key in "123"],
            [("电话", ("1", "2", "3"))],
            self.decide,
            survivor="1",
            back=("返回", "?page=review"),
            on_ask={"back": lambda _, values: Reply(ok=True, message=str(values["merges"]))},
        )
        self.widget.send = self.sent.append

    def decide(self, choice):
        self.choices.append(choice)
        return self.answer(choice)

    def ask(self, name, /, **what):
        self.widget._asked(None, {"ticket": "x", "ask": name, "with": what}, [])
        return self.sent[-1]


def test_a_choice_arrives_whole_and_knows_only_its_own_records():
    desk = Chosen()
    assert desk.ask("decide", **SENT)["reply"]["message"] == "已合并"
    choice = desk.choices[0]
    assert (choice.survivor, choice.losers, choice.others) == ("1", ["2"], ["3"])
    assert (choice.reason, choice.confirmed, choice.token) == ("同一家", True, "t")


def test_an_unknown_survivor_is_refused():
    desk = Chosen()
    assert "fault" in desk.ask("decide", **SENT | {"survivor": "9"})
    assert desk.choices == []


def test_faults_arrive_by_name():
    def refuse(_):
        raise Invalid({"confirm": "ERP 客户代码不同"})

    told = Chosen(refuse).ask("decide", **SENT)
    assert told["fault"]["faults"] == {"confirm": "ERP 客户代码不同"}


def test_undo_gets_what_the_reply_carried():
    told = Chosen().ask("ask", name="back", values={"merges": [1, 2]})
    assert told["reply"]["message"] == "[1, 2]"
