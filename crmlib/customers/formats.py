"""How phones, e-mail, web addresses and company numbers are written, checked and masked."""

import re
import unicodedata

from crmlib.store.text import half_width

_MOBILE = re.compile(r"1[3-9]\d{9}")
_ABROAD = re.compile(r"\+(?!86)[1-9]\d{6,14}")
_PHONE = re.compile(r"\+?[\d\s()\-]+(?:(?:转|分机|ext\.?|x|#)\s*\d{1,6})?", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#).*$", re.IGNORECASE)
_SEVERAL = re.compile(r"[/;,、，；|]")
_EMAIL = re.compile(r"[\w.+\-]+@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,}", re.ASCII)
_URL = re.compile(
    r"(?:https?://)?(?:[\w\-]+\.)+[^\W\d_]{2,}(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE
)
_SHORT_NUMBERS = re.compile(r"95\d{3,6}|1\d{4}")
_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_LENGTH = 18
_KEY_LENGTH = 30
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
# Shown of a masked number: three digits, stars, four digits.
_HEAD, _TAIL = 3, 4


def mobile_text(raw: object) -> str:
    """Return a mobile as stored: 11 digits, or + and digits for other countries."""
    text = re.sub(r"[\s\-().]", "", half_width(raw))
    return re.sub(r"^(?:\+|00)86(?=1\d{10}$)", "", text)


def mobile_fault(text: str) -> str | None:
    """Return what is wrong with a mobile written by ``mobile_text``."""
    if _MOBILE.fullmatch(text) or _ABROAD.fullmatch(text):
        return None
    return "移动电话 应为 11 位手机号，境外号码请以 + 和国家代码开头"


def phone_fault(label: str, text: str) -> str | None:
    """Return what is wrong with a phone or fax; several may be parted by / or 、."""
    if all(_is_phone(part.strip()) for part in _SEVERAL.split(text)):
        return None
    return f"{label} 格式不正确，例如 0755-12345678"


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", _EXTENSION.sub("", text))
    if _SHORT_NUMBERS.fullmatch(text):
        return True
    return bool(_PHONE.fullmatch(text)) and _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS


def phone_key(text: str | None) -> str | None:
    """Return the digits two spellings of one number share; the first of several numbers."""
    return next(iter(phone_keys(text)), None)


def phone_keys(text: str | None) -> tuple[str, ...]:
    """Return ``phone_key`` of each of several numbers."""
    found = (_digits_of(part) for part in _SEVERAL.split(half_width(text)))
    return tuple(dict.fromkeys(number for number in found if number))


def _digits_of(text: str) -> str:
    plain = re.sub(r"[^\d+]", "", _EXTENSION.sub("", text))
    digits = re.sub(r"\D", "", plain)
    if home := re.fullmatch(r"(?:\+|00)86(\d{5,})", plain):
        rest = home[1]
        digits = rest if rest.startswith("0") or _MOBILE.fullmatch(rest) else f"0{rest}"
    return digits[:_KEY_LENGTH]


def email_fault(text: str) -> str | None:
    """Return what is wrong with an e-mail address."""
    return None if _EMAIL.fullmatch(text) else "E-MAIL 格式不正确，例如 sales@example.com"


def url_fault(text: str) -> str | None:
    """Return what is wrong with a web address; the scheme may be left out."""
    return None if _URL.fullmatch(text) else "公司网址 格式不正确，例如 www.example.com"


def uscc_fault(text: str) -> str | None:
    """Return what is wrong with a 统一社会信用代码 (GB 32100, last sign is the check sign)."""
    if len(text) != _USCC_LENGTH or any(c not in _USCC_SIGNS for c in text):
        return "统一社会信用代码 应为 18 位数字或大写字母"
    total = sum(_USCC_SIGNS.index(c) * 3**i % 31 for i, c in enumerate(text[:-1]))
    if _USCC_SIGNS[(31 - total % 31) % 31] != text[-1]:
        return "统一社会信用代码 校验位不正确，请核对"
    return None


def mask_phone(text: str | None) -> str | None:
    """Return a number as seen without the right to contact data: 138****8888."""
    if not text:
        return text
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    if len(digits) <= _HEAD + _TAIL:
        return "****"
    return f"{digits[:_HEAD]}****{digits[-_TAIL:]}"


def mask_email(text: str | None) -> str | None:
    """Return an address as seen without the right to contact data: ****@example.com."""
    return f"****@{text.rpartition('@')[2]}" if text else text
