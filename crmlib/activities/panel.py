"""Lists of activities as parts of pages: 我的待处理活动, and the tab of a customer or a deal."""

from collections.abc import Mapping
from typing import Any

from crmlib.access.actor import Actor
from crmlib.activities.pages import ActivityQuery, activity_page
from crmlib.activities.queries import pending_count, pending_of
from crmlib.activities.steps import row_steps, steps_of_row
from crmlib.ui.grid import Column, Filter, Grid, Page, Query
from crmlib.ui.route import link
from crmlib.words import ACTIVITY, ACTIVITY_STATUS

STATUS_TONES = {"未开始": "info", "已开始": "warn", "已完成": "good", "已逾期": "bad"}
LATE = "已逾期"
_MOST = 100
_AT_HOME = 5  # rows of 我的待处理活动: on a screen of 768 px the messages stand below them
_STEPS = tuple(
    Column(name=name, label="", kind="step", width=68, sortable=False)
    for name in ("start", "complete", "later")
)


def shown_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of ``queries.SCHEMA`` in the words of the pages, with its steps."""
    status = LATE if row["overdue"] else ACTIVITY_STATUS[row["status"]]
    return {**row, "status": status, **steps_of_row(row)}


def _plain(name: str, width: int = 0, **more: Any) -> Column:
    return Column(name=name, label=ACTIVITY[name], width=width, sortable=False, **more)


def pending_grid(actor: Actor, state: Mapping[str, object]) -> Grid:
    """Return 我的待处理活动: overdue first, each with its steps; 含未勾选提醒 on demand."""

    def fetch(asked: Query) -> Page:
        unticked = asked.filters.get("which") != "ticked"
        rows = [shown_row(row) for row in pending_of(actor, _MOST, unticked=unticked).to_dicts()]
        total = pending_count(actor, unticked=unticked)
        return Page(rows[asked.offset : asked.offset + asked.size], min(total, _MOST))

    return Grid(
        [
            _plain("status", 76, kind="tag", tones=STATUS_TONES),
            _plain("subject"),
            _plain("planned_start", 148, kind="datetime"),
            _plain("customer", 200),
            _plain("activity_type", 90),
            _plain("place", 110),
            *_STEPS,
        ],
        fetch,
        key="t",
        row_href="activity",
        actions=row_steps(actor),
        page_size=_AT_HOME,
        filters=[
            Filter(
                name="which",
                label="显示",
                options=[("ticked", "已勾选提醒"), ("all", "含未勾选提醒")],
                default="ticked",
            )
        ],
        empty="没有待处理的活动",
        topics=("activity",),
        state=state,
    )


def tab_grid(
    actor: Actor,
    state: Mapping[str, object],
    *,
    customer_id: int | None = None,
    opportunity_id: int | None = None,
) -> Grid:
    """Return the activities of a customer or a deal, newest first, completed in place."""

    def fetch(asked: Query) -> Page:
        query = ActivityQuery(
            page=asked.page,
            size=asked.size,
            customer_id=customer_id,
            opportunity_id=opportunity_id,
        )
        found = activity_page(actor, query)
        return Page([shown_row(row) for row in found.rows.to_dicts()], found.total)

    page, key = ("opportunity", opportunity_id) if opportunity_id else ("customer", customer_id)
    here = link(page, key, tab="activities")
    return Grid(
        _tab_columns(of_deal=opportunity_id is not None),
        fetch,
        key="ta",
        row_href="activity",
        actions=row_steps(actor, here),
        topics=("activity",),
        state=state,
    )


def _tab_columns(*, of_deal: bool) -> list[Column]:
    return [
        _plain("number", 118, kind="code"),
        _plain("subject"),
        _plain("activity_type", 90),
        _plain("status", 76, kind="tag", tones=STATUS_TONES),
        _plain("stage", 120) if of_deal else _plain("opportunity", 170),
        _plain("planned_start", 148, kind="datetime"),
        _plain("ended_at", 98, kind="date"),
        _plain("owner", 70),
        *_STEPS,
    ]
