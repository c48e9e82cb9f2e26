"""Chinese company names: normalised, and taken apart into area, brand, trade, form and branch."""

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from crmlib.duplicates import phonetics
from crmlib.duplicates.gazetteer import NOWHERE, Place, abbreviations, match
from crmlib.duplicates.vocabulary import BRANCH_ENDS, FORMS, NOTES, NUMERALS, TRADES

_NO_WORD = re.compile(r"[\W_]+")
_BRACKETS = re.compile(r"[(\[{<〔【《〈]([^()\[\]{}<>〔〕【】《》〈〉]*)[)\]}>〕】》〉]")
_APPENDED = re.compile(r"[-—–_/|,;:、·*#]+\s*([^-—–_/|,;:、·*#]{1,10})$")
_SPACED = re.compile(r"(?<=[司厂店部行院所心团处社站场])\s+([^\s]{1,8})$")
_NUMBER = re.compile(
    r"^\W*(?:电话|手机|tel)?\W*[0-9][0-9\- ]{5,}[0-9]\W*|\W*(?:电话|手机|tel)?\W*[0-9][0-9\- ]{5,}[0-9]\W*$"
)
_CALLER = re.compile(
    r"^[\u4e00-\u9fff]{1,3}(?:经理|老板|总|工|先生|女士|小姐|师傅|主任|老师)[\s\-—:/|,]+(?=.{4})"
)
_DIGITS = re.compile(r"(?<![0-9])[0-9]{1,2}(?![0-9])")
_DISTRICT = re.compile(
    r"[\u4e00-\u9fff]{0,4}?(?:经济技术开发区|高新技术产业开发区|经济开发区|高新技术开发区|高新区|开发区|工业园区?|新区)"
    r"|[\u4e00-\u9fff]{2,3}?[区镇乡]|[\u4e00-\u9fff]{2,3}?街道"
)
_OUTLET = re.compile(
    r"((?:第?[一二三四五六七八九十]{1,3}|[\u4e00-\u9fff]{2,3})?"
    r"(?:分公司|支公司|办事处|项目部|分店|分厂|分行|支行|分院|营业部))$"
)
_BODY_END = re.compile(r"(?:限公司|任公司|份公司|团公司|总公司)")
_MISSPELT_END = re.compile(
    r"(?:有限责任公.|有限责.公司|有限.任公司|有.责任公司|有限公.|.限公司|有.公司|有限公|有限司)(?=.{2,})"
)
_FORMS = frozenset(FORMS)
_LONGEST_FORM = max(map(len, FORMS))
_LONGEST_TRADE = max(map(len, TRADES))
_TRADE_STARTS = frozenset(t[:n] for t in TRADES if len(t) > 2 for n in range(2, len(t))) - TRADES
_BRANCH_ENDS = tuple(BRANCH_ENDS)
_NOTES = tuple(NOTES)
_MIN_BRAND = 2
_LONG_BRAND = 4
_WITHIN = ("集团", "国际", "企业", "实业")  # may stand before the brand proper ends


@dataclass(frozen=True, slots=True)
class ParsedName:
    """A company name and its parts; a part that is missing is empty."""

    key: str  # the whole name, normalised
    area: str  # bare place names, as written
    place: Place
    brand: str  # 字号
    trade: str
    form: str  # 组织形式
    branch: str  # what follows the legal form: 北京分公司, 曲靖路店
    note: str  # what somebody appended: 老客户

    @property
    def core(self) -> str:
        """Brand and trade."""
        return self.brand + self.trade

    @property
    def body(self) -> str:
        """Everything before legal form and branch, titles of places (市) included."""
        return self.key[: len(self.key) - len(self.form) - len(self.branch)]

    @property
    def stem(self) -> str:
        """Area, brand and trade."""
        return self.area + self.brand + self.trade

    @property
    def pinyin(self) -> str:
        """Syllables of area, brand and trade in one word."""
        return self.stem.translate(phonetics.syllables())

    @property
    def initials(self) -> str:
        """First letters of area, brand and trade."""
        return self.stem.translate(phonetics.first_letters())


def name_key(name: str) -> str:
    """Whole name: width, case, traditional characters, spaces and punctuation levelled."""
    return _NO_WORD.sub("", _level(name))


