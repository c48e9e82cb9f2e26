"""How values look to people: one way for every page, table and chart."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from crmlib.clock import local
from crmlib.words import EMPTY, NO, YES

WEEKDAYS = "一二三四五六日"
WAN, YI = Decimal(10_000), Decimal(100_000_000)
MOBILE_DIGITS = 11


def money(value: Decimal | float | None) -> str:
    """Return an amount in yuan as ¥1,234,567; cents only where there are some."""
    if value is None:
        return EMPTY
    amount = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    sign = "-" if amount < 0 else ""
    whole = amount == amount.to_integral_value()
    return f"{sign}¥{abs(amount):,.0f}" if whole else f"{sign}¥{abs(amount):,.2f}"


def short_money(value: Decimal | float | None) -> str:
    """Return an amount as charts and figures show it: ¥123.5万, ¥1.2亿."""
    if value is None:
        return EMPTY
    amount = Decimal(str(value))
    for unit, word in ((YI, "亿"), (WAN, "万")):
        if abs(amount) >= unit:
            digits = (amount / unit).quantize(Decimal("0.1"), ROUND_HALF_UP)
            sign = "-" if digits < 0 else ""
            return f"{sign}¥{abs(digits):,f}{word}"
    return money(amount)


def number(value: Decimal | float | None) -> str:
    """Return a number with thousands separators, without trailing zeros."""
    if value is None:
        return EMPTY
    text = f"{Decimal(str(value)):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: Decimal | float | None) -> str:
    """Return a share of one (0.125) as 12.5%."""
    if share is None:
        return EMPTY
    value = (Decimal(str(share)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{value}%"


def day(value: date | datetime | None, *, weekday: bool = False) -> str:
    """Return 2026-11-23, or 2026-11-23 (周一); moments are shown in Shanghai."""
    if value is None:
        return EMPTY
    shown = local(value).date() if isinstance(value, datetime) else value
    return f"{shown:%Y-%m-%d} (周{WEEKDAYS[shown.weekday()]})" if weekday else f"{shown:%Y-%m-%d}"


def moment(value: datetime | None) -> str:
    """Return 2026-11-23 14:05 as people in Shanghai read it."""
    return EMPTY if value is None else f"{local(value):%Y-%m-%d %H:%M}"


def phone(value: str | None) -> str:
    """Return a mobile number as 138 0000 8888; others as they are."""
    if not value:
        return EMPTY
    digits = value.replace(" ", "").replace("-", "")
    if len(digits) == MOBILE_DIGITS and digits.isdigit() and digits.startswith("1"):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    return value


def yes_no(value: bool | None) -> str:
    """Return 是, 否 or —."""
    return EMPTY if value is None else (YES if value else NO)


def plain(value: object) -> str:
    """Return any other value as text; nothing is —."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal | int | float):
        return number(value)
    return str(value)
