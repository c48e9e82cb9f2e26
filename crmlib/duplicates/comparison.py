"""How alike two parsed names are: log-odds of being one customer, and why, in Chinese."""

import re
from dataclasses import dataclass
from math import exp

from rapidfuzz.distance import OSA

from crmlib.duplicates import phonetics
from crmlib.duplicates.brands import compare_brands, equal_brand, one_edit
from crmlib.duplicates.gazetteer import NOWHERE, Fit, compare, match
from crmlib.duplicates.names import ParsedName
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.trades import compare_trades
from crmlib.duplicates.vocabulary import NUMERALS

NEVER = -9.0  # log-odds of what cannot be
BAR, BAR_TRADE = -5.0, -1.5
_LONG, _PICKS = 5, 3
_SHORT_CORE = 6
_SAME_BRAND = ("字号相同", "地区写错", "词序不同", "")


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the names alone say."""

    same: float  # log-odds
    related: float  # probability of being related if not the same
    reasons: tuple[Reason, ...]
    barred: bool = False  # a branch, or another trade: contacts cannot make it the same


def probability(log_odds: float) -> float:
    """Probability of the log-odds."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, log_odds))))


_ORDINAL = re.compile(f"[{NUMERALS}]+|[0-9]+")


def compare_names(a: ParsedName, b: ParsedName) -> Likeness:
    """Compare two names; either may be short, misspelt or without its area."""
    if a.key == b.key:
        weight = 6.5 if a.form or a.area else 4.0  # a short name may be anybody's
        return Likeness(weight, 0.0, (Reason("名称相同", weight),))
    core_a, core_b = a.brand + a.trade, b.brand + b.trade
    if _ordinals_differ(core_a, core_b):
        return Likeness(NEVER, 0.5, (Reason("序号不同", NEVER),), barred=True)
    picked = _picked(a, b) or _picked(b, a)
    if picked:
        return Likeness(picked.weight, 0.1, (picked,))
    fit = compare(a.place, b.place)
    brand, trade, typo = _parts(a, b, core_a, core_b)
    if typo:
        fit = Fit.EQUAL
    area = _area_reason(a, b, fit)
    if (not a.brand or not b.brand) and core_a and fit is Fit.UNKNOWN:
        brand = Reason("只有通用词", -3.4)
    if a.form and b.form and brand.text not in _SAME_BRAND and trade.weight < 0:
        trade = Reason(trade.text or "行业不同", trade.weight - 1.5)  # two faults at once are rare
    branch = _branch_reason(a, b)
    parts = [brand, trade, area, _form_reason(a, b), branch]
    same = sum(r.weight for r in parts)
    reasons = tuple(r for r in parts if r.text)
    barred = branch.weight <= BAR or trade.weight <= BAR_TRADE or fit is Fit.CONFLICT
    return Likeness(max(NEVER, same), _related(a, b, brand, fit), reasons, barred)


def _picked(short: ParsedName, long: ParsedName) -> Reason | None:
    """郑煤机: single characters of place, brand and trade, in their order."""
    text = short.key
    if short.form or not _PICKS <= len(text) <= _LONG or not long.form or long.branch:
        return None
    if not long.area or text[0] != long.area[0] or text in long.key:
        return None
    taken = _common_prefix(text[1:], long.brand)
    rest = text[1 + taken :]
    if not taken or (rest and rest[0] != long.trade[:1]) or not _in_order(rest, long.trade):
        return None
    skipped = len(long.brand) - taken
    return Reason("单字简称", round(len(text) - 1.4 - 0.6 * skipped, 2))


def _in_order(part: str, whole: str) -> bool:
    """Whether the characters stand in the whole in this order."""
    left = iter(whole)
    return all(character in left for character in part)


def _ordinals_differ(a: str, b: str) -> bool:
    """三局 is not 八局: both count, and count differently."""
    in_a, in_b = _ORDINAL.findall(a), _ORDINAL.findall(b)
    return bool(in_a and in_b) and len(in_a) == len(in_b) and in_a != in_b


def _parts(a: ParsedName, b: ParsedName, core_a: str, core_b: str) -> tuple[Reason, Reason, bool]:
    """Evidence of brand and trade; whether only the area is misspelt."""
    equal_trade = _equal_trade(a)
    if core_a == core_b:
        return equal_brand(a.brand or core_a), equal_trade, False
    if (bool(a.area) != bool(b.area) or a.place == b.place) and _area_typo(a, b):
        weight = 3.0 if max(len(a.brand), len(b.brand)) > 2 else 2.2
        return Reason("地区写错", weight), equal_trade, True
    brand_a, brand_b = a.brand, b.brand
    size = min(len(brand_a), len(brand_b))
    if size and OSA.distance(core_a, core_b, score_cutoff=1) == 1:
        return *_one_apart(a, b, core_a, core_b), False
    if len(a.body) > _LONG and sorted(a.body) == sorted(b.body):
        return Reason("词序不同", 3.4), equal_trade, True
    if size > 1 and core_a[:size] == core_b[:size]:
        rest = compare_trades(core_a[size:], core_b[size:], loose=_loose(a, b))
        return equal_brand(core_a[:size]), rest, False
    if len(core_a) == len(core_b) and size > 1 and core_a[size:] == core_b[size:]:
        return compare_brands(core_a[:size], core_b[:size]), equal_trade, False
    if _sound_distance(core_a, core_b) == 0:
        return compare_brands(core_a[:size], core_b[:size]), Reason("行业同音", 1.0), False
    if len(brand_a) == len(brand_b):
        return (
            compare_brands(brand_a, brand_b),
            compare_trades(a.trade, b.trade, loose=_loose(a, b)),
            False,
        )
    if len(brand_a) > len(brand_b):
        return _uneven(a, b, core_a, core_b)
    return _uneven(b, a, core_b, core_a)


