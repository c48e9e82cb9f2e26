"""Duplicates within a table are found with their reasons."""

import polars as pl
import pytest

from crmlib.duplicates.pairs import find_pairs, pair_verdict

RECORDS = [
    {"id": 1, "name": "广州市云栖谷门窗有限公司", "phone": "020-81112222", "region": "广东 广州"},
    {"id": 2, "name": "雲棲谷門窗(廣州)有限公司", "phone": "", "region": "广东 广州"},
    {"id": 3, "name": "云栖谷门窗", "phone": "020-8111 2222", "region": ""},
    {
        "id": 4,
        "name": "广州市云栖谷门窗有限公司深圳分公司",
        "phone": "020-81112222",
        "region": "广东 深圳",
    },
    {"id": 5, "name": "成都鼎曜装饰有限公司", "phone": "028-60000001", "region": "四川 成都"},
    {"id": 6, "name": "成都鼎躍装饰有限公司", "phone": "028-60000001", "region": "四川 成都"},
    {"id": 7, "name": "沈阳松岚物流有限公司", "phone": "024-50000001", "region": "辽宁 沈阳"},
]


@pytest.fixture(scope="module")
def pairs():
    found = find_pairs(pl.DataFrame(RECORDS))
    return {(a, b): row for a, b, *row in found.iter_rows()}


@pytest.mark.parametrize("pair", [(1, 2), (1, 3), (2, 3), (5, 6)])
def test_one_customer_written_differently_is_a_pair(pairs, pair):
    assert pairs[pair][0] >= 0.5
    assert pairs[pair][2]


def test_branch_with_the_phone_of_its_head_is_related_only(pairs):
    same, related, reasons = pairs[1, 4]
    assert same < 0.1
    assert related > 0.5
    assert "分公司与总公司" in reasons


def test_strangers_are_no_pair(pairs):
    assert not any(7 in pair for pair in pairs)
    assert all(a < b for a, b in pairs)


def test_columns_are_those_promised_even_without_pairs():
    found = find_pairs(pl.DataFrame({"id": [1], "name": ["广州市云栖谷门窗有限公司"]}))
    assert found.columns == ["id1", "id2", "prob", "related", "reasons"]
    assert found.is_empty()


def test_table_without_rows_gives_no_pairs():
    empty = pl.DataFrame(schema={"id": pl.Int64, "name": pl.String})
    assert find_pairs(empty).is_empty()


def test_switchboard_shared_by_many_makes_no_duplicates():
    names = [
        "云栖谷门窗",
        "鼎曜装饰",
        "松岚物流",
        "砚禾置业",
        "磐泽石材",
        "椰屿家具",
        "澜庭化工",
        "朔原玻璃",
    ]
    records = pl.DataFrame(
        [
            {"id": i, "name": f"合肥{name}有限公司", "phone": "0551-65550000"}
            for i, name in enumerate(names)
        ]
    )
    found = find_pairs(records)
    assert found.filter(pl.col("prob") >= 0.1).is_empty()


def test_same_boss_of_two_trades_is_related_not_the_same():
    boss = {"contact1": "顾远山", "mobile1": "13900001111", "address": "西安市雁塔区松岚路8号"}
    same, related, reasons = pair_verdict(
        {"name": "西安青溪门窗有限公司", **boss}, {"name": "西安砚禾餐饮有限公司", **boss}
    )
    assert same < 0.1
    assert related > 0.3
    assert "手机相同" in [reason.text for reason in reasons]


def test_conflicting_contacts_speak_against_a_near_name():
    near = {"name": "西安青溪门窗有限公司"}, {"name": "西安青浔门窗有限公司"}
    shared = {"phone": "029-88880001", "address": "西安市雁塔区松岚路8号"}
    other = {"phone": "029-87770002", "address": "西安市碑林区鼎曜巷21号"}
    alike, *_ = pair_verdict({**near[0], **shared}, {**near[1], **shared})
    unlike, *_ = pair_verdict({**near[0], **shared}, {**near[1], **other})
    assert unlike < 0.3 < 0.6 < alike


def test_missing_fields_and_empty_names_are_no_error():
    same, related, _ = pair_verdict({"name": None}, {"name": "", "phone": None})
    assert 0 <= same <= 1
    assert 0 <= related <= 1
