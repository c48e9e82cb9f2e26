"""Saves on the server's side: a customer with duplicate check, an opportunity, a day's steps.

Run: ``.venv/bin/python -m benchmarks.save [customers]`` (100,000 by default; BENCH_DB=FILE keeps
the database). Beside it, in the same run: raw inserts of one row, each in its own transaction.
"""

import itertools
import random
import sys
from datetime import timedelta

from sqlalchemy import select

from benchmarks import day_saves
from benchmarks.firm import company_name, firm, show, timed
from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.customers.model import Customer
from crmlib.customers.rules import CustomerDraft
from crmlib.duplicates import live
from crmlib.duplicates.entry import enter_customer
from crmlib.opportunities.actions import advance_stage, create_opportunity
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rules import OpportunityDraft
from crmlib.reference.model import Region
from crmlib.store.engine import engine, reading
from tests import make

ROUNDS = 130
_numbers = itertools.count(1)


def main() -> None:
    """Print what each save costs."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with firm(size, size * 3 // 5):
        live.start()
        live.wait(600)
        actor = actor_of(make.people_ids()["wangqiang"])
        with reading() as session:
            region = session.scalars(select(Region.id).where(Region.name == "广东")).one()
        chance = random.Random(11)
        created: list[int] = []

        def customer() -> None:
            number = next(_numbers)
            draft = CustomerDraft(
                name=company_name(9_000_000 + number, chance),
                phone=f"021-{number:08d}",
                region=region,
                industry="01",
                contact_name="何经理",
                contact_role="01",
                contact_mobile=f"139{number:08d}",
            )
            made = enter_customer(actor, draft, reason="新客户", quick=True, token=f"c{number}")
            created.append(made.customer_id)

        rows = [("enter a customer, duplicate check", timed(customer, ROUNDS))]
        customers = itertools.cycle(created)
        deals: list[int] = []

        def opportunity() -> None:
            draft = a_deal(next(customers))
            made = create_opportunity(actor, draft, token=f"o{next(_numbers)}")
            deals.append(made.opportunity_id)

        rows.append(("create an opportunity", timed(opportunity, ROUNDS)))
        waiting = iter(deals)
        rows.append(("advance a stage", timed(lambda: advance(actor, next(waiting)), ROUNDS)))
        people = make.people_ids()
        sellers = [actor_of(people[f"seller{n:04d}"]) for n in range(day_saves.ROUNDS)]
        rows += day_saves.rows(actor, actor_of(people["zhangwei"]), sellers, created, deals[::-1])
        rows.append(("floor: raw insert of a customer", timed(lambda: copy(Customer), ROUNDS)))
        rows.append(
            ("floor: raw insert of an opportunity", timed(lambda: copy(Opportunity), ROUNDS))
        )
        show(f"saves at {size:,} customers", rows)


def a_deal(customer_id: int) -> OpportunityDraft:
    """Return a draft that has no fault."""
    return OpportunityDraft(
        customer_id=customer_id,
        project_name=f"项目{next(_numbers)}",
        products=("P1-01", "P2-01"),
        sales_task="03",
        amount=500_000,
        expected_close=clock.today() + timedelta(days=60),
    )


def advance(actor: Actor, deal: int) -> None:
    """Push a deal one stage on."""
    advance_stage(actor, deal, confirm=True, token=f"a{next(_numbers)}")


def copy(model: type[Customer] | type[Opportunity]) -> None:
    """Insert a copy of the first row with the driver's own statement."""
    table = model.__table__
    columns = [c.name for c in table.columns if c.name != "id"]
    number = next(_numbers)
    unique = {"number": f"'X{number}'", "code": f"'X{number}'", "name_key": f"'x{number}'"}
    values = ", ".join(unique.get(name, name) for name in columns)
    with engine().connect() as connection:
        connection.exec_driver_sql(
            f"insert into {table.name} ({', '.join(columns)}) "
            f"select {values} from {table.name} where id = 1"
        )
        connection.commit()


if __name__ == "__main__":
    main()
