"""撞单 by what is no name: codes of today and before, tax numbers, phones."""

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import AliasKind, Contact, CustomerAlias, CustomerStatus
from crmlib.duplicates.collision import collide
from crmlib.duplicates.lookup import is_phone
from crmlib.duplicates.verdicts import Verdict
from crmlib.store.engine import writing
from tests import make

NAME = "北京北大西飞发展有限公司"
USCC = "91440300ABCDEFGH12"


def put(*records: object) -> None:
    with writing() as session, session.begin():
        session.add_all(records)


@pytest.fixture
def stored(indexed: dict[str, Actor]) -> int:
    key = make.customer(
        NAME,
        owner="chengang",
        code="KH261100001",
        uscc=USCC,
        phone="010-62751234",
        phone_key="01062751234",
    )
    put(
        CustomerAlias(
            customer_id=key,
            kind=AliasKind.CODE,
            value="KH2401-7",
            key="KH2401-7",
            since=clock.now(),
        ),
        Contact(customer_id=key, name="林工", mobile="13900001111", is_primary=False),
    )
    return key


@pytest.mark.parametrize(
    ("typed", "verdict", "reason"),
    [
        ("KH261100001", Verdict.SAME, "客户代码相同"),
        ("ｋｈ261100001 ", Verdict.SAME, "客户代码相同"),
        ("kh2401-7", Verdict.SAME, "旧客户代码 kh2401-7"),
        (USCC.lower(), Verdict.SAME, "统一社会信用代码相同"),
        ("(010) 6275 1234", Verdict.SIMILAR, "电话相同"),
        ("139 0000 1111", Verdict.SIMILAR, "联系人电话相同"),
    ],
)
def test_number_in_place_of_the_name(
    indexed: dict[str, Actor], stored: int, typed: str, verdict: Verdict, reason: str
) -> None:
    answer = collide(indexed["limin"], typed)
    assert answer.verdict is verdict
    (hit,) = answer.hits
    assert (hit.name, hit.id) == (NAME, None)
    assert reason in hit.reasons


@pytest.mark.parametrize("typed", ["KH2611000", "KH26110000", "9144", "0106275", "KH999999999"])
def test_part_of_a_number_finds_nobody(indexed: dict[str, Actor], stored: int, typed: str) -> None:
    assert collide(indexed["limin"], typed).hits == ()


def test_code_of_a_merged_one_finds_both(indexed: dict[str, Actor], stored: int) -> None:
    make.customer(
        "北京北大西飞开发有限公司",
        code="KH2401-7",
        status=CustomerStatus.MERGED,
        merged_into_id=stored,
    )
    answer = collide(indexed["limin"], "KH2401-7")
    assert {h.code: h.tags for h in answer.hits} == {
        "KH261100001": (),
        "KH2401-7": ("已合并 → KH261100001",),
    }


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("010-62751234", True), ("+86 139 0000 1111", True), ("8888", False), ("2025年项目", False)],
)
def test_what_is_a_phone(text: str, is_one: bool) -> None:
    assert is_phone(text) is is_one
