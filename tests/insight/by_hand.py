"""Funnels written by hand: what happened to each deal, day by day, of 2026."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from crmlib.insight.frames import DEALS, STAYS, STEPS, FunnelData

# code: name, position, probability, standard days
STAGES = {
    "INFO": ("信息收集", 1, 10, 10),
    "QUOTE": ("报价", 2, 40, 10),
    "SIGN": ("签约", 3, 80, 10),
}
TODAY = date(2026, 6, 30)


def day(text: str) -> date:
    """Return 06-15 as a day of 2026; a longer text names its year."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def deal(key: int, stays: dict[str, str], **more: Any) -> dict[str, Any]:
    """Return a deal by its stays: stage → first day, in their order.

    ``end`` is the day it was decided, ``outcome`` how; ``closed_on`` when it was shelved.
    """
    return {"key": key, "stays": stays} | more


def funnel(*deals: dict[str, Any], today: date = TODAY) -> FunnelData:
    """Return the funnel of some deals as of today."""
    rows = [_row(each, today) for each in deals]
    stays = [stay for at, each in enumerate(deals) for stay in _stays(at, each)]
    steps = [(code, name, at) for code, (name, at, *_) in STAGES.items()]
    return FunnelData(
        pl.DataFrame(rows, schema=DEALS),
        pl.DataFrame(stays, schema=STAYS),
        pl.DataFrame(steps, schema=STEPS, orient="row"),
        today,
        datetime(2026, 6, 30, 4, tzinfo=UTC),
    )


def _row(each: dict[str, Any], today: date) -> dict[str, Any]:
    code, entered = list(each["stays"].items())[-1]
    name, position, probability, standard = STAGES[code]
    amount = Decimal(each.get("amount", 1000))
    outcome = each.get("outcome", "won" if "end" in each else "open")
    closed, since = "closed_on" in each, day(entered)
    spent, is_open = (today - since).days, outcome == "open" and not closed
    owner = each.get("owner", 1)
    return dict.fromkeys(DEALS) | {
        "opportunity_id": each["key"],
        "number": f"SJ{each['key']}",
        "subject": f"商机{each['key']}",
        "customer": "客户",
        "owner_id": owner,
        "owner": {1: "王强", 2: "陈刚"}[owner],
        "office_id": owner,
        "office": {1: "广州办", 2: "上海办"}[owner],
        "region": "华南",
        "source": "展会",
        "families": ["门窗五金"],
        "stage_set": each.get("set", "项目销售"),
        "stage_code": code,
        "stage": name,
        "position": position,
        "probability": probability,
        "standard_days": standard,
        "amount": amount,
        "weighted": amount * probability / 100,
        "won_amount": each.get("won_amount"),
        "stage_since": since,
        "days": spent,
        "stalled": is_open and spent > standard,
        "expected_close": day(each.get("close", "07-31")),
        "registered_on": day(next(iter(each["stays"].values()))),
        "decided_on": day(each["end"]) if "end" in each else None,
        "outcome": outcome,
        "closed": closed,
        "closed_on": day(each["closed_on"]) if closed else None,
        "is_open": is_open,
    }


def _stays(at: int, each: dict[str, Any]) -> list[dict[str, Any]]:
    stages = list(each["stays"].items())
    ends = [day(entered) for _, entered in stages[1:]]
    ends.append(day(each["end"]) if "end" in each else None)  # type: ignore[arg-type]
    is_won = each.get("outcome", "won" if "end" in each else "open") == "won"
    furthest = max(STAGES[code][1] for code, _ in stages)
    return [
        {
            "row": at,
            "opportunity_id": each["key"],
            "stage_code": code,
            "position": STAGES[code][1],
            "probability": STAGES[code][2],
            "standard_days": STAGES[code][3],
            "entered_on": day(entered),
            "left_on": left,
            "days": None if left is None else (left - day(entered)) // timedelta(days=1),
            "advanced": is_won or STAGES[code][1] < furthest,
            "first": True,
        }
        for (code, entered), left in zip(stages, ends, strict=True)
    ]
