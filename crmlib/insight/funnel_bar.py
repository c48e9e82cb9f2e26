"""What the lines of filters over funnel and forecast offer, and what their texts mean."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from crmlib import words
from crmlib.insight.frames import FunnelData
from crmlib.insight.funnel import Choices, Filters, choices, period
from crmlib.ui.filters import ALL, Choice

WAN = Decimal(10_000)


def bar_choices(data: FunnelData) -> list[Choice]:
    """Return the filters that funnel and forecast have in common."""
    offer: Choices = choices(data)
    return [
        Choice(name="office", label="部门", options=offer.offices),
        Choice(name="owner", label="负责人", options=offer.owners),
        Choice(name="region", label="区域", options=offer.regions),
        Choice(name="family", label="产品", options=offer.families),
        Choice(name="source", label="来源", options=offer.sources),
        Choice(name="set", label="销售流程", options=offer.stage_sets),
        Choice(name="industry", label="行业", options=offer.industries),
        Choice(name="period", label="预计成交", options=list(words.PERIODS.items())),
        Choice(name="min", label="金额 ≥", kind="amount"),
        Choice(name="max", label="≤（万元）", kind="amount"),
    ]


def in_force(chosen: Mapping[str, object]) -> dict[str, str]:
    """Return the chosen filters that narrow: without those set to 全部."""
    return {name: str(value) for name, value in chosen.items() if value and value != ALL}


def filters_of(chosen: Mapping[str, str], day: date) -> Filters:
    """Return the filters of ``in_force``; periods are those of a day."""
    start, end = period(chosen["period"], day) if "period" in chosen else (None, None)
    return Filters(
        offices=_keys(chosen, "office"),
        owners=_keys(chosen, "owner"),
        regions=(chosen["region"],) if "region" in chosen else (),
        family=chosen.get("family", ""),
        source=chosen.get("source", ""),
        stage_set=chosen.get("set", ""),
        industry=chosen.get("industry", ""),
        start=start,
        end=end,
        min_amount=_yuan(chosen, "min"),
        max_amount=_yuan(chosen, "max"),
    )


def _keys(chosen: Mapping[str, str], name: str) -> tuple[int, ...]:
    text = chosen.get(name, "")
    return (int(text),) if text.isdecimal() else ()


def _yuan(chosen: Mapping[str, str], name: str) -> Decimal | None:
    return Decimal(chosen[name]) * WAN if name in chosen else None
