"""Rules of accounts hold without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from crmlib.people import rules
from crmlib.people.rules import PersonDraft

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def test_fifth_failure_locks_for_fifteen_minutes() -> None:
    count, until = 0, None
    for _ in range(4):
        count, until = rules.after_failure(count, until, NOON)
        assert until is None
    count, until = rules.after_failure(count, until, NOON)
    assert until == NOON + timedelta(minutes=15)
    assert rules.is_locked(until, NOON + timedelta(minutes=14, seconds=59))
    assert not rules.is_locked(until, NOON + timedelta(minutes=15))


def test_failures_during_a_lock_do_not_prolong_it() -> None:
    until = NOON + timedelta(minutes=1)
    assert rules.after_failure(5, until, NOON) == (5, until)


def test_lock_that_ran_out_counts_from_one() -> None:
    assert rules.after_failure(5, NOON - timedelta(seconds=1), NOON) == (1, None)


@pytest.mark.parametrize(
    ("number", "code"), [(0, None), (1, "GD0101"), (99, "GD0199"), (100, None)]
)
def test_codes_run_from_01_to_99(number: int, code: str | None) -> None:
    assert rules.seller_code("GD01", number) == code


@pytest.mark.parametrize("login", ["", "王强", "Wang", "1abc", "a", "a b", "a" * 41, "a;drop"])
def test_strange_logins_are_refused(login: str) -> None:
    assert rules.login_fault(login)


def test_all_faults_come_at_once() -> None:
    draft = PersonDraft(name="", role="boss", office_id=None, mobile="abc", email="a@b@c")
    assert rules.person_faults(draft).keys() == {"name", "role", "office_id", "mobile", "email"}


def test_departure_names_everything_still_held() -> None:
    held = {"个客户": 3, "个进行中商机": 0, "名下属": 1}
    assert rules.departure_fault("王强", held) == "王强名下还有 3 个客户、1 名下属，请先移交"
    assert rules.departure_fault("王强", {"个客户": 0}) is None
