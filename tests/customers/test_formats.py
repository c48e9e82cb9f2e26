"""Phones, addresses and numbers: what is accepted, how it is stored, what is masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.customers import formats


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800008888", "13800008888"),
        ("138 0000 8888", "13800008888"),
        ("138-0000-8888", "13800008888"),
        ("１３８００００８８８８", "13800008888"),
        ("+86 13800008888", "13800008888"),
        ("008613800008888", "13800008888"),
        ("+65 9123 4567", "+6591234567"),
    ],
)
def test_mobile_is_stored_in_one_spelling(typed: str, stored: str) -> None:
    assert formats.mobile_text(typed) == stored
    assert formats.mobile_fault(stored) is None


@pytest.mark.parametrize(
    "typed", ["1380000888", "12800008888", "138000088889", "+8612345", "abc", "0"]
)
def test_wrong_mobile_is_refused_in_words(typed: str) -> None:
    assert "11 位" in (formats.mobile_fault(formats.mobile_text(typed)) or "")


@pytest.mark.parametrize(
    "text",
    [
        "0755-12345678",
        "020 8888 0000",
        "(020)88880000",
        "+86-20-88880000",
        "400-800-1234",
        "0755-12345678转801",
        "0755-12345678/0755-12345679",
        "95588",
        "13800008888",
    ],
)
def test_usual_phones_pass(text: str) -> None:
    assert formats.phone_fault("电话", text) is None


@pytest.mark.parametrize("text", ["123", "电话", "0755-1234567890123", "=1+1", "0755-12345678/"])
def test_no_phones_are_refused(text: str) -> None:
    assert formats.phone_fault("传真", text) == "传真 格式不正确，例如 0755-12345678"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0755-12345678", "(0755) 12345678"),
        ("+86-755-12345678", "0755-12345678"),
        ("0086 755 12345678", "075512345678"),
        ("0755-12345678转801", "0755-12345678"),
        ("+8613800008888", "138 0000 8888"),
        ("０７５５－１２３４５６７８", "0755-12345678"),
    ],
)
def test_two_spellings_of_a_phone_have_one_key(one: str, other: str) -> None:
    assert formats.phone_key(one) == formats.phone_key(other)


@pytest.mark.parametrize("text", ["a@example.com", "sales.dept+1@mail.example.com.cn"])
def test_email_passes(text: str) -> None:
    assert formats.email_fault(text) is None


@pytest.mark.parametrize(
    "text", ["a@", "a b@example.com", "example.com", "a@example", "a@@example.com"]
)
def test_wrong_email_is_refused(text: str) -> None:
    assert formats.email_fault(text)


@pytest.mark.parametrize(
    "text", ["www.example.com", "http://example.cn/a?b=1", "https://例子.中国"]
)
def test_website_passes(text: str) -> None:
    assert formats.url_fault(text) is None


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "无", "example", "ftp://example.com", "www.a b.com"]
)
def test_wrong_website_is_refused(text: str) -> None:
    assert formats.url_fault(text)


SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def with_check_sign(first: str) -> str:
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    total = sum(SIGNS.index(c) * w for c, w in zip(first, weights, strict=True))
    return first + SIGNS[(31 - total % 31) % 31]


@given(st.text(SIGNS, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(SIGNS))
def test_uscc_passes_and_one_wrong_sign_is_found(first: str, place: int, sign: str) -> None:
    right = with_check_sign(first)
    assert formats.uscc_fault(right) is None
    wrong = right[:place] + sign + right[place + 1 :]
    assert bool(formats.uscc_fault(wrong)) == (wrong != right)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_mask_keeps_three_and_four(mobile: str) -> None:
    assert formats.mask_phone(mobile) == f"{mobile[:3]}****{mobile[-4:]}"


@given(st.text(max_size=60))
def test_mask_never_shows_more_than_seven_digits(text: str) -> None:
    shown = formats.mask_phone(text) or ""
    assert sum(c.isdigit() for c in shown) <= 7


def test_mask_of_short_and_missing() -> None:
    assert formats.mask_phone("95588") == "****"
    assert formats.mask_phone(None) is None
    assert formats.mask_email("sales@example.com") == "****@example.com"
