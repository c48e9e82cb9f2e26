"""The snapshot behind the dashboards on a firm that is there: load, follow, view, memory.

Run it on a demo firm of any size, on either database:
``CRM_DATABASE_URL=… .venv/bin/crm init --demo company``, then
``CRM_DATABASE_URL=… .venv/bin/python -m benchmarks.snapshot``. It writes into a text of one
customer, deal and activity. Beside it, in the same run: the same sums as raw SQL.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.firm import show, timed
from crmlib.access.actor import Actor, actor_of
from crmlib.activities.model import Activity
from crmlib.customers.model import Customer
from crmlib.insight import funnel
from crmlib.insight.cut import Filters
from crmlib.insight.live import activity_data, customer_data, funnel_data
from crmlib.insight.past import funnel_as_of
from crmlib.opportunities.model import Opportunity
from crmlib.store.engine import engine, reading, writing
from tests import make

VIEWS: dict[str, tuple[Callable[[Actor], object], Any]] = {
    "customers": (customer_data, Customer.remark),
    "deals": (funnel_data, Opportunity.site_address),
    "activities": (activity_data, Activity.place),
}
ROUNDS = 11
WHO = ("zhouting", "liuyang", "zhangwei")  # the firm, a region, an office
RAW = """select stage_id, count(*), sum(amount), sum(amount * probability) from opportunity
where outcome = 'open' and not closed and expected_close between :start and :end group by stage_id"""


def main() -> None:
    """Print what each step costs."""
    people = make.people_ids()
    actors = {login: actor_of(people[login]) for login in WHO}
    for name, (view, _) in VIEWS.items():
        before, started, cpu = resident(), time.perf_counter(), time.process_time()
        rows = height(view(actors["zhouting"]))
        gc.collect()
        wall, used = time.perf_counter() - started, time.process_time() - cpu
        print(
            f"load {name}: {rows:,} rows, {wall:.1f} s wall, {used:.1f} s CPU here, "
            f"{resident() - before:,.0f} MB more"
        )
    steps = []
    for login, actor in actors.items():
        for name, (view, column) in VIEWS.items():
            seen = height(view(actor))
            steps.append(
                (f"{login}: {name} ({seen:,}), one changed", following(actor, view, column))
            )
        data = funnel_data(actor)
        start, end = funnel.period("quarter", data.day)
        for what, filters in (("all", Filters()), ("quarter", Filters(start=start, end=end))):

            def change(data=data, filters=filters) -> None:
                funnel.summary(data, filters, lambda day: funnel_as_of(data, day))
                funnel.stages(data, filters)

            steps.append((f"{login}: funnel, filter {what}", timed(change)))
    with engine().connect() as connection:
        given = {"start": start, "end": end}
        raw = timed(lambda: connection.execute(text(RAW), given).all())
    show("per step", [*steps, ("floor: raw SQL sums per stage, quarter", raw)])


def following(
    actor: Actor, view: Callable[[Actor], object], column: Any
) -> tuple[float, float, float]:
    """Time the next view after somebody else's change (as ``firm.timed``)."""
    model = column.class_
    with reading() as session:
        key = session.query(model.id).order_by(model.id).offset(77).limit(1).scalar()
    walls, cpus = [], []
    for turn in range(ROUNDS):
        with writing() as session, session.begin():
            setattr(session.get_one(model, key), column.key, f"第 {turn} 次")
        wall, cpu = time.perf_counter(), time.process_time()
        view(actor)
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return sorted(walls)[ROUNDS // 2], max(walls), sorted(cpus)[ROUNDS // 2]


def height(data: object) -> int:
    """Return how many rows a view has."""
    rows = data.rows if hasattr(data, "rows") else data.deals
    return int(rows.height)


def resident() -> float:
    """Return the memory of this process in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
