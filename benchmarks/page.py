"""Pages on the server's side: lists and cards at 250,000 customers with 500,000 contacts.

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

from sqlalchemy import create_engine, func, insert, select, text

from benchmarks import firm as invented
from benchmarks.firm import firm, show, timed
from crmlib.access.actor import Actor, actor_of
from crmlib.customers import live_list
from crmlib.customers.card import customer_card
from crmlib.customers.contact_listing import ContactQuery
from crmlib.customers.contacts import contact_page
from crmlib.customers.listing import CustomerQuery
from crmlib.customers.model import Contact
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


CONTACTS = {
    "newest": ContactQuery(),
    "page 500": ContactQuery(page=500),
    "by name": ContactQuery(sort="name", descending=False),
    "by customer": ContactQuery(sort="customer", descending=False),
    "by role": ContactQuery(sort="role"),
    "no 主联系人": ContactQuery(primary=False),
    "mine": ContactQuery(mine=True),
    "find name 王": ContactQuery(find_text="王"),
    "find name, none": ContactQuery(find_text="没有这个人"),
    "find mobile": ContactQuery(find_field="mobile", find_text="5678"),
    "find customer 恒晟": ContactQuery(find_field="customer", find_text="恒晟"),
}


def main() -> None:
    """Print what each page costs."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("customers", type=int, nargs="?", default=250_000)
    asked.add_argument("--postgres", action="store_true")
    asked.add_argument("--contacts-only", action="store_true")
    options = asked.parse_args()
    size = options.customers
    with in_postgres(size) if options.postgres else firm(size, size * 3 // 5):
        second_contacts(size)
        people = make.people_ids()
        actors = [actor_of(people[login]) for login in ("zhouting", "liuyang", "seller0003")]
        with reading() as session:
            table = live_list.live_list(session)
        if table is not None:
            print(f"lists in memory: {timed(lambda: table.ready.wait(900), 1)[0] / 1000:.1f} s")
        met = [row for actor in actors for row in contacts(actor)]
        show(f"list of {size * 2:,} contacts", met)
        print(f"worst p95 {max(high for _, (_, high, _) in met):.1f} ms")
        if options.contacts_only:
            return
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


def contacts(actor: Actor) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """Yield what every sort, filter and find of the list of contacts costs for a person."""
    for what, query in CONTACTS.items():
        contact_page(actor, replace(query, size=1))
        yield f"{actor.name}: {what}", timed(lambda q=query: contact_page(actor, q), 15)


def second_contacts(size: int) -> None:
    """Give each customer another contact, unless a kept database has them."""
    with engine().begin() as connection:
        if (connection.scalar(select(func.count()).select_from(Contact)) or 0) > size:
            return
        signs = invented.SYLLABLES
        for start in range(1, size + 1, invented.CHUNK):
            rows = [
                {
                    "customer_id": i,
                    "name": f"{'王李张刘陈杨黄赵'[i % 8]}{signs[i % 41]}{signs[i % 37]}",
                    "role": f"{i % 5 + 1:02d}",
                    "mobile": f"139{i:08d}",
                }
                for i in range(start, min(start + invented.CHUNK, size + 1))
            ]
            connection.execute(insert(Contact), rows)


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
def empty_postgres() -> Iterator[None]:
    """Use a PostgreSQL cluster of this run's own, with nothing in it."""
    with postgres.cluster() as socket:
        server = f"postgresql+psycopg://crm@/{{}}?host={socket}"
        admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE bench"))
        admin.dispose()
        os.environ["CRM_DATABASE_URL"] = server.format("bench")
        yield
        engine().dispose()


@contextmanager
def in_postgres(size: int) -> Iterator[None]:
    """Fill a PostgreSQL cluster of this run's own and use it."""
    with empty_postgres():
        migrate()
        make.firm()
        invented._fill(size, size * 3 // 5, 400)
        with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield


if __name__ == "__main__":
    main()
