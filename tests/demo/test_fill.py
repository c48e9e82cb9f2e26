"""The demo firm: of its size, the same for one seed, and consistent in itself."""

import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import delete, func, make_url, select, update

from crmlib.access.grants import Role
from crmlib.activities.model import Activity
from crmlib.conversion.model import ConversionRequest
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.demo.customers import THE_EXAMPLE
from crmlib.demo.fill import fill
from crmlib.demo.people import CAST, PASSWORD
from crmlib.duplicates.collision import name_keys
from crmlib.duplicates.model import DuplicatePair
from crmlib.errors import Refused
from crmlib.opportunities.model import (
    CompetitorEntry,
    Opportunity,
    OpportunityParty,
    Outcome,
    ProcessLog,
    Stage,
    StageEvent,
    StageHistory,
    Threat,
)
from crmlib.people.model import Office, OfficePrefix, Person
from crmlib.people.passwords import is_password
from crmlib.quotes.model import Quotation, QuotationLine
from crmlib.quotes.states import QuoteStatus
from crmlib.store.engine import engine_for, reading, writing
from crmlib.store.numbers import next_number
from crmlib.store.schema import ChangeLog
from crmlib.targets.kinds import TargetKind, TargetStatus
from crmlib.targets.model import Target
from tests import make


@pytest.fixture(scope="module")
def demo_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with a small firm, filled once for all tests that only read it."""
    path = tmp_path_factory.mktemp("demo") / "crm.db"
    shutil.copy(sqlite_template, path)
    url = f"sqlite:///{path}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_DATABASE_URL", url)
        _dismiss_everybody()
        fill("small", seed=7)
    engine_for(url).dispose()
    return path


@pytest.fixture
def demo(demo_template: Path, sqlite_database: str) -> None:
    """A small firm in a database of this test's own."""
    shutil.copy(demo_template, make_url(sqlite_database).database or "")


@pytest.fixture
def fresh_demo(database: str) -> None:
    """A small firm filled on this test's kind of database."""
    _dismiss_everybody()
    fill("small", seed=7)


def _dismiss_everybody() -> None:
    with writing() as session, session.begin():
        session.execute(update(Office).values(head_id=None))
        session.execute(update(Person).values(reports_to_id=None))
        session.execute(delete(Person))


def test_small_has_the_sizes_of_the_contract(fresh_demo: None) -> None:
    with reading() as session:
        counts = [
            session.scalar(select(func.count(m.id)))
            for m in (Person, Customer, Opportunity, Activity)
        ]
    assert counts == [40, 1_200, 600, 6_000]
    # Rows that come later get numbers of their own.
    assert make.customer("佛山新来客户有限公司") > 1_200


def test_the_cast_can_sign_in_and_the_new_hire_must_change(demo: None) -> None:
    people = {p.login: p for p in make.rows(Person)}
    assert {login for login, *_ in CAST} <= people.keys()
    assert is_password(people["limin"].password_hash, PASSWORD)
    assert [p.login for p in people.values() if p.must_change] == ["newhire"]
    assert people["wangqiang"].seller_code == "GD0107"


def test_codes_go_on_behind_those_given(demo: None) -> None:
    for prefix in make.rows(OfficePrefix):
        given = [
            p.seller_code for p in make.rows(Person) if (p.seller_code or "")[:4] == prefix.prefix
        ]
        assert prefix.last_number == max((int(c[4:]) for c in given), default=0)
    with writing() as session, session.begin():
        fresh = {series: next_number(session, series) for series in ("KH", "SJ", "HD")}
    assert fresh["KH"] not in {c.code for c in make.rows(Customer)}
    assert fresh["SJ"] not in {o.number for o in make.rows(Opportunity)}
    assert fresh["HD"] not in {a.number for a in make.rows(Activity)}


def test_names_are_parsed_and_no_live_name_stands_twice(demo: None) -> None:
    customers = make.rows(Customer)
    live = Counter(c.name_key for c in customers if c.status is not CustomerStatus.RECYCLED)
    assert max(live.values()) == 1
    for customer in customers[::100]:
        assert customer.name_key == name_keys(customer.name).name_key
        assert customer.core_key == name_keys(customer.name).core_key


def test_every_customer_has_one_primary_contact(demo: None) -> None:
    primary = Counter(c.customer_id for c in make.rows(Contact, is_primary=True))
    assert len(primary) == 1_200
    assert set(primary.values()) == {1}


def test_history_walks_through_the_stages_without_gaps(demo: None) -> None:
    stages = {s.id: s for s in make.rows(Stage)}
    moves: dict[int, list[StageHistory]] = {}
    for move in make.rows(StageHistory, event=StageEvent.MOVE):
        moves.setdefault(move.opportunity_id, []).append(move)
    for deal in make.rows(Opportunity):
        own = moves[deal.id]
        assert own[0].from_stage_id is None
        assert own[-1].to_stage_id == deal.stage_id
        assert own[-1].moved_at == deal.stage_since
        for before, after in pairwise(own):
            assert after.from_stage_id == before.to_stage_id
            assert after.moved_at > before.moved_at
            assert stages[after.to_stage_id].position > stages[before.to_stage_id].position


