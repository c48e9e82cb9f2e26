"""Which of two customers stays, and whose value wins in each field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmlib import clock, words
from crmlib.customers.model import CustomerStatus
from crmlib.duplicates import names
from crmlib.errors import Invalid

SURVIVOR, LOSER = "survivor", "loser"
SIDES = {SURVIVOR: "保留方", LOSER: "被合并方"}
# Fields a person chooses between, with the columns that go together.
FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("name", "name_key", "core_key", "brand", "pinyin", "initials"),
    "short_name": ("short_name",),
    "level": ("level",),
    "customer_type": ("customer_type",),
    "size": ("size",),
    "source": ("source",),
    "industry": ("industry",),
    "region": ("region_id",),
    "country": ("country",),
    "owner": ("owner_id", "office_id"),
    "phone": ("phone", "phone_key"),
    "fax": ("fax", "no_fax"),
    "email": ("email", "no_email"),
    "website": ("website", "no_website"),
    "address": ("address",),
    "uscc": ("uscc",),
    "erp_code": ("erp_code",),
    "value_score": ("value_score",),
    "remark": ("remark",),
}
# Fields nobody chooses: what follows of itself, and how.
FIXED = {
    "code": "保留方的客户代码不变，另一个代码仍可查到",
    "status": "任一方为交易客户，保留方即为交易客户",
    "registered_by": "以保留方为准",
    "registered_at": "取较早的日期",
    "last_contact_on": "取较晚的日期",
    "last_trade_on": "取较晚的日期",
}
_TICKS = {"fax": "no_fax", "email": "no_email", "website": "no_website"}
_CERTAIN, _LIKELY, _POSSIBLE = 0.9, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides which of two customers stays."""

    id: int
    is_trading: bool
    deals: int
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Pick:
    """Whose value wins, and why."""

    winner: str
    why: str


def default_survivor(a: Facts, b: Facts) -> tuple[int, str]:
    """Return the id of the customer that stays by default, and why."""
    if a.is_trading != b.is_trading:
        return (a.id if a.is_trading else b.id), "是交易客户"
    if a.deals != b.deals:
        more, fewer = (a, b) if a.deals > b.deals else (b, a)
        return more.id, f"商机较多（{more.deals} 比 {fewer.deals}）"
    older = min((a, b), key=lambda facts: (facts.registered_at, facts.id))
    return older.id, f"登记较早（{clock.local(older.registered_at):%Y-%m-%d}）"


def default_picks(survivor: Mapping[str, Any], loser: Mapping[str, Any]) -> dict[str, Pick]:
    """Return for every field whose value should win, and why, from the two rows."""
    return {field: _pick(field, survivor, loser) for field in FIELDS}


def _pick(field: str, survivor: Mapping[str, Any], loser: Mapping[str, Any]) -> Pick:
    column = FIELDS[field][0]
    kept, other = survivor[column], loser[column]
    if not is_different(field, survivor, loser):
        return Pick(SURVIVOR, "两边相同")
    if other in (None, ""):
        ticked = field in _TICKS and loser[_TICKS[field]] and not _is_filled(field, survivor)
        return Pick(LOSER, "对方已确认没有") if ticked else Pick(SURVIVOR, "对方未填写")
    if kept in (None, ""):
        return Pick(LOSER, "保留方待分配" if field == "owner" else "保留方未填写")
    if field == "name" and names.parse(other).form and not names.parse(kept).form:
        return Pick(LOSER, "是带组织形式的全称")
    if field in {"erp_code", "level"} and _is_trading(loser) and not _is_trading(survivor):
        return Pick(LOSER, "对方是交易客户")
    return Pick(SURVIVOR, "以保留方为准")


def _is_filled(field: str, row: Mapping[str, Any]) -> bool:
    return bool(row[FIELDS[field][0]] or (field in _TICKS and row[_TICKS[field]]))


def _is_trading(row: Mapping[str, Any]) -> bool:
    return bool(row["status"] == CustomerStatus.TRADING)


def is_different(field: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Say whether two customers differ in a field; empty in both is no difference."""
    return any((a[column] or None) != (b[column] or None) for column in FIELDS[field])


def checked(picks: Mapping[str, str]) -> dict[str, str]:
    """Return the picks of a form.

    Raises:
        Invalid: a field nobody may choose, or a side that is none.
    """
    faults = {
        field: f"{words.CUSTOMER.get(field, field)} 不能选择"
        for field, side in picks.items()
        if field not in FIELDS or side not in SIDES
    }
    if faults:
        raise Invalid(faults)
    return dict(picks)


def merged_values(
    survivor: Mapping[str, Any], loser: Mapping[str, Any], picks: Mapping[str, str]
) -> dict[str, Any]:
    """Return the columns of the survivor after the merge."""
    values = {
        column: loser[column]
        for field, side in picks.items()
        if side == LOSER
        for column in FIELDS[field]
    }
    values["registered_at"] = min(survivor["registered_at"], loser["registered_at"])
    for column in ("last_contact_on", "last_trade_on"):
        days = [row[column] for row in (survivor, loser) if row[column] is not None]
        values[column] = max(days, default=None)
    if _is_trading(loser):
        values["status"] = CustomerStatus.TRADING
    return values


def score_words(same: float, related: float) -> str:
    """Return in words what the two probabilities say."""
    if same >= _CERTAIN:
        return "几乎可以肯定是同一客户"
    if same >= _LIKELY:
        return "很可能是同一客户"
    if same >= _POSSIBLE:
        return "可能是同一客户"
    return "可能有关联，但不是同一客户" if related >= _POSSIBLE else "不太像同一客户"
