"""相同, 相似, 关联: what two names are to each other."""

import pytest

from crmlib.duplicates.comparison import compare_names, probability
from crmlib.duplicates.names import parse
from crmlib.duplicates.search import Hit
from crmlib.duplicates.verdicts import Verdict, judge, parameters, similarity

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
    assert judge(a, b, hit) is expected
    assert 0 <= similarity(a, b, hit) <= 100


def test_parameters_come_from_the_reference_data() -> None:
    given = parameters()
    assert (given.name_similarity, given.containment, given.may_save_similar) == (70, 50, True)
    assert given.fields == {"name", "phone", "website_domain", "fax", "uscc"}
