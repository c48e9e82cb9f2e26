"""Phones, domains and tax numbers as keys that can be compared."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_SPLIT = re.compile(r"[,;/、，；|]|\s{2,}")
_NOT_DIGIT = re.compile(r"\D+")
_EXTENSION = re.compile(r"(?:转|ext\.?|#).*$", re.IGNORECASE)
_PHONE_FIELDS = ("phone", "mobile", "fax", "mobile1", "mobile2")
_SHORTEST, _LONGEST = 7, 12
# Mailboxes that everybody may have say nothing of the company.
PUBLIC_MAIL = frozenset(
    [
        "qq.com",
        "163.com",
        "126.com",
        "sina.com",
        "sina.cn",
        "139.com",
        "189.cn",
        "sohu.com",
        "yeah.net",
        "foxmail.com",
        "gmail.com",
        "hotmail.com",
        "outlook.com",
        "aliyun.com",
        "21cn.com",
        "tom.com",
        "188.com",
        "vip.163.com",
        "vip.sina.com",
        "vip.qq.com",
        "live.cn",
        "msn.com",
        "wo.cn",
        "yahoo.com",
        "yahoo.com.cn",
        "live.com",
        "icloud.com",
        "263.net",
        "eyou.com",
        "sina.com.cn",
        "vip.126.com",
    ]
)


def phone_key(text: str | None) -> str:
    """Digits of a phone number without +86 and extension; empty when it is none."""
    if not text:
        return ""
    digits = _NOT_DIGIT.sub("", _EXTENSION.sub("", text))
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) > len(prefix) + 9:
            digits = digits[len(prefix) :]
    return digits if _SHORTEST <= len(digits) <= _LONGEST else ""


def phone_keys(text: str | None) -> list[str]:
    """Keys of all phone numbers in a field."""
    found: list[str] = []
    for part in _SPLIT.split(str(text or "")):
        key = phone_key(part)
        found.extend([key] if key else filter(None, map(phone_key, part.split())))
    return found


def domain_key(text: str | None) -> str:
    """Own domain of a website or e-mail address; empty for public mailboxes."""
    if not text:
        return ""
    host = text.strip().lower().rsplit("@", 1)[-1]
    host = host.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0].removeprefix("www.")
    return host if "." in host and host not in PUBLIC_MAIL else ""


def contact_keys(row: Mapping[str, Any]) -> Iterator[str]:
    """Keys of everything in a row by which a customer can be reached or registered."""
    for field in _PHONE_FIELDS:
        for key in phone_keys(row.get(field)):
            yield f"电话{key}"
    for field in ("website", "email"):
        key = domain_key(row.get(field))
        if key:
            yield f"域名{key}"
    if row.get("uscc"):
        yield f"税号{str(row['uscc']).strip().upper()}"
