"""Sounds of Chinese characters: plain syllables, and classes of sounds that are confused."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from crmlib.duplicates.vocabulary import LOOK_ALIKE

# A character of several readings is read as in company names.
_READINGS = {
    "重": "zhong", "行": "hang", "长": "chang", "厦": "xia", "乐": "le", "都": "du", "单": "dan", "朝": "chao",
    "华": "hua", "调": "diao", "会": "hui", "广": "guang", "厂": "chang", "合": "he", "盛": "sheng", "石": "shi",
    "藏": "zang", "尉": "wei", "员": "yuan", "区": "qu", "地": "di", "发": "fa", "万": "wan", "车": "che",
    "得": "de", "率": "lv", "大": "da", "贾": "jia", "奇": "qi", "伯": "bo", "柏": "bai", "蚌": "beng", "六": "liu",
    "降": "jiang", "无": "wu", "一": "yi", "给": "gei", "干": "gan", "女": "nv", "绿": "lv", "旅": "lv", "吕": "lv",
}  # fmt: skip
_RIVAL = {"chongqing": "zhongqing"}
_FIRST_SOUND = 0xE000  # private use area: one character a sound class
_LETTERS = re.compile(r"[a-z]+")


def _plain(reading: str) -> str:
    """Reading without its tone, ü as v."""
    apart = unicodedata.normalize("NFD", reading.lower()).replace("u\u0308", "v")
    return "".join(_LETTERS.findall(apart))


@cache
def syllables() -> dict[int, str]:
    """Toneless syllable of every character, as a table for str.translate."""
    from pypinyin.pinyin_dict import pinyin_dict  # 0.2 s: only when first needed

    table: dict[int, str] = {}
    for code, readings in pinyin_dict.items():
        if 0x3400 <= code <= 0x9FFF:
            table[code] = _plain(readings.split(",")[0])
    table.update({ord(character): sound for character, sound in _READINGS.items()})
    return table


def soften(syllable: str) -> str:
    """Class of sounds that are confused: zh/z, n/l, ing/in, eng/en, ang/an."""
    softened = syllable
    for hard, soft in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if softened.startswith(hard):
            softened = soft + softened[2:]
    if softened.startswith("n"):
        softened = "l" + softened[1:]
    if softened.endswith(("ing", "eng", "ang")):
        softened = softened[:-1]
    return softened.replace("lue", "lve")


def blur(letters: str) -> str:
    """Pinyin letters, not cut into syllables, with the sounds that are confused made one."""
    for hard, soft in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n")):
        letters = letters.replace(hard, soft)
    return letters


@cache
def readings() -> dict[str, frozenset[str]]:
    """Every softened reading of a character: 长 is chang and zhang."""
    from pypinyin.pinyin_dict import pinyin_dict

    found: dict[str, frozenset[str]] = {}
    for code, text in pinyin_dict.items():
        if 0x4E00 <= code <= 0x9FFF and "," in text:
            found[chr(code)] = frozenset(soften(_plain(r)) for r in text.split(","))
    return found


def may_sound_alike(a: str, b: str) -> bool:
    """Whether two characters share a reading."""
    table, plain = readings(), syllables()
    of_a = table.get(a) or {soften(plain.get(ord(a), a))}
    of_b = table.get(b) or {soften(plain.get(ord(b), b))}
    return not of_a.isdisjoint(of_b)


@cache
def _classes() -> dict[str, str]:
    """Soft syllable to its one-character sound class."""
    soft = sorted({soften(s) for s in syllables().values()})
    return {s: chr(_FIRST_SOUND + number) for number, s in enumerate(soft)}


@cache
def sounds() -> dict[int, str]:
    """Character to its sound class, as a table for str.translate."""
    classes = _classes()
    return {code: classes[soften(s)] for code, s in syllables().items()}


@cache
def first_letters() -> dict[int, str]:
    """Character to the first letter of its syllable, as a table for str.translate."""
    return {code: s[:1] for code, s in syllables().items()}


@cache
def shapes() -> dict[int, str]:
    """Character to the representative of its look-alikes, as a table for str.translate."""
    return {ord(c): group[0] for group in LOOK_ALIKE for c in group[1:]}


@cache
def traditional() -> dict[int, str]:
    """Traditional character to its simplified form, as a table for str.translate."""
    text = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    table: dict[int, str] = {}
    for line in text.splitlines():
        source, _, targets = line.partition("\t")
        if targets and len(source) == 1 and source not in "乾":
            table[ord(source)] = targets.split()[0]
    return table


@cache
def _by_sound() -> dict[str, str]:
    return {s: _classes()[soften(s)] for s in set(syllables().values())}


def as_stored(letters: str) -> str:
    """Letters with the readings that are right turned into those stored (chongqing)."""
    for typed, stored in _RIVAL.items():
        letters = letters.replace(typed, stored)
    return letters


def split_syllables(letters: str) -> list[str]:
    """Pinyin letters cut into syllables; empty when they cannot be pinyin.

    The last syllable may be unfinished; of several readings the one with fewest parts wins.
    """
    known = _by_sound()
    best: list[list[str] | None] = [None] * (len(letters) + 1)
    best[0] = []
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 6), end):
            before = best[start]
            part = letters[start:end]
            if before is None or part not in known:
                continue
            here = best[end]
            if here is None or len(before) + 1 < len(here):
                best[end] = [*before, part]
    for end in range(len(letters), max(0, len(letters) - 5), -1):
        found = best[end]
        if found:
            return found
    return []


@cache
def rare_characters() -> dict[str, str]:
    """Syllable to a character of that sound that hardly a name has."""
    return {sound: chr(code) for code, sound in sorted(syllables().items()) if code >= 0x4E00}


def sound_of(syllable: str) -> str:
    """Sound class of a typed syllable, empty when there is none."""
    return _by_sound().get(syllable, "")
