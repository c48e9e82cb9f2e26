"""转交易客户: what must be in order, who may decide, and the words for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crmlib import words
from crmlib.errors import Refused
from crmlib.reference.workdays import PUBLISHED, WorkCalendar

SENT = "消息发送成功"
CONVERTED = "客户转交易成功"
ALREADY_PENDING = "已有待处理的申请"
ALREADY_TRADING = "该客户已经是交易客户"
NOT_TRADING = "该客户还不是交易客户"
NOT_PENDING = "该申请已处理"
OWN_REQUEST = "不能审批本人提交的申请"
ASKED_BEFORE = "您曾提交该客户的转交易申请，须由其他综合部人员处理"
OWN_CUSTOMER = "您是该客户的负责人、登记人或其上级，须由他人申请后再转交易"
IN_LINE = "申请人与您有上下级关系，须由其他综合部人员审批"
UNCLEAR = "检查未通过：{labels}"
OVERRIDE_NEEDED = "没有交易依据，请填写原因"
REASON_LENGTH = 255
DUE_DAYS = 2  # working days within which 综合部 answers
UNDO_DAYS = 30  # days within which a conversion may be taken back
UNDO_TOO_LATE = f"转交易已超过 {UNDO_DAYS} 天，不能撤销"
NEVER_CONVERTED = "该客户没有转交易记录（可能是导入的交易客户），不能撤销转交易"
TRADED_SINCE = "转交易之后已有赢单商机：{deals}，不能撤销"
HAS_ORDERS = "该客户已有订单：{orders}，不能撤销转交易"
NO_TRADE = "没有赢单的商机、订单或通过的合同评审"
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
class Stake:
    """What ties the person who decides to the request, or to the customer."""

    applied: bool = False  # the waiting request is his own
    asked_before: bool = False  # nobody else asks now, but he did once
    holds: bool = False  # nobody asks, and he could have asked himself
    in_line: bool = False  # who asks works for him, or is his superior in 综合部


FREE = Stake()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the check list looks at."""

    missing: Sequence[str]  # required fields that are empty
    contacts: int
    has_primary: bool
    open_pairs: Sequence[str]  # names of the other customers
    won_deals: Sequence[str]
    legal_form: str  # 有限公司 …, empty when the name has none
    orders: Sequence[str] = ()  # that were not cancelled
    reviews: Sequence[str] = ()  # approved 合同评审

    @property
    def trade(self) -> str:
        """Return what shows that the customer trades, in words."""
        kinds = (("赢单商机", self.won_deals), ("订单", self.orders), ("合同评审", self.reviews))
        return "；".join(f"{name}：{'、'.join(found)}" for name, found in kinds if found)


def checks(facts: Facts) -> list[Check]:
    """Return the check list of A6, in the order it is read."""
    labels = "、".join(words.CUSTOMER.get(name, name) for name in facts.missing)
    others = "、".join(f"「{name}」" for name in facts.open_pairs)
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
            bool(facts.trade),
            facts.trade or NO_TRADE,
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


def convert_refusal(standing: Standing, stake: Stake = FREE) -> str | None:
    """Return why this person may not convert now, or None; the check list comes after."""
    if standing.trading:
        return ALREADY_TRADING
    if not standing.potential:
        return NOT_CONVERTIBLE.format(state=standing.label)
    return stake_refusal(stake)


def stake_refusal(stake: Stake) -> str | None:
    """Return why this person has no say: nobody approves what he asked for, or let ask for."""
    for tied, message in (
        (stake.applied, OWN_REQUEST),
        (stake.asked_before, ASKED_BEFORE),
        (stake.holds, OWN_CUSTOMER),
        (stake.in_line, IN_LINE),
    ):
        if tied:
            return message
    return None


def undo_refusal(
    converted_on: date | None, today: date, won_since: Sequence[str], orders: Sequence[str] = ()
) -> str | None:
    """Return why a conversion can't be taken back, or None; ``converted_on`` None: no record."""
    if converted_on is None:
        return NEVER_CONVERTED
    if orders:
        return HAS_ORDERS.format(orders="、".join(orders))
    if won_since:
        return TRADED_SINCE.format(deals="、".join(won_since))
    return UNDO_TOO_LATE if (today - converted_on).days > UNDO_DAYS else None


def is_overdue(age: int) -> bool:
    """Say whether a request of so many working days waits too long."""
    return age > DUE_DAYS


def overdue_until(today: date, calendar: WorkCalendar = PUBLISHED) -> date:
    """Return the last day whose requests wait too long today."""
    day = today
    while not is_overdue(calendar.between(day, today)):
        day -= timedelta(days=1)
    return day


def template(
    name: str, code: str, won_deals: Sequence[str], orders: Sequence[str] = ()
) -> tuple[str, str]:
    """Return title and body of the message as prefilled."""
    kinds = (("赢单商机", won_deals), ("订单", orders))
    told = "；".join(f"{kind} {'、'.join(found)}" for kind, found in kinds if found)
    grounds = told or NO_GROUNDS
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
