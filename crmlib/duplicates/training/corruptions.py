"""What people make of a registered name: each kind is a function of the company and chance."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from random import Random

from crmlib.duplicates import phonetics
from crmlib.duplicates.training import lexicon
from crmlib.duplicates.training.companies import Company
from crmlib.duplicates.vocabulary import ENGLISH, LOOK_ALIKE, SYNONYMS

Corruption = Callable[[Company, Random], str]
_NOTES = (
    "-老客户",
    "（重点）",
    "(已停用)",
    " 作废",
    "-新",
    "（测试）",
    "(欠款)",
    "-勿用",
    "（备用）",
    "/现款",
)
_TITLES = ("经理", "总", "老板", "工", "先生", "女士", "师傅", "主任")
_FORMS = ("有限公司", "有限责任公司", "公司", "股份有限公司", "集团有限公司", "厂", "经营部")
_NUMERAL = dict(zip("一二三四五六七八九", "123456789", strict=True))


@cache
def _by_sound(*, exact: bool) -> dict[str, tuple[str, ...]]:
    """Common characters by syllable, or by class of syllables that are confused."""
    found: dict[str, list[str]] = defaultdict(list)
    for character in dict.fromkeys(lexicon.HEADS + lexicon.TAILS + _usual()):
        sound = phonetics.syllables().get(ord(character), "")
        found[sound if exact else phonetics.soften(sound)].append(character)
    return {sound: tuple(group) for sound, group in found.items()}


@cache
def _usual() -> tuple[str, ...]:
    """Characters of place names: more to take homophones and typing errors from."""
    return tuple(sorted({c for name, _ in lexicon.spots() for c in name}))


@cache
def _to_traditional() -> dict[int, str]:
    text = files("opencc").joinpath("dictionary/STCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if "\t" in line)
    return {ord(source): targets.split()[0] for source, targets in pairs if len(source) == 1}


def _stem(one: Company) -> str:
    return one.area + one.brand + one.trade


def _at(text: str, place: int, new: str, size: int = 1) -> str:
    return text[:place] + new + text[place + size :]


def _instead(one: Company, chance: Random, *, exact: bool) -> str:
    """Name with a character of the brand replaced by one that sounds alike."""
    place = chance.randrange(len(one.brand))
    old = one.brand[place]
    sound = phonetics.syllables().get(ord(old), "")
    group = _by_sound(exact=exact).get(sound if exact else phonetics.soften(sound), ())
    others = [
        c for c in group if c != old and (exact or phonetics.syllables().get(ord(c)) != sound)
    ]
    return (
        one.name.replace(one.brand, _at(one.brand, place, chance.choice(others)), 1)
        if others
        else ""
    )


def homophone(one: Company, chance: Random) -> str:
    """A character that sounds the same."""
    return _instead(one, chance, exact=True)


def near_sound(one: Company, chance: Random) -> str:
    """A sound that is confused: n for l, zh for z, in for ing."""
    return _instead(one, chance, exact=False)


def two_homophones(one: Company, chance: Random) -> str:
    """As typed by somebody who never saw the name written."""
    brand = one.brand
    for place, old in enumerate(brand):
        group = _by_sound(exact=True).get(phonetics.syllables().get(ord(old), ""), ())
        brand = _at(brand, place, chance.choice(group or (old,)))
    return one.name.replace(one.brand, brand, 1) if len(brand) > 2 else ""


def look_alike(one: Company, chance: Random) -> str:
    """A character that looks alike, as OCR reads it."""
    options = [
        (place, other)
        for place, c in enumerate(one.name)
        for group in LOOK_ALIKE
        if c in group
        for other in group
        if other != c
    ]
    return _at(one.name, *chance.choice(options)) if options else ""


def typo_brand(one: Company, chance: Random) -> str:
    """Any other character in the brand."""
    place = chance.randrange(len(one.brand))
    return one.name.replace(one.brand, _at(one.brand, place, chance.choice(_usual())), 1)


def typo_anywhere(one: Company, chance: Random) -> str:
    """Any other character anywhere."""
    return _at(one.name, chance.randrange(len(one.name)), chance.choice(_usual()))


def missing(one: Company, chance: Random) -> str:
    """A character left out."""
    return _at(one.name, chance.randrange(len(one.name)), "")


def doubled(one: Company, chance: Random) -> str:
    """A character typed twice."""
    place = chance.randrange(len(one.name))
    return _at(one.name, place, one.name[place] * 2)


def swapped(one: Company, chance: Random) -> str:
    """Two neighbours exchanged."""
    place = chance.randrange(len(one.name) - 1)
    return _at(one.name, place, one.name[place + 1] + one.name[place], 2)


def without_area(one: Company, _chance: Random) -> str:
    """The place left out."""
    return one.brand + one.trade + one.form + one.branch if one.area else ""


def area_in_brackets(one: Company, chance: Random) -> str:
    """The place behind, in brackets."""
    left, right = chance.choice(("()", "（）", "【】"))
    rest = chance.choice((one.trade + one.form + one.branch, ""))
    if not one.area:
        return ""
    if rest:
        return f"{one.brand}{left}{one.area}{right}{rest}"
    return f"{one.brand}{one.trade}{one.form}{one.branch}{left}{one.area}{right}"


def area_behind_trade(one: Company, _chance: Random) -> str:
    """The place before the legal form."""
    return f"{one.brand}{one.trade}({one.area}){one.form}{one.branch}" if one.area else ""


def province_added(one: Company, chance: Random) -> str:
    """Province before the city."""
    if not one.area or one.area.startswith(one.place.province):
        return ""
    title = chance.choice(("", "省")) if one.place.province not in "北京上海天津重庆" else ""
    return one.place.province + title + one.area + one.brand + one.trade + one.form + one.branch


def area_added(one: Company, _chance: Random) -> str:
    """City before the county."""
    if not one.place.county or one.place.city in one.area:
        return ""
    return one.place.city + "市" + one.area + one.brand + one.trade + one.form + one.branch


def area_short(one: Company, chance: Random) -> str:
    """粤, 沪: one character for the province, before or in brackets."""
    short = lexicon.short_province(one.place.province)
    rest = one.trade + one.form + one.branch
    if not one.area or not short:
        return ""
    return chance.choice((f"{one.brand}({short}){rest}", f"{one.brand}{rest}({short})"))


def area_title(one: Company, _chance: Random) -> str:
    """市 or 省 put in or left out."""
    bare = one.area[:-1] if one.area[-1:] in ("市", "省", "县") and len(one.area) > 2 else ""
    if bare:
        return one.name.replace(one.area, bare, 1)
    if not one.area or one.place.county or one.area[-1] in "区旗盟州市":
        return ""
    return one.name.replace(one.area, one.area + ("市" if one.place.city else "省"), 1)


def without_form(one: Company, _chance: Random) -> str:
    """The legal form left out."""
    return _stem(one) if not one.branch else ""


def other_form(one: Company, chance: Random) -> str:
    """Another legal form."""
    return (
        _stem(one) + chance.choice([f for f in _FORMS if f != one.form]) if not one.branch else ""
    )


def form_misspelt(one: Company, chance: Random) -> str:
    """A slip within 有限公司."""
    wrong = chance.choice(
        ("有现公司", "有限公可", "有限公", "限公司", "有公司限", "有线公司", "有限工司")
    )
    return one.name.replace("有限公司", wrong, 1) if "有限公司" in one.name else ""


def traditional(one: Company, _chance: Random) -> str:
    """Traditional characters."""
    return one.name.translate(_to_traditional())


def full_width(one: Company, chance: Random) -> str:
    """Spaces, full-width brackets, a full stop."""
    place = chance.randrange(1, len(one.name))
    spaced = _at(one.name, place, chance.choice((" ", "\u3000", "  ", "·")), 0)
    return spaced.replace("(", "（").replace(")", "）") + chance.choice(("", "。", " ", ","))


def numeral(one: Company, _chance: Random) -> str:
    """第2 for 第二."""
    text = one.name
    for old, new in _NUMERAL.items():
        text = text.replace(f"第{old}", f"第{new}").replace(f"{old}局", f"{new}局")
    return text if text != one.name else ""


def synonym(one: Company, _chance: Random) -> str:
    """装修 for 装饰, 商贸 for 贸易."""
    back = {kept: said for said, kept in SYNONYMS.items()}
    for word, other in [*SYNONYMS.items(), *back.items()]:
        if word in one.trade and other not in one.trade:
            return one.area + one.brand + one.trade.replace(word, other, 1) + one.form + one.branch
    return ""


def trade_shortened(one: Company, _chance: Random) -> str:
    """建筑工程 said as 建筑."""
    return (
        one.area + one.brand + one.trade[:2] + one.form
        if len(one.trade) > 3 and not one.branch
        else ""
    )


def noted(one: Company, chance: Random) -> str:
    """What the clerk wants to remember."""
    return one.name + chance.choice(_NOTES)


def person_after(one: Company, chance: Random) -> str:
    """The contact behind the name."""
    who = chance.choice(lexicon.SURNAMES) + chance.choice(_TITLES)
    return one.name + chance.choice(("（{}）", "-{}", " {}", "({})")).format(who)


def person_before(one: Company, chance: Random) -> str:
    """The contact before the name."""
    who = chance.choice(lexicon.SURNAMES) + chance.choice(_TITLES)
    return who + chance.choice((" ", "-", "：", "/")) + one.name


def phone_after(one: Company, chance: Random) -> str:
    """A mobile or phone number behind or before the name."""
    number = chance.choice(
        (f"139{chance.randrange(10**8):08}", f"0755-{chance.randrange(10**8):08}")
    )
    return chance.choice((f"{one.name} {number}", f"{one.name}{number}", f"{number} {one.name}"))


def all_noted(one: Company, chance: Random) -> str:
    """Note, contact and number at once, as in an old list."""
    who = chance.choice(lexicon.SURNAMES) + chance.choice(_TITLES)
    return f"{one.name}-老客户（{who}）138{chance.randrange(10**8):08}"


def core(one: Company, _chance: Random) -> str:
    """Brand and trade."""
    return one.brand + one.trade[:4] if one.trade and not one.branch else ""


def brand_only(one: Company, _chance: Random) -> str:
    """The brand alone, where it is long enough to tell."""
    return one.brand if len(one.brand) > 2 and not one.branch else ""


def area_brand(one: Company, _chance: Random) -> str:
    """Place and brand, as one says it."""
    bare = one.area.rstrip("市省县")
    return bare + one.brand if bare and not one.branch else ""


def beginning(one: Company, chance: Random) -> str:
    """As far as one has typed."""
    stem = _stem(one)
    least = len(one.area) + len(one.brand)
    return stem[: chance.randrange(least, len(stem))] if len(stem) > least and one.area else ""


def picked(one: Company, _chance: Random) -> str:
    """郑煤机: single characters of place, brand and trade."""
    if len(one.area) < 2 or len(one.trade) < 2 or len(one.brand) < 2 or one.branch:
        return ""
    return one.area[0] + one.brand[:2] + one.trade[0]


def mixed(one: Company, _chance: Random) -> str:
    """Pinyin for the brand between Chinese."""
    letters = one.brand.translate(phonetics.syllables())
    return one.area + letters + one.trade + one.form if not one.branch else ""


def pinyin(one: Company, _chance: Random) -> str:
    """The core in letters."""
    return "" if one.branch else (one.brand + one.trade).translate(phonetics.syllables())


def pinyin_whole(one: Company, chance: Random) -> str:
    """Place, brand and trade in letters, in one word or several."""
    if one.branch:
        return ""
    gap = chance.choice(("", " "))
    return gap.join(p.translate(phonetics.syllables()) for p in (one.area, one.brand, one.trade))


def initials(one: Company, chance: Random) -> str:
    """First letters, of the core or of all."""
    text = chance.choice((one.brand + one.trade, _stem(one)))
    return "" if one.branch or len(text) < 5 else text.translate(phonetics.first_letters())


def english(one: Company, chance: Random) -> str:
    """Place and brand in pinyin, trade in English."""
    back = {chinese: word for word, chinese in ENGLISH.items()}
    words = [back[w] for w in sorted(back, key=len, reverse=True) if w in one.trade][:2]
    if not words or one.branch:
        return ""
    spelt = [p.translate(phonetics.syllables()) for p in (one.area.rstrip("市省县"), one.brand)]
    end = chance.choice(("Co., Ltd.", "Co Ltd", "Company Limited", "Ltd"))
    return " ".join([*(w.title() for w in (*spelt, *words) if w), end])


def two_slips(one: Company, chance: Random) -> str:
    """The place left out and a character wrong in the trade or form."""
    text = one.brand + one.trade + one.form
    start = len(one.brand)
    if one.branch or not one.area or len(text) - start < 3 or len(one.brand) < 3:
        return ""
    return _at(text, chance.randrange(start, len(text)), chance.choice(_usual()))


KINDS: dict[str, Corruption] = {
    made.__name__: made
    for made in (
        homophone, near_sound, two_homophones, look_alike, typo_brand, typo_anywhere, missing,
        doubled, swapped, without_area, area_in_brackets, area_behind_trade, province_added,
        area_added, area_short, area_title, without_form, other_form, form_misspelt, traditional,
        full_width, numeral, synonym, trade_shortened, noted, person_after, person_before,
        phone_after, all_noted, core, brand_only, area_brand, beginning, picked, mixed, pinyin,
        pinyin_whole, initials, english, two_slips,
    )
}  # fmt: skip
