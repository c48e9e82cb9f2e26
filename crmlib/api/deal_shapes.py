"""What the programs' interface takes about the end of an opportunity."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Won:
    """赢单: the day (none: refused), why, for how much (yuan); ``override`` without 合同评审."""

    decided_on: date | None = None
    reason: str = ""
    amount: Decimal | None = None
    note: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """输单: the day, why, to whom (or ``no_competitor``)."""

    decided_on: date | None = None
    reason: str = ""
    competitor: str = ""
    no_competitor: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Because:
    """Why a step back is taken: 反赢单, 反输单, 重开."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """关闭: after the end with a 项目总结 (null: as it is), or by 综合部 for a reason."""

    reason: str = ""
    note: str = ""
    summary: str | None = None
