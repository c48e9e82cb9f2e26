"""Names compared as they are written, for when a slip has spoilt the way they are taken apart."""

from rapidfuzz.distance import OSA

from crmlib.duplicates.comparison import Likeness
from crmlib.duplicates.gazetteer import NOWHERE, match
from crmlib.duplicates.names import ParsedName
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.vocabulary import NUMERALS

_SHORTEST, _LONG = 7, 12
_NUMBERS = frozenset(NUMERALS) | frozenset(
    "0123456789壹贰叁肆伍陆柒捌玖拾甲乙丙丁东南西北中上下新老"
)
_FORM = frozenset("有限责任公司股份集团总")
_ONE_SLIP, _TWO_SLIPS, _FORM_SLIP = 3.2, 1.2, 4.2
_IN_BRANCH = -3.0  # one character is all that tells two outlets apart
_BEFORE_PLACE, _BEFORE_OTHER = 2.6, 0.6


def compare_whole(a: ParsedName, b: ParsedName) -> Likeness | None:
    """Likeness of names that are equal but for one or two characters, or for their beginning."""
    short, long = sorted((a.key, b.key), key=len)
    if len(short) < _SHORTEST or short == long:
        return None
    if long.endswith(short):
        return _longer_start(short, long)
    if len(long) - len(short) > 2 or _is_plain(a, b):
        return None
    most = 2 if len(short) >= _LONG else 1
    slips = OSA.distance(short, long, score_cutoff=most)
    return _slips(a, b, short, long, slips) if slips <= most else None


def _is_plain(a: ParsedName, b: ParsedName) -> bool:
    """Whether only one part differs, and is meant so: another brand, place or outlet."""
    differing = [
        part
        for part in ("area", "brand", "trade", "form", "branch")
        if getattr(a, part) != getattr(b, part)
    ]
    if differing == ["area"]:
        return len(a.key) == len(b.key)
    return differing in (["brand"], ["branch"]) and bool(a.trade or a.form)


def _longer_start(short: str, long: str) -> Likeness | None:
    start = long[: len(long) - len(short)]
    spot = match(start, 0, NOWHERE)
    if spot is None or spot.end < len(start) - 3:
        return None
    weight = _BEFORE_PLACE if spot.end == len(start) else _BEFORE_OTHER
    return Likeness(weight, 0.2, (Reason(f"去掉开头“{start}”后相同", weight),))


def _slips(a: ParsedName, b: ParsedName, short: str, long: str, slips: int) -> Likeness | None:
    left = 0
    while left < len(short) and short[left] == long[left]:
        left += 1
    right = 0
    while right < len(short) - left and short[-1 - right] == long[-1 - right]:
        right += 1
    differing = short[left : len(short) - right], long[left : len(long) - right]
    if any(character in _NUMBERS for text in differing for character in text):
        return None
    if slips > 1 and max(map(len, differing)) <= slips:
        return None  # two characters side by side are a word, not two slips
    weight = _ONE_SLIP if slips == 1 else _TWO_SLIPS
    if left >= min(len(a.key) - len(a.branch), len(b.key) - len(b.branch)):
        weight += _IN_BRANCH
    elif left >= len(a.area + a.brand) and any(set(text) <= _FORM for text in differing if text):
        weight = _FORM_SLIP
    told = "全名只差一字" if slips == 1 else "全名只差两字"
    return Likeness(weight, 0.3, (Reason(told, weight),))
