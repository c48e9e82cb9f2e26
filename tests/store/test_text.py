"""Text of users becomes text a database and a screen can hold."""

from hypothesis import given
from hypothesis import strategies as st

from crmlib.store.text import clean, clean_lines, half_width


def test_white_space_is_single_and_unseen_signs_go() -> None:
    assert clean(" 恒晟\u3000\t幕墙\x00\u200b\ud800 ") == "恒晟 幕墙"
    assert clean(None) == ""


def test_lines_are_kept() -> None:
    assert clean_lines("一\r\n二 \r三\x00\n\n") == "一\n二\n三"


def test_full_width_becomes_half_width() -> None:
    assert half_width("ＡＢ１２－（３）") == "AB12-(3)"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for function in (clean, clean_lines, half_width):
        assert function(function(text)) == function(text)
        function(text).encode()