def test_ended_deals_say_when_and_why(demo: None) -> None:
    deals = make.rows(Opportunity)
    last = {row.opportunity_id: row.event for row in make.rows(StageHistory)}
    assert {d.outcome for d in deals} == set(Outcome)
    for deal in deals:
        is_open = deal.outcome is Outcome.OPEN
        assert (deal.decided_on is None, deal.outcome_reason is None) == (is_open, is_open)
        assert (deal.won_amount is not None) == (deal.outcome is Outcome.WON)
        assert (deal.closed_on is None) is (deal.close_reason is None) is not deal.closed
        assert last[deal.id] == ("closed" if deal.closed else "move" if is_open else deal.outcome)


def test_deals_under_way_have_papers(demo: None) -> None:
    entries = make.rows(CompetitorEntry)
    assert len(entries) > 100
    assert {entry.threat for entry in entries} == set(Threat)
    assert min(len(make.rows(ProcessLog)), len(make.rows(OpportunityParty))) > 100


def test_the_seeds_own_example_can_be_converted(demo: None) -> None:
    (example,) = make.rows(Customer, name=THE_EXAMPLE)
    assert example.status is CustomerStatus.POTENTIAL
    assert not example.incomplete
    (owner,) = make.rows(Person, id=example.owner_id)
    assert owner.login == "wangqiang"
    assert any(o.outcome is Outcome.WON for o in make.rows(Opportunity, customer_id=example.id))
    pairs = make.rows(DuplicatePair)
    assert not [p for p in pairs if example.id in (p.a_id, p.b_id)]
    assert not make.rows(ConversionRequest, customer_id=example.id)


def test_there_is_work_to_do(demo: None) -> None:
    assert len(make.rows(DuplicatePair)) >= 20
    assert len(make.rows(ConversionRequest)) == 1
    assert make.rows(Customer, owner_id=None)


def test_the_log_has_one_row_for_the_filling(demo: None) -> None:
    assert len(make.rows(ChangeLog, entity="demo")) == 1
    assert make.rows(ChangeLog, entity="customer") == []


def test_quotations_add_up_and_were_approved_by_the_boss(demo: None) -> None:
    with reading() as session:
        bosses = dict(session.execute(select(Person.id, Person.reports_to_id)).all())
        costs = dict(
            session.execute(
                select(QuotationLine.quotation_id, func.sum(QuotationLine.subtotal)).group_by(
                    QuotationLine.quotation_id
                )
            ).all()
        )
    quotes = make.rows(Quotation)
    assert {q.status for q in quotes} == set(QuoteStatus) - {QuoteStatus.VOID}
    assert {q.id: q.total for q in quotes} == costs
    for q in quotes:
        asked = q.status is not QuoteStatus.DRAFT
        assert q.approver_id == (bosses[q.created_by_id] if asked else None)
        assert (q.decided_at is not None) == (asked and q.status is not QuoteStatus.WAITING)


def test_everybody_who_sells_has_targets(demo: None) -> None:
    sellers = {p.id for p in make.rows(Person, role=Role.SALES, active=True)}
    months = make.rows(Target, kind=TargetKind.MONTH)
    assert {t.person_id for t in months} == sellers
    assert len(months) == 12 * len(sellers)
    assert all(t.sales > 0 and t.status is TargetStatus.ISSUED for t in months)
    assert all(t.office_id for t in make.rows(Target, kind=TargetKind.YEAR))


def test_people_who_are_there_are_never_mixed_with_invented_ones(cast: dict[str, object]) -> None:
    with pytest.raises(Refused, match="空数据库"):
        fill("small")


def test_one_seed_gives_one_firm(demo: None) -> None:
    def refill(seed: int) -> None:
        with writing() as session, session.begin():
            for table in reversed(Customer.metadata.sorted_tables):
                if table.name in {"office", "person"}:
                    session.execute(update(Office).values(head_id=None))
                    session.execute(update(Person).values(reports_to_id=None))
                if table.name not in {
                    "office",
                    "office_prefix",
                    "stage",
                    "stage_set",
                    "dict_item",
                    "region",
                }:
                    session.execute(delete(table))
        fill("small", seed)

    def firm() -> list[object]:
        deals = [(d.number, d.subject, d.amount, d.stage_since) for d in make.rows(Opportunity)]
        return [deals, [(c.code, c.name, c.phone, c.owner_id) for c in make.rows(Customer)],
                [(a.number, a.subject, a.ended_at) for a in make.rows(Activity)]]  # fmt: skip

    first = firm()
    refill(7)
    assert firm() == first
    refill(4)
    assert firm() != first
