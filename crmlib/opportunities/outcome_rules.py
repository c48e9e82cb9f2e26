"""When a deal may end, be taken back, closed and opened again, and what must be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from crmlib.opportunities.rules import EARLIEST, amount_fault, read_amount, read_day, state_refusal
from crmlib.words import OPPORTUNITY, OUTCOMES, required

OPEN, WON, LOST = "open", "won", "lost"
NO_DATE = "输赢日期不能为空！"
NO_REASON = "输赢原因不能为空！"
FUTURE = "输赢日期 不能晚于今天"
NO_COMPETITOR = "竞争对手 请选择，没有时勾选「无」"
NO_REVIEW = "合同评审通过后才能赢单"
OVERRIDE = "合同评审尚未通过，仍要赢单请填写例外原因"
NO_SUMMARY = "项目总结 为必录项，填写后才能关闭"
STILL_OPEN = "进行中的商机只有综合部可以关闭，请先登记赢单或输单"
NOT_CLOSED = "商机{number}没有关闭"
CUSTOMER_GONE = "客户已合并或已移入回收站，不能重开商机"
NOTE_LENGTH, SUMMARY_LENGTH = 255, 5000


@dataclass(frozen=True, slots=True)
class Ending:
    """What a form holds of 赢单 or 输单; texts may still be as typed (see ``cleaned``)."""

    decided_on: date | str | None = None
    reason: str = ""
    amount: Decimal | int | float | str | None = None  # 赢单, yuan
    competitor: str = ""  # 输单
    no_competitor: bool = False
    note: str = ""
    override: str = ""  # 赢单 before the 合同评审 is through


@dataclass(frozen=True, slots=True)
class Closing:
    """What a form holds of 关闭; no summary: it stays as it is."""

    reason: str = ""
    note: str = ""
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a deal stands."""

    number: str
    outcome: str
    closed: bool


def cleaned(ending: Ending) -> Ending:
    """Return an ending trimmed, with day and amount read where they can be."""
    return replace(
        ending,
        decided_on=read_day(ending.decided_on),
        amount=read_amount(ending.amount),
        reason=ending.reason or "",
        competitor="" if ending.no_competitor else ending.competitor or "",
        note=(ending.note or "").strip(),
        override=(ending.override or "").strip(),
    )


def win_faults(
    ending: Ending, reasons: Mapping[str, str], born: date, today: date
) -> dict[str, str]:
    """Return every fault of a cleaned 赢单; ``born`` is the day the deal was registered."""
    amount = amount_fault(ending.amount, "won_amount")
    if ending.amount is None:
        amount = required(OPPORTUNITY["won_amount"])
    elif amount is None and not ending.amount:
        amount = f"{OPPORTUNITY['won_amount']} 应大于 0"
    return _ending_faults(ending, reasons, born, today) | ({"amount": amount} if amount else {})


def loss_faults(
    ending: Ending,
    reasons: Mapping[str, str],
    competitors: Mapping[str, str],
    born: date,
    today: date,
) -> dict[str, str]:
    """Return every fault of a cleaned 输单: a competitor is named, or 无 is ticked."""
    found = _ending_faults(ending, reasons, born, today)
    if not ending.no_competitor and ending.competitor not in competitors:
        found["competitor"] = (
            f"{OPPORTUNITY['competitor']} 请从列表中选择" if ending.competitor else NO_COMPETITOR
        )
    return found


def _ending_faults(
    ending: Ending, reasons: Mapping[str, str], born: date, today: date
) -> dict[str, str]:
    checks = {
        "decided_on": _day_fault(ending.decided_on, born, today),
        "reason": _reason_fault(ending.reason, reasons),
        "note": too_long(ending.note, "outcome_note"),
        "override": too_long(ending.override, "outcome_note"),
    }
    return {field: text for field, text in checks.items() if text}


def _day_fault(day: date | str | None, born: date, today: date) -> str | None:
    if day is None or day == "":
        return NO_DATE
    if not isinstance(day, date) or day < EARLIEST:
        return f"{OPPORTUNITY['decided_on']} 请填写正确的日期，如 2026-12-31"
    if day > today:
        return FUTURE
    # A deal that ended before it began would have spent less than no time in its stage.
    return f"输赢日期 不能早于登记日期 {born.isoformat()}" if day < born else None


def _reason_fault(reason: str, reasons: Mapping[str, str]) -> str | None:
    if not reason:
        return NO_REASON
    return None if reason in reasons else f"{OPPORTUNITY['outcome_reason']} 请从列表中选择"


def too_long(text: str, field: str, most: int = NOTE_LENGTH) -> str | None:
    """Return the message for a text that is too long."""
    return f"{OPPORTUNITY[field]} 不能超过 {most} 个字" if len(text) > most else None


def review_faults(*, needed: bool, approved: bool, manages: bool, override: str) -> dict[str, str]:
    """Return why 赢单 has to wait for the 合同评审; who manages the deal may say why not."""
    if not needed or approved or (manages and override):
        return {}
    return {"override": OVERRIDE} if manages else {"": NO_REVIEW}


def undo_refusal(deal: Standing, outcome: str, orders: int) -> str | None:
    """Return why 反赢单 (``outcome`` won) or 反输单 cannot be done, if so."""
    if deal.closed:
        return state_refusal(deal.number, closed=True, decided=False)
    label = OUTCOMES[outcome]
    if deal.outcome != outcome:
        return f"只能对{label}的商机执行反{label}操作！"
    return f"商机{deal.number}已有 {orders} 个订单，不能反{label}" if orders else None


def close_refusal(deal: Standing, *, may_drop: bool) -> str | None:
    """Return why a deal cannot be closed, if so; only 综合部 may drop one that is 进行中."""
    if deal.closed:
        return state_refusal(deal.number, closed=True, decided=False)
    return STILL_OPEN if deal.outcome == OPEN and not may_drop else None


def close_faults(
    closing: Closing, summary: str, reasons: Mapping[str, str], *, everywhere: bool
) -> dict[str, str]:
    """Return every fault of a 关闭; ``summary`` is what the deal will hold.

    Who closes his own or his people's deals sums them up first; 综合部 and 信息部, who close
    anybody's, say why instead.
    """
    found = {}
    if closing.reason and closing.reason not in reasons:
        found["reason"] = f"{OPPORTUNITY['close_reason']} 请从列表中选择"
    elif everywhere and not closing.reason:
        found["reason"] = required(OPPORTUNITY["close_reason"])
    if not everywhere and not summary:
        found["summary"] = NO_SUMMARY
    if text := too_long(summary, "project_summary", SUMMARY_LENGTH):
        found["summary"] = text
    if len(closing.note) > NOTE_LENGTH:
        found["note"] = f"关闭说明 不能超过 {NOTE_LENGTH} 个字"
    return found


def reopen_refusal(deal: Standing, *, customer_lives: bool) -> str | None:
    """Return why a deal cannot be opened again, if so."""
    if not deal.closed:
        return NOT_CLOSED.format(number=deal.number)
    return None if customer_lives else CUSTOMER_GONE


def because_faults(reason: str) -> dict[str, str]:
    """Return what is wrong with the reason of a step back."""
    if not reason:
        return {"reason": required("原因")}
    if len(reason) > NOTE_LENGTH:
        return {"reason": f"原因 不能超过 {NOTE_LENGTH} 个字"}
    return {}
