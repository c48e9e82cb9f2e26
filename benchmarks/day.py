"""The pages of a salesperson's day on a firm that is there: lists, week, 信息中心, reports, deals.

Run it on a demo firm of any size, on either database:
``CRM_DATABASE_URL=… .venv/bin/crm init --demo company``, then
``CRM_DATABASE_URL=… .venv/bin/python -m benchmarks.day``. It only reads. Beside it, in the same
run: one row by its key, in a session of its own.
"""

import itertools
import random
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import func, select

from benchmarks.firm import show, timed
from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.pages import ActivityQuery, activity_page
from crmlib.activities.queries import pending_count, pending_of
from crmlib.activities.week import monday_of, week_of
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import counts, folder_counts, inbox_page, pending
from crmlib.inbox.receivers import find_receivers
from crmlib.insight import hand_ins
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.dossier import dossier
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.needs import needs_of
from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
from crmlib.opportunities.rows import visible_opportunities
from crmlib.orders.queries import of_opportunity as orders_of
from crmlib.people.model import Person
from crmlib.quotes.queries import QuoteQuery, of_opportunity, quote_page
from crmlib.store import rooms
from crmlib.store.engine import reading
from crmlib.work_reports.board import weeks
from crmlib.work_reports.queries import ReportQuery, report_page
from tests import make

ROUNDS = 20
PEOPLE = ("wangqiang", "zhangwei", "liuyang", "zhouting")
Task = Callable[[], object]


def main() -> None:
    """Print what each page of a day costs, person by person."""
    for room in (rooms.MODELS, rooms.QUERIES, *rooms.APART):
        rooms.load(room)
    ids = make.people_ids()
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with reading() as session:
        size = session.scalar(select(func.count()).select_from(Activity))
    for login in PEOPLE:
        actor = actor_of(ids[login])
        rows = []
        for what, task in tasks(actor):
            try:
                task()
            except NotAllowed:
                continue  # a page that is not for this person
            rows.append((what, timed(task, rounds)))
        show(f"{actor.name} ({login}), {size:,} activities", rows)


def tasks(actor: Actor) -> Iterator[tuple[str, Task]]:
    """Yield every page with what it reads."""
    usual = ActivityQuery()
    monday = monday_of(clock.today())
    lists = {
        "activities: as they open": usual,
        "activities: open, by end": ActivityQuery(
            status=ActivityStatus.NOT_STARTED, sort="planned_end", descending=False
        ),
        "activities: overdue": ActivityQuery(overdue=True, sort="planned_end"),
        "activities: this week": ActivityQuery(day_from=monday, day_to=monday + timedelta(days=6)),
        "activities: find 样品": ActivityQuery(find_text="样品"),
        "activities: mine": ActivityQuery(mine=True),
    }
    for what, query in lists.items():
        yield what, lambda query=query: activity_page(actor, query)
    yield "week calendar", lambda: week_of(actor, actor.person_id, monday)
    yield "信息中心", lambda: home(actor)
    yield "head of every page: counts", lambda: counts(actor)
    yield "接收人 while one types", lambda: find_receivers(actor, "zh")
    yield "work reports", lambda: report_page(actor, ReportQuery())
    yield "hand-in board", lambda: hand_ins.board(actor, weeks(monday))
    yield "quotes", lambda: quote_page(actor, QuoteQuery())
    yield "deals: newest", lambda: opportunity_page(actor, OpportunityQuery())
    deals = itertools.cycle(some_deals(actor))
    yield "deal card with its tabs", lambda: deal_card(actor, next(deals))
    yield "floor: one row by key", lambda: make.fetch(Person, actor.person_id)


def home(actor: Actor) -> None:
    """Read what 信息中心 shows."""
    folder_counts(actor)
    pending(actor)
    pending_of(actor, 100)
    pending_count(actor)
    inbox_page(actor)


def some_deals(actor: Actor) -> list[int]:
    """Return deals the actor sees, from all over them."""
    seen = select(Opportunity.id).where(visible_opportunities(actor)).limit(5000)
    with reading() as session:
        found = list(session.scalars(seen))
    return random.Random(3).sample(found, min(97, len(found)))


def deal_card(actor: Actor, deal: int) -> None:
    """Read a deal and what stands in its tabs."""
    opportunity_card(actor, deal)
    dossier(actor, deal)
    needs_of(actor, deal)
    activity_page(actor, ActivityQuery(opportunity_id=deal))
    of_opportunity(actor, deal)
    orders_of(actor, deal)


if __name__ == "__main__":
    main()
