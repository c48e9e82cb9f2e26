"""Customers by what is no name: a code, an old code, a tax number, a phone; each exactly."""

import re
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crmlib.customers.formats import mobile_text, phone_keys
from crmlib.customers.model import AliasKind, Contact, Customer, CustomerAlias
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.verdicts import Verdict
from crmlib.store.text import half_width

# The engine's words for what is shared besides the name.
CONTACT_REASONS = frozenset(
    {"电话相同", "网站或邮箱域名相同", "统一社会信用代码相同", "联系人电话相同"}
)
_CODE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9._-]{3,29}", re.IGNORECASE)
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}", re.IGNORECASE)
_PHONE = re.compile(r"[+(]?\d[\d\s()/、-]{6,40}")
_FEWEST_DIGITS = 7
_MOST = 10
_CERTAIN, _LIKELY = 9.0, 2.4  # log-odds, as the engine weighs them


@dataclass(frozen=True, slots=True)
class Found:
    """What a number says of a customer."""

    verdict: Verdict
    reason: Reason


def is_phone(text: str) -> bool:
    """Say whether a text is a phone number and nothing else."""
    plain = half_width(text)
    return bool(_PHONE.fullmatch(plain)) and sum(map(str.isdigit, plain)) >= _FEWEST_DIGITS


def by_number(session: Session, text: str) -> dict[int, Found]:
    """Return the customers that bear a number; nothing if the text is none."""
    plain = half_width(text)
    found: dict[int, Found] = {}
    if is_phone(plain):
        found |= _by_phone(session, plain)
    if _USCC.fullmatch(plain):
        same = select(Customer.id).where(Customer.uscc == plain.upper()).limit(_MOST)
        found |= _all(session, same, Verdict.SAME, "统一社会信用代码相同", _CERTAIN)
    if _CODE.fullmatch(plain):
        found |= _by_code(session, plain)
    return found


def _by_code(session: Session, code: str) -> dict[int, Found]:
    spellings = {code, code.upper()}
    former = (
        select(CustomerAlias.customer_id)
        .where(CustomerAlias.kind == AliasKind.CODE, CustomerAlias.value.in_(spellings))
        .limit(_MOST)
    )
    present = select(Customer.id).where(Customer.code.in_(spellings))
    return _all(session, former, Verdict.SAME, f"旧客户代码 {code}", _CERTAIN) | _all(
        session, present, Verdict.SAME, "客户代码相同", _CERTAIN
    )


def _by_phone(session: Session, text: str) -> dict[int, Found]:
    contacts = select(Contact.customer_id).where(Contact.mobile == mobile_text(text)).limit(_MOST)
    firms = select(Customer.id).where(Customer.phone_key.in_(phone_keys(text))).limit(_MOST)
    return _all(session, contacts, Verdict.SIMILAR, "联系人电话相同", _LIKELY) | _all(
        session, firms, Verdict.SIMILAR, "电话相同", _LIKELY
    )


def _all(
    session: Session, ids: Select[int], verdict: Verdict, why: str, weight: float
) -> dict[int, Found]:
    return {key: Found(verdict, Reason(why, weight)) for key in session.scalars(ids)}
