"""Who sees whom, and what the pickers offer."""

import polars as pl
import pytest

from crmlib.access.actor import Actor
from crmlib.errors import NotAllowed
from crmlib.people import queries
from crmlib.people.actions import deactivate_person
from tests import make


def names(actor: Actor) -> set[str]:
    return set(queries.people_frame(actor)["name"])


def test_people_are_seen_by_administrators_and_superiors(cast: dict[str, Actor]) -> None:
    assert len(names(cast["zhaolei"])) == len(make.PEOPLE)
    assert names(cast["zhangwei"]) == {"张伟", "李敏", "王强"}
    assert names(cast["liuyang"]) >= {"刘洋", "张伟", "李敏", "王强"}
    assert "陈刚" not in names(cast["liuyang"])


@pytest.mark.parametrize("login", ["limin", "wangqiang", "sunyue", "zhouting"])
def test_nobody_else_sees_the_list(cast: dict[str, Actor], login: str) -> None:
    frame = queries.people_frame(cast[login])
    assert frame.is_empty()
    assert frame.schema == queries.PEOPLE_SCHEMA
    with pytest.raises(NotAllowed):
        queries.person_card(cast[login], cast["chengang"].person_id)


def test_frame_names_office_superior_and_role_in_chinese(cast: dict[str, Actor]) -> None:
    row = queries.people_frame(cast["zhaolei"]).row(
        by_predicate=pl.col("login") == "wangqiang", named=True
    )
    assert (row["office"], row["reports_to"], row["role"]) == ("广州", "张伟", "销售")


def test_colleagues_carry_their_code_and_left_ones_are_gone(cast: dict[str, Actor]) -> None:
    before = {c.name: c for c in queries.colleagues(cast["limin"])}
    assert before["王强"].seller_code == "GD0107"
    deactivate_person(cast["zhaolei"], cast["chengang"].person_id)
    assert "陈刚" not in {c.name for c in queries.colleagues(cast["limin"])}


def test_customers_are_given_only_within_ones_reach(cast: dict[str, Actor]) -> None:
    def to(login: str) -> set[str]:
        return {c.name for c in queries.assignable(cast[login])}

    assert to("zhangwei") == {"张伟", "王强"}
    assert to("zhaolei") >= {"张伟", "王强", "陈刚", "刘洋"}
    assert to("wangqiang") == set()


def test_next_code_is_shown_to_administrators_only(cast: dict[str, Actor]) -> None:
    guangzhou = cast["limin"].office_id
    assert queries.next_code(cast["zhaolei"], guangzhou) == "GD0108"
    assert queries.next_code(cast["limin"], guangzhou) is None


def test_offices_show_the_prefix_of_their_codes(cast: dict[str, Actor]) -> None:
    found = {o.name: o.prefix for o in queries.offices(cast["zhaolei"])}
    assert (found["广州"], found["综合部"]) == ("GD01", None)
