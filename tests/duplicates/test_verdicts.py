"""相同, 相似, 关联: what two names are to each other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crmlib import clock
from crmlib.duplicates.comparison import compare_names, probability
from crmlib.duplicates.names import parse
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.search import Hit
from crmlib.duplicates.verdicts import Parameters, Verdict, defaults, judge, similarity

NAME = "北京北大西飞发展有限公司"
CASES = [
    (NAME, NAME, Verdict.SAME),
    ("北京 北大西飞 发展有限公司", NAME, Verdict.SAME),
    ("北京北大西飛發展有限公司", NAME, Verdict.SAME),
    ("北大西飞发展有限公司", NAME, Verdict.SAME),
    ("北京市北大西飞发展有限责任公司", NAME, Verdict.SAME),
    ("北大西飞发展", NAME, Verdict.SAME),
    ("北京北大西飞装饰有限公司", NAME, Verdict.SIMILAR),
    ("上海北大西飞发展有限公司", NAME, Verdict.SIMILAR),
    ("北大西飞", NAME, Verdict.SIMILAR),
    ("广州恒成幕墙有限公司", "广州恒晟幕墙有限公司", Verdict.SIMILAR),
    ("广州恒晟幕墙集团有限公司", "广州恒晟幕墙有限公司", Verdict.SIMILAR),
    ("广州恒晟幕墙有限公司佛山分公司", "广州恒晟幕墙有限公司", Verdict.RELATED),
    ("中建三局第二建设有限公司", "中建八局第二建设有限公司", Verdict.RELATED),
    ("西安秦岭门窗有限公司", NAME, Verdict.NONE),
    ("广州有限公司", "广州恒晟幕墙有限公司", Verdict.NONE),
]


@pytest.mark.parametrize(("asked", "there", "expected"), CASES)
def test_verdict_of_two_names(asked: str, there: str, expected: Verdict) -> None:
    a, b = parse(asked), parse(there)
    likeness = compare_names(a, b)
    hit = Hit(1, there, probability(likeness.same), likeness.related, likeness.reasons)
    assert judge(a, b, hit, defaults()) is expected
    assert 0 <= similarity(a, b, hit) <= 100


def test_the_defaults_come_from_the_reference_data() -> None:
    given = defaults()
    assert (given.name_similarity, given.containment, given.may_save_similar) == (70, 50, True)
    assert (given.overall, given.single_field, given.scan_floor) == (70, True, 50)
    assert given.contacted_within_days is None
    assert given.fields == {"name", "phone", "website_domain", "fax", "uscc"}
    assert Parameters.of(given.stored()) == given


ALIKE = ("广州恒成幕墙有限公司", "广州恒晟幕墙有限公司")
APART = ("西安秦岭门窗有限公司", "广州恒晟幕墙有限公司")
PHONE, SITE, USCC = "电话相同", "网站或邮箱域名相同", "统一社会信用代码相同"


def judged(
    names: tuple[str, str], *reasons: str, same: float = 0.0, weight: float = 2.4, **given: Any
) -> Verdict:
    a, b = (parse(name) for name in names)
    days = given.pop("days_ago", None)
    hit = Hit(1, names[1], same, 0.0, tuple(Reason(text, weight) for text in reasons))
    contacted = None if days is None else clock.today() - timedelta(days=days)
    return judge(a, b, hit, replace(defaults(), **given), contacted_on=contacted)


@pytest.mark.parametrize(
    ("reason", "field"), [(PHONE, "phone"), (SITE, "website_domain"), ("联系人电话相同", "phone")]
)
def test_a_field_that_takes_no_part_makes_nothing_similar(reason: str, field: str) -> None:
    everything = defaults().fields
    assert judged(APART, reason) is Verdict.SIMILAR
    without = everything - ({field, "fax"} if field == "phone" else {field})
    assert judged(APART, reason, fields=without) is Verdict.NONE
    assert judged(APART, reason, fields=frozenset({field})) is Verdict.SIMILAR


def test_a_shared_switchboard_makes_nothing_similar() -> None:
    assert judged(APART, PHONE, weight=0.5) is Verdict.NONE


def test_an_equal_tax_number_is_the_same_while_it_takes_part() -> None:
    assert judged(APART, USCC, weight=9.0) is Verdict.SAME
    without = defaults().fields - {"uscc"}
    assert judged(APART, USCC, weight=9.0, fields=without) is Verdict.NONE


def test_the_name_may_take_no_part_but_stands_once_in_the_base() -> None:
    without = defaults().fields - {"name"}
    assert judged(ALIKE, same=0.9) is Verdict.SIMILAR
    assert judged(ALIKE, same=0.9, fields=without) is Verdict.NONE
    assert judged((NAME, NAME), fields=without) is Verdict.SAME
    assert judged(("北大西飞发展有限公司", NAME), same=0.9, fields=without) is Verdict.NONE


def test_thresholds_count() -> None:
    names = ("广州华新门窗有限公司", "广州华欣幕墙有限公司")
    assert judged(names, same=0.65) is Verdict.RELATED
    assert judged(names, same=0.65, name_similarity=60) is Verdict.SIMILAR
    contained = ("恒晟幕墙", "广州恒晟幕墙工程有限公司")  # four characters of twelve
    assert judged(contained, containment=33) is Verdict.SIMILAR
    assert judged(contained, containment=34) is Verdict.NONE


def test_one_field_alone_or_all_fields_together() -> None:
    # The names read 0–50 % alike, the phone 100 %.
    assert judged(APART, PHONE, single_field=True) is Verdict.SIMILAR
    assert judged(APART, PHONE, single_field=False, overall=95) is Verdict.NONE
    assert judged(APART, PHONE, single_field=False, overall=30) is Verdict.SIMILAR
    assert judged(APART, PHONE, SITE, single_field=False, overall=60) is Verdict.SIMILAR


def test_customers_nobody_contacted_for_long_are_related_at_most() -> None:
    assert judged(ALIKE, same=0.9, days_ago=400) is Verdict.SIMILAR
    assert judged(ALIKE, same=0.9, days_ago=400, contacted_within_days=365) is Verdict.RELATED
    assert judged(ALIKE, same=0.9, days_ago=30, contacted_within_days=365) is Verdict.SIMILAR
    assert judged(ALIKE, same=0.9, contacted_within_days=365) is Verdict.SIMILAR  # never
    assert judged((NAME, NAME), days_ago=400, contacted_within_days=365) is Verdict.SAME
