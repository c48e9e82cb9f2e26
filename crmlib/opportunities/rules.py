"""What makes an opportunity right: its fields, its 主题, and how it moves between stages."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from crmlib.words import OPPORTUNITY, required

SUBJECT_FORMAT = "主题格式：客户-感兴趣产品名称-销售任务"
NO_CONTACT = "该客户还没有联系人，请先添加联系人"
BAD_PROBABILITY = "赢率 请填写 0 到 100 的整数"
SKIPPED = "跳过或退回阶段，请填写原因"
MAX_DIGITS = 12
LENGTHS = {"subject": 255, "project_name": 120, "site_address": 200}
EARLIEST = date(2000, 1, 1)
# Words that say nothing in a short name: 幕墙工程 → 幕墙.
_TAIL = re.compile(r"(?<=..)(工程|发展|实业|建设|制品|科技|贸易|商贸|开发)+$")
_HYPHENS = str.maketrans("－–—‐‑", "-----")


@dataclass(frozen=True, slots=True)
class OpportunityDraft:
    """What a form holds of an opportunity; texts may still be as typed (see ``cleaned``)."""

    customer_id: int | None = None
    contact_id: int | None = None  # None: the customer's 主联系人
    project_name: str = ""
    project_type: str | None = None
    site_address: str | None = None
    products: tuple[str, ...] = ()
    sales_task: str = ""
    amount: Decimal | int | float | str | None = None  # yuan
    expected_close: date | str | None = None
    source: str | None = None
    subject: str = ""  # empty: composed
    owner_id: int | None = None  # None: the actor


@dataclass(frozen=True, slots=True)
class Choices:
    """Code → name of the dictionaries an opportunity chooses from."""

    products: Mapping[str, str]
    sales_tasks: Mapping[str, str]
    project_types: Mapping[str, str]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as the rules see it."""

    id: int
    code: str
    name: str
    position: int
    probability: int
    standard_days: int
    checklist: tuple[str, ...] = ()
    disabled: bool = False


def cleaned(draft: OpportunityDraft) -> OpportunityDraft:
    """Return the draft trimmed, with amount and date read where they can be."""
    return replace(
        draft,
        project_name=draft.project_name.strip(),
        project_type=draft.project_type or None,
        site_address=(draft.site_address or "").strip() or None,
        products=tuple(dict.fromkeys(draft.products)),
        sales_task=draft.sales_task or "",
        amount=read_amount(draft.amount),
        expected_close=read_day(draft.expected_close),
        source=draft.source or None,
        subject=draft.subject.strip().translate(_HYPHENS),
    )


def read_amount(value: Decimal | float | str | None) -> Decimal | str | None:
    """Return an amount in yuan as typed; a text that is none stays as it is."""
    text = unicodedata.normalize("NFKC", "" if value is None else str(value))
    text = re.sub(r"[\s,，¥元]", "", text)
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return text
    return amount if amount.is_finite() else text


