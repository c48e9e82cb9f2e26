"""The line of filters: what it takes from an address, tells in words, and keeps as 过滤方案."""

from datetime import date
from typing import Any

import pytest

from crmlib.ui.filters import Choice, FilterBar, day_of
from crmlib.ui.schemes import SchemeKeeper, SchemeLine, SchemeShelf

CHOICES = [
    Choice(name="office", label="部门", options=[(3, "广州办"), (4, "上海办")]),
    Choice(name="region", label="区域", options=["华南", "华东"]),
    Choice(name="min", label="金额 ≥", kind="amount"),
    Choice(name="as_of", label="截至", kind="day"),
    Choice(
        name="by", label="按", options=[("amount", "金额"), ("count", "数量")], default="amount"
    ),
]
GUANGZHOU = SchemeLine(id=7, name="广州", content={"filters": {"office": "3", "gone": "x"}})


def keeper(chosen: int = 0, noted: list[Any] | None = None) -> SchemeKeeper:
    """Return a keeper in memory that notes what was saved."""

    def save(name: str, content: Any, number: int | None, token: str) -> int:
        if noted is not None:
            noted.append((name, dict(content), number))
        return 9

    return SchemeKeeper(
        shelf=lambda: SchemeShelf((GUANGZHOU,), chosen),
        save=save,
        delete=lambda number: number,
        choose=lambda number: number,
        publish=lambda number, _is_on: number,
    )


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({}, {"by": "amount"}),
        ({"office": "3", "region": "华南"}, {"by": "amount", "office": "3", "region": "华南"}),
        ({"office": "5", "region": "火星", "page": "funnel"}, {"by": "amount"}),
        ({"min": "1.5", "by": "all"}, {"by": "all", "min": "1.5"}),
        ({"min": "1e9", "as_of": "2026-02-30"}, {"by": "amount"}),
        ({"as_of": "2026-02-28"}, {"by": "amount", "as_of": "2026-02-28"}),
    ],
)
def test_an_address_may_say_anything_but_only_what_is_offered_is_taken(
    given: dict[str, str], chosen: dict[str, str]
) -> None:
    assert FilterBar(CHOICES, state=given).chosen == chosen


def test_common_filters_are_named_so_that_the_menu_takes_them_along() -> None:
    assert FilterBar(CHOICES).spec["common"] == ["office", "region"]


def test_what_narrows_is_told_in_words() -> None:
    given = {"office": "3", "min": "50", "as_of": "2026-09-30", "by": "count", "region": "all"}
    told = {"部门": "广州办", "金额 ≥": "50", "截至": "2026-09-30", "按": "数量"}
    assert FilterBar(CHOICES, state=given).in_words() == told
    assert FilterBar(CHOICES).in_words() == {}
    bar = FilterBar(CHOICES)
    bar.chosen = {"office": "<script>"}  # the browser may write it
    assert bar.in_words() == {}


def test_page_opens_with_the_chosen_scheme_unless_the_address_says_otherwise() -> None:
    opened = FilterBar(CHOICES, schemes=keeper(chosen=7))
    assert (opened.chosen, opened.spec["scheme"]) == ({"office": "3"}, 7)
    linked = FilterBar(CHOICES, schemes=keeper(chosen=7), state={"region": "华东"})
    assert (linked.chosen, linked.spec["scheme"]) == ({"by": "amount", "region": "华东"}, 0)
    again = FilterBar(CHOICES, schemes=keeper(), state={"scheme": "7", "office": "3"})
    assert again.spec["scheme"] == 7
    assert FilterBar(CHOICES).spec["schemes"] is None


def test_scheme_keeps_what_the_line_offers() -> None:
    noted: list[Any] = []
    bar = FilterBar(CHOICES, schemes=keeper(noted=noted))
    sent: list[Any] = []
    bar.send = sent.append
    asked = {
        "query": {"filters": {"office": "4", "region": "火星", "by": "count", "evil": "1"}},
        "scheme": None,
        "values": {"name": "上海", "open_with": False},
        "token": "t",
    }
    bar._asked(None, {"ticket": "x", "ask": "save_scheme", "with": asked}, [])
    assert sent[0]["reply"]["ok"]
    assert noted == [("上海", {"filters": {"office": "4", "by": "count"}}, None)]


def test_days() -> None:
    assert day_of("2026-11-23") == date(2026, 11, 23)
    assert day_of("") is day_of("all") is day_of("2026-13-01") is None


def test_one_of_thousands_is_looked_up_by_typing() -> None:
    people = [(number, f"王{number}") for number in range(400)] + [(900, "李敏")]
    bar = FilterBar([Choice(name="owner", label="负责人", options=people)], state={"owner": "900"})
    (told,) = bar.spec["choices"]
    assert (told["typed"], told["options"]) == (True, [])
    assert (bar.chosen, bar.in_words()) == ({"owner": "900"}, {"负责人": "李敏"})

    def found(**of: object) -> tuple[list[Any], Any]:
        answer: Any = bar._options({"name": "owner", **of})
        return [option["label"] for option in answer["options"]], answer["total"]

    assert found(value="900") == (["李敏"], 1)
    assert found(value="901") == ([], 0)
    assert found(text="limin") == (["李敏"], 1)
    assert found(text="王39")[1] == 11  # 39 and 390 to 399
    first, total = found()
    assert (len(first), first[0], total) == (50, "王0", 401)
    assert bar._options({"name": "gone"})["total"] == 0
    assert bar._options("nonsense")["total"] == 0
    assert FilterBar(CHOICES).spec["choices"][0]["typed"] is False
