"""A table's 过滤方案, the columns shown, and steps for rows that look ahead."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crmlib.ui.fields import Field
from crmlib.ui.grid import Column, Filter, Grid, Page, Query, figure, shown_columns
from crmlib.ui.reply import saved
from crmlib.ui.row_action import RowAction
from crmlib.ui.schemes import SchemeKeeper, SchemeLine, SchemeShelf

COLUMNS = [Column(name="code", label="代码"), Column(name="name", label="名称")]
BIG = SchemeLine(
    id=7, name="大单", content={"filters": {"level": "A"}, "cols": "name", "sort": "name"}
)


class Shelf:
    """A shelf in memory that notes what was asked of it."""

    def __init__(self, chosen: int = 0) -> None:
        self.chosen = chosen
        self.done: list[tuple[object, ...]] = []

    def keeper(self) -> SchemeKeeper:
        return SchemeKeeper(
            shelf=lambda: SchemeShelf((BIG,), self.chosen, may_publish=True),
            save=self.save,
            delete=lambda number: self.done.append(("delete", number)),
            choose=lambda number: self.done.append(("choose", number)),
            publish=lambda number, is_on: self.done.append(("publish", number, is_on)),
        )

    def save(self, name: str, content: Mapping[str, Any], number: int | None, token: str) -> int:
        self.done.append(("save", name, dict(content), number, token))
        return 9


def grid(total: int = 1, **more: Any) -> tuple[Grid, list[dict[str, Any]], list[Query]]:
    asked: list[Query] = []

    def fetch(query: Query) -> Page:
        asked.append(query)
        first = query.offset + 1
        ids = range(first, min(first + query.size, total + 1))
        return Page([{"id": i, "code": f"K{i}", "name": "甲"} for i in ids], total)

    made = Grid(COLUMNS, fetch, key="c", filters=[Filter(name="level", label="级别")], **more)
    sent: list[dict[str, Any]] = []
    made.send = sent.append
    return made, sent, asked


def ask(made: Grid, sent: list[dict[str, Any]], name: str, what: object) -> dict[str, Any]:
    made._asked(None, {"ticket": "x", "ask": name, "with": what}, [])
    return sent[-1]


def test_list_opens_with_the_chosen_scheme_unless_the_address_says_otherwise() -> None:
    _, _, asked = grid(schemes=Shelf(7).keeper())
    assert (asked[-1].filters, asked[-1].columns) == ({"level": "A"}, ("name",))
    assert (asked[-1].scheme, asked[-1].sort) == (7, "name")
    _, _, asked = grid(schemes=Shelf(7).keeper(), state={"c.scheme": "0"})
    assert (asked[-1].filters, asked[-1].scheme) == ({}, 0)
    _, _, asked = grid(schemes=Shelf(0).keeper(), state={"c.cols": "name,code,name,nosuch"})
    assert asked[-1].columns == ("name", "code")
    _, _, asked = grid(schemes=Shelf(99).keeper())
    assert asked[-1].filters == {}


def test_saving_keeps_what_the_table_offers_and_opens_with_it_if_wished() -> None:
    shelf = Shelf()
    made, sent, _ = grid(schemes=shelf.keeper())
    query = {"page": 3, "filters": {"level": "A", "evil": "1"}, "cols": "code,name", "sort": "x"}
    values = {"name": "大单", "open_with": True}
    told = ask(
        made, sent, "save_scheme", {"token": "t", "values": values, "query": query, "scheme": None}
    )
    assert told["reply"]["data"]["scheme"] == 9
    (_, name, content, number, token), choice = shelf.done
    assert (name, content["filters"], content["cols"]) == ("大单", {"level": "A"}, "")
    assert (number, token, choice) == (None, "t", ("choose", 9))


def test_steps_of_the_menu() -> None:
    shelf = Shelf()
    made, sent, _ = grid(schemes=shelf.keeper())
    told = ask(made, sent, "scheme", {"do": "publish", "scheme": 7, "on": True})
    assert told["reply"]["reply"]["message"] == "方案已发布"
    assert told["reply"]["shelf"]["lines"][0]["name"] == "大单"
    for wrong in ({"do": "save", "scheme": 7}, {"do": "delete", "scheme": "7"}, None):
        assert "fault" in ask(made, sent, "scheme", wrong)
    assert shelf.done == [("publish", 7, True)]
    plain, sent, _ = grid()
    assert "fault" in ask(plain, sent, "scheme", {"do": "delete", "scheme": 7})
    assert "fault" in ask(plain, sent, "save_scheme", {"token": "t", "query": {}})


def test_columns_of_an_export_are_those_shown() -> None:
    assert [c.name for c in shown_columns(COLUMNS, Query(columns=("name",)))] == ["name"]
    assert shown_columns(COLUMNS, Query()) == COLUMNS


def test_figure_is_a_number_or_nothing() -> None:
    assert figure(Query(filters={"amount": "50.5"}), "amount") == Decimal("50.5")
    for text in ("", "-1", "1e9", "五十", "1" * 13, "NaN"):
        assert figure(Query(filters={"amount": text}), "amount") is None


def test_step_with_a_form_gets_rows_values_and_token() -> None:
    calls: list[tuple[list[str], dict[str, object], str]] = []

    def submit(rows: list[str], values: dict[str, object], token: str) -> Any:
        calls.append((rows, values, token))
        return saved("好")

    step = RowAction(
        name="give",
        label="分配",
        fields=[Field(name="owner", label="负责人", required=True)],
        on_submit=submit,
        preview=lambda rows: f"{len(rows)} 行",
    )
    made, sent, _ = grid(total=230, actions=[step])
    assert made.spec["actions"][0]["form"]["title"] == "分配"
    sheet = {"action": "give", "rows": ["1", "2"], "token": "t"}
    assert ask(made, sent, "submit", sheet | {"values": {}})["reply"]["errors"] == {
        "owner": "负责人 为必录项"
    }
    assert ask(made, sent, "submit", sheet | {"values": {"owner": "王"}})["reply"]["ok"]
    assert calls == [(["1", "2"], {"owner": "王"}, "t")]
    seen = ask(made, sent, "preview", {"name": "give", "rows": [], "all": {"page": 2}})
    assert seen["reply"] == {"note": "230 行", "count": 230}
    for wrong in ({"action": "give", "rows": [], "token": "t"}, {"action": "x", "rows": ["1"]}):
        assert "fault" in ask(made, sent, "submit", wrong)
    many, sent, _ = grid(total=501, actions=[step])
    assert (
        "一次最多处理 500 行"
        in ask(many, sent, "preview", {"name": "give", "rows": [], "all": {"page": 1}})["fault"][
            "message"
        ]
    )
