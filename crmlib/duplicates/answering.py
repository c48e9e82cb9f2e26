"""How a question is put to the segments of the index, and its answers weighed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

import numpy as np

from crmlib.duplicates import features, phonetics
from crmlib.duplicates.calibration import Case, Circumstances, case_of, learned
from crmlib.duplicates.comparison import NEVER, Likeness, compare_names, probability
from crmlib.duplicates.gazetteer import NOWHERE, Fit, Place, compare
from crmlib.duplicates.latin import (
    LatinName,
    compare_latin,
    in_characters,
    latin_hashes,
    read_latin,
)
from crmlib.duplicates.names import ParsedName, parse
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.segment import Segment

_LETTER = re.compile("[a-z]")
_SHORTLIST = 48  # rows compared in full, of the large segment
_CONTACTS = 40  # rows looked at for one phone or domain
_SHORT = 5  # a name this short may pick single characters of the full one
_COMMON = 5  # a phone on more customers than this is a switchboard
_CONTACT_WEIGHT = {"电话": 2.4, "域名": 2.2, "税号": 9.0}
_CONTACT_WORD = {"电话": "电话相同", "域名": "网站或邮箱域名相同", "税号": "统一社会信用代码相同"}
_CONTACT_ALONE = {"电话": -1.6, "域名": -1.6, "税号": 4.0}  # when the names do not match
_CONTACT_RELATED = 0.6
_KINSHIP = 2.5  # how much being related lifts a row in the order
_SMALL = 0.005
_FAR_BEHIND, _AS_GOOD, _LEAST_AGAINST = -6.0, 0.5, 0.05  # of rivals
_CROWD = 5  # a brand on this many names is worth telling


@dataclass(frozen=True, slots=True)
class Question:
    """A search, prepared once for all segments."""

    name: ParsedName
    spelt: ParsedName | None  # a mix of Chinese and pinyin, in characters
    latin: LatinName | None
    hashes: list[features.Hashes]
    contacts: tuple[str, ...]


class Answer(NamedTuple):
    """A row that may be meant."""

    rank: float
    id: int
    text: str
    name: ParsedName
    likeness: Likeness
    shared: Sequence[tuple[str, int]]  # kinds of contacts shared, and how many share each


class Judged(NamedTuple):
    """An answer as it is given."""

    id: int
    name: str
    same: float
    related: float
    reasons: tuple[Reason, ...]


def ask(query: str, contacts: tuple[str, ...]) -> Question:
    """Prepare a question."""
    name = parse(query)
    latin = read_latin(query)
    spelt = None
    if latin:
        hashes = latin_hashes(latin)
    else:
        characters = in_characters(query)
        spelt = parse(characters) if characters else None
        hashes = [h for h, _ in features.rows_of([spelt or name])] if name.key else []
        if hashes and len(name.stem) <= _SHORT:
            picked = np.array([features.whole("short", name.stem[:2])], dtype=np.uint32)
            hashes[features.WHOLES] = np.append(hashes[features.WHOLES], picked)
    return Question(name, spelt, latin, hashes, contacts)


def answers(segment: Segment, question: Question) -> list[Answer]:
    """Rows of one segment that may answer, with what they are ranked by."""
    shared: dict[int, list[tuple[str, int]]] = {}
    for key in question.contacts:
        hashes = np.array([features.whole("contact", key)], dtype=np.uint32)
        for found in segment.postings[features.WHOLES].find(hashes):
            living = found[~segment.dead[found]]
            for row in living[:_CONTACTS].tolist():
                shared.setdefault(row, []).append((key[:2], len(living)))
    size = len(question.name.stem)
    rows = segment.candidates(question.hashes, size, _SHORTLIST)
    made = []
    for row in dict.fromkeys([*rows, *shared]):
        name = segment.parsed(row)
        likeness = _compare(segment, row, name, question)
        contacts = shared.get(row, ())
        same, related, _ = _with_contacts(likeness.same, likeness.related, contacts)
        if same > NEVER or related >= 0.1:
            rank = same + _KINSHIP * related
            text = segment.name(row)
            made.append(Answer(rank, int(segment.ids[row]), text, name, likeness, contacts))
    return made


def _compare(segment: Segment, row: int, name: ParsedName, question: Question) -> Likeness:
    """Compare the question with a row by name and place."""
    if question.latin:
        return compare_latin(question.latin, name)
    asked = question.name
    if question.spelt and not _LETTER.search(name.key):
        asked = question.spelt
    likeness = compare_names(asked, name)
    home = segment.home(row)
    if name.place == NOWHERE and home != NOWHERE and question.name.place != NOWHERE:
        return _weigh_home(likeness, question.name.place, home)
    return likeness


def _weigh_home(likeness: Likeness, asked: Place, home: Place) -> Likeness:
    """Let the registered place count where the name has none."""
    conflict = compare(asked, home) is Fit.CONFLICT
    reason = Reason("所在地区不同", -2.5) if conflict else Reason("所在地区相容", 0.8)
    return Likeness(likeness.same + reason.weight, likeness.related, (*likeness.reasons, reason))


def _with_contacts(
    same: float, related: float, shared: Iterable[tuple[str, int]]
) -> tuple[float, float, list[Reason]]:
    """Let a shared phone or domain count by its rarity."""
    reasons = []
    for kind, count in shared:
        weight = _CONTACT_WEIGHT[kind] if count <= _COMMON else 0.5
        before = same
        if same < -2:
            same = max(same, _CONTACT_ALONE[kind] if count <= _COMMON else -4.0)
        else:
            same += weight
        related = max(related, _CONTACT_RELATED if count <= _COMMON else 0.3)
        reasons.append(Reason(_CONTACT_WORD[kind], round(same - before, 2)))
    return same, related, reasons


def judge(
    segments: Sequence[Segment], question: Question, ordered: Sequence[Answer], most: int
) -> list[Judged]:
    """The best answers with probabilities that hold at the size of the index."""
    around = circumstances(segments, question, ordered, most)
    given = []
    for answer, here in zip(ordered, around, strict=False):
        likeness = answer.likeness
        case = case_of(likeness.reasons[0].text if likeness.reasons else "")
        calibrated = learned().log_odds(case, likeness.same, here)
        same, related, contacts = _with_contacts(calibrated, likeness.related, answer.shared)
        reasons = [*contacts, *likeness.reasons]
        rest = same - sum(r.weight for r in reasons)
        if abs(rest) >= _SMALL or not reasons:
            reasons.append(Reason(_rest_of(case, here), round(rest, 2)))
        chance = probability(same)
        given.append(
            Judged(
                answer.id,
                answer.text,
                round(chance, 4),
                round(related * (1 - chance), 4),
                tuple(reasons),
            )
        )
    return given


def _rest_of(case: Case, around: Circumstances) -> str:
    """What the remaining weight stands for, in words."""
    if case is not Case.EXACT and around.same_brand >= _CROWD:
        return f"库中同字号 {around.same_brand} 家"
    return "按库中名称数量校正"


def circumstances(
    segments: Sequence[Segment], question: Question, ordered: Sequence[Answer], most: int
) -> list[Circumstances]:
    """What tells, for the first answers, how likely they agree by chance."""
    size = sum(len(segment) for segment in segments)
    asked = question.spelt or question.name
    letters = len(question.latin.letters) if question.latin else 0
    counts: dict[str, int] = {}
    own = _holders(segments, asked.brand, counts) if not question.latin else 0
    return [
        Circumstances(
            size=size,
            same_brand=_holders(segments, answer.name.brand, counts),
            asked_brand=own,
            rivals=_rivals(answer, ordered, question),
            lacks_form=not asked.form,
            asks_no_area=not asked.area,
            has_no_area=bool(asked.area) and not answer.name.area,
            length=letters or len(asked.stem),
        )
        for answer in ordered[:most]
    ]


def _holders(segments: Sequence[Segment], brand: str, counts: dict[str, int]) -> int:
    """Names with the brand; a brand on too many to be listed counts as very many."""
    if brand not in counts:
        hashes = np.array([features.whole("written", brand)], dtype=np.uint32)
        counts[brand] = sum(
            len(rows)
            for segment in segments
            for rows in segment.postings[features.WHOLES].find(hashes)
        )
    return counts[brand]


def _rivals(answer: Answer, ordered: Sequence[Answer], question: Question) -> float:
    """Log of what speaks for other companies, against what speaks for this one."""
    against = _LEAST_AGAINST
    for other in ordered:
        apart = other.likeness.same - answer.likeness.same
        if apart < _FAR_BEHIND or other.name.key == answer.name.key:
            continue
        if apart > _AS_GOOD or not _fits_as_well(answer, other, question):
            against += exp(min(20.0, apart))
    return log(against)


def _fits_as_well(answer: Answer, other: Answer, question: Question) -> bool:
    """Whether what was typed leaves open which of two companies is meant."""
    if question.latin:
        return answer.likeness.reasons[:1] == other.likeness.reasons[:1]
    sounds = phonetics.sounds()
    if answer.name.brand.translate(sounds) != other.name.brand.translate(sounds):
        return False
    return (
        not question.name.area or compare(answer.name.place, other.name.place) is not Fit.CONFLICT
    )
