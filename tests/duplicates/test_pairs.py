"""Duplicates within a table are found with their reasons."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlib.duplicates.pairs import find_pairs, pair_verdict
from tests.duplicates.invented import some_records

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


NAMES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "广州市", "四川成都", "粤", "佛山"]),
        st.text("云栖谷青溪远帆鼎曜松岚砚禾", min_size=2, max_size=4),
        st.sampled_from(["", "门窗", "装饰工程", "贸易", "房地产开发"]),
        st.sampled_from(["", "有限公司", "有限责任公司", "厂"]),
        st.sampled_from(["", "", "深圳分公司", "第二分公司"]),
    ),
)
ANY_RECORD = st.fixed_dictionaries(
    {
        "name": NAMES,
        "phone": st.sampled_from(["", "020-81112222", "81112222", "028-60000001转8"]),
        "mobile1": st.sampled_from(["", "13900001111", "+86 139-0000-2222"]),
        "email": st.sampled_from(["", "a@qq.com", "sales@yunqigu.com"]),
        "website": st.sampled_from(["", "http://www.yunqigu.com/index.html"]),
        "address": st.sampled_from(["", "广州市松岚路8号", "松岚路8号", "成都市鼎曜巷21号"]),
        "contact1": st.sampled_from(["", "顾远山", "顾总", "李青"]),
        "region": st.sampled_from(["", "广东 广州", "四川 成都"]),
        "uscc": st.sampled_from(["", "91440101MA5CQUJX1A", "91510100MA6C9QUJ2B"]),
    }
)


@given(ANY_RECORD, ANY_RECORD)
@settings(max_examples=30, deadline=None)
def test_the_order_of_two_records_does_not_matter(a, b):
    assert pair_verdict(a, b)[:2] == pytest.approx(pair_verdict(b, a)[:2], abs=0.02)


@given(ANY_RECORD)
@settings(max_examples=30, deadline=None)
def test_a_record_is_itself(record):
    full = record | {"name": f"广州云栖{record['name']}有限公司"}
    assert pair_verdict(full, full)[0] >= 0.99


@given(ANY_RECORD, ANY_RECORD)
@settings(max_examples=30, deadline=None)
def test_another_tax_number_never_makes_two_records_more_alike(a, b):
    silent = pair_verdict(a | {"uscc": ""}, b | {"uscc": ""})[0]
    told = pair_verdict(a | {"uscc": "91440101MA5CQUJX1A"}, b | {"uscc": "91510100MA6C9QUJ2B"})[0]
    assert told <= silent


@pytest.mark.parametrize("seed", range(3))
def test_no_record_is_paired_with_itself_and_no_pair_comes_twice(seed):
    found = find_pairs(some_records(300, seed))
    assert found.filter(pl.col("id1") >= pl.col("id2")).is_empty()
    assert len(found) == len(found.unique(["id1", "id2"]))


def test_a_former_name_brings_up_who_bears_it_now():
    records = pl.DataFrame(
        [
            {"id": 1, "name": "广州云栖谷门窗有限公司", "former": None},
            {"id": 2, "name": "广州砚禾置业有限公司", "former": False},
            {"id": 2, "name": "广州云栖谷门窗有限公司", "former": True},
            {"id": 3, "name": "成都鼎曜装饰有限公司", "former": None},
            {"id": 3, "name": "成都鼎耀装饰有限公司", "former": True},
        ]
    )
    (row,) = find_pairs(records).filter(pl.col("prob") >= 0.5).iter_rows(named=True)
    assert (row["id1"], row["id2"]) == (1, 2)
    assert "曾用名相同" in row["reasons"]


def test_two_customers_that_gave_up_one_name_are_no_pair():
    records = pl.DataFrame(
        [
            {"id": 1, "name": "广州砚禾置业有限公司", "former": False},
            {"id": 2, "name": "成都鼎曜装饰有限公司", "former": False},
            {"id": 1, "name": "广州云栖谷门窗有限公司", "former": True},
            {"id": 2, "name": "广州云栖谷门窗有限公司", "former": True},
        ]
    )
    assert find_pairs(records).is_empty()


def test_a_third_record_joins_two_that_are_too_far_apart():
    records = pl.DataFrame(
        [
            {"id": 1, "name": "西安青溪远帆门窗有限公司", "phone": "029-88880001"},
            {"id": 2, "name": "西安青溪远帆门窗", "phone": "029-88880001", "email": "q@yf.com"},
            {"id": 3, "name": "青西远凡门窗有限公司", "phone": "", "email": "q@yf.com"},
        ]
    )
    found = {(a, b): row for a, b, *row in find_pairs(records).iter_rows()}
    assert found[1, 2][0] > 0.9 < found[2, 3][0]
    assert found[1, 3][0] >= 0.5


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("029-88880001", "88880001"),
        ("(029)88880001", "029-88880001-802"),
        ("029-88880001/13900001111", "88880001转8"),
        ("029-88880001", "+86 29 88880001"),
        ("13900001111", "0086 139 0000 1111"),
    ],
)
def test_a_number_is_known_in_any_spelling(a, b):
    verdict = pair_verdict(
        {"name": "西安青溪门窗有限公司", "phone": a}, {"name": "西安青浔门窗有限公司", "phone": b}
    )
    assert any(reason.text in ("电话相同", "手机相同") for reason in verdict[2])


def test_area_codes_keep_equal_numbers_apart():
    verdict = pair_verdict(
        {"name": "西安青溪门窗有限公司", "phone": "029-88880001"},
        {"name": "成都青溪门窗有限公司", "phone": "028-88880001"},
    )
    assert "电话不同" in [reason.text for reason in verdict[2]]


@pytest.mark.parametrize(
    ("a", "b", "is_same"),
    [
        ("云栖谷物业服务有限公司西安泾河分公司", "云栖谷物业服务有限公西安泾河分公司", True),
        ("云栖谷供销合作社第二农药门市部", "云栖谷供销合作社第六农药门市部", False),
        ("广州青溪建筑工程有限公司", "广州远帆建筑工程有限公司", False),
    ],
)
def test_slips_are_told_from_other_names_by_where_they_are(a, b, is_same):
    shared = {"phone": "029-88880001"}
    assert (pair_verdict({"name": a, **shared}, {"name": b, **shared})[0] >= 0.5) is is_same


def test_outlets_of_a_chain_that_are_named_alike_are_not_the_same():
    roads = ["青溪", "青松", "青云", "青禾", "远帆", "远山"]
    records = pl.DataFrame(
        [
            {"id": i, "name": f"云栖谷大药房有限公司{road}路连锁店", "phone": f"029-8888{i}{i}{i}1"}
            for i, road in enumerate(roads)
        ]
    )
    assert find_pairs(records).filter(pl.col("prob") >= 0.5).is_empty()


def test_many_records_are_shared_among_processes(monkeypatch):
    from crmlib.duplicates import crew

    records = some_records(120, 5)
    alone = find_pairs(records)
    monkeypatch.setattr(crew, "_WORTH", 1)
    assert find_pairs(records).equals(alone)
