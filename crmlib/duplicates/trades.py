"""How alike two trades (行业词) are."""

from functools import lru_cache

from rapidfuzz.distance import OSA

from crmlib.duplicates import phonetics
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.vocabulary import SYNONYMS, TRADES

_TWICE, _LONG = 2, 6
_KEPT = 20_000  # the same few trades are compared over and over


@lru_cache(_KEPT)
def compare_trades(a: str, b: str, *, loose: bool = False) -> Reason:
    """Evidence of two trades; loosely where one name is a short one."""
    if a == b:
        return Reason("行业相同", 1.2) if a else Reason("", 0.0)
    if not a or not b:
        return Reason("一方未写行业", -0.5 if loose else -2.6)
    if a.startswith(b) or b.startswith(a):
        return Reason("行业一方较短", 0.9 if loose else -1.0)
    if loose and (a in b or b in a):
        return Reason("行业一方较短", 0.4)
    sounds = phonetics.sounds()
    if a.translate(sounds) == b.translate(sounds):
        return Reason("行业同音", 1.0)
    return _by_words(a, b, loose=loose)


def _by_words(a: str, b: str, *, loose: bool) -> Reason:
    """Evidence of the trade words; what is no known word may be misspelt."""
    level_a, level_b = _level(a), _level(b)
    if level_a == level_b:
        return Reason("行业相近", 0.6)
    if not all(len(word) > 1 for word in level_a | level_b):
        apart = OSA.distance(a, b, score_cutoff=2)
        if apart == 1:
            return Reason("行业一字之差", 0.8)
        if apart == _TWICE and min(len(a), len(b)) >= _LONG:
            return Reason("行业两字之差", -1.2)
    if level_a.issubset(level_b) or level_b.issubset(level_a):
        return Reason("行业一方较短", -0.2 if loose else -3.0)
    if level_a & level_b:
        return Reason("行业部分相同", -1.8 if loose else -4.8)
    return Reason("行业不同", -4.0 if loose else -6.5)


@lru_cache(_KEPT)
def _level(trade: str) -> frozenset[str]:
    """Trade words with synonyms levelled."""
    words = set()
    start = 0
    while start < len(trade):
        for length in (2, 3, 1):
            word = trade[start : start + length]
            if length == 1 or word in TRADES:
                words.add(SYNONYMS.get(word, word))
                start += length
                break
    return frozenset(words)
