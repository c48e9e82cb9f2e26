"""A word that names nobody lists nobody."""

import pytest

from crmlib.access.actor import Actor
from crmlib.duplicates.collision import MOST_HITS, collide
from crmlib.duplicates.fragments import is_generic
from crmlib.duplicates.names import parse
from crmlib.duplicates.verdicts import Verdict
from tests import make


@pytest.mark.parametrize("word", [
    "公司", "有限公司", "广州", "北京", "广东省广州市", "装饰", "门窗", "广州装饰有限公司",
    "科技有限公司", "建筑工程", "中国", "集团", "第一", "恒",
])  # fmt: skip
def test_generic(word: str) -> None:
    assert is_generic(parse(word))


@pytest.mark.parametrize(
    "name", ["恒晟", "北大西飞", "万科", "中国建筑第八工程局有限公司", "北京恒晟", "ABC", "华为"]
)
def test_names_somebody(name: str) -> None:
    assert not is_generic(parse(name))


def test_fragments_do_not_list_the_base(indexed: dict[str, Actor]) -> None:
    for number in range(15):
        make.customer(f"广州恒晟{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰'[number]}门装饰有限公司")
    me = indexed["chengang"]
    for word in ("广州", "装饰", "广州装饰有限公司", "有限公司"):
        answer = collide(me, word)
        assert (answer.verdict, answer.hits, answer.is_vague) == (Verdict.NONE, (), True), word
        assert answer.text == "请输入更完整的名称（字号）再查"
    assert len(collide(me, "恒晟", limit=1000).hits) <= MOST_HITS


def test_customer_that_bears_such_a_name_is_found(indexed: dict[str, Actor]) -> None:
    make.customer("广州装饰有限公司", code="KH1")
    answer = collide(indexed["chengang"], "广州装饰有限公司")
    assert (answer.verdict, [h.code for h in answer.hits]) == (Verdict.SAME, ["KH1"])