def core_key(name: str) -> str:
    """Brand, trade and branch: what stays when area, legal form and notes are left out."""
    parsed = parse(name)
    return parsed.core + parsed.branch


def _level(name: str) -> str:
    text = normalize("NFKC", name).lower().translate(_traditional())
    return _DIGITS.sub(_numeral, text) if _DIGITS.search(text) else text


@cache
def _traditional() -> dict[int, str]:
    return phonetics.traditional()


def _numeral(found: re.Match[str]) -> str:
    """Number below 20 before or after a Chinese counter as Chinese digits (第2 → 第二)."""
    text, start, end = found.string, found.start(), found.end()
    number = int(found.group())
    counted = text[start - 1 : start] == "第" or text[end : end + 1] in tuple(
        "局建冶店厂院处队部号分"
    )
    if not counted or not 0 < number < 20:
        return found.group()
    tens, ones = divmod(number, 10)
    return ("十" if tens else "") + (NUMERALS[ones - 1] if ones else "")


def parse(name: str) -> ParsedName:
    """Take a company name apart."""
    text = _level(name)
    area, place, note = "", NOWHERE, ""
    if not text.isalnum():
        text, note = _cut_caller(text)
        if _BRACKETS.search(text):
            text, area, place, bracketed = _open_brackets(text)
            note += bracketed
    elif text[-1:].isdecimal() or text[:1].isdecimal():
        text, note = _cut_caller(text)
    appended = _APPENDED.search(text) or _SPACED.search(text)
    if appended and appended.start() > 3 and _is_note(appended.group(1)):
        note += appended.group(1)
        text = text[: appended.start()]
    key = _NO_WORD.sub("", text)
    rest, prefix, place = _cut_area(key, place)
    rest, branch, tail = _cut_branch(rest)
    core, form = _cut_form(rest)
    start = _trade_start(core)
    if start == 1 and len(core) > 1:
        start = 2  # a brand of one character takes the next one
    return ParsedName(
        key=key if not area else area + key,
        area=prefix + area,
        place=place,
        brand=core[:start],
        trade=core[start:],
        form=form,
        branch=branch,
        note=note + tail,
    )


def _cut_caller(text: str) -> tuple[str, str]:
    """Text without the phone number at its ends and the person before it; the rest as note."""
    note = ""
    for pattern in (_NUMBER, _CALLER):
        found = pattern.search(text)
        while found and len(text) - len(found.group()) >= _LONG_BRAND:
            note += _NO_WORD.sub("", found.group())
            text = text[: found.start()] + text[found.end() :]
            found = pattern.search(text)
    return text, note


def _open_brackets(text: str) -> tuple[str, str, Place, str]:
    """Text without bracketed places and notes; the places and notes."""
    area, place, note = "", NOWHERE, ""
    pieces: list[str] = []
    last = 0
    for found in _BRACKETS.finditer(text):
        pieces.append(text[last : found.start()])
        last = found.end()
        inner = _NO_WORD.sub("", found.group(1))
        here = abbreviations().get(inner)
        spot = match(inner, 0, place)
        if here is not None:
            area, place = area + inner, here
        elif spot and spot.end == len(inner):
            area, place = area + inner[: spot.name_end], spot.place
        elif spot and (more := match(inner, spot.end, spot.place)) and more.end == len(inner):
            area += inner[: spot.name_end] + inner[spot.end : more.name_end]
            place = more.place
        elif _is_note(inner) and len(text) > len(inner) + 5:
            note += inner
        else:
            pieces.append(inner)
    pieces.append(text[last:])
    return "".join(pieces), area, place, note


def _is_note(text: str) -> bool:
    return text.endswith(_NOTES) or text.startswith(_NOTES) or text.isdecimal()


def _cut_area(key: str, known: Place) -> tuple[str, str, Place]:
    """Key without the place names it begins with; the bare names; the place."""
    area, start = "", 0
    while len(key) - start > _MIN_BRAND + 1:
        spot = match(key, start, known)
        if spot is None or len(key) - spot.end < _MIN_BRAND:
            break
        if not spot.sure and not _leaves_brand(key[spot.end :]):
            break
        area += key[start : spot.name_end]
        start, known = spot.end, spot.place
    if start and len(key) - start > 6:
        district = _DISTRICT.match(key, start)
        if district and district.end() - start < 9 and _leaves_brand(key[district.end() :]):
            area += district.group().rstrip("区镇乡")
            start = district.end()
    return key[start:], area, known


