"""What a salesperson saves in a day: activities, reports, quotes, steps of a deal, messages."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.firm import timed
from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.actions import Completion, complete_activity, create_activity
from crmlib.activities.rules import ActivityDraft
from crmlib.customers.listing import CustomerQuery
from crmlib.customers.queries import customer_page
from crmlib.inbox.actions import send_message
from crmlib.opportunities.need_rules import NeedDraft
from crmlib.opportunities.needs import add_need
from crmlib.opportunities.outcome_rules import Ending
from crmlib.opportunities.outcomes import lose_opportunity, win_opportunity
from crmlib.quotes.actions import approve_quote, create_quote, submit_quote
from crmlib.quotes.rules import LineDraft as QuoteLine
from crmlib.quotes.rules import QuoteDraft
from crmlib.work_reports.actions import submit_report
from crmlib.work_reports.kinds import LineKind, ReportKind
from crmlib.work_reports.rules import LineDraft, ReportDraft

ROUNDS = 60
Row = tuple[str, tuple[float, float, float]]
_tokens = itertools.count(1)


def rows(
    seller: Actor, head: Actor, sellers: Sequence[Actor], customers: list[int], deals: list[int]
) -> Iterator[Row]:
    """Yield what each save costs; ``deals`` are open, the seller's own, at least twice ROUNDS."""
    yield from _activities(seller, customers)
    yield from _reports(sellers)
    yield from _quotes(seller, head, deals)
    yield from _deals(seller, deals)
    yield _row("message", lambda: send_message(seller, [head.person_id], [], "标题", "正文"))


def _row(what: str, task: Callable[[], object], rounds: int = ROUNDS) -> Row:
    return what, timed(task, rounds)


def _token() -> str:
    return f"day-{next(_tokens)}"


def _activities(seller: Actor, customers: list[int]) -> Iterator[Row]:
    turn, made = itertools.cycle(customers), list[int]()
    start = clock.now() + timedelta(days=1)

    def plan() -> None:
        draft = ActivityDraft(
            subject="上门拜访",
            activity_type="01",
            customer_id=next(turn),
            planned_start=start,
            planned_end=start + timedelta(hours=1),
        )
        made.append(create_activity(seller, draft, token=_token()).activity_id)

    yield _row("new activity", plan)
    waiting = iter(made)
    done = Completion(result="已谈妥")
    yield _row(
        "complete an activity",
        lambda: complete_activity(seller, next(waiting), done, token=_token()),
    )


def _reports(sellers: Sequence[Actor]) -> Iterator[Row]:
    """Hand in a week and a day of one person after the other: there is one of each a period."""
    monday = clock.today() - timedelta(days=clock.today().weekday())
    for what, kind, start in (
        ("submit a week plan, 3 lines", ReportKind.PLAN, monday),
        ("submit a day summary", ReportKind.SUMMARY, clock.today()),
    ):
        turn = iter(sellers)
        yield _row(what, lambda k=kind, s=start, t=turn: _hand_in(next(t), k, s), len(sellers))


def _hand_in(seller: Actor, kind: ReportKind, start: date) -> None:
    is_plan = kind is ReportKind.PLAN
    lines = tuple(
        LineDraft(kind=LineKind.PLAN, text=f"计划{n}", day=start + timedelta(days=n))
        for n in range(3 if is_plan else 0)
    )
    found = customer_page(seller, CustomerQuery(size=1)).rows["id"]
    draft = ReportDraft(
        content="拜访项目", outcome="确认封样", customers=(int(found[0]),), lines=lines
    )
    submit_report(seller, kind, start, draft, token=_token())


def _quotes(seller: Actor, head: Actor, deals: list[int]) -> Iterator[Row]:
    turn, made = itertools.cycle(deals), list[int]()
    line = QuoteLine(product="P1-01", quantity=Decimal(100), unit_price=Decimal("35.5"))
    draft = QuoteDraft(delivery="30 天", payment_term="01", lines=(line,) * 5)

    def create() -> None:
        made.append(create_quote(seller, next(turn), draft, token=_token()).quote_id)

    yield _row("new quote, 5 lines", create)
    handed_in = iter(made)
    yield _row("submit a quote", lambda: submit_quote(seller, next(handed_in), token=_token()))
    waiting = iter(made)
    yield _row("approve a quote", lambda: approve_quote(head, next(waiting), token=_token()))


def _deals(seller: Actor, deals: list[int]) -> Iterator[Row]:
    turn = itertools.cycle(deals)
    objection = NeedDraft("objection", "价格偏高")
    yield _row("objection of a customer", lambda: add_need(seller, next(turn), objection))
    left = iter(deals)
    won = Ending(clock.today(), "01", amount=100_000)
    lost = Ending(clock.today(), "01", no_competitor=True)
    yield _row("赢单", lambda: win_opportunity(seller, next(left), won, token=_token()))
    yield _row("输单", lambda: lose_opportunity(seller, next(left), lost, token=_token()))
