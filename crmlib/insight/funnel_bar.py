"""What the lines of filters over dashboards of deals offer, and what their texts mean."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl

from crmlib import words
from crmlib.insight.cut import Filters, cut_of, offices_of, people_of, values_of
from crmlib.insight.frames import FunnelData
from crmlib.insight.funnel import period
from crmlib.ui.filters import Choice

WAN = Decimal(10_000)


def common_choices(deals: pl.DataFrame) -> list[Choice]:
    """Return the filters all dashboards of deals have: only what occurs among the visible ones."""
    return [
        Choice(name="office", label="部门", options=offices_of(deals)),
        Choice(name="owner", label="负责人", options=people_of(deals)),
        Choice(name="region", label="区域", options=values_of(deals["region"])),
        Choice(name="family", label="产品", options=values_of(deals["families"].explode())),
        Choice(name="source", label="来源", options=values_of(deals["source"])),
        Choice(name="set", label="销售流程", options=values_of(deals["stage_set"])),
        Choice(name="industry", label="行业", options=values_of(deals["industry"])),
    ]


def bar_choices(data: FunnelData) -> list[Choice]:
    """Return the filters that funnel and forecast have in common."""
    return [
        *common_choices(data.deals),
        Choice(name="period", label="预计成交", options=list(words.PERIODS.items())),
        Choice(name="min", label="金额 ≥", kind="amount"),
        Choice(name="max", label="≤（万元）", kind="amount"),
    ]


def filters_of(chosen: Mapping[str, str], day: date) -> Filters:
    """Return the filters of ``cut.in_force``; periods are those of a day."""
    start, end = period(chosen["period"], day) if "period" in chosen else (None, None)
    return replace(
        cut_of(chosen),
        start=start,
        end=end,
        min_amount=_yuan(chosen, "min"),
        max_amount=_yuan(chosen, "max"),
    )


def _yuan(chosen: Mapping[str, str], name: str) -> Decimal | None:
    return Decimal(chosen[name]) * WAN if name in chosen else None