def _leaves_brand(rest: str) -> bool:
    """Whether a brand is left in the rest of a name after trade and form."""
    core = _cut_form(_cut_branch(rest)[0])[0]
    return _trade_start(core) >= _MIN_BRAND


def _cut_branch(text: str) -> tuple[str, str, str]:
    """Name of the head office, the branch, and a note after the legal form."""
    ends = [found.end() for found in _BODY_END.finditer(text)]
    if ends and len(text) - ends[-1] > 0:
        tail = text[ends[-1] :]
        if tail.endswith(_BRANCH_ENDS) or (len(tail) > 2 and not _is_note(tail)):
            return text[: ends[-1]], tail, ""
        return text[: ends[-1]], "", tail
    if not ends and text.endswith(_BRANCH_ENDS):
        misspelt = _MISSPELT_END.search(text, _MIN_BRAND + 1)
        if misspelt:
            return text[: misspelt.end()], text[misspelt.end() :], ""
    if not ends and text.endswith(("公司", "处", "部", "店", "厂", "行", "院")):
        body = text.find("公司")
        if 1 < body < len(text) - 4 and text.endswith(_BRANCH_ENDS):
            return text[: body + 2], text[body + 2 :], ""
        outlet = _OUTLET.search(text)
        if outlet and outlet.start() > _MIN_BRAND and _leaves_brand(text[: outlet.start()]):
            return text[: outlet.start()], outlet.group(), ""
    return text, "", ""


def _cut_form(text: str) -> tuple[str, str]:
    """Name without its legal form, and the form; a mistyped 有限公司 counts."""
    for length in range(min(_LONGEST_FORM, len(text) - _MIN_BRAND), 0, -1):
        if text[-length:] in _FORMS:
            if text[-length:] == "公司" and len(text) > 5 and (size := _misspelt_limited(text)):
                return text[:-size], "有限公司"
            return text[:-length], text[-length:]
    for form in ("有限责任公司", "有限公司"):
        size = len(form)
        for length in (size, size - 1):
            end = text[-length:]
            if len(text) - length >= _MIN_BRAND and _off_by_one(end, form):
                return text[:-length], form
    return text, ""


def _misspelt_limited(text: str) -> int:
    """How long a mistyped 有限公司 or 有限责任公司 before 公司 is; 0 when it is none."""
    for form, length in (
        ("有限责任公司", 6),
        ("有限责任公司", 5),
        ("有限公司", 4),
        ("有限公司", 3),
    ):
        if len(text) - length >= _MIN_BRAND and _off_by_one(text[-length:], form):
            return length
    return 0


def _off_by_one(text: str, form: str) -> bool:
    """Whether one character is wrong, two neighbours are swapped, or one is missing."""
    if len(text) == len(form):
        wrong = [i for i in range(len(form)) if text[i] != form[i]]
        swapped = len(wrong) == 2 and sorted(text) == sorted(form)
        return len(wrong) == 1 or swapped
    return len(text) == len(form) - 1 and any(
        form[:i] + form[i + 1 :] == text for i in range(len(form))
    )


def _trade_start(core: str) -> int:
    """Where the trade words at the end of a name begin."""
    end = len(core)
    if end > _MIN_BRAND and core[-2:] not in TRADES:
        for length in (4, 3, 2):
            if end - length >= _MIN_BRAND and core[-length:] in _TRADE_STARTS:
                end -= length
                break
    while end > 1:
        for length in range(min(_LONGEST_TRADE, end), 1, -1):
            if core[end - length : end] in TRADES:
                end -= length
                break
        else:
            break
    if end > _LONG_BRAND:  # the tail is no known trade: the brand ends where one begins
        for start in range(_MIN_BRAND, end - 1):
            word = core[start : start + 2]
            if (word in TRADES and word not in _WITHIN) or core[start : start + 3] in TRADES:
                return start
    return end
