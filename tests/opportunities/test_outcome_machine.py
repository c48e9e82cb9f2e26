"""Whatever people try with a deal in whatever order: no forbidden state, and the days add up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.errors import CrmError
from crmlib.opportunities.actions import advance_stage
from crmlib.opportunities.closing import close_opportunity, reopen_opportunity
from crmlib.opportunities.model import Opportunity, Outcome, Stage, StageEvent, StageHistory
from crmlib.opportunities.notes import write_summary
from crmlib.opportunities.outcome_rules import Closing, Ending
from crmlib.opportunities.outcomes import lose_opportunity, undo_loss, undo_win, win_opportunity
from crmlib.store.engine import writing
from tests import make

WHO = ("wangqiang", "zhangwei", "zhouting", "zhaolei", "chengang")


def _ending() -> Ending:
    return Ending(
        decided_on=clock.today(), reason="01", amount="5", competitor="01", no_competitor=False
    )


STEPS: dict[str, Callable[[Actor, int], Any]] = {
    "push": lambda who, deal: advance_stage(who, deal, confirm=True),
    "back": lambda who, deal: advance_stage(
        who, deal, make.rows(Stage, code="INFO")[0].id, reason="退回"
    ),
    "win": lambda who, deal: win_opportunity(who, deal, _ending()),
    "lose": lambda who, deal: lose_opportunity(who, deal, _ending()),
    "undo_win": lambda who, deal: undo_win(who, deal, "因"),
    "undo_loss": lambda who, deal: undo_loss(who, deal, "因"),
    "sum_up": lambda who, deal: write_summary(who, deal, "复盘"),
    "close": lambda who, deal: close_opportunity(who, deal, Closing(reason="01")),
    "reopen": lambda who, deal: reopen_opportunity(who, deal, "因"),
}
PLANS = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(WHO), st.integers(0, 9)),
    min_size=4,
    max_size=16,
)


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the clock go on by so many hours."""
    start, gone = clock.now(), timedelta()

    def pass_by(count: int) -> None:
        nonlocal gone
        gone += timedelta(hours=count)

    def now() -> datetime:
        return start + gone

    monkeypatch.setattr(clock, "now", now)
    return pass_by


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=PLANS)
def test_no_sequence_of_steps_leads_where_none_may_be(
    sqlite_database: str, hours: Callable[[int], None], plan: list[tuple[str, str, int]]
) -> None:
    people = {login: actor_of(key) for login, key in make.people_ids().items()}
    since = clock.now()
    deal = make.opportunity(make.customer(), stage_since=since, registered_at=since)
    born_now(deal, since)
    before = make.fetch(Opportunity, deal)
    for step, login, waited in plan:
        hours(waited * 7)
        count = len(make.rows(StageHistory, opportunity_id=deal))
        try:
            STEPS[step](people[login], deal)
        except CrmError:
            after = make.fetch(Opportunity, deal)
            assert columns(after) == columns(before), (step, login)
            assert len(make.rows(StageHistory, opportunity_id=deal)) == count
        else:
            after = make.fetch(Opportunity, deal)
            check_move(step, login, before, after)
        check_state(after, since)
        before = after


def born_now(deal: int, since: datetime) -> None:
    """Let the first row of the history be as old as the deal."""
    with writing() as session, session.begin():
        session.query(StageHistory).filter_by(opportunity_id=deal).one().moved_at = since


def columns(deal: Opportunity) -> dict[str, object]:
    return {column.name: getattr(deal, column.name) for column in Opportunity.__table__.c}


def check_move(step: str, login: str, before: Opportunity, after: Opportunity) -> None:
    """The step was one of §4.4, taken by one who may."""
    assert login != "chengang"
    allowed = {
        "push": (Outcome.OPEN, False, Outcome.OPEN, False),
        "back": (Outcome.OPEN, False, Outcome.OPEN, False),
        "win": (Outcome.OPEN, False, Outcome.WON, False),
        "lose": (Outcome.OPEN, False, Outcome.LOST, False),
        "undo_win": (Outcome.WON, False, Outcome.OPEN, False),
        "undo_loss": (Outcome.LOST, False, Outcome.OPEN, False),
        "sum_up": (before.outcome, False, before.outcome, False),
        "close": (before.outcome, False, before.outcome, True),
        "reopen": (before.outcome, True, before.outcome, False),
    }
    assert allowed[step] == (before.outcome, before.closed, after.outcome, after.closed)
    if step == "close" and login in {"wangqiang", "zhangwei"}:
        assert before.outcome is not Outcome.OPEN
        assert after.project_summary
    if step not in {"push", "back"}:
        assert after.stage_id == before.stage_id


def check_state(deal: Opportunity, first: datetime) -> None:
    """The columns agree with the state, and every day since the beginning is in the history."""
    decided = deal.outcome is not Outcome.OPEN
    assert (deal.decided_on is not None, deal.outcome_reason is not None) == (decided, decided)
    assert (deal.won_amount is not None) == (deal.outcome is Outcome.WON)
    assert (deal.closed_on is not None, deal.close_reason is not None) == (
        deal.closed, deal.closed,
    )  # fmt: skip
    history = make.rows(StageHistory, opportunity_id=deal.id)
    last_day = clock.local(history[-1].moved_at).date()
    age = (clock.today() - clock.local(first).date()).days
    assert sum(row.days for row in history) + (clock.today() - last_day).days == age
    assert all(row.days >= 0 for row in history)
    assert history[-1].to_stage_id == deal.stage_id
    for earlier, later in pairwise(history):
        assert later.from_stage_id == earlier.to_stage_id
        is_move = later.event is StageEvent.MOVE
        assert (later.from_stage_id != later.to_stage_id) is is_move
    if not decided and not deal.closed:
        assert clock.local(deal.stage_since).date() == last_day
