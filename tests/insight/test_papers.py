"""Papers in memory: what somebody sees of them is what the database says, also after changes."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.customers.model import Customer
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.insight import kpi, kpi_papers, kpi_records, paper_tables, papers, units
from crmlib.insight.live import customer_data
from crmlib.insight.spans import Span
from crmlib.opportunities.model import Outcome
from crmlib.people.model import Office, Person
from crmlib.people.workdays import workdays_between
from crmlib.service.model import ServiceTicket, TicketKind
from crmlib.service.rows import visible_tickets
from crmlib.store.engine import reading, writing
from crmlib.targets.kinds import TargetKind
from crmlib.targets.queries import target_frame
from crmlib.ui.grid import Query
from crmlib.work_reports.kinds import ReportKind, ReportStatus
from crmlib.work_reports.model import WorkReport
from tests import make
from tests.targets.build import target

Cast = dict[str, Actor]
SEEING = ("wangqiang", "chengang", "zhangwei", "liuyang", "limin", "zhouting", "zhaolei", "sunyue")


def put(row: Any) -> int:
    """Insert a row and return its id."""
    with writing() as session, session.begin():
        session.add(row)
        session.flush()
        return int(row.id)


def ticket(cast: Cast, customer: int, handler: str | None, number: str, **values: Any) -> int:
    now = clock.now()
    return put(
        ServiceTicket(
            number=number,
            kind=TicketKind.COMPLAINT,
            customer_id=customer,
            description="门锁松动",
            handler_id=handler and cast[handler].person_id,
            reply_due=now,
            solve_due=now + timedelta(days=2),
            registered_by_id=cast["zhouting"].person_id,
            registered_at=now,
            **values,
        )
    )


def pair(one: int, other: int, **values: Any) -> int:
    return put(
        DuplicatePair(
            a_id=one, b_id=other, same=0.875, related=0, source=PairSource.SCAN,
            found_at=clock.now(), **values,
        )
    )  # fmt: skip


def test_tickets_are_those_the_database_shows(cast: Cast) -> None:
    own, other = make.customer(), make.customer(owner="chengang")
    ticket(cast, own, "wangqiang", "FW1", score=4, revisited_on=clock.today())
    ticket(cast, other, "limin", "FW2")  # 李敏 sees it because it is hers to handle
    late = ticket(cast, other, None, "FW3")

    def agrees() -> None:
        for login in SEEING:
            actor = cast[login]
            with reading() as session:
                wanted = select(ServiceTicket.number).where(visible_tickets(actor))
                numbers = sorted(session.scalars(wanted))
            assert sorted(papers.tickets(actor)["number"]) == numbers, login

    agrees()
    found = papers.tickets(cast["zhouting"])
    assert found.schema == paper_tables.TICKETS
    (one,) = found.filter(number="FW1").rows(named=True)
    assert (one["handler"], one["is_complaint"], one["score"]) == ("王强", True, 4)
    assert one["owner_id"] == cast["wangqiang"].person_id
    assert one["office_id"] == cast["wangqiang"].office_id
    make.change(Customer, other, owner_id=cast["wangqiang"].person_id)
    make.change(ServiceTicket, late, handler_id=cast["zhangwei"].person_id)
    agrees()
    assert papers.tickets(cast["zhangwei"]).height == 3


def test_issued_targets_are_those_the_database_shows(cast: Cast) -> None:
    start, (canton,) = date(2026, 1, 1), make.rows(Office, name="广州")
    target(cast["wangqiang"].person_id, TargetKind.YEAR, start, 120.5, satisfaction=4.5)
    target(cast["chengang"].person_id, TargetKind.QUARTER, start, 30, customers=4)
    target(cast["zhangwei"].person_id, TargetKind.MONTH, start, 5, draft=True)
    target(None, TargetKind.YEAR, start, 900, office_id=canton.id)
    target(cast["wangqiang"].person_id, TargetKind.YEAR, date(2025, 1, 1), 80)

    def agrees() -> None:
        for login in SEEING:
            found = papers.issued_targets(cast[login]).filter(pl.col("starts_on") >= start)
            assert found.schema == target_frame(cast[login], 2026).schema
            told = sorted(found.rows(), key=repr)
            assert told == sorted(target_frame(cast[login], 2026).rows(), key=repr), login

    agrees()
    assert papers.issued_targets(cast["wangqiang"]).height == 2
    frame = papers.issued_targets(cast["zhouting"])
    assert papers.issued_targets(cast["zhouting"]) is frame  # nothing changed: nothing made anew
    make.change(Person, cast["chengang"].person_id, office_id=canton.id)
    agrees()


def test_conversions_count_working_days(cast: Cast) -> None:
    own, other = make.customer(), make.customer(owner="chengang")
    asked = datetime(2026, 9, 24, 1, tzinfo=clock.SHANGHAI)  # before 国庆节

    def request(customer: int, status: RequestStatus, days: int) -> int:
        return put(
            ConversionRequest(
                customer_id=customer, applicant_id=cast["wangqiang"].person_id, title="申请",
                body="申请", requested_at=asked, status=status,
                decided_at=asked + timedelta(days=days),
            )
        )  # fmt: skip

    key = request(own, RequestStatus.APPROVED, 16)
    request(other, RequestStatus.APPROVED, 0)
    request(own, RequestStatus.REFUSED, 1)

    def told(login: str) -> list[tuple[int, int]]:
        found = papers.conversions(customer_data(cast[login]).rows)
        assert found.schema == paper_tables.CONVERSIONS
        return sorted(found.select("customer_id", "workdays").rows())

    days = workdays_between(date(2026, 9, 24), date(2026, 10, 10))
    assert 0 < days < 16
    assert told("zhouting") == [(own, days), (other, 0)]
    assert told("wangqiang") == [(own, days)]
    make.change(ConversionRequest, key, undone_at=clock.now())
    assert told("wangqiang") == []


def test_pairs_count_for_whose_the_later_customer_is(cast: Cast) -> None:
    since = clock.now() - timedelta(days=90)
    old = make.customer(owner="chengang", registered_at=since)
    new = make.customer(registered_at=since + timedelta(days=60))
    third = make.customer(owner="chengang", registered_at=since + timedelta(days=30))
    pair(old, new)
    pair(new, third, status=PairStatus.DEFERRED, snooze_until=clock.today(), decided_at=since)
    pair(old, third, status=PairStatus.DISTINCT, decided_at=clock.now())
    found = kpi_papers.source_of(cast["zhouting"]).pairs
    wang, chen = cast["wangqiang"], cast["chengang"]
    assert found.select("owner_id", "office_id", "state").rows() == [
        (wang.person_id, wang.office_id, "open"),
        (wang.person_id, wang.office_id, "open"),  # its time has come again
        (chen.person_id, chen.office_id, "distinct"),
    ]
    assert kpi_papers.source_of(cast["wangqiang"]).pairs.is_empty()  # no part in the review


def test_figures_are_for_those_who_may_see_them(cast: Cast) -> None:
    own = make.customer()
    make.customer(owner="chengang")
    pair(own, make.customer())
    ticket(cast, own, "wangqiang", "FW1", score=4, revisited_on=clock.today())
    target(cast["wangqiang"].person_id, TargetKind.YEAR, date(clock.today().year, 1, 1), 100)
    today = clock.today()
    span = Span(date(today.year, 1, 1), date(today.year, 12, 31), "year")
    seen: dict[str, dict[str, float | None]] = {}
    for login in ("wangqiang", "zhangwei", "zhouting", "zhaolei", "sunyue"):
        actor = cast[login]
        part = units.Part(units.reach_of(actor, Permission.FUNNEL_VIEW))
        source = kpi_papers.source_of(actor)
        seen[login] = kpi.figures(source, part, span)
        assert kpi.grouped(source, part, span, "owner_id").columns == ["owner_id", *source.keys]
    assert set(seen["zhouting"]) == set(kpi.KPIS)
    assert {"duplicates", "reports"}.isdisjoint(seen["wangqiang"])
    assert {"reports", "reports_in_time"}.isdisjoint(seen["zhaolei"])
    assert {"duplicates", "score"}.isdisjoint(seen["sunyue"])
    assert (seen["zhouting"]["duplicates"], seen["zhangwei"]["duplicates"]) == (1 / 3, 1 / 2)
    assert (seen["wangqiang"]["score"], seen["wangqiang"]["attained"]) == (4, 0)
    assert seen["zhouting"]["reports"] == seen["sunyue"]["reports"]


def test_every_figure_opens_its_records(cast: Cast) -> None:
    lost = {"outcome": Outcome.LOST, "decided_on": clock.today(), "outcome_reason": "01"}
    won = {"outcome": Outcome.WON, "decided_on": clock.today(), "won_amount": 100}
    own = make.customer(last_contact_on=clock.today())
    for values in (lost, won, {}):
        make.opportunity(own, **values)
    pair(own, make.customer())
    ticket(cast, own, "wangqiang", "FW1", score=4, revisited_on=clock.today())
    first = date(clock.today().year, 1, 1)
    span = Span(first, date(first.year, 12, 31), "year")
    put(
        WorkReport(
            person_id=cast["wangqiang"].person_id, office_id=cast["wangqiang"].office_id,
            kind=ReportKind.SUMMARY, starts_on=clock.today(), status=ReportStatus.SUBMITTED,
            late=True, created_at=clock.now(),
        )
    )  # fmt: skip

    def opened(login: str, show: str, of: str = "") -> int | None:
        actor = cast[login]
        part = units.Part(units.reach_of(actor, Permission.FUNNEL_VIEW))
        source, names = kpi_papers.source_of(actor), customer_data(actor).names
        asked = kpi_records.Asked(part, span, show, of)
        found = kpi_records.records(actor, source, names, asked)
        return None if found is None else found.grid.fetch(Query()).total

    told = {key: opened("zhouting", key) for key in kpi.KPIS}
    some = ("new", "duplicates", "reports", "open", "stay", "attained", "active", "reply", "score")
    assert all(told[key] for key in some), told
    assert None not in told.values()
    assert opened("zhouting", "reports_in_time") == told["reports"]
    assert opened("zhouting", kpi_records.STAGE, "INFO") == 2
    assert opened("zhouting", kpi_records.STAGE, "NONE") == 0
    assert opened("zhouting", kpi_records.LOST, "价格高") == 1
    assert opened("zhouting", "nonsense") is None
    # What a reader has no part in is not opened; analysts see figures of reports without names.
    assert opened("wangqiang", "duplicates") is None
    assert opened("sunyue", "reports") is None
    assert opened("wangqiang", "open") == 1