def read_day(value: date | str | None) -> date | str | None:
    """Return a day as typed; a text that is none stays as it is."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFKC", value).strip().replace("/", "-")
    try:
        return date(*(int(part) for part in text.split("-"))) if text else None
    except (TypeError, ValueError):
        return text


def read_percent(value: object) -> int | None:
    """Return a whole percentage as typed, None if it is none."""
    text = unicodedata.normalize("NFKC", str(value)).strip().rstrip("%")
    return int(text) if text.isdecimal() and int(text) <= 100 else None


def faults(draft: OpportunityDraft, choices: Choices) -> dict[str, str]:
    """Return every fault of a cleaned draft: field → message."""
    found = {
        field: required(OPPORTUNITY[label])
        for field, label in (
            ("customer_id", "customer"),
            ("project_name", "project_name"),
            ("products", "products"),
            ("sales_task", "sales_task"),
            ("amount", "amount"),
            ("expected_close", "expected_close"),
        )
        if getattr(draft, field) in (None, "", ())
    }
    checks = {
        "amount": amount_fault(draft.amount),
        "expected_close": _date_fault(draft.expected_close),
        "subject": subject_fault(draft.subject) if draft.subject else None,
        **_choice_faults(draft, choices),
    }
    for field, limit in LENGTHS.items():
        if len(getattr(draft, field) or "") > limit:
            checks[field] = f"{OPPORTUNITY[field]} 不能超过 {limit} 个字"
    return {field: text for field, text in checks.items() if text} | found


def amount_fault(amount: Decimal | float | str | None, field: str = "amount") -> str | None:
    """Return what is wrong with an amount that was read; none given is no fault here."""
    label = OPPORTUNITY[field]
    if amount is None:
        return None
    if not isinstance(amount, Decimal):
        return f"{label} 请填写数字"
    if amount < 0:
        return f"{label} 不能为负数"
    if amount >= Decimal(10) ** MAX_DIGITS:
        return f"{label} 不能超过 {MAX_DIGITS} 位数"
    return None if amount == round(amount, 2) else f"{label} 最多两位小数"


def _date_fault(day: date | str | None) -> str | None:
    if day is None or (isinstance(day, date) and day >= EARLIEST):
        return None
    return f"{OPPORTUNITY['expected_close']} 请填写正确的日期，如 2026-12-31"


def _choice_faults(draft: OpportunityDraft, choices: Choices) -> dict[str, str]:
    chosen = {
        "products": (draft.products, choices.products),
        "sales_task": ((draft.sales_task,), choices.sales_tasks),
        "project_type": ((draft.project_type,), choices.project_types),
        "source": ((draft.source,), choices.sources),
    }
    return {
        field: f"{OPPORTUNITY[field]} 请从列表中选择"
        for field, (codes, known) in chosen.items()
        if any(code and code not in known for code in codes)
    }


def subject_fault(subject: str) -> str | None:
    """Return what is wrong with a 主题: three parts, none of them empty."""
    parts = [part.strip() for part in subject.split("-")]
    return None if len(parts) == 3 and all(parts) else SUBJECT_FORMAT


def short_name(name: str, brand: str, trade: str, area: str = "") -> str:
    """Return 客户简称 of a parsed name: 字号 + 行业, without area and legal form."""
    core = _TAIL.sub("", (brand or area) + trade)
    return core or name


def compose_subject(customer: str, products: Sequence[str], task: str) -> str:
    """Return 主题「客户简称-感兴趣产品-销售任务」; many products are counted, not listed."""
    listed = "、".join(products[:2]) + (f"等{len(products)}项" if len(products) > 2 else "")
    parts = (customer, listed, task)
    return "-".join(part.translate(_HYPHENS).replace("-", "·") for part in parts)


def editable_fields(*, owns: bool, manages: bool) -> frozenset[str]:
    """Return the fields a person may change: managers all, owners not 负责人, 协作 not 金额 either."""
    fields = frozenset(OpportunityDraft.__dataclass_fields__) - {"customer_id"}
    if manages:
        return fields | {"probability"}
    return fields - ({"owner_id"} if owns else {"owner_id", "amount"})


def state_refusal(number: str, *, closed: bool, decided: bool) -> str | None:
    """Return why an opportunity can no longer be changed, if so."""
    if closed:
        return f"商机{number}已经关闭！"
    return f"商机{number}已经完成输赢单操作！" if decided else None


def next_step(steps: Sequence[Step], current_id: int) -> Step | None:
    """Return the stage after the current one; None in the last."""
    here = next(s.position for s in steps if s.id == current_id)
    later = [s for s in steps if s.position > here and not s.disabled]
    return min(later, key=lambda s: s.position, default=None)


def unticked(steps: Sequence[Step], current_id: int, ticked: Collection[str]) -> list[str]:
    """Return the check-list items of the current stage that are not ticked."""
    current = next(s for s in steps if s.id == current_id)
    return [item for item in current.checklist if item not in ticked]


def move_faults(
    steps: Sequence[Step],
    current_id: int,
    target_id: int | None,
    reason: str,
    unticked: Sequence[str] = (),
) -> dict[str, str]:
    """Return why a deal may not move so; a fault under ``confirm`` only asks for a yes."""
    target = next((s for s in steps if s.id == target_id and not s.disabled), None)
    if target is None:
        return {"to_stage_id": "请选择销售阶段"}
    if target.id == current_id:
        return {"to_stage_id": f"商机已处于「{target.name}」"}
    if len(reason) > 255:
        return {"reason": "原因 不能超过 255 个字"}
    if target != next_step(steps, current_id) and not reason.strip():
        return {"reason": SKIPPED}
    here = next(s.position for s in steps if s.id == current_id)
    if unticked and target.position > here:
        return {"confirm": f"检查项尚未完成：{'、'.join(unticked)}，确认仍要推进吗？"}
    return {}
