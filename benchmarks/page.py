"""Pages on the server's side: lists and cards at 250,000 customers.

Run: ``.venv/bin/python -m benchmarks.page [customers] [--postgres]``; BENCH_DB=FILE keeps the
SQLite database. Beside it, in the same run: the first page as one raw statement.
"""

import argparse
import itertools
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import create_engine, text

from benchmarks import firm as invented
from benchmarks.firm import firm, show, timed
from crmlib.access.actor import Actor, actor_of
from crmlib.customers import live_list
from crmlib.customers.card import customer_card
from crmlib.customers.listing import CustomerQuery
from crmlib.customers.queries import customer_page
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.queries import OpportunityQuery, of_customer, opportunity_page
from crmlib.store.engine import engine, reading
from crmlib.store.migrate import migrate
from tests import make, postgres

RAW = "select code, name from customer order by registered_at desc limit 20"
SORTS = (
    "code",
    "name",
    "level",
    "industry",
    "region",
    "owner",
    "office",
    "trading",
    "registered_at",
    "last_contact_on",
    "incomplete",
)
NARROWED = {
    "industry 03, level A": CustomerQuery(industry="03", level="A"),
    "region": CustomerQuery(region=1),
    "trading": CustomerQuery(trading=True),
    "incomplete, none": CustomerQuery(incomplete=True),
    "unassigned, none": CustomerQuery(unassigned=True),
    "mine": CustomerQuery(mine=True),
    "page 500": CustomerQuery(page=500),
    "find name 恒晟": CustomerQuery(find_text="恒晟"),
    "find name, none": CustomerQuery(find_text="没有这个名字"),
    "find code": CustomerQuery(find_field="code", find_text="1234"),
    "find phone": CustomerQuery(find_field="phone", find_text="5678"),
    "find contact": CustomerQuery(find_field="contact", find_text="何"),
    "find 税号": CustomerQuery(find_field="uscc", find_text="9144"),
}


def main() -> None:
    """Print what each page costs."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("customers", type=int, nargs="?", default=250_000)
    asked.add_argument("--postgres", action="store_true")
    options = asked.parse_args()
    size = options.customers
    with in_postgres(size) if options.postgres else firm(size, size * 3 // 5):
        people = make.people_ids()
        actors = [actor_of(people[login]) for login in ("zhouting", "liuyang", "seller0003")]
        with reading() as session:
            table = live_list.live_list(session)
        if table is not None:
            print(f"list in memory: {timed(lambda: table.ready.wait(900), 1)[0] / 1000:.1f} s")
        rows = [row for actor in actors for row in lists(actor)]
        show(f"list of {size:,} customers", rows)
        walls = sorted(wall for _, (_, wall, _) in rows)
        print(f"worst p95 {walls[-1]:.1f} ms")
        show(f"pages at {size:,} customers", others(actors, size))


def lists(actor: Actor) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """Yield what every sort, filter and find of the list costs for a person."""
    sorts = {f"by {sort}": CustomerQuery(sort=sort, descending=False) for sort in SORTS}
    for what, query in (sorts | NARROWED).items():
        customer_page(actor, replace(query, size=1))
        yield f"{actor.name}: {what}", timed(lambda q=query: customer_page(actor, q), 15)


def others(actors: list[Actor], size: int) -> list[tuple[str, tuple[float, float, float]]]:
    """Return what lists of deals and cards cost."""
    chance = random.Random(3)
    ids = itertools.cycle([chance.randint(1, size * 3 // 5) for _ in range(97)])
    office = actors[0]
    deals = {
        "newest": OpportunityQuery(),
        "by amount": OpportunityQuery(sort="amount"),
        "from 报价, over 500,000": OpportunityQuery(from_stage="QUOTE", amount_from=500_000),
    }
    rows = [
        (f"deals, {who.name}: {what}", timed(lambda w=who, q=q: opportunity_page(w, q), 15))
        for who in actors
        for what, q in deals.items()
    ]

    def card() -> None:
        number = next(ids)
        customer_card(office, number)
        of_customer(office, number)

    rows.append(("customer card with its deals", timed(card, 60)))
    rows.append(("opportunity card", timed(lambda: opportunity_card(office, next(ids)), 60)))
    rows.append(("floor: raw first page", timed(raw, 60)))
    return rows


def raw() -> list:
    """Read the first page with one statement."""
    with engine().connect() as connection:
        return connection.exec_driver_sql(RAW).all()


@contextmanager
def in_postgres(size: int) -> Iterator[None]:
    """Fill a PostgreSQL cluster of this run's own and use it."""
    with postgres.cluster() as socket:
        server = f"postgresql+psycopg://crm@/{{}}?host={socket}"
        admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE bench"))
        admin.dispose()
        os.environ["CRM_DATABASE_URL"] = server.format("bench")
        migrate()
        make.firm()
        invented._fill(size, size * 3 // 5, 400)
        with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield
        engine().dispose()


if __name__ == "__main__":
    main()