def _equal_trade(name: ParsedName) -> Reason:
    """Evidence of trades that do not differ."""
    return Reason("行业相同", 1.2) if name.trade else Reason("", 0.4)


def _loose(a: ParsedName, b: ParsedName) -> bool:
    """Whether one of the names is a short one, without its legal form."""
    return not (a.form and b.form) and min(len(a.core), len(b.core)) <= _SHORT_CORE


def _one_apart(a: ParsedName, b: ParsedName, core_a: str, core_b: str) -> tuple[Reason, Reason]:
    """Evidence of brand and trade where one change makes them equal."""
    start = _common_prefix(core_a, core_b)
    size = max(2, min(len(a.brand), len(b.brand)))
    if start >= size or (start > 1 and core_a[:start] in (a.brand, b.brand)):
        return equal_brand(core_a[:size]), compare_trades(
            core_a[size:], core_b[size:], loose=_loose(a, b)
        )
    brand = one_edit(core_a, core_b, start, max(len(a.brand), len(b.brand)))
    return brand, _equal_trade(a)


def _uneven(a: ParsedName, b: ParsedName, core_a: str, core_b: str) -> tuple[Reason, Reason, bool]:
    """Evidence where the brand of a seems longer: one of the two may be cut wrongly."""
    if len(core_b) >= _LONG and core_a.endswith(core_b) and not (a.area and b.area):
        return Reason("一方多出开头", 0.6), Reason("行业相同", 1.2), False
    cut, small = min(len(a.brand), len(core_b)), len(b.brand)
    cuts = [cut, small] if small > 1 else [cut]
    loose = _loose(a, b)
    options = [(compare_brands(a.brand, b.brand), compare_trades(a.trade, b.trade, loose=loose))]
    options.extend(
        (
            compare_brands(core_a[:size], core_b[:size]),
            compare_trades(core_a[size:], core_b[size:], loose=loose),
        )
        for size in cuts
    )
    brand, trade = max(options, key=lambda option: option[0].weight + option[1].weight)
    return brand, trade, False


def _area_typo(a: ParsedName, b: ParsedName) -> bool:
    """Whether the names before their legal form differ only within the place."""
    body_a, body_b = a.body, b.body
    if abs(len(body_a) - len(body_b)) > 1 or len(body_a) < 5:
        return False
    start = _common_prefix(body_a, body_b)
    area_end = max(len(a.area), len(b.area))
    return start <= area_end - 1 and OSA.distance(body_a, body_b, score_cutoff=1) == 1


def _common_prefix(a: str, b: str) -> int:
    size = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        size += 1
    return size


def _sound_distance(a: str, b: str) -> int:
    sounds = phonetics.sounds()
    return int(OSA.distance(a.translate(sounds), b.translate(sounds)))


def _area_reason(a: ParsedName, b: ParsedName, fit: Fit) -> Reason:
    if fit is Fit.CONFLICT:
        return Reason("地区不同", -5.5)
    if fit is Fit.EQUAL:
        return Reason("地区相同" if a.area else "", 1.0)
    if fit is Fit.NESTED:
        return Reason("地区级别不同", -1.4)
    if a.area or b.area:
        return Reason(f"去掉“{a.area or b.area}”后比较", -0.3)
    return Reason("", 0.2)


def _form_reason(a: ParsedName, b: ParsedName) -> Reason:
    if a.form == b.form:
        return Reason("", 0.3 if a.form else 0.0)
    if not a.form or not b.form:
        longer = a.form or b.form
        return Reason(f"去掉“{longer}”", 0.3 if "股份" in longer else 0.0)
    if a.form.endswith("公司") and b.form.endswith("公司"):
        return Reason(f"组织形式不同：{a.form}/{b.form}", -0.1)
    return Reason(f"组织形式不同：{a.form}/{b.form}", -0.9)


def _branch_reason(a: ParsedName, b: ParsedName) -> Reason:
    if a.branch == b.branch:
        return Reason("", 0.3 if a.branch else 0.0)
    if not a.branch or not b.branch:
        head = b if a.branch else a
        if not head.form and not head.area:
            return Reason("简称，另一方为分公司", -2.5)
        return Reason("分公司与总公司", -10.0)
    longer, shorter = sorted((a.branch, b.branch), key=len, reverse=True)
    if len(shorter) > 3 and len(longer) - len(shorter) <= 2 and longer.startswith(shorter):
        return Reason("分公司名称一方较短", -0.3)
    if _ordinals_differ(a.branch, b.branch):
        return Reason("不同分公司", -10.0)
    if _sound_distance(a.branch, b.branch) == 0:
        return Reason("分公司名称同音", 0.0)
    apart = OSA.distance(a.branch, b.branch, score_cutoff=1)
    if apart == 1 and min(len(a.branch), len(b.branch)) > 4 and not _two_places(a.branch, b.branch):
        return Reason("分公司名称相近", -1.2)
    return Reason("不同分公司", -10.0)


def _two_places(a: str, b: str) -> bool:
    """Whether both branches are named after a place."""
    return match(a, 0, NOWHERE) is not None and match(b, 0, NOWHERE) is not None


def _related(a: ParsedName, b: ParsedName, brand: Reason, fit: Fit) -> float:
    """Probability of being related, given that the two are not the same."""
    if brand.weight < 0:
        return 0.02
    if a.branch != b.branch:
        return 0.95 if fit is not Fit.CONFLICT else 0.7
    size = min(len(a.brand), len(b.brand))
    base = (0.15, 0.45, 0.75)[max(0, min(size - 2, 2))]
    return base if fit is not Fit.CONFLICT else base / 2
