"""How alike two brands (字号) are."""

from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from crmlib.duplicates import phonetics
from crmlib.duplicates.reasons import Reason

_SHORT = 2
# Log-odds for brands of two, three, and four or more characters.
_HEARD = (1.1, 2.2, 3.0)
_NEAR = (-1.0, 1.4, 2.4)
_SHAPED = (0.0, 1.2, 2.2)
_WRONG = (-2.6, -0.8, 0.8)


@cache
def tables() -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Sound classes, syllables and look-alikes, for str.translate."""
    return phonetics.sounds(), phonetics.syllables(), phonetics.shapes()


def _tier(size: int) -> int:
    """Brands of two, three, and four or more characters weigh differently."""
    return max(0, min(size - 2, 2))


def equal_brand(brand: str) -> Reason:
    """Evidence of one brand written the same."""
    if len(brand) < _SHORT:
        return Reason("字号相同" if brand else "", 0.5)
    return Reason("字号相同", (2.9, 3.7, 4.2)[_tier(len(brand))])


@lru_cache(2000)
def compare_brands(a: str, b: str) -> Reason:
    """Evidence of two brands."""
    if a == b:
        return equal_brand(a)
    if not a or not b:
        return Reason("一方无字号", -4.0)
    sounds, syllables, shapes = tables()
    size = min(len(a), len(b))
    tier = _tier(size)
    sound_a, sound_b = a.translate(sounds), b.translate(sounds)
    if sound_a == sound_b and size > 1:
        exact = a.translate(syllables) == b.translate(syllables)
        return Reason("字号同音", _HEARD[tier]) if exact else Reason("字号近音", _NEAR[tier])
    if a.translate(shapes) == b.translate(shapes):
        return Reason("字号形近", _SHAPED[tier])
    distance = OSA.distance(a, b, score_cutoff=2)
    if distance == 1:
        return _one_change(a, b, size)
    return _far(a, b, distance, OSA.distance(sound_a, sound_b, score_cutoff=2))


def _one_change(a: str, b: str, size: int) -> Reason:
    if len(a) != len(b):
        return Reason("字号少一字", (-4.0, -1.2, 0.2, 1.2)[max(0, min(size - 1, 3))])
    if sorted(a) == sorted(b):
        return Reason("字序颠倒", (1.2, 2.4, 3.0)[_tier(size)])
    return Reason("字号一字之差", _WRONG[_tier(len(a))])


def _far(a: str, b: str, distance: int, heard: int) -> Reason:
    size = min(len(a), len(b))
    if heard == 1 and size > _SHORT:
        near = distance == _SHORT
        return Reason("字号读音相近", (-2.6, -1.0, 0.4)[_tier(size)] if near else -3.5)
    if size > _SHORT and (a in b or b in a):
        return Reason("字号包含", -0.8)
    if size == _SHORT and (a.endswith(b) or b.endswith(a)):
        return Reason("字号包含", -2.4)
    return Reason("", -7.0)


def one_edit(a: str, b: str, start: int, size: int) -> Reason:
    """Evidence of two names one change apart, at start, within a brand of the size."""
    extra = _tier(size)
    if len(a) != len(b):
        return Reason("字号少一字", (-2.2, -0.6, 0.8)[extra])
    if a[start] == b[start + 1 : start + 2] and a[start + 1 : start + 2] == b[start]:
        return Reason("字序颠倒", (1.4, 2.4, 3.0)[extra])
    _, syllables, shapes = tables()
    x, y = a[start], b[start]
    if x.translate(syllables) == y.translate(syllables):
        return Reason("字号同音", _HEARD[extra])
    if phonetics.may_sound_alike(x, y):
        return Reason("字号近音", _NEAR[extra])
    if x.translate(shapes) == y.translate(shapes):
        return Reason("字号形近", _SHAPED[extra])
    return Reason("字号一字之差", _WRONG[extra])
