"""Merge and undo at size: hundreds of children of every kind, failures half-way, chains, rivals."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    insert,
    make_url,
    select,
)
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.conversion.model import RequestStatus
from crmlib.customers.model import Customer, CustomerAlias, CustomerStatus
from crmlib.duplicates import children, merging
from crmlib.duplicates.images import Writer
from crmlib.duplicates.impact import preview
from crmlib.duplicates.merging import Merged, merge
from crmlib.duplicates.model import Merge
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import CrmError, Refused, Stale
from crmlib.people.model import Person
from crmlib.store.engine import engine, reading
from crmlib.store.schema import Base
from crmlib.store.types import Id
from crmlib.work_reports.model import WorkReport
from tests import make
from tests.duplicates.build import (
    activity,
    bulk,
    change,
    pair,
    pointing,
    rows_of,
    save,
    whole_database,
)

# More of them take the same statements more often: the second database needs fewer.
MANY = {"sqlite": 205, "postgresql": 45}


@pytest.fixture
def many(database: str) -> int:
    """How many rows of each kind there are at least."""
    return MANY[make_url(database).get_backend_name()]


@pytest.fixture
def crowd(cast: dict[str, Actor], two: tuple[int, int], many: int) -> tuple[int, int]:
    """Both with that many rows in every table; half of them clash."""
    people = bulk(Person, many, office_id=cast["limin"].office_id)
    others = bulk(Customer, many)
    numbers = range(many)
    reports = [bulk(WorkReport, 1, person_id=key)[0] for key in people]
    special: dict[str, list[dict[str, Any]]] = {
        "work_report_customer": [{"report_id": key} for key in reports],
        "access_request": [{"requester_id": key} for key in people],
        "contact": [{"mobile": f"139{n:08}"} for n in numbers],
        "conversion_request": [
            {"status": RequestStatus.WITHDRAWN if n else RequestStatus.PENDING} for n in numbers
        ],
        "customer": [{"status": CustomerStatus.MERGED}] * many,
        "customer_share": [{"person_id": key} for key in people],
    }
    for reference in children.references():
        name = reference.table.name
        for at, customer in enumerate(two):
            kept = slice(0, many, at + 1)  # every second one on the loser's side clashes
            if not children.is_pair(reference.table):
                rows_of(reference, customer, special.get(name, [{}] * many)[kept])
            elif reference.column == "a_id":  # the two came first: theirs are the lower ids
                rows_of(reference, customer, [{"b_id": key} for key in others[kept]])
    return two


def test_hundreds_of_children_of_every_kind_move_and_return(
    cast: dict[str, Actor], crowd: tuple[int, int], many: int
) -> None:
    before = whole_database()
    impact = preview(cast["zhouting"], *crowd)
    assert {clash.label for clash in impact.clashes} == {
        *("共享", "重复候选", "关联公司", "工作报告"),
    }
    for choice in ("survivor", "loser"):
        choices = {clash.key: choice for clash in impact.clashes}
        done = merge(cast["zhouting"], *crowd, {}, clash_choices=choices)
        assert {t: len(rows) for t, rows in whole_database().items()}.items() >= {
            t: len(rows)
            for t, rows in before.items()
            if t not in ("customer_alias", "customer_share")
        }.items()
        for table in ("activity", "opportunity", "message", "conversion_request", "access_request"):
            (reference,) = (r for r in children.references() if r.table.name == table)
            places = pointing(reference, crowd[1]), pointing(reference, crowd[0]) > many
            assert places == (0, True)
        assert undo_merge(cast["zhouting"], done.merge_id).conflicts == []
        assert whole_database() == before


@pytest.fixture
def contracts(cast: dict[str, Actor]) -> Iterator[tuple[Table, ...]]:
    """Tables somebody adds later: one a customer has once a year, its lines, one he has once."""
    contract = Table(
        "contract",
        Base.metadata,
        Column("id", Id, primary_key=True),
        Column("number", String(20), unique=True),
        Column("customer_id", Id, ForeignKey("customer.id")),
        Column("year", Integer),
        Column("terms", String(20)),
        UniqueConstraint("customer_id", "year"),
    )
    line = Table(
        "contract_line",
        Base.metadata,
        Column("id", Id, primary_key=True),
        Column("contract_id", Id, ForeignKey("contract.id")),
    )
    profile = Table(
        "profile",
        Base.metadata,
        Column("id", Id, primary_key=True),
        Column("customer_id", Id, ForeignKey("customer.id"), unique=True),
        Column("text", String(20)),
    )
    made = (contract, line, profile)
    Base.metadata.create_all(engine(), made)
    yield made
    for table in reversed(made):
        Base.metadata.remove(table)


@pytest.mark.parametrize("choice", ["survivor", "loser"])
def test_a_clash_in_a_table_added_later_deletes_nothing(
    cast: dict[str, Actor], two: tuple[int, int], contracts: tuple[Table, ...], choice: str
) -> None:
    contract, line, profile = contracts
    with Session(engine()) as session, session.begin():
        for at, key in enumerate(two):
            for year in (2025, 2026 + at):
                number = f"HT{key}-{year}"
                values = {"number": number, "customer_id": key, "year": year, "terms": f"{at}"}
                made = session.scalar(insert(contract).values(values).returning(contract.c.id))
                session.execute(insert(line).values(contract_id=made))
            session.execute(insert(profile).values(customer_id=key, text=f"{at}"))
    before = whole_database()
    clashes = preview(cast["zhouting"], *two).clashes
    assert {clash.label for clash in clashes} == {"contract", "profile"}
    done = merge(cast["zhouting"], *two, {}, clash_choices={c.key: choice for c in clashes})
    with reading() as session:
        of_survivor = contract.c.customer_id == two[0]
        kept = select(contract.c.year, contract.c.terms).where(of_survivor)
        terms = {row.year: row.terms for row in session.execute(kept)}
        texts = session.scalars(select(profile.c.text).where(profile.c.customer_id == two[0]))
        won = "1" if choice == "loser" else "0"
        assert (terms, texts.all()) == ({2025: won, 2026: "0", 2027: "1"}, [won])
    assert all(len(whole_database()[t.name]) == len(before[t.name]) for t in contracts)
    assert undo_merge(cast["zhouting"], done.merge_id).conflicts == []
    assert whole_database() == before


class Broken(Exception):
    """The failure a test injects."""


def fail_at(patch: pytest.MonkeyPatch, call: int) -> list[int]:
    """Let the n-th write fail; return the list that counts them."""
    calls: list[int] = []

    def watched(real: Any) -> Any:
        def write(*args: Any) -> Any:
            calls.append(1)
            if len(calls) == call:
                raise Broken
            return real(*args)

        return write

    for name in ("change", "remove", "add"):
        patch.setattr(Writer, name, watched(getattr(Writer, name)))
    return calls


def test_a_failure_at_any_write_leaves_nothing_changed(
    cast: dict[str, Actor], busy: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole_database()
    with monkeypatch.context() as patch:
        calls = fail_at(patch, 0)
        done = merge(cast["zhouting"], *busy, {})
        writes = len(calls)
    assert writes > 10
    merged = whole_database()
    with monkeypatch.context() as patch:
        calls = fail_at(patch, 0)
        undo_merge(cast["zhouting"], done.merge_id)
        undo_writes = len(calls)
    for call in range(1, writes + 1, 3):
        with monkeypatch.context() as patch:
            fail_at(patch, call)
            with pytest.raises(Broken):
                merge(cast["zhouting"], *busy, {})
        assert whole_database() == before
    done = merge(cast["zhouting"], *busy, {})
    assert len(whole_database()) == len(merged)
    merged = whole_database()
    for call in range(1, undo_writes + 1, 3):
        with monkeypatch.context() as patch:
            fail_at(patch, call)
            with pytest.raises(Broken):
                undo_merge(cast["zhouting"], done.merge_id)
        assert whole_database() == merged
    assert make.fetch(Merge, done.merge_id).undone_at is None


def test_an_inner_merge_is_refused_and_names_the_outer_one(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    boss, (middle, first), last = cast["zhouting"], two, make.customer()
    save(activity(first, cast["chengang"], 1), pair(first, middle), pair(first, last))
    before = whole_database()
    inner = merge(boss, middle, first, {})
    outer = merge(boss, last, middle, {})
    between = whole_database()
    with pytest.raises(Refused, match=outer.number):
        undo_merge(boss, inner.merge_id)
    assert whole_database() == between
    assert undo_merge(boss, outer.merge_id).conflicts == []
    assert make.fetch(Customer, first).merged_into_id == middle
    assert undo_merge(boss, inner.merge_id).conflicts == []
    assert whole_database() == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_merges_into_one_are_undone_in_any_order(
    cast: dict[str, Actor], two: tuple[int, int], order: tuple[int, int]
) -> None:
    boss, survivor, losers = cast["zhouting"], two[0], (two[1], make.customer(owner="chengang"))
    mine = save(*(activity(key, cast["chengang"], key) for key in losers))
    before = whole_database()
    done = [merge(boss, survivor, key, {}) for key in losers]
    for at in order:
        undo_merge(boss, done[at].merge_id)
    after = whole_database()
    assert after["activity"] == before["activity"]
    assert [make.fetch(Customer, key).status for key in losers] == [CustomerStatus.POTENTIAL] * 2
    assert len(mine) == 2
    if order == (1, 0):
        assert after == before


def test_what_stays_at_an_undo_is_kept_in_the_document(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    done = merge(cast["zhouting"], *two, {})
    assert make.fetch(Merge, done.merge_id).leftovers == []
    save(activity(two[0], cast["wangqiang"], 9))
    undone = undo_merge(cast["zhouting"], done.merge_id)
    assert undone.conflicts == ["合并后新增的活动 1 条留在保留方"]
    assert make.fetch(Merge, done.merge_id).leftovers == undone.conflicts


def test_the_losers_erp_code_stays_searchable(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    for key, code in zip(two, ("E1", "E2"), strict=True):
        change(Customer, key, status=CustomerStatus.TRADING, erp_code=code)
    merge(cast["zhouting"], *two, {}, confirm_erp=True)
    codes = {a.value for a in make.rows(CustomerAlias, customer_id=two[0], kind="code")}
    assert codes == {"E2", make.fetch(Customer, two[1]).code}


def rivals(*works: Any) -> list[Any]:
    """Run these at the same moment; return what each gave or raised."""
    start = Barrier(len(works))

    def run(work: Any) -> Any:
        start.wait()
        try:
            return work()
        except CrmError as refusal:
            return refusal

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_of_two_merges_of_overlapping_pairs_one_wins(
    cast: dict[str, Actor], two: tuple[int, int]
) -> None:
    boss, (a, b), c = cast["zhouting"], two, make.customer()
    first, second = save(pair(a, b), pair(b, c))
    version = make.fetch(Customer, b).version
    found = rivals(
        lambda: merge(boss, a, b, {}, pair_id=first, version_loser=version),
        lambda: merge(boss, b, c, {}, pair_id=second, version_survivor=version),
    )
    (won,) = (f for f in found if isinstance(f, Merged))
    (lost,) = (f for f in found if not isinstance(f, Merged))
    assert isinstance(lost, Stale) or lost.message == merging.ALREADY_DECIDED
    assert [document.id for document in make.rows(Merge)] == [won.merge_id]


def test_of_two_merges_of_one_pair_one_wins(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    boss, (a, b) = cast["zhouting"], two
    (key,) = save(pair(a, b))
    found = rivals(
        lambda: merge(boss, a, b, {}, pair_id=key), lambda: merge(boss, b, a, {}, pair_id=key)
    )
    assert sum(isinstance(f, Merged) for f in found) == 1
    (lost,) = (f for f in found if not isinstance(f, Merged))
    assert lost.message == merging.ALREADY_DECIDED


def test_of_two_undos_one_wins(cast: dict[str, Actor], two: tuple[int, int]) -> None:
    before = whole_database()
    done = merge(cast["zhouting"], *two, {})
    found = rivals(*[lambda: undo_merge(cast["zhouting"], done.merge_id)] * 2)
    assert sum(isinstance(f, Refused) for f in found) == 1
    assert whole_database() == before
