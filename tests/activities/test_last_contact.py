"""最后接触日期 is the day of the last completed activity, whatever happens in whatever order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.activities.actions import (
    Completion,
    complete_activity,
    create_activity,
    delete_activity,
    reopen_activity,
    start_activity,
)
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.duplicates.merging import merge
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import CrmError, NotAllowed
from crmlib.exchange.model import ImportKind
from tests import make
from tests.activities.test_actions import day, done, draft, last_contact
from tests.exchange.conftest import applied, checked, undone, workbook

Cast = dict[str, Actor]
DONE, STARTED, NEW = ActivityStatus.DONE, ActivityStatus.STARTED, ActivityStatus.NOT_STARTED
OPS = ("plan", "note", "start", "complete", "reopen", "delete", "merge", "undo")
PLANS = st.lists(
    st.tuples(
        st.sampled_from(OPS),
        st.sampled_from(("wangqiang", "zhangwei", "chengang")),
        st.integers(0, 5),  # which activity, which customer
        st.integers(0, 9),  # days ago
    ),
    min_size=5,
    max_size=16,
)


@dataclass
class World:
    """Two customers of 王强 and their activities as they ought to be."""

    people: dict[str, Actor]
    firms: list[int] = field(default_factory=lambda: [make.customer(), make.customer()])
    states: dict[int, tuple[ActivityStatus, date | None]] = field(default_factory=dict)
    merges: list[int] = field(default_factory=list)

    def take(self, op: str, login: str, at: int, days: int) -> None:
        """Try a step; it must go through exactly where the machine of §4.5 lets it."""
        who, keys = self.people[login], sorted(self.states)
        if op in {"merge", "undo"}:
            return self.join(op)
        if op in {"plan", "note"}:
            return self.enter(op, who, self.firms[at % 2], days)
        if not keys:
            return None
        key = keys[at % len(keys)]
        status, _ = self.states[key]
        may = login != "chengang" and self.allowed(op, login, status)
        try:
            self.step(op, who, key, days)
        except CrmError:
            assert not may, (op, login, status)
            return None
        assert may, (op, login, status)
        return None

    @staticmethod
    def allowed(op: str, login: str, status: ActivityStatus) -> bool:
        """Say whether the machine lets 王强 or his manager take a step."""
        if op == "reopen":
            return status is DONE and login == "zhangwei"
        if op == "delete":
            return status is NEW and login == "wangqiang"
        return status is NEW if op == "start" else status is not DONE

    def step(self, op: str, who: Actor, key: int, days: int) -> None:
        """Take a step and note what follows."""
        if op == "start":
            start_activity(who, key)
            self.states[key] = (STARTED, None)
        elif op == "complete":
            # What began today cannot have ended before.
            ago = 0 if self.states[key][0] is STARTED else days
            when = clock.now() - timedelta(days=ago) if ago else None
            complete_activity(who, key, Completion("好", ended_at=when))
            self.states[key] = (DONE, day(ago))
        elif op == "reopen":
            reopen_activity(who, key)
            self.states[key] = (STARTED, None)
        else:
            delete_activity(who, key)
            del self.states[key]

    def enter(self, op: str, who: Actor, firm: int, days: int) -> None:
        """Plan or note an activity with a customer, for 王强."""
        owner = self.people["wangqiang"].person_id
        wanted = done(firm, days, owner_id=owner) if op == "note" else draft(firm, owner_id=owner)
        try:
            made = create_activity(who, wanted).activity_id
        except (NotAllowed, CrmError):
            gone = make.fetch(Customer, firm).status is CustomerStatus.MERGED
            assert gone or who.login == "chengang"
            return
        self.states[made] = (DONE, day(days)) if op == "note" else (NEW, None)

    def join(self, op: str) -> None:
        """Merge the two customers, or take the merge back."""
        boss = self.people["zhouting"]
        if op == "merge" and not self.merges:
            self.merges.append(merge(boss, *self.firms, {}).merge_id)
        elif op == "undo" and self.merges:
            undo_merge(boss, self.merges.pop())

    def check(self) -> None:
        """Hold the database against what ought to be."""
        rows = {row.id: row for row in make.rows(Activity) if row.id in self.states}
        assert {key: row.status for key, row in rows.items()} == {
            key: status for key, (status, _) in self.states.items()
        }
        for firm in self.firms:
            if make.fetch(Customer, firm).status is CustomerStatus.MERGED:
                continue
            days = [self.states[key][1] for key, row in rows.items() if row.customer_id == firm]
            assert last_contact(firm) == latest(days)
        assert not [row for row in rows.values() if row.remind and row.status is not NEW]


def latest(days: Iterable[date | None]) -> date | None:
    return max((d for d in days if d is not None), default=None)


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plan=PLANS)
def test_it_always_equals_the_last_completed_one(
    sqlite_database: str, plan: list[tuple[str, str, int, int]]
) -> None:
    people = {login: actor_of(number) for login, number in make.people_ids().items()}
    world = World(people)
    for step in plan:
        world.take(*step)
        world.check()


def test_undone_merge_gives_each_its_own_day_again(cast: Cast) -> None:
    wang, boss = cast["wangqiang"], cast["zhouting"]
    survivor, loser = make.customer(), make.customer()
    own = create_activity(wang, done(survivor, 2))
    create_activity(wang, done(loser, 5))
    merged = merge(boss, survivor, loser, {})
    assert last_contact(survivor) == day(2)
    reopen_activity(cast["zhangwei"], own.activity_id)
    assert last_contact(survivor) == day(5)
    undo_merge(boss, merged.merge_id)
    assert (last_contact(survivor), last_contact(loser)) == (None, day(5))


def test_import_and_its_undo_count_too(cast: Cast, tmp_path: Path) -> None:
    customer, boss = make.customer("广州明珠幕墙有限公司"), cast["zhaolei"]
    create_activity(cast["wangqiang"], done(customer, 30))
    visit = {
        "客户名称": "广州明珠幕墙有限公司",
        "主题": "上门拜访",
        "活动类型": "上门拜访",
        "实际结束": f"{day(3)} 10:00",
        "结果": "已面谈",
    }
    file = workbook(tmp_path / "visits.xlsx", visit)
    key = checked(boss, ImportKind.ACTIVITIES, file)
    applied(boss, key)
    assert last_contact(customer) == day(3)
    undone(boss, key)
    assert last_contact(customer) == day(30)
