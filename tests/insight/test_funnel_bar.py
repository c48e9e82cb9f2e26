"""What the filters of funnel and forecast offer, and what their texts mean."""

from datetime import date
from decimal import Decimal

from crmlib.insight.cut import Filters, in_force
from crmlib.insight.funnel import rows
from crmlib.insight.funnel_bar import bar_choices, filters_of
from tests.insight import by_hand
from tests.insight.by_hand import deal

DATA = by_hand.funnel(
    deal(1, {"INFO": "06-01"}, amount=600_000),
    deal(2, {"INFO": "06-01"}, amount=70, owner=2, set="零星采购"),
)


def test_only_what_occurs_is_offered() -> None:
    offered = {choice.name: list(choice.options) for choice in bar_choices(DATA)}
    assert offered["office"] == [(2, "上海办"), (1, "广州办")]
    assert offered["region"] == ["华南"]
    assert offered["source"] == ["展会"]
    assert sorted(offered["set"]) == ["零星采购", "项目销售"]
    assert offered["industry"] == []


def test_texts_become_filters() -> None:
    chosen = in_force({"office": "1", "region": "all", "family": "", "min": "50", "period": "year"})
    assert chosen == {"office": "1", "min": "50", "period": "year"}
    assert filters_of(chosen, date(2026, 6, 30)) == Filters(
        offices=(1,),
        min_amount=Decimal(500_000),
        start=date(2026, 1, 1),
        end=date(2026, 12, 31),
    )
    assert filters_of({"office": "<b>", "owner": ""}, DATA.day) == Filters()


def test_source_set_and_industry_narrow() -> None:
    for chosen, found in (
        ({"source": "展会"}, [1, 2]),
        ({"source": "网站"}, []),
        ({"set": "零星采购"}, [2]),
        ({"industry": "幕墙"}, []),
        ({"family": "门窗五金", "region": "华南", "owner": "2"}, [2]),
    ):
        told = rows(DATA, filters_of(chosen, DATA.day)).collect()["opportunity_id"].to_list()
        assert told == found, chosen
