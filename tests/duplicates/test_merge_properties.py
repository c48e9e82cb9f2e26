"""Whatever is merged, edited and undone in whatever order: no row is lost, later edits stay."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlib.access.actor import Actor
from crmlib.activities.model import Activity
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import Merge
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import Refused
from crmlib.opportunities.model import Opportunity
from tests import make
from tests.duplicates.build import activity, change, save, whole_database

FIRMS = 4
STEP = st.one_of(
    st.tuples(st.just("merge"), st.integers(0, FIRMS - 1), st.integers(0, FIRMS - 1)),
    st.tuples(st.just("edit"), st.integers(0, 20), st.just(0)),
    st.tuples(st.just("add"), st.integers(0, FIRMS - 1), st.just(0)),
    st.tuples(st.just("undo"), st.integers(0, 20), st.just(0)),
)


@dataclass
class World:
    """Four customers with children, and what must be true of them."""

    boss: Actor
    seller: Actor
    firms: list[int] = field(default_factory=list)
    home: dict[int, int] = field(default_factory=dict)  # activity → where it belongs
    edited: dict[int, int] = field(default_factory=dict)  # activity → edits so far
    contacts: set[int] = field(default_factory=set)
    deals: set[int] = field(default_factory=set)
    merges: list[tuple[int, dict[int, int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in range(FIRMS):
            firm = make.customer()
            self.firms.append(firm)
            # Two of them know the same person.
            mobile = "13900009999" if number % 2 else f"1390000{firm:04d}"
            (contact,) = save(Contact(customer_id=firm, name="林工", mobile=mobile))
            self.deals.add(make.opportunity(firm, contact_id=contact))
            for _ in range(2):
                self.add(firm)
        self.contacts = {c.id for c in make.rows(Contact)}

    def add(self, firm: int) -> None:
        """Let a customer have one activity more, if it lives."""
        if make.fetch(Customer, firm).status is CustomerStatus.MERGED:
            return
        (key,) = save(activity(firm, self.seller, len(self.home) + 1_000))
        self.home[key], self.edited[key] = firm, 0

    def edit(self, place: int) -> None:
        """Change an activity: from now on it belongs where it is."""
        key = sorted(self.home)[place % len(self.home)]
        self.edited[key] += 1
        change(Activity, key, result=f"第{self.edited[key]}次修改")
        self.home[key] = make.fetch(Activity, key).customer_id

    def merge(self, survivor: int, loser: int) -> None:
        """Merge two that live; others are refused and nothing changes."""
        states = [make.fetch(Customer, key).status for key in (survivor, loser)]
        if survivor == loser or CustomerStatus.MERGED in states:
            return
        moving = {a.id: self.edited[a.id] for a in make.rows(Activity, customer_id=loser)}
        done = merge(self.boss, survivor, loser, {})
        self.merges.append((done.merge_id, moving))

    def undo(self, place: int) -> None:
        """Undo one of the merges; what was edited since stays and is listed."""
        if not self.merges:
            return
        key, moved = self.merges[place % len(self.merges)]
        before = whole_database()
        try:
            done = undo_merge(self.boss, key)
        except Refused:
            assert whole_database() == before
            return
        self.merges.remove((key, moved))
        listed = "\n".join(done.conflicts)
        assert make.fetch(Merge, key).leftovers == done.conflicts
        for child, edits in moved.items():
            row = make.fetch(Activity, child)
            was_edited = self.edited[child] > edits
            assert (f"「{row.number}」 合并后已修改" in listed) is was_edited

    def check(self) -> None:
        """No row is lost, and everything alive belongs to a customer that lives."""
        alive = {c.id for c in make.rows(Customer) if c.status is not CustomerStatus.MERGED}
        activities = {a.id: a for a in make.rows(Activity) if a.id in self.home}
        assert activities.keys() == self.home.keys()
        assert self.contacts <= {c.id for c in make.rows(Contact)}
        deals = {d.id: d for d in make.rows(Opportunity) if d.id in self.deals}
        assert deals.keys() == self.deals
        assert all(row.customer_id in alive for row in (*activities.values(), *deals.values()))
        for deal in deals.values():
            assert make.fetch(Contact, deal.contact_id).customer_id == deal.customer_id
        for key, edits in self.edited.items():
            assert activities[key].result == (f"第{edits}次修改" if edits else None)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=3, max_size=10))
def test_no_row_is_lost_and_later_edits_stay(
    cast: dict[str, Actor], steps: list[tuple[str, int, int]]
) -> None:
    world = World(cast["zhouting"], cast["wangqiang"])
    for name, first, second in steps:
        if name == "merge":
            world.merge(world.firms[first], world.firms[second])
        elif name == "add":
            world.add(world.firms[first])
        elif name == "edit":
            world.edit(first)
        else:
            world.undo(first)
        world.check()
    for _ in range(len(world.merges)):
        world.undo(len(world.merges) - 1)  # the last one first: nothing may refuse
    assert world.merges == []
    world.check()
    assert {a.id: a.customer_id for a in make.rows(Activity) if a.id in world.home} == world.home
    assert all(make.fetch(Customer, key).status is CustomerStatus.POTENTIAL for key in world.firms)
