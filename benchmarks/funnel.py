"""The funnel at 150,000 opportunities: loading, following a change, changing a filter.

Run: ``.venv/bin/python -m benchmarks.funnel [opportunities]`` (takes a minute to fill a database;
BENCH_DB=FILE keeps it). Beside it, in the same run: the same sums as raw SQL, and bare Polars.
"""

import sys
import time
from dataclasses import replace

import polars as pl

from benchmarks.firm import firm, show, timed
from crmlib.access.actor import actor_of
from crmlib.insight import funnel
from crmlib.insight.board_rows import paged
from crmlib.insight.charts import funnel_chart
from crmlib.insight.cut import Filters
from crmlib.insight.frames import FunnelData
from crmlib.insight.live import funnel_data
from crmlib.insight.past import funnel_as_of
from crmlib.opportunities.model import Opportunity
from crmlib.store.engine import engine, writing
from crmlib.ui.grid import Query
from tests import make

RAW = (
    "select stage_id, count(*), sum(amount), sum(amount * probability) from opportunity "
    "where outcome = 'open' and closed = 0 and expected_close between ? and ? group by stage_id"
)


def main() -> None:
    """Print what each step costs."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 150_000
    with firm(max(size * 5 // 3, 1), size):
        people = make.people_ids()
        actor = actor_of(people["sunyue"])
        started = time.perf_counter()
        data = funnel_data(actor)
        print(f"first load of {data.deals.height:,} deals: {time.perf_counter() - started:.2f} s")
        start, end = funnel.period("quarter", data.day)
        quarter = Filters(start=start, end=end)
        narrow = replace(quarter, regions=("华南",), family="门窗五金系统")
        show(
            "server side, per change of a filter",
            [
                ("nothing changed: whose frame, is it fresh", timed(lambda: funnel_data(actor))),
                ("figures + stages + chart, no filter", timed(lambda: change(data, Filters()))),
                ("figures + stages + chart, quarter", timed(lambda: change(data, quarter))),
                ("figures + stages + chart, three filters", timed(lambda: change(data, narrow))),
                (
                    "rows of a stage",
                    timed(lambda: paged(funnel.rows(data, quarter, "QUOTE"))(Query())),
                ),
                ("follow one changed deal", timed(lambda: follow(actor), 5)),
                ("floor: raw SQL sums per stage, quarter", timed(lambda: raw(quarter))),
                ("floor: bare Polars sums per stage, quarter", timed(lambda: bare(data, quarter))),
            ],
        )


def change(data: FunnelData, filters: Filters) -> None:
    """Do what the page does when a filter changes."""
    funnel.summary(data, filters, lambda day: funnel_as_of(data, day))
    funnel_chart(funnel.stages(data, filters)).to_dict()


def follow(actor) -> None:
    """Change one deal and ask again."""
    with writing() as session, session.begin():
        session.get_one(Opportunity, 77).amount += 1
    funnel_data(actor)


def raw(filters: Filters) -> list:
    """Ask the database for the sums of each stage."""
    with engine().connect() as connection:
        period = (str(filters.start), str(filters.end))
        return connection.exec_driver_sql(RAW, period).all()


def bare(data: FunnelData, filters: Filters) -> pl.DataFrame:
    """Ask Polars for the sums of each stage and nothing else."""
    in_period = pl.col("expected_close").is_between(filters.start, filters.end)
    return (
        data.deals.lazy()
        .filter(pl.col("is_open") & in_period)
        .group_by("stage_code")
        .agg(pl.len(), pl.col("amount", "weighted").sum())
        .collect()
    )


if __name__ == "__main__":
    main()
