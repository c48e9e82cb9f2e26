"""The list: only visible rows, found, filtered, sorted and paged by the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.listing import CustomerQuery
from crmlib.customers.model import AliasKind, CustomerAlias, CustomerStatus
from crmlib.customers.queries import (
    PAGE_SCHEMA,
    customer_page,
    form_options,
    owner_options,
    share_options,
)
from crmlib.inbox.queries import pending
from crmlib.reference.model import Region
from crmlib.store.engine import engine, reading, writing
from tests import make


def names(actor: Actor, **query: Any) -> list[str]:
    return customer_page(actor, CustomerQuery(**query)).rows["name"].to_list()


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    yield seen
    event.remove(engine(), "before_cursor_execute", note)


def region(name: str) -> int:
    with reading() as session:
        return session.scalar(select(Region.id).where(Region.name == name))


def test_empty_list_has_its_columns(cast: dict[str, Actor]) -> None:
    page = customer_page(cast["limin"])
    assert (page.total, page.rows.columns) == (0, list(PAGE_SCHEMA))


def test_list_shows_words_and_only_visible_rows(cast: dict[str, Actor]) -> None:
    make.customer("恒晟幕墙有限公司", status=CustomerStatus.TRADING)
    make.customer("沪申门窗有限公司", owner="chengang")
    page = customer_page(cast["wangqiang"])
    (row,) = page.rows.to_dicts()
    assert page.total == 1
    assert (
        row["name"],
        row["level"],
        row["region"],
        row["owner"],
        row["trading"],
        row["status"],
    ) == (
        "恒晟幕墙有限公司",
        "普通客户",
        "华南 / 广东",
        "王强",
        "是",
        "交易客户",
    )


def test_merged_and_recycled_are_shown_only_when_asked_for(cast: dict[str, Actor]) -> None:
    make.customer("恒晟", status=CustomerStatus.MERGED)
    make.customer("沪申", status=CustomerStatus.RECYCLED)
    assert names(cast["zhouting"]) == []
    assert names(cast["zhouting"], status=CustomerStatus.RECYCLED) == ["沪申"]


def test_paging_shows_every_row_once(cast: dict[str, Actor]) -> None:
    made = {make.customer() for _ in range(7)}
    pages = [customer_page(cast["zhouting"], CustomerQuery(page=n, size=3)) for n in (1, 2, 3, 4)]
    assert [p.rows.height for p in pages] == [3, 3, 1, 0]
    assert {i for p in pages for i in p.rows["id"]} == made
    assert {p.total for p in pages} == {7}


@pytest.mark.parametrize(
    "sort",
    [
        "code",
        "name",
        "level",
        "industry",
        "region",
        "owner",
        "office",
        "status",
        "trading",
        "registered_at",
        "last_contact_on",
        "incomplete",
        "no such column",
    ],
)
def test_every_sort_answers_all_rows_both_ways(cast: dict[str, Actor], sort: str) -> None:
    made = {make.customer(), make.customer(owner=None), make.customer(owner="chengang")}
    for down in (True, False):
        page = customer_page(cast["zhouting"], CustomerQuery(sort=sort, descending=down))
        assert set(page.rows["id"]) == made


def test_sort_by_code_goes_up_and_down(cast: dict[str, Actor]) -> None:
    for code in ("KH3", "KH1", "KH2"):
        make.customer(code=code)
    up = customer_page(cast["zhouting"], CustomerQuery(sort="code", descending=False)).rows["code"]
    down = customer_page(cast["zhouting"], CustomerQuery(sort="code")).rows["code"]
    assert up.to_list() == ["KH1", "KH2", "KH3"] == down.to_list()[::-1]


def test_find_by_each_field(cast: dict[str, Actor]) -> None:
    key = make.customer(
        "恒晟幕墙有限公司",
        code="KH777",
        phone_key="02088886666",
        mobile="13912345678",
        initials="hcmq",
    )
    make.customer("沪申门窗有限公司")
    with writing() as session, session.begin():
        session.add(
            CustomerAlias(
                customer_id=key,
                kind=AliasKind.NAME,
                value="旧名恒光",
                key="旧名恒光",
                since=clock.now(),
            )
        )
    me = cast["zhouting"]
    for field, text in (
        ("name", "幕墙"),
        ("name", "恒晟 幕墙"),
        ("name", "HCMQ"),
        ("name", "恒光"),
        ("code", "kh777"),
        ("phone", "8888 6666"),
        ("phone", "139-1234"),
        ("contact", "何"),
    ):
        found = names(me, find_field=field, find_text=text)
        assert "恒晟幕墙有限公司" in found, (field, text)
        assert field == "contact" or found == ["恒晟幕墙有限公司"]
    assert names(me, find_text="100%") == names(me, find_text="_") == []
    assert names(me, find_field="phone", find_text="-") == []


def test_masked_phone_is_not_found_by_searching(cast: dict[str, Actor]) -> None:
    make.customer(phone="020-88886666", phone_key="02088886666")
    (row,) = customer_page(cast["sunyue"]).rows.to_dicts()
    assert row["phone"] == "020****6666"
    assert names(cast["sunyue"], find_field="phone", find_text="8888") == []
    (row,) = customer_page(cast["wangqiang"]).rows.to_dicts()
    assert row["phone"] == "020-88886666"


def test_filters_narrow(cast: dict[str, Actor]) -> None:
    make.customer("甲", industry="02", level="A", incomplete=True)
    make.customer("乙", status=CustomerStatus.TRADING)
    make.customer("丙", owner=None, region_id=region("华南"))
    make.customer("丁", owner="chengang", region_id=region("上海"))
    me = cast["zhouting"]

    def found(**query: Any) -> set[str]:
        return set(names(me, **query))

    assert found(industry="02") == found(level="A") == found(incomplete=True) == {"甲"}
    assert found(trading=True) == {"乙"}
    assert found(unassigned=True) == {"丙"}
    assert found(region=region("华南")) == {"甲", "乙", "丙"}
    assert found(region=region("广东")) == {"甲", "乙"}
    assert found(owner=cast["chengang"].person_id) == {"丁"}
    assert names(cast["wangqiang"], mine=True, sort="name", trading=False) == ["甲"]


def test_list_takes_few_statements_however_long(cast: dict[str, Actor]) -> None:
    for _ in range(30):
        make.customer()
    with statements() as seen:
        customer_page(cast["liuyang"], CustomerQuery(size=50, find_text="测试"))
    assert len([s for s in seen if s.lstrip().upper().startswith(("SELECT", "WITH"))]) <= 5


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=20), st.sampled_from(["name", "code", "phone", "contact", "other"]))
def test_any_text_may_be_looked_for(cast: dict[str, Actor], text: str, field: str) -> None:
    assert (
        customer_page(cast["liuyang"], CustomerQuery(find_field=field, find_text=text)).total == 0
    )


def test_form_offers_choices_and_defaults(cast: dict[str, Actor]) -> None:
    choices = form_options(cast["limin"])
    assert [o.name for o in choices.levels] == ["重点客户", "普通客户", "非优先客户"]
    assert choices.industries[0].name == "幕墙公司"
    assert choices.default_country == "01"
    assert choices.default_region == region("华南")
    assert [o.name for o in choices.owners] == ["张伟", "王强"]
    assert (choices.default_owner, choices.may_be_quick) == (None, False)
    own = form_options(cast["wangqiang"])
    assert (own.default_owner, own.may_be_quick) == (cast["wangqiang"].person_id, True)


def test_share_choices_leave_out_owner_and_actor(cast: dict[str, Actor]) -> None:
    key = make.customer()
    chosen = {o.login for o in share_options(cast["zhangwei"], key)}
    assert not {"zhangwei", "wangqiang"} & chosen
    assert "chengang" in chosen
    assert owner_options(cast["sunyue"]) == ()


def test_unassigned_customers_wait_for_their_manager(cast: dict[str, Actor]) -> None:
    make.customer(owner=None)
    assert [(p.label, p.count) for p in pending(cast["zhangwei"])] == [("待分配客户", 1)]
    assert pending(cast["wangqiang"]) == []
