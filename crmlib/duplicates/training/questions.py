"""Labelled questions to an index of invented companies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from crmlib.duplicates import phonetics
from crmlib.duplicates.names import name_key
from crmlib.duplicates.training import lexicon
from crmlib.duplicates.training.companies import Company, Register
from crmlib.duplicates.training.corruptions import KINDS

_STRANGERS = 0.16  # of all questions, those with nothing to find
_MOST_RIGHT = 10
_ONLY_WRITTEN = ("full_width", "traditional", "numeral")  # kinds that leave the key as it is
NEGATIVE = "none"
VAGUE = frozenset(
    (
        "without_area", "core", "brand_only", "area_brand", "beginning", "pinyin", "pinyin_whole",
        "initials",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What is typed, the kind of corruption, and the ids that are right answers."""

    kind: str
    text: str
    right: frozenset[int]

    @property
    def is_negative(self) -> bool:
        """Whether nothing may be called the same."""
        return not self.right or self.kind == "branch"


def make(seed: int, size: int, count: int) -> tuple[list[Company], list[Question]]:
    """Companies of a base, and questions; all follow from the seed."""
    register = Register(seed)
    strangers = round(count * _STRANGERS / 2)
    every = list(register.companies(size + 2 * strangers))
    chance = Random(seed + 1)
    chance.shuffle(every)
    base, apart = every[:size], every[size:]
    held: dict[str, set[int]] = {}
    for one in base:
        held.setdefault(name_key(one.name), set()).add(one.id)
    asked = [
        *_all_that_fit(base, list(_corrupted(base, held, chance, count - 2 * strangers))),
        *_strangers(apart[:strangers], held),
        *_framed(base, held, chance, strangers),
        *_branches(base, held, chance, max(20, count // 30)),
    ]
    chance.shuffle(asked)
    return base, asked


def _corrupted(
    base: Sequence[Company], held: dict[str, set[int]], chance: Random, count: int
) -> Iterator[Question]:
    """As many of each kind; every company that bears the very name is right."""
    for kind, made in KINDS.items():
        wanted = count // len(KINDS)
        for _ in range(wanted * 20):
            one = chance.choice(base)
            text = made(one, chance)
            key = name_key(text)
            if not text or (key == name_key(one.name) and kind not in _ONLY_WRITTEN):
                continue
            right = held[name_key(one.name)] | held.get(key, set())
            yield Question(kind, text, frozenset(right))
            wanted -= 1
            if not wanted:
                break


def _all_that_fit(base: Sequence[Company], asked: list[Question]) -> Iterator[Question]:
    """Questions that say little are answered by every company they fit, if these are few."""
    wanted: dict[str, set[int]] = {name_key(q.text): set() for q in asked if q.kind in VAGUE}
    for one in base:
        for reading in _readings(one):
            if (found := wanted.get(reading)) is not None:
                found.add(one.id)
    for question in asked:
        right = question.right
        if question.kind in VAGUE:
            right |= wanted[name_key(question.text)]
        if len(right) <= _MOST_RIGHT:
            yield Question(question.kind, question.text, right)


def _readings(one: Company) -> Iterator[str]:
    """Ways to name a company that others of its brand may share."""
    core = one.brand + one.trade
    bare = one.area[:-1] if one.area[-1:] in ("市", "省", "县") else one.area
    for stop in range(len(one.brand), len(core) + 1):
        yield core[:stop]
        yield one.area + core[:stop]
    yield bare + one.brand
    yield core + one.form + one.branch
    syllables, letters = phonetics.syllables(), phonetics.first_letters()
    for text in (core, one.area + core):
        yield text.translate(letters)
    heard = core.translate(syllables)
    yield one.area.translate(syllables) + heard
    for stop in range(len(one.brand) + 2, len(core) + 1):
        yield core[:stop].translate(syllables)


def _strangers(apart: Sequence[Company], held: dict[str, set[int]]) -> Iterator[Question]:
    """Companies of the same making that are not in the base."""
    for one in apart:
        if name_key(one.name) not in held:
            yield Question(f"{NEGATIVE}_stranger", one.name, frozenset())


def _framed(
    base: Sequence[Company], held: dict[str, set[int]], chance: Random, count: int
) -> Iterator[Question]:
    """Place and trade of a company that is there, with another brand."""
    for _ in range(count):
        one = chance.choice(base)
        other = replace(one, brand=lexicon.pair(chance), branch="")
        if one.brand != other.brand and name_key(other.name) not in held:
            yield Question(f"{NEGATIVE}_framed", other.name, frozenset())


def _branches(
    base: Sequence[Company], held: dict[str, set[int]], chance: Random, count: int
) -> Iterator[Question]:
    """A branch that is not there, of a head office that is."""
    while count:
        one = chance.choice(base)
        where = chance.choice(lexicon.spots())[0]
        text = f"{one.name}{where}分公司"
        if one.branch or not one.form.endswith("公司") or name_key(text) in held:
            continue
        count -= 1
        yield Question("branch", text, frozenset(held[name_key(one.name)]))
