"""Rules of accounts, sign-in and 编号; pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from crmlib.access.grants import Role
from crmlib.words import PERSON, required

MAX_FAILURES = 5
LOCK = timedelta(minutes=15)
LOCKED = "登录失败次数过多，请 15 分钟后再试"
DEACTIVATED = "帐号已停用"
CODE_DIGITS = 2
LAST_NUMBER = 10**CODE_DIGITS - 1
PREFIX_FULL = "该前缀编号已用完，请申请新的前缀"
NO_PREFIX = "该部门没有编号前缀，请先申请前缀"
OWN_SUPERIOR = "上级不能是本人或本人的下属"
LOGIN_TAKEN = "登录名已被使用"

_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_MOBILE = re.compile(r"\+?[0-9][0-9 -]{5,28}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,55}")
NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """What an administrator types about a person; 编号 is never typed."""

    name: str
    role: str
    office_id: int | None
    reports_to_id: int | None = None
    mobile: str = ""
    email: str = ""


def person_faults(draft: PersonDraft) -> dict[str, str]:
    """Return field → message for everything wrong without looking at other people."""
    faults: dict[str, str] = {}
    if not draft.name:
        faults["name"] = required(PERSON["name"])
    elif len(draft.name) > NAME_LENGTH:
        faults["name"] = f"姓名最多 {NAME_LENGTH} 个字"
    if draft.role not in set(Role):
        faults["role"] = required(PERSON["role"])
    if draft.office_id is None:
        faults["office_id"] = required(PERSON["office"])
    if draft.mobile and not _MOBILE.fullmatch(draft.mobile):
        faults["mobile"] = "手机格式不正确"
    if draft.email and not _EMAIL.fullmatch(draft.email):
        faults["email"] = "邮箱格式不正确"
    return faults


def login_fault(login: str) -> str | None:
    """Return what is wrong with a new login name."""
    if not login:
        return required(PERSON["login"])
    if not _LOGIN.fullmatch(login):
        return "登录名由 2–40 个小写字母、数字、点、横线组成，以字母开头"
    return None


def is_prefix(prefix: str) -> bool:
    """Say whether four characters may begin 编号: two letters and two digits."""
    return re.fullmatch(r"[A-Z]{2}[0-9]{2}", prefix) is not None


def seller_code(prefix: str, number: int) -> str | None:
    """Return the 编号 of a number under a prefix (GD01, 7 → GD0107), None past 99."""
    return f"{prefix}{number:0{CODE_DIGITS}d}" if 1 <= number <= LAST_NUMBER else None


def after_failure(
    failures: int, locked_until: datetime | None, now: datetime
) -> tuple[int, datetime | None]:
    """Return count and lock after one more failure; a lock that has run out starts anew."""
    if is_locked(locked_until, now):
        return failures, locked_until
    count = 1 if locked_until is not None else failures + 1
    return count, now + LOCK if count >= MAX_FAILURES else None


def is_locked(locked_until: datetime | None, now: datetime) -> bool:
    """Say whether sign-in is refused at this moment."""
    return locked_until is not None and locked_until > now


def departure_fault(name: str, held: dict[str, int]) -> str | None:
    """Return why a person cannot be deactivated yet, given what he still holds (words → count)."""
    left = [f"{count} {what}" for what, count in held.items() if count]
    return f"{name}名下还有 {'、'.join(left)}，请先移交" if left else None
