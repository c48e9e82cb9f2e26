"""The 撞单 index finds a customer however its name was typed."""

from threading import Event, Thread

import polars as pl
import pytest

from crmlib.duplicates.search import SearchIndex

NAMES = {
    11: "广州市云栖谷门窗有限公司",
    12: "宁波青溪远帆幕墙工程有限公司",
    13: "宁波青溪远帆幕墙工程有限公司杭州分公司",
    14: "成都云栖谷食品有限公司",
    15: "长沙鼎曜装饰设计有限公司",
    16: "武汉松岚三局建设有限公司",
    17: "重庆砚禾房地产开发有限公司",
    18: "郑州煤岭机械集团股份有限公司",
}


@pytest.fixture
def index():
    made = SearchIndex()
    made.build([{"id": i, "name": name} for i, name in NAMES.items()])
    return made


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("广州市云栖谷门窗有限公司", 11),
        ("廣州雲棲谷門窗", 11),
        ("云栖谷门窗（广州）有限公司", 11),
        ("云栖谷门窗", 11),
        ("云西谷门窗有限公司", 11),
        ("广州云谷栖门窗有限公司", 11),
        ("宁波青溪远帆慕墙工程公司", 12),
        ("长沙鼎耀装修设计有限公司", 15),
        ("yunqigumenchuang", 11),
        ("gzyqgmc", 11),
        ("Guangzhou Yunqigu Window Co., Ltd.", 11),
        ("zhongqing yanhe fangdichan", 17),
        ("chongqingyanhefangdichankaifa", 17),
        ("郑煤机", 18),
    ],
)
def test_customer_is_found_first_however_it_is_typed(index, typed, meant):
    assert index.search(typed, 3)[0][0] == meant


def test_equal_name_is_surely_the_same(index):
    hit = index.find("广州市云栖谷门窗有限公司")[0]
    assert hit.same > 0.97
    assert "相同" in hit.reasons[0].text


def test_branch_is_related_not_the_same(index):
    hits = {hit.id: hit for hit in index.find("宁波青溪远帆幕墙工程有限公司苏州分公司")}
    for number in (12, 13):
        assert hits[number].same < 0.1
        assert hits[number].related > 0.5


def test_same_brand_in_another_place_and_trade_is_not_the_same(index):
    hits = {hit.id: hit for hit in index.find("云栖谷门窗广州有限公司")}
    assert hits[14].same < 0.2 if 14 in hits else True


def test_generic_words_alone_match_nobody(index):
    assert all(hit.same < 0.5 for hit in index.find("装饰设计工程有限公司"))


def test_different_ordinals_are_never_the_same(index):
    assert all(hit.same < 0.01 for hit in index.find("武汉松岚八局建设有限公司") if hit.id == 16)


@pytest.mark.parametrize("typed", ["", " ", "()", "🙂", "%", "'; drop table", "a" * 3000, "公司"])
def test_odd_text_is_answered_without_an_error(index, typed):
    assert isinstance(index.search(typed, 5), list)


def test_empty_index_answers_with_nothing():
    index = SearchIndex()
    index.build([])
    assert (index.search("云栖谷", 5), len(index)) == ([], 0)


def test_change_is_seen_by_the_next_search(index):
    index.put(99, {"name": "海口椰屿家具有限公司"})
    assert index.search("海口椰屿家具", 1)[0][0] == 99
    index.put(99, {"name": "三亚沙洲酒店有限公司"})
    assert all(found != 99 for found, _ in index.search("海口椰屿家具", 5))
    assert index.search("三亚沙洲酒店", 1)[0][0] == 99
    index.remove(11)
    assert all(found != 11 for found, _ in index.search("广州市云栖谷门窗有限公司", 5))
    assert len(index) == len(NAMES)


def test_many_changes_keep_every_customer_once():
    index = SearchIndex()
    index.build(pl.DataFrame({"id": [1], "name": ["昆明磐泽石材有限公司"]}))
    for turn in range(3):
        for number in range(1, 60):
            index.put(
                number,
                {"name": f"昆明磐泽{chr(0x4E00 + number)}石材有限公司{'' if turn else '一'}"},
            )
    assert len(index) == 59
    hits = index.find(f"昆明磐泽{chr(0x4E00 + 7)}石材有限公司", 5)
    assert hits[0].id == 7
    assert len({hit.id for hit in hits}) == len(hits)


def test_former_name_finds_the_customer_with_the_name_that_matched():
    index = SearchIndex()
    index.build(
        [
            {"id": 7, "name": "苏州澜庭新材料有限公司"},
            {"id": 7, "name": "苏州旧港塑料有限公司"},
        ]
    )
    hits = index.find("苏州旧港塑料")
    assert [(hit.id, hit.name) for hit in hits] == [(7, "苏州旧港塑料有限公司")]
    index.remove(7)
    assert index.find("苏州旧港塑料") == []


def test_shared_phone_brings_up_a_customer_with_another_name():
    index = SearchIndex()
    index.build(
        [
            {"id": 1, "name": "太原朔原玻璃有限公司", "phone": "0351-6123456"},
            {"id": 2, "name": "太原朔野铝业有限公司", "phone": "0351-7777777"},
        ]
    )
    hits = index.find("临汾禾木装饰有限公司", phone="0351 6123456")
    assert [hit.id for hit in hits] == [1]
    assert any("电话相同" in reason.text for reason in hits[0].reasons)
    assert hits[0].same < 0.5 < hits[0].related + 0.2


def test_equal_tax_number_is_the_same_customer():
    index = SearchIndex()
    index.build([{"id": 5, "name": "太原朔原玻璃有限公司", "uscc": "91140100MA0K00000X"}])
    assert index.find("改了名的公司", uscc="91140100ma0k00000x")[0].same > 0.9


def test_readers_are_not_disturbed_by_a_writer(index):
    done = Event()
    wrong: list[object] = []

    def read() -> None:
        while not done.is_set():
            hits = index.search("长沙鼎曜装饰设计有限公司", 1)
            if not hits or hits[0][0] != 15:
                wrong.append(hits)

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(150):
        index.put(1000 + number % 20, {"name": f"昆明磐泽{chr(0x5000 + number)}石材有限公司"})
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_many_put_at_once_are_found_and_replace_what_was_there() -> None:
    index = SearchIndex()
    index.build([{"id": 1, "name": "青桐门窗有限公司"}, {"id": 2, "name": "白杨幕墙有限公司"}])
    index.put_all({1: [{"name": "黄杉五金有限公司"}], 3: [{"name": "红松玻璃有限公司"}]})
    assert [id_ for id_, _ in index.search("黄杉五金")] == [1]
    assert [id_ for id_, _ in index.search("红松玻璃")] == [3]
    assert index.search("青桐门窗") == []
    assert len(index) == 3
