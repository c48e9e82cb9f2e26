"""Every hit says why, in Chinese, and its reasons add up to its probability."""

from math import log

import pytest

from crmlib.duplicates.search import SearchIndex

NAMES = [
    "广州市云栖谷门窗有限公司",
    "云栖谷门窗有限公司",
    "宁波青溪远帆幕墙工程有限公司",
    "宁波青溪远帆幕墙工程有限公司杭州分公司",
    "长沙鼎曜装饰设计有限公司",
    "长沙鼎耀装饰设计有限公司",
    "郑州煤岭机械集团股份有限公司",
    "台州润宇江建筑安装工程有限公司",
    "苏州TCX智能科技有限公司",
]


@pytest.fixture(scope="module")
def index():
    made = SearchIndex()
    made.build(
        {"id": i, "name": name, "phone": "0571-8765432"[: 8 + i]} for i, name in enumerate(NAMES)
    )
    return made


@pytest.mark.parametrize(
    "typed",
    [
        *NAMES, "云栖谷", "佛山云栖谷门窗", "长沙丁曜装饰", "csdyzssj", "dingyaozhuangshi",
        "Changsha Dingyao Decoration Co., Ltd.", "郑煤机", "青溪远帆幕墙工程有限公司苏州分公司",
        "长沙dingyao装饰设计有限公司", "王经理-广州云栖谷门窗", "装饰设计工程有限公司",
    ],
)  # fmt: skip
@pytest.mark.parametrize("phone", [None, "0571-8765432"])
def test_weights_of_the_reasons_add_up(index, typed, phone):
    for hit in index.find(typed, phone=phone):
        assert hit.reasons
        assert all(reason.text for reason in hit.reasons)
        same = min(max(hit.same, 1e-4), 1 - 1e-4)
        total = sum(reason.weight for reason in hit.reasons)
        if 0.0002 < hit.same < 0.9998:
            assert total == pytest.approx(log(same / (1 - same)), abs=0.5)
        else:
            assert (total > 0) == (hit.same > 0.5)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("长沙dingyao装饰设计有限公司", 4),
        ("长沙鼎曜zhuangshi设计", 4),
        ("苏州tcx智能科技", 8),
        ("台润宇建", 7),
        ("王经理：长沙鼎曜装饰 13800000000", 4),
        ("0731-88887777 长沙鼎曜装饰设计有限公司 作废", 4),
    ],
)
def test_mixed_spelling_picked_characters_and_notes_are_understood(index, typed, meant):
    assert index.search(typed, 3)[0][0] == meant


def test_shared_phone_is_told_first(index):
    hits = {hit.id: hit for hit in index.find("完全不同的名称有限公司", phone="0571-8765432")}
    assert hits
    assert all("电话相同" in hit.reasons[0].text for hit in hits.values())


def test_brand_in_use_elsewhere_is_less_surely_a_slip():
    few, many = SearchIndex(), SearchIndex()
    base = [{"id": 1, "name": "长沙鼎曜装饰设计有限公司"}]
    others = [
        {"id": 100 + n, "name": f"{area}鼎耀{trade}有限公司"}
        for n, (area, trade) in enumerate(
            (a, t)
            for a in ("昆明", "太原", "合肥", "福州")
            for t in ("食品", "物流", "医药", "广告")
        )
    ]
    few.build(base)
    many.build([*base, *others])
    typed = "长沙鼎耀装饰设计有限公司"
    chance = dict(many.search(typed))
    assert chance[1] < few.search(typed)[0][1]
