"""Names are levelled and taken apart."""

import pytest

from crmlib.duplicates.names import core_key, name_key, parse


@pytest.mark.parametrize(
    "written",
    [
        "广州市 云栖谷 门窗有限公司",
        "廣州市雲棲谷門窗有限公司",
        "广州市云栖谷门窗有限公司。",
        "（广州市）云栖谷门窗有限公司",
        "广州市·云栖谷门窗有限公司",
    ],
)
def test_width_spacing_punctuation_and_script_do_not_change_the_key(written):
    assert name_key(written) == "广州市云栖谷门窗有限公司"


def test_number_after_di_is_levelled_with_chinese_numerals():
    assert name_key("青溪第2建筑公司") == name_key("青溪第二建筑公司")


def test_name_is_split_into_area_brand_trade_and_form():
    parsed = parse("广州市云栖谷门窗有限公司")
    parts = (parsed.area, parsed.brand, parsed.trade, parsed.form, parsed.branch)
    assert parts == ("广州", "云栖谷", "门窗", "有限公司", "")
    assert parsed.place == ("广东", "广州", "")
    assert parsed.pinyin.endswith("yunqigumenchuang")
    assert parsed.initials == "gzyqgmc"


@pytest.mark.parametrize(
    "written",
    [
        "云栖谷(佛山)门窗有限公司",
        "云栖谷门窗有限公司(佛山市)",
        "佛山云栖谷门窗",
        "佛山市云栖谷门窗厂",
    ],
)
def test_area_may_stand_anywhere_and_form_may_be_missing(written):
    parsed = parse(written)
    assert (parsed.place[1], parsed.brand, parsed.trade) == ("佛山", "云栖谷", "门窗")


def test_province_abbreviation_in_brackets_is_its_area():
    assert parse("云栖谷(粤)门窗有限公司").place == ("广东", "", "")


def test_branch_follows_the_legal_form():
    parsed = parse("杭州青溪建筑有限公司宁波分公司")
    assert (parsed.brand, parsed.branch) == ("青溪", "宁波分公司")


@pytest.mark.parametrize(
    "written", ["杭州青溪幕墙有限公司-老客户", "杭州青溪幕墙有限公司（王经理）"]
)
def test_appended_note_is_no_part_of_the_name(written):
    parsed = parse(written)
    assert parsed.note
    assert parsed.key == name_key("杭州青溪幕墙有限公司")


def test_mistyped_legal_form_is_recognised():
    assert parse("杭州青溪幕墙有现公司").form == "有限公司"


def test_county_name_is_a_brand_when_no_other_brand_is_left():
    assert parse("泰和建材有限公司").brand == "泰和"
    assert parse("泰和青溪建材有限公司").brand == "青溪"


def test_name_of_generic_words_has_no_brand():
    assert parse("上海装饰工程有限公司").brand == ""


def test_core_key_ignores_area_and_form_but_not_the_branch():
    assert core_key("宁波市青溪幕墙有限公司") == core_key("青溪幕墙")
    assert core_key("青溪幕墙有限公司杭州分公司") != core_key("青溪幕墙")


@pytest.mark.parametrize(
    "text", ["", " ", "()", "（）", "-", "市", "有限公司", "公司", "A", "🙂", "(((", "第0店"]
)
def test_any_text_can_be_parsed(text):
    assert parse(text).key == parse(text).key
    assert isinstance(name_key(text), str)
