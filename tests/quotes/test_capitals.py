import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.quotes.capitals import LIMIT, in_capitals

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read(text: str) -> Decimal:
    """Read an amount as people do: digit × unit, by groups of 万 and 亿."""
    whole, _, rest = text.rpartition("元")
    total = group = digit = 0
    for sign in whole:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in UNITS:
            group, digit = group + digit * UNITS[sign], 0
        elif sign == "万":
            total, group, digit = total + (group + digit) * 10_000, 0, 0
        else:  # 亿: everything said so far
            total, group, digit = (total + group + digit) * 100_000_000, 0, 0
    cents = sum(
        DIGITS[found[1]] * worth
        for unit, worth in (("角", 10), ("分", 1))
        if (found := re.search(f"(.){unit}", rest))
    )
    return Decimal(total + group + digit) + Decimal(cents) / 100


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0.56", "伍角陆分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1005.20", "壹仟零伍元贰角整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("100500", "壹拾万零伍佰元整"),
        ("100000007", "壹亿零柒元整"),
        ("100007000", "壹亿零柒仟元整"),
        ("1000000000000", "壹万亿元整"),
        ("1000500000000", "壹万零伍亿元整"),
        ("9999999999.99", "玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_amounts_in_capitals(amount: str, words: str) -> None:
    assert in_capitals(Decimal(amount)) == words


@given(st.integers(0, 10**14 - 1))
def test_what_is_written_reads_back(cents: int) -> None:
    amount = Decimal(cents) / 100
    words = in_capitals(amount)
    assert read(words) == amount
    assert "零零" not in words
    assert len(words) > 1


@pytest.mark.parametrize("amount", [Decimal("-0.01"), Decimal("0.001"), LIMIT])
def test_what_cannot_be_written_is_refused(amount: Decimal) -> None:
    with pytest.raises(ValueError, match="no amount"):
        in_capitals(amount)
