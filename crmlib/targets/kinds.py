"""The periods of targets, their states, and what they measure."""

from enum import StrEnum


class TargetKind(StrEnum):
    """How long a period a target is for."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


class TargetStatus(StrEnum):
    """草稿 → 下达; 锁定 follows by itself when the period of an issued one is over."""

    DRAFT = "draft"
    ISSUED = "issued"
    LOCKED = "locked"  # never stored


class Measure(StrEnum):
    """What a target says; the value is the column."""

    SALES = "sales"
    CUSTOMERS = "customers"
    SATISFACTION = "satisfaction"
