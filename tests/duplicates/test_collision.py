"""撞单分析: everybody learns that a customer is there, nobody learns more than that."""

from dataclasses import asdict, fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import AliasKind, CustomerAlias, CustomerStatus
from crmlib.duplicates import live
from crmlib.duplicates.collision import Collision, CollisionHit, Verdict, collide, name_keys
from crmlib.errors import Invalid
from crmlib.store.engine import writing
from tests import make

NAME = "北京北大西飞发展有限公司"
USCC = "91440300ABCDEFGH12"


def codes(answer: Collision) -> list[str]:
    return [hit.code for hit in answer.hits]


def test_part_of_a_name_finds_the_customer_for_everybody(indexed: dict[str, Actor]) -> None:
    make.customer(NAME, code="KH1")
    for actor in indexed.values():
        answer = collide(actor, "北大西飞")
        (hit,) = answer.hits
        assert (hit.code, hit.name, hit.owner, hit.office, hit.region, hit.trading) == (
            "KH1",
            NAME,
            "王强",
            "广州",
            "华南 / 广东",
            "否",
        )
        assert hit.similarity >= 50
        assert hit.reasons


def test_answer_holds_no_phone_nor_contact(indexed: dict[str, Actor]) -> None:
    make.customer(
        NAME,
        phone="020-88886666",
        phone_key="02088886666",
        mobile="13912345678",
        address="秘密路9号",
        fax="020-77776666",
        no_fax=False,
    )
    answer = collide(indexed["chengang"], NAME, phone="020-88886666")
    text = repr(asdict(answer))
    for secret in ("8888", "13912345678", "何经理", "秘密路", "7777"):
        assert secret not in text
    assert {f.name for f in fields(CollisionHit)} == {
        "id",
        "verdict",
        "code",
        "name",
        "region",
        "owner",
        "office",
        "trading",
        "similarity",
        "tags",
        "reasons",
        "may_open",
    }


def test_only_those_who_may_open_it_get_its_number(indexed: dict[str, Actor]) -> None:
    key = make.customer(NAME)
    (mine,) = collide(indexed["wangqiang"], NAME).hits
    (his,) = collide(indexed["chengang"], NAME).hits
    assert (mine.id, mine.may_open) == (key, True)
    assert (his.id, his.may_open) == (None, False)


@pytest.mark.parametrize("empty", ["", "  ", "（）", "\u200b"])
def test_empty_name_is_asked_for(indexed: dict[str, Actor], empty: str) -> None:
    with pytest.raises(Invalid) as fault:
        collide(indexed["limin"], empty)
    assert fault.value.faults == {"name": "请输入客户名称"}


def test_nothing_alike_may_be_entered(indexed: dict[str, Actor]) -> None:
    make.customer(NAME)
    answer = collide(indexed["limin"], "西安秦岭门窗有限公司")
    assert (answer.verdict, answer.text, answer.hits) == (
        Verdict.NONE,
        "未发现相同或相似客户，可以新增",
        (),
    )


@pytest.mark.parametrize(
    ("asked", "verdict", "text"),
    [
        (NAME, Verdict.SAME, "已存在相同客户"),
        ("北京　北大西飞（发展）有限公司", Verdict.SAME, "已存在相同客户"),
        ("北京北大西飛發展有限公司", Verdict.SAME, "已存在相同客户"),
        ("北大西飞发展有限公司", Verdict.SAME, "已存在相同客户"),
        ("北京北大西飞装饰有限公司", Verdict.SIMILAR, "发现相似客户，请填写原因"),
    ],
)
def test_verdicts_in_words(
    indexed: dict[str, Actor], asked: str, verdict: Verdict, text: str
) -> None:
    make.customer(NAME)
    answer = collide(indexed["limin"], asked)
    assert (answer.verdict, answer.text) == (verdict, text)


def test_equal_uscc_is_the_same_customer(indexed: dict[str, Actor]) -> None:
    make.customer(NAME, uscc=USCC)
    answer = collide(indexed["limin"], "西安秦岭门窗有限公司", uscc=USCC.lower())
    assert answer.verdict is Verdict.SAME


def test_equal_phone_is_similar_whatever_the_name(indexed: dict[str, Actor]) -> None:
    make.customer(NAME, phone="020-88886666", phone_key="02088886666")
    answer = collide(indexed["limin"], "西安秦岭门窗有限公司", phone="(020) 8888 6666")
    assert answer.verdict is Verdict.SIMILAR
    assert "电话相同" in answer.hits[0].reasons


def test_merged_and_recycled_are_tagged(indexed: dict[str, Actor]) -> None:
    survivor = make.customer("西安秦岭门窗有限公司", code="KH7")
    make.customer(NAME, status=CustomerStatus.MERGED, merged_into_id=survivor)
    make.customer("沪申玻璃有限公司", status=CustomerStatus.RECYCLED)
    assert collide(indexed["limin"], NAME).hits[0].tags == ("已合并 → KH7",)
    assert collide(indexed["limin"], "沪申玻璃有限公司").hits[0].tags == ("回收站",)


def test_former_name_is_found_but_does_not_block(indexed: dict[str, Actor]) -> None:
    key = make.customer("西安秦岭门窗有限公司", code="KH8")
    with writing() as session, session.begin():
        session.add(
            CustomerAlias(
                customer_id=key, kind=AliasKind.NAME, value=NAME, key=NAME, since=clock.now()
            )
        )
    answer = collide(indexed["limin"], NAME)
    assert (answer.verdict, codes(answer)) == (Verdict.SIMILAR, ["KH8"])
    assert answer.hits[0].reasons[0] == f"曾用名：{NAME}"


def test_worst_comes_first_and_the_limit_holds(indexed: dict[str, Actor]) -> None:
    for number in range(6):
        make.customer(f"{'广州深圳东莞佛山珠海惠州'[2 * number : 2 * number + 2]}恒晟幕墙有限公司")
    make.customer("恒晟幕墙有限公司", code="KH9")
    answer = collide(indexed["limin"], "恒晟幕墙有限公司", limit=3)
    assert len(answer.hits) == 3
    assert answer.hits[0].code == "KH9"


def test_while_the_index_is_built_the_database_answers(
    indexed: dict[str, Actor], monkeypatch
) -> None:
    make.customer(
        NAME, code="KH1", **asdict(name_keys(NAME)), phone="020-88886666", phone_key="02088886666"
    )
    monkeypatch.setattr(live, "index", lambda: None)
    me = indexed["limin"]
    for asked, verdict in (
        (NAME, Verdict.SAME),
        ("北大西飞发展", Verdict.SAME),
        ("北京北大西飞装饰有限公司", Verdict.SIMILAR),
    ):
        answer = collide(me, asked)
        assert (answer.verdict, codes(answer), answer.loading) == (verdict, ["KH1"], True), asked
    assert codes(collide(me, "西安秦岭门窗有限公司", phone="02088886666")) == ["KH1"]
    assert collide(me, "西安秦岭门窗有限公司").verdict is Verdict.LOADING


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1, max_size=300), st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_answered(indexed: dict[str, Actor], name: str, phone: str, site: str) -> None:
    if not any(c.isalnum() for c in name):
        name += "恒晟"
    answer = collide(indexed["limin"], name, phone=phone, website=site, fax=phone, uscc=site)
    assert answer.verdict is Verdict.NONE


@given(st.text(max_size=200))
def test_keys_fit_their_columns(name: str) -> None:
    keys = name_keys(name)
    assert len(keys.name_key) <= 120
    assert len(keys.brand) <= 60
