"""How far and how long shares reach, and what is said of them."""

from datetime import date

import pytest

from crmlib.requests import rules

EARLY, LATE = date(2026, 12, 1), date(2027, 3, 31)


@pytest.mark.parametrize(
    ("held", "wanted", "enough"),
    [
        (None, "read", False),
        ("read", "read", True),
        ("read", "collaborate", False),
        ("collaborate", "read", True),
    ],
)
def test_a_wider_share_covers_a_narrow_one(held: str | None, wanted: str, enough: bool) -> None:
    assert rules.is_enough(held, wanted) is enough


@pytest.mark.parametrize(
    ("held", "until", "lasts"),
    [
        (None, None, True),
        (None, LATE, True),
        (EARLY, None, False),
        (EARLY, LATE, False),
        (LATE, EARLY, True),
        (EARLY, EARLY, True),
    ],
)
def test_no_end_outlasts_every_day(held: date | None, until: date | None, lasts: bool) -> None:
    assert rules.lasts(held, until) is lasts


def test_the_end_is_told_in_words() -> None:
    assert (rules.until_text(None), rules.until_text(LATE)) == ("长期", "至 2027-03-31")
    assert rules.shorter_fault(None) == {"ends_on": "使用人已有长期的共享，截止日期不能早于它"}
