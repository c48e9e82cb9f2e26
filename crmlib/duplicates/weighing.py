"""What speaks for two records being one beside their names, for many pairs at once."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from crmlib.duplicates.gazetteer import Fit
from crmlib.duplicates.reach import Flags, Ints, Reach
from crmlib.duplicates.reasons import Reason

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_CEILING = 4.5  # contacts alone make no duplicate
_RARE, _COMMON = 3, 6  # customers that share a number
_FEW_NAMESAKES = 5
_CODE_SAME, _CODE_OTHER = 9.0, -6.0
_NEAR, _APART = 85.0, 60.0
_NONE = ""


@dataclass(frozen=True, slots=True)
class Rarity:
    """On how many records each contact stands, cell by cell beside ``Reach``."""

    numbers: Ints
    mails: Ints
    domains: Ints
    people: Ints
    street: Ints

    def take(self, rows: Rows) -> "Rarity":
        """Return only the rows."""
        return Rarity(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of evidence of all pairs: which text, its weight, how many share it."""

    texts: tuple[str, ...]
    choice: NDArray[np.int8]  # place in texts
    weights: Floats
    shared: Ints
    related: Floats

    def reason(self, pair: int) -> Reason | None:
        """Return the reason of one pair; None where nothing can be said."""
        text, weight = self.texts[self.choice[pair]], float(self.weights[pair])
        if not text or not weight:
            return None
        return Reason(text.format(int(self.shared[pair])), round(weight, 2))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log-odds of all contacts together and probability of a relation, pair by pair."""

    total: Floats
    related: Floats
    decided: Flags  # a tax number says it all
    parts: tuple[Part, ...]

    def reasons(self, pair: int) -> list[Reason]:
        """Return what speaks for or against one pair."""
        if self.decided[pair]:
            return [Reason("统一社会信用代码相同", _CODE_SAME)]
        return [reason for part in self.parts if (reason := part.reason(pair))]


def rarity_of(reach: Reach) -> Rarity:
    """Count on how many records each contact stands."""
    return Rarity(
        numbers=_counts(reach.lines()),
        mails=_counts(reach.mails),
        domains=_counts(reach.domains),
        people=_counts(reach.people),
        street=_counts(reach.street[:, None])[:, 0],
    )


def _counts(values: NDArray[np.uint64]) -> Ints:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return counts.astype(np.int32)[inverse].reshape(values.shape)


def weigh(reach: Reach, rarity: Rarity, a: Rows, b: Rows) -> Evidence:
    """Weigh everything but the names of the pairs (a, b)."""
    parts = (
        _codes(reach, a, b),
        _numbers(reach, rarity, a, b),
        _web(reach, rarity, a, b),
        _people(reach, rarity, a, b),
        _addresses(reach, rarity, a, b),
        _regions(reach, a, b),
    )
    weights = np.stack([part.weights for part in parts])
    total: Floats = np.minimum(weights.sum(axis=0), _CEILING)
    related: Floats = np.stack([part.related for part in parts]).max(axis=0)
    decided: Flags = (reach.codes[a] == reach.codes[b]) & (reach.codes[a] > 0)
    total[decided], related[decided] = _CODE_SAME, 0.0
    return Evidence(total, related, decided, parts)


class _Draft:
    """A part that is being written: later rules do not overwrite earlier ones."""

    def __init__(self, size: int) -> None:
        self.texts = [_NONE]
        self.choice = np.zeros(size, np.int8)
        self.weights = np.zeros(size)
        self.shared = np.zeros(size, np.int32)
        self.related = np.zeros(size)
        self.open = np.ones(size, bool)

    def rule(
        self,
        where: Flags,
        text: str,
        weight: float | Floats,
        related: float = 0.0,
        shared: Ints | None = None,
    ) -> None:
        """Say text and weight of all pairs that fit and of which nothing was said before."""
        chosen = where & self.open
        self.texts.append(text)
        self.choice[chosen] = len(self.texts) - 1
        self.weights[chosen] = weight if isinstance(weight, float) else weight[chosen]
        self.related[chosen] = related
        if shared is not None:
            self.shared[chosen] = shared[chosen]
        self.open &= ~where

    def part(self) -> Part:
        """Return what was written."""
        return Part(tuple(self.texts), self.choice, self.weights, self.shared, self.related)


def _codes(reach: Reach, a: Rows, b: Rows) -> Part:
    draft = _Draft(len(a))
    both = (reach.codes[a] > 0) & (reach.codes[b] > 0)
    draft.rule(both & (reach.codes[a] != reach.codes[b]), "统一社会信用代码不同", _CODE_OTHER)
    return draft.part()


def _any(column: NDArray[np.generic], rows: Rows) -> Flags:
    return column.astype(bool).any(axis=1)[rows]


def _shared(values: NDArray[np.uint64], counts: Ints, a: Rows, b: Rows) -> tuple[Flags, Ints]:
    """Whether any value is on both sides, and on how many records the rarest of them stands."""
    fewest = np.full(len(a), 2**30, np.int32)
    for i in range(values.shape[1]):
        x = values[a, i]
        for j in range(values.shape[1]):
            alike = (x == values[b, j]) & (x > 0)
            if alike.any():
                count = np.maximum(counts[a, i], counts[b, j])
                np.minimum(fewest, np.where(alike, count, 2**30), out=fewest)
    return fewest < 2**30, fewest


def _numbers(reach: Reach, rarity: Rarity, a: Rows, b: Rows) -> Part:
    draft = _Draft(len(a))
    shared = np.zeros(len(a), bool)
    near = np.zeros(len(a), bool)
    handy = np.zeros(len(a), bool)
    fewest = np.full(len(a), 2**30, np.int32)
    width = reach.numbers.shape[1]
    filled = [np.flatnonzero(reach.numbers[a, i]) for i in range(width)]
    for i in range(width):
        rows = filled[i]
        left = a[rows]
        for j in range(width):
            right = b[rows]
            x, y = reach.areas[left, i], reach.areas[right, j]
            areas = (x == y) | (x == 0) | (y == 0)
            alike = areas & (reach.numbers[left, i] == reach.numbers[right, j])
            block = reach.blocks[left, i]
            near[rows] |= areas & (block > 0) & (block == reach.blocks[right, j])
            hit = rows[alike]
            shared[hit] = True
            handy[hit] |= reach.mobile[a[hit], i]
            count = np.maximum(rarity.numbers[a[hit], i], rarity.numbers[b[hit], j])
            fewest[hit] = np.minimum(fewest[hit], count)
    for mine, text in ((handy, "手机相同"), (~handy, "电话相同")):
        draft.rule(shared & mine & (fewest <= _RARE), text, 2.8, 0.55)
        draft.rule(shared & mine & (fewest <= _COMMON), text + "（{} 家共用）", 1.2, 0.4, fewest)
        draft.rule(shared & mine, text + "（{} 家共用）", 0.2, 0.2, fewest)
    landline = reach.blocks.astype(bool).any(axis=1)
    mobile = reach.mobile.any(axis=1)
    draft.rule(near, "电话号段相同", 1.2, 0.3)
    draft.rule(landline[a] & landline[b], "电话不同", -0.6)
    draft.rule(mobile[a] & mobile[b], "手机不同", -0.4)
    return draft.part()


def _web(reach: Reach, rarity: Rarity, a: Rows, b: Rows) -> Part:
    draft = _Draft(len(a))
    mail, few = _shared(reach.mails, rarity.mails, a, b)
    draft.rule(mail & (few <= _RARE), "邮箱相同", 2.5, 0.5)
    draft.rule(mail, "邮箱相同（{} 家共用）", 0.5, 0.5, few)
    domain, few = _shared(reach.domains, rarity.domains, a, b)
    draft.rule(domain & (few <= _RARE), "网站或邮箱域名相同", 2.0, 0.6)
    draft.rule(domain, "网站或邮箱域名相同（{} 家共用）", 0.3, 0.6, few)
    draft.rule(_any(reach.domains, a) & _any(reach.domains, b), "域名不同", -0.5)
    draft.rule(reach.public[a] & reach.public[b], "邮箱不同", -0.4)
    return draft.part()


def _people(reach: Reach, rarity: Rarity, a: Rows, b: Rows) -> Part:
    draft = _Draft(len(a))
    same, few = _shared(reach.people, rarity.people, a, b)
    draft.rule(same & (few <= _FEW_NAMESAKES), "联系人相同", 1.2, 0.1)
    draft.rule(same, "联系人相同", 0.6, 0.1)
    kin = np.zeros(len(a), bool)
    for i in range(reach.surnames.shape[1]):
        for j in range(reach.surnames.shape[1]):
            alike = reach.surnames[a, i] == reach.surnames[b, j]
            kin |= alike & (reach.titled[a, i] | reach.titled[b, j]) & (reach.surnames[a, i] > 0)
    draft.rule(kin, "联系人同姓", 0.4)
    draft.rule(_any(reach.people, a) & _any(reach.people, b), "联系人不同", -0.3)
    return draft.part()


def _addresses(reach: Reach, rarity: Rarity, a: Rows, b: Rows) -> Part:
    draft = _Draft(len(a))
    long = (reach.street[a] > 0) & (reach.street[b] > 0)
    same = long & (reach.street[a] == reach.street[b])
    few = np.maximum(rarity.street[a], rarity.street[b])
    draft.rule(same & (few <= _COMMON), "地址相同", 1.8, 0.3)
    draft.rule(same, "地址相同（{} 家共用）", 0.3, 0.3, few)
    rows = np.flatnonzero(long & ~same)
    whole, inner = _ratios(reach.address, a[rows], b[rows])
    doors = reach.door[a[rows]] == reach.door[b[rows]]
    near = np.maximum(whole, inner) > _NEAR
    for found, text, weight, related in (
        (inner >= 100, "地址包含", 1.5, 0.25),
        (near & doors, "地址相近", 1.2, 0.2),
        (whole <= _APART, "地址不同", -0.8, 0.0),
    ):
        where = np.zeros(len(a), bool)
        where[rows[found]] = True
        draft.rule(where, text, weight, related)
    return draft.part()


def _ratios(texts: NDArray[np.object_], a: Rows, b: Rows) -> tuple[Floats, Floats]:
    """How alike two addresses are as a whole, and the shorter with a part of the longer."""
    left, right = texts[a].tolist(), texts[b].tolist()
    whole = process.cpdist(left, right, scorer=fuzz.ratio).astype(np.float64)
    inner = np.zeros(len(whole))
    open_ = np.flatnonzero(whole > 30)
    if len(open_):
        some = open_.tolist()
        inner[open_] = process.cpdist(
            [left[i] for i in some], [right[i] for i in some], scorer=fuzz.partial_ratio
        )
    return whole, inner


def _regions(reach: Reach, a: Rows, b: Rows) -> Part:
    draft = _Draft(len(a))
    fit = fits(reach.places[a], reach.places[b])
    draft.rule(fit == Fit.CONFLICT, "所在地区不同", -2.0)
    draft.rule(fit == Fit.EQUAL, _NONE, 0.2)
    return draft.part()


def fits(a: Ints, b: Ints) -> NDArray[np.int8]:
    """How the places of each pair go together (``gazetteer.compare`` for arrays)."""
    conflict = ((a != b) & (a > 0) & (b > 0)).any(axis=1)
    unknown = ~a.any(axis=1) | ~b.any(axis=1)
    found = np.full(len(a), Fit.NESTED, np.int8)
    found[(a == b).all(axis=1)] = Fit.EQUAL
    found[conflict] = Fit.CONFLICT
    found[unknown] = Fit.UNKNOWN
    return found
