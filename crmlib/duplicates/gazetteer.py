"""Chinese places down to the county, and how two of them relate."""

import re
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Place(NamedTuple):
    """A place; a lower level that is not known is empty."""

    province: str = ""
    city: str = ""
    county: str = ""


class Fit(IntEnum):
    """How the places of two names go together."""

    CONFLICT = 0
    UNKNOWN = 1  # one side names no place
    NESTED = 2  # one is part of the other
    EQUAL = 3


NOWHERE = Place()
_TITLE = re.compile(r"(?:[\u4e00-\u9fff]{1,9}族)?自治[区州县旗]|地区|林区|特别行政区|新区")
_NO_TITLE = {
    "市": "政场容民内郊区",
    "区": "域块",
    "州": "",
    "县": "",
    "旗": "舰帜",
    "省": "",
    "盟": "",
}
_PLAIN_CUT = "县区旗"
# Cities whose bare name is as often a brand.
_BRANDLIKE = frozenset(
    [
        "东方",
        "中山",
        "大同",
        "朝阳",
        "三明",
        "吉安",
        "泰安",
        "金昌",
        "安康",
        "安庆",
        "宿州",
        "白银",
        "保山",
        "文山",
        "海南",
        "西宁",
        "大庆",
        "通化",
    ]
)


@cache
def places() -> dict[str, tuple[Place, ...]]:
    """Every bare place name with the places it may mean, higher levels first."""
    found: dict[str, list[Place]] = {}
    text = files("crmlib.duplicates").joinpath("gazetteer.txt").read_text(encoding="utf-8")
    ranked: list[tuple[int, str, Place]] = []
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        head, *cities = line.split("|")
        province = head.split()[0]
        ranked.append((0, province, Place(province)))
        for entry in cities:
            city, _, counties = entry.partition(":")
            city = _bare(city)
            ranked.append((1, city, Place(province, city)))
            ranked.extend(
                (2, name, Place(province, city, _bare(name))) for name in counties.split()
            )
    for _, name, place in sorted(ranked, key=lambda item: item[0]):
        found.setdefault(name, []).append(place)
        bare = _bare(name)
        if bare != name:
            found.setdefault(bare, []).append(place)
    return {name: tuple(options) for name, options in found.items()}


def _bare(name: str) -> str:
    """Name without 县/市/旗 where two characters are left."""
    return name[:-1] if len(name) > 2 and name[-1] in "盟县旗" else name


@cache
def abbreviations() -> dict[str, Place]:
    """One-character names of provinces (粤, 沪)."""
    text = files("crmlib.duplicates").joinpath("gazetteer.txt").read_text(encoding="utf-8")
    found: dict[str, Place] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            province, *short = line.split("|")[0].split()
            for character in short:
                found.setdefault(character, Place(province))
    return found


@cache
def _by_start() -> dict[str, tuple[int, ...]]:
    """First two characters of place names to the lengths worth trying, longest first."""
    lengths: dict[str, set[int]] = {}
    for name in places():
        lengths.setdefault(name[:2], set()).add(len(name))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}


class Found(NamedTuple):
    """A place found in a text."""

    name_end: int  # where its bare name ends
    end: int  # where its title (市, 自治县 …) ends
    place: Place
    sure: bool  # titled, or no mere county


def match(text: str, start: int, known: Place) -> Found | None:
    """Place that begins at start, or None.

    A place must not contradict what is already known of the name.
    """
    lengths = _by_start().get(text[start : start + 2])
    if not lengths:
        return None
    names = places()
    for length in lengths:
        options = names.get(text[start : start + length])
        if options is None or len(text) < start + length:
            continue
        chosen = next((p for p in options if compare(known, p) is not Fit.CONFLICT), None)
        if chosen is None:
            continue
        end = start + length
        titled = _title_end(text, end)
        if known == NOWHERE and len(options) > 1 and titled == end:
            chosen = options[0]
        merged = Place(*(new or old for new, old in zip(chosen, known, strict=True)))
        sure = titled > end or not chosen.county or text[end - 1] in _PLAIN_CUT
        return Found(end, titled, merged, sure and text[start:titled] not in _BRANDLIKE)
    return None


def _title_end(text: str, end: int) -> int:
    """Where the title after a place name (市, 自治县 …) ends."""
    following = text[end : end + 1]
    barred = _NO_TITLE.get(following)
    if barred is not None and text[end + 1 : end + 2] not in tuple(barred):
        return end + 1
    if "自治" in text or following in "地林特新":
        found = _TITLE.match(text, end)
        if found:
            return found.end()
    return end


def compare(a: Place, b: Place) -> Fit:
    """How two places go together."""
    if a == b:
        return Fit.EQUAL if a != NOWHERE else Fit.UNKNOWN
    if a == NOWHERE or b == NOWHERE:
        return Fit.UNKNOWN
    if a[0] != b[0] and a[0] and b[0]:
        return Fit.CONFLICT
    if a[1] != b[1] and a[1] and b[1]:
        return Fit.CONFLICT
    if a[2] != b[2] and a[2] and b[2]:
        return Fit.CONFLICT
    return Fit.NESTED
