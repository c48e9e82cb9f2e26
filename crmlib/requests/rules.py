"""Words and limits of 申请共享 and 申请转移."""

from datetime import date

from crmlib import words

REASON_LENGTH = 255
ALREADY_OPEN = "已有待处理的申请"
NOT_OPEN = "该申请已处理"
OWN_REQUEST = "不能审批本人提交的申请"
UNKNOWN = "找不到该客户，请从撞单分析的结果重新进入"
NOT_LIVE = "客户已合并或在回收站，不能申请"
OUT_OF_REACH = "使用人不在您的权限范围内，请由信息部或双方的共同上级处理"
PERSON_FAULT = "使用人 只能选择您权限范围内的在职业务员"
SENT = "申请已提交，等待{decider}处理"
GRANTED = {"share": "已同意共享", "transfer": "已同意转移"}
REFUSED = "申请已驳回"
WITHDRAWN = "申请已撤回"
_LEVELS = tuple(words.SHARE_LEVELS)  # from less to more


def reason_faults(reason: str, name: str = "reason", *, needed: bool = True) -> dict[str, str]:
    """Return the fault of a cleaned reason."""
    label = words.ACCESS[name]
    if needed and not reason:
        return {name: words.required(label)}
    if len(reason) > REASON_LENGTH:
        return {name: f"{label} 不能超过 {REASON_LENGTH} 个字"}
    return {}


def is_enough(held: str | None, wanted: str) -> bool:
    """Say whether a share that is held covers the level that is wanted."""
    return held is not None and _LEVELS.index(held) >= _LEVELS.index(wanted)


def lasts(held_until: date | None, until: date | None) -> bool:
    """Say whether a share lasts at least until a day; None has no end."""
    return held_until is None or (until is not None and held_until >= until)


def shorter_fault(held_until: date | None) -> dict[str, str]:
    """Return the fault of a wider share that would end before the one it takes the place of."""
    return {"ends_on": f"使用人已有{until_text(held_until)}的共享，截止日期不能早于它"}


def until_text(until: date | None) -> str:
    """Return the last day of a share as messages say it."""
    return f"至 {until.isoformat()}" if until else "长期"


def named(name: str, code: str) -> str:
    """Return a customer as messages name it."""
    return f"{name}（{code}）"
