"""Names typed in Latin letters: pinyin, initials of pinyin, English renderings."""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from rapidfuzz.distance import Indel, LCSseq

from crmlib.duplicates import features, phonetics
from crmlib.duplicates.comparison import NEVER, Likeness
from crmlib.duplicates.gazetteer import places
from crmlib.duplicates.names import ParsedName
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.vocabulary import ENGLISH, ENGLISH_CITIES, ENGLISH_NOISE, TRADES

_WORD = re.compile(r"[a-z]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_PINYIN = re.compile(r"[a-z]{2,}")
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class LatinName:
    """What was typed in letters, as sounds and as initials."""

    letters: str
    heard: str  # sound classes of all words, empty when they are no pinyin
    own: str  # sound classes of the words that are not English
    english: bool


def read_latin(text: str) -> LatinName | None:
    """Letters typed for a Chinese name; None when there are Chinese characters or too few letters."""
    if _CHINESE.search(text):
        return None
    words = _WORD.findall(phonetics.as_stored(text.lower()))
    letters = "".join(words)
    if len(letters) < _SHORTEST:
        return None
    heard, own, english = "", "", False
    for word in words:
        if len(words) > 1 and (word in ENGLISH_NOISE or word in ENGLISH):
            english = True
            heard += ENGLISH.get(word, "").translate(phonetics.sounds())
            continue
        sounds = _heard(ENGLISH_CITIES.get(word, word), alone=len(words) == 1)
        heard += sounds
        own += sounds
    return LatinName(letters, heard, own, english)


def in_characters(text: str) -> str:
    """A name that mixes Chinese and pinyin, in characters; empty for any other.

    Each syllable becomes a rare character of that sound, so it is heard but never read alike.
    """
    if not _CHINESE.search(text):
        return ""
    lower = phonetics.as_stored(text.lower())
    spelt = _PINYIN.sub(_characters, lower)
    return spelt if spelt != lower else ""


def _characters(found: re.Match[str]) -> str:
    word = found.group()
    known = _words_by_sound().get(word)
    if known:
        return known
    parts = phonetics.split_syllables(word)
    if sum(map(len, parts)) < len(word):
        return word
    return "".join(phonetics.rare_characters()[part] for part in parts)


@cache
def _words_by_sound() -> dict[str, str]:
    """Pinyin of trades and places to the word."""
    return {
        word.translate(phonetics.syllables()): word for word in (*sorted(places()), *sorted(TRADES))
    }


def _heard(word: str, *, alone: bool) -> str:
    """Sound classes of a word in pinyin; a place is read as such (xian: 西安)."""
    place = "" if alone else _place_sounds().get(word, "")
    if place:
        return place
    parts = phonetics.split_syllables(word)
    if alone and sum(map(len, parts)) < len(word) - 2:
        return ""  # initials, not syllables
    return "".join(map(phonetics.sound_of, parts))


@cache
def _place_sounds() -> dict[str, str]:
    """Pinyin of provinces and cities to their sound classes."""
    found: dict[str, str] = {}
    for name, options in places().items():
        if not options[0].county:
            letters = name.translate(phonetics.syllables())
            found.setdefault(letters, name.translate(phonetics.sounds()))
    return found


def latin_hashes(name: LatinName) -> list[features.Hashes]:
    """Hashes to look a Latin name up with."""
    asked = [np.empty(0, np.uint32) for _ in range(features.KINDS)]
    wholes = [
        features.whole("letters", name.letters),
        features.whole("key", name.letters),
        features.whole("heard", phonetics.blur(name.letters)),
        features.whole("brand", name.heard),
        features.whole("brand", name.own[2:]),
        features.whole("brand", name.own[3:]),
        features.whole("brand", name.own),
        features.whole("home", name.own[:4]),
        features.whole("home", name.own[1:5]),
        features.whole("home", name.own[2:6]),
    ]
    asked[features.WHOLES] = np.array(wholes, dtype=np.uint32)
    asked[features.SOUNDS] = features.sound_pairs(name.heard)
    if len(name.heard) * 2 < len(name.letters) or not name.heard or len(name.heard) < _SHORTEST:
        asked[features.LETTERS] = features.letter_runs(name.letters)
    return asked


def compare_latin(asked: LatinName, name: ParsedName) -> Likeness:
    """Compare letters with a Chinese name."""
    sounds = phonetics.sounds()
    core = (name.brand + name.trade).translate(sounds)
    stem = name.area.translate(sounds) + core
    heard = asked.heard
    first = phonetics.first_letters()
    if asked.letters in (name.initials, name.core.translate(first), name.body.translate(first)):
        weight = -0.4 + 0.35 * min(len(asked.letters) - 3, 6)
        return _answer(weight, "拼音首字母相同", name)
    spelt = phonetics.blur(asked.letters)
    if (heard and heard in (core, stem, name.body.translate(sounds))) or spelt in {
        phonetics.blur(text.translate(phonetics.syllables()))
        for text in (name.core, name.stem, name.body)
    }:
        return _answer(2.2, "拼音相同", name)
    if asked.english and asked.own:
        return _english(asked, name, core, stem)
    best = NEVER
    text = ""
    if heard:
        full = stem + (name.form + name.branch).translate(sounds)
        for target in (core, stem, full, name.key.translate(sounds)):
            near = Indel.normalized_similarity(heard, target)
            best = max(best, 9 * near - 7.4)
            if len(heard) > 2 and target.startswith(heard):
                best = max(best, 0.6)
        text = "拼音相近"
    elif name.initials:
        long = name.key.translate(first)
        for target in (name.initials, long):
            near = Indel.normalized_similarity(asked.letters, target)
            best = max(best, 9 * near - 8.4)
            if target.startswith(asked.letters) and len(asked.letters) > _SHORTEST:
                best = max(best, -0.6)
        text = "拼音首字母相近"
    return _answer(best, text, name)


def _english(asked: LatinName, name: ParsedName, core: str, stem: str) -> Likeness:
    """Compare an English rendering: area and brand in pinyin, trade in English words."""
    brand = name.brand.translate(phonetics.sounds())
    area = name.area.translate(phonetics.sounds())
    covered = LCSseq.similarity(asked.heard, stem) / max(1, len(asked.heard))
    expected = area + brand
    near = Indel.normalized_similarity(asked.own, expected)
    if brand and asked.own in (expected, brand):
        weight = 2.4 if len(brand) > 1 else 0.0
    elif stem.startswith(asked.own) or core.startswith(asked.own):
        weight = 1.4
    else:
        weight = 10 * near - 9.0
    return _answer(weight + 4 * (covered - 0.9), "英文名称读音相近", name)


def _answer(weight: float, text: str, name: ParsedName) -> Likeness:
    reasons = [Reason(text, round(weight, 2))] if text else []
    if name.branch and "相近" in text:
        weight -= 1.0
        reasons.append(Reason("分公司", -1.0))
    return Likeness(max(NEVER, weight), 0.1, tuple(reasons))
