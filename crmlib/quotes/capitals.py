"""Amounts in Chinese capitals (人民币大写), as contracts and cheques want them."""

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
LIMIT = Decimal(10) ** 16


def in_capitals(amount: Decimal) -> str:
    """Return an amount in yuan, e.g. 1005.20 → 壹仟零伍元贰角整.

    Raises:
        ValueError: negative, finer than a 分, or of more than sixteen digits.
    """
    if amount < 0 or amount >= LIMIT or amount != amount.quantize(Decimal("0.01")):
        msg = f"no amount to write out: {amount}"
        raise ValueError(msg)
    fen = int(amount * 100)
    yuan, jiao, fen = fen // 100, fen // 10 % 10, fen % 10
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not fen:
        return f"{whole or '零元'}整"
    gap = "零" if yuan and (not jiao or yuan % 10 == 0) else ""
    tenths = f"{_DIGITS[jiao]}角" if jiao else ""
    return f"{whole}{gap}{tenths}{_DIGITS[fen]}分" if fen else f"{whole}{gap}{tenths}整"


def _whole(number: int) -> str:
    """Return a whole number above nought; noughts between digits are said once."""
    text, zero_waits = "", False
    for place in reversed(range(len(_GROUPS))):
        group = number // 10_000**place % 10_000
        if not group:
            zero_waits = bool(text)
            continue
        if text and (zero_waits or group < 1000):
            text += "零"
        text += _group(group) + _unit(place, number)
        zero_waits = False
    return text


def _unit(place: int, number: int) -> str:
    # 万亿 says 亿 already if there are 亿 of their own.
    if place == 3 and number // 10_000**2 % 10_000:
        return "万"
    return _GROUPS[place]


def _group(number: int) -> str:
    text, zero_waits = "", False
    for place in reversed(range(len(_PLACES))):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if zero_waits and text else "") + _DIGITS[digit] + _PLACES[place]
            zero_waits = False
        else:
            zero_waits = True
    return text
