"""What a ticket needs, its clock, and that no steps lead where they should not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crmlib.service import rules
from crmlib.service import terms as service_terms
from crmlib.service.rules import RevisitDraft, TicketDraft

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
GOOD = TicketDraft(customer_id=1, kind="complaint", description="执手松动")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {}),
        ({"customer_id": None}, {"customer_id": "客户名称 为必录项"}),
        ({"kind": ""}, {"kind": "工单类型 为必录项"}),
        ({"kind": "wish"}, {"kind": "工单类型 请从列表中选择"}),
        ({"severity": ""}, {"severity": "严重度 为必录项"}),
        ({"description": " \n "}, {"description": "问题描述 为必录项"}),
        ({"description": "长" * 2001}, {"description": "问题描述 不能超过 2000 个字"}),
    ],
)
def test_what_a_ticket_needs(values: dict[str, object], expected: dict[str, str]) -> None:
    draft = rules.cleaned(replace(GOOD, **values))  # type: ignore[arg-type]
    assert rules.ticket_faults(draft) == expected


@pytest.mark.parametrize(
    ("severity", "reply", "solve"), [("urgent", 4, 24), ("normal", 24, 72), ("minor", 48, 168)]
)
def test_the_clock_follows_from_the_severity(severity: str, reply: int, solve: int) -> None:
    assert rules.due(severity, NOW) == (
        NOW + timedelta(hours=reply),
        NOW + timedelta(hours=solve),
    )


@pytest.mark.parametrize(
    ("status", "reply", "solve", "late"),
    [
        ("new", 1, 1, False),
        ("new", -1, 1, True),
        ("accepted", -1, 1, False),
        ("working", -1, -1, True),
        ("solved", -1, -1, False),
        ("closed", -1, -1, False),
    ],
)
def test_when_a_ticket_is_overdue(status: str, reply: int, solve: int, late: bool) -> None:
    hours = (NOW + timedelta(hours=reply), NOW + timedelta(hours=solve))
    assert rules.is_overdue(status, *hours, NOW) is late


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, set()),
        ({"score": None}, {"score"}),
        ({"score": 6}, {"score"}),
        ({"revisit": ""}, {"revisit"}),
        ({"revisited_on": TODAY + timedelta(days=1)}, {"revisited_on"}),
        ({"revisited_on": None}, {"revisited_on"}),
    ],
)
def test_what_a_revisit_needs(values: dict[str, object], fields: set[str]) -> None:
    good = RevisitDraft(revisit="已更换", revisited_on=TODAY, score=4)
    found = rules.revisit_faults(replace(good, **values), TODAY)  # type: ignore[arg-type]
    assert set(found) == fields


def test_a_low_score_needs_an_improvement() -> None:
    assert rules.close_faults(3, "") == {}
    assert rules.close_faults(2, "") == {"improvement": "改进措施 为必录项"}
    assert rules.close_faults(1, "更换供应商") == {}


def test_a_ticket_is_not_closed_before_the_revisit() -> None:
    for status in ("new", "accepted", "working", "solved"):
        assert rules.step_refusal(status, rules.CLOSE) == rules.NEEDS_REVISIT
    assert rules.step_refusal("closed", rules.CLOSE) == "工单的状态是已关闭，不能关闭"
    assert rules.step_refusal("revisited", rules.CLOSE) is None


@pytest.mark.parametrize(("days", "refused"), [(0, False), (30, False), (31, True)])
def test_a_closed_ticket_opens_again_within_30_days(days: int, refused: bool) -> None:
    found = rules.reopen_refusal(TODAY - timedelta(days=days), TODAY)
    assert (found is not None) is refused
    assert rules.reopen_refusal(None, TODAY) is None


class Tickets(RuleBasedStateMachine):
    """Any steps in any order: what was skipped cannot have happened."""

    def __init__(self) -> None:
        super().__init__()
        self.status, self.way = "new", ["new"]

    @rule(step=st.sampled_from(sorted(rules.MOVES)))
    def take(self, step: str) -> None:
        if rules.step_refusal(self.status, step) is None:
            self.status = rules.MOVES[step][1]
            self.way.append(self.status)

    @invariant()
    def nothing_was_skipped(self) -> None:
        assert self.status in service_terms.TICKET_STATUS
        before = {
            "accepted": {"new"},
            "working": {"accepted", "solved", "revisited", "closed"},
            "solved": {"accepted", "working"},
            "revisited": {"solved"},
            "closed": {"revisited"},
        }
        for left, entered in zip(self.way, self.way[1:], strict=False):
            assert left in before[entered]
        assert set(rules.open_steps(self.status)) == {
            step for step in rules.MOVES if rules.step_refusal(self.status, step) is None
        }


Tickets.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestTickets = Tickets.TestCase
