"""Pages on the server's side: lists and cards at 250,000 customers.

Run: ``.venv/bin/python -m benchmarks.page [customers]`` (BENCH_DB=FILE keeps the database).
Beside it, in the same run: the first page as one raw statement.
"""

import itertools
import random
import sys

from benchmarks.firm import firm, show, timed
from crmlib.access.actor import actor_of
from crmlib.customers.card import customer_card
from crmlib.customers.queries import CustomerQuery, customer_page
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.queries import OpportunityQuery, of_customer, opportunity_page
from crmlib.store.engine import engine
from tests import make

RAW = "select code, name from customer order by registered_at desc limit 20"


def main() -> None:
    """Print what each page costs."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 250_000
    with firm(size, size * 3 // 5):
        people = make.people_ids()
        office = actor_of(people["zhouting"])
        head = actor_of(people["liuyang"])
        seller = actor_of(people["seller0003"])
        chance = random.Random(3)
        ids = itertools.cycle([chance.randint(1, size * 3 // 5) for _ in range(97)])
        queries = {
            "newest": CustomerQuery(),
            "by name": CustomerQuery(sort="name", descending=False),
            "industry 03, level A": CustomerQuery(industry="03", level="A"),
            "find 恒晟": CustomerQuery(find_text="恒晟"),
            "page 500": CustomerQuery(page=500),
        }
        rows = [
            (f"customers, {who.name}: {what}", timed(lambda w=who, q=q: customer_page(w, q), 15))
            for who in (office, head, seller)
            for what, q in queries.items()
        ]
        deals = {
            "newest": OpportunityQuery(),
            "by amount": OpportunityQuery(sort="amount"),
            "from 报价, over 500,000": OpportunityQuery(from_stage="QUOTE", amount_from=500_000),
        }
        rows += [
            (f"deals, {who.name}: {what}", timed(lambda w=who, q=q: opportunity_page(w, q), 15))
            for who in (office, head, seller)
            for what, q in deals.items()
        ]

        def card() -> None:
            number = next(ids)
            customer_card(office, number)
            of_customer(office, number)

        rows.append(("customer card with its deals", timed(card, 60)))
        rows.append(("opportunity card", timed(lambda: opportunity_card(office, next(ids)), 60)))
        rows.append(("floor: raw first page", timed(raw, 60)))
        show(f"pages at {size:,} customers", rows)


def raw() -> list:
    """Read the first page with one statement."""
    with engine().connect() as connection:
        return connection.exec_driver_sql(RAW).all()


if __name__ == "__main__":
    main()
