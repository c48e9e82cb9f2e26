"""转交易客户: what must be in order, who may decide, and the words for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from crmlib import words
from crmlib.errors import Refused

SENT = "消息发送成功"
CONVERTED = "客户转交易成功"
ALREADY_PENDING = "已有待处理的申请"
ALREADY_TRADING = "该客户已经是交易客户"
NOT_TRADING = "该客户还不是交易客户"
NOT_PENDING = "该申请已处理"
OWN_REQUEST = "不能审批本人提交的申请"
UNCLEAR = "检查未通过：{labels}"
OVERRIDE_NEEDED = "没有交易依据，请填写原因"
REASON_LENGTH = 255
REASON = "原因"
IN_STATE = "该客户的状态是{state}，不能申请转交易"
NOT_CONVERTIBLE = "该客户的状态是{state}，不能转交易客户"
TITLE = "申请转交易：{name}（{code}）"
BODY = "客户名称：{name}\n客户代码：{code}\n依据：{grounds}\n请审核并转为交易客户。"
NO_GROUNDS = "（请填写合同、订单或赢单情况）"

FIELDS, CONTACTS, DUPLICATES, EVIDENCE, LEGAL_NAME = (
    "fields",
    "contacts",
    "duplicates",
    "evidence",
    "legal_name",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the check list (相关页签); an ``overridable`` one gives way to a reason."""

    key: str
    label: str
    ok: bool
    detail: str
    overridable: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the customer stands, as far as conversion asks."""

    trading: bool
    potential: bool
    label: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the check list looks at."""

    missing: Sequence[str]  # required fields that are empty
    contacts: int
    has_primary: bool
    open_pairs: Sequence[str]  # names of the other customers
    won_deals: Sequence[str]
    legal_form: str  # 有限公司 …, empty when the name has none


def checks(facts: Facts) -> list[Check]:
    """Return the check list of A6, in the order it is read."""
    labels = "、".join(words.CUSTOMER.get(name, name) for name in facts.missing)
    others = "、".join(f"「{name}」" for name in facts.open_pairs)
    deals = "、".join(facts.won_deals)
    has_contacts = facts.contacts > 0 and facts.has_primary
    return [
        Check(
            FIELDS,
            "客户资料完整",
            not facts.missing,
            f"缺少：{labels}" if labels else "已齐全",
            False,
        ),
        Check(CONTACTS, "联系人与主联系人", has_contacts, _contact_words(facts), False),
        Check(
            DUPLICATES,
            "没有待审的重复候选",
            not facts.open_pairs,
            f"待审：{others}" if others else "没有",
            False,
        ),
        Check(
            EVIDENCE,
            "交易依据",
            bool(facts.won_deals),
            f"赢单商机：{deals}" if deals else "没有赢单的商机",
            True,
        ),
        Check(
            LEGAL_NAME,
            "法定全称",
            bool(facts.legal_form),
            facts.legal_form or "名称中没有组织形式（如 有限公司）",
            False,
        ),
    ]


def _contact_words(facts: Facts) -> str:
    if not facts.contacts:
        return "没有联系人"
    return f"{facts.contacts} 位联系人" if facts.has_primary else "没有主联系人"


def require_clear(found: Sequence[Check], override_reason: str) -> None:
    """Refuse a conversion whose check list is not in order.

    Raises:
        Refused: a check failed that nothing overrides, or the reason for the override is missing.
    """
    if hard := [check for check in found if not check.ok and not check.overridable]:
        raise Refused(UNCLEAR.format(labels="；".join(f"{c.label}（{c.detail}）" for c in hard)))
    if any(not check.ok for check in found) and not override_reason:
        raise Refused(OVERRIDE_NEEDED)


def request_refusal(standing: Standing, *, pending: bool) -> str | None:
    """Return why 申请转交易 is not possible now, or None."""
    if standing.trading:
        return ALREADY_TRADING
    if not standing.potential:
        return IN_STATE.format(state=standing.label)
    return ALREADY_PENDING if pending else None


def convert_refusal(standing: Standing, applicants: Collection[int], person_id: int) -> str | None:
    """Return why this person may not convert now, or None; the check list comes after."""
    if standing.trading:
        return ALREADY_TRADING
    if not standing.potential:
        return NOT_CONVERTIBLE.format(state=standing.label)
    return OWN_REQUEST if person_id in applicants else None


def template(name: str, code: str, won_deals: Sequence[str]) -> tuple[str, str]:
    """Return title and body of the message as prefilled."""
    grounds = f"赢单商机 {'、'.join(won_deals)}" if won_deals else NO_GROUNDS
    return (
        TITLE.format(name=name, code=code)[:120],
        BODY.format(name=name, code=code, grounds=grounds),
    )


def reason_faults(reason: str, field: str = "reason", *, needed: bool = True) -> Mapping[str, str]:
    """Return the faults of a cleaned reason."""
    if needed and not reason:
        return {field: words.required(REASON)}
    if len(reason) > REASON_LENGTH:
        return {field: f"{REASON} 不能超过 {REASON_LENGTH} 个字"}
    return {}
