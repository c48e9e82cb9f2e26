"""From evidence of names to a probability that holds at the size of the base.

The more names there are, the more agree by chance. How much that counts was learned from
invented names (crmlib.duplicates.training) and stands in weights.json.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import log, log1p
from typing import Final

FILE: Final = "weights.json"
_LEAST, _MOST = -9.0, 7.0
_RIVALS = 4.0
_SOME = 0.3  # invented names are not the real ones: how far what was learned moves the evidence


class Case(StrEnum):
    """In which way two names agree; each way errs in its own."""

    EXACT = "exact"
    BRAND = "brand"
    HEARD = "heard"
    NEAR = "near"
    EDIT = "edit"
    ORDER = "order"
    GENERIC = "generic"
    PICKED = "picked"
    INITIALS = "initials"
    PINYIN = "pinyin"
    ENGLISH = "english"
    OTHER = "other"


_CASES = {
    "字号相同": Case.BRAND,
    "字号同音": Case.HEARD,
    "字号近音": Case.NEAR,
    "字号形近": Case.NEAR,
    "字序颠倒": Case.NEAR,
    "字号一字之差": Case.EDIT,
    "字号少一字": Case.EDIT,
    "字号读音相近": Case.EDIT,
    "字号包含": Case.EDIT,
    "地区写错": Case.ORDER,
    "词序不同": Case.ORDER,
    "一方多出开头": Case.ORDER,
    "只有通用词": Case.GENERIC,
    "单字简称": Case.PICKED,
    "拼音首字母相同": Case.INITIALS,
    "拼音首字母相近": Case.INITIALS,
    "拼音相同": Case.PINYIN,
    "拼音相近": Case.PINYIN,
    "英文名称读音相近": Case.ENGLISH,
    "名称相同": Case.EXACT,
}


# An equal name needs no chance weighed. One character less or other makes another possible brand:
# that people must look at, however often it is a slip. Where no brand agrees, only learning knows.
_TRUST = {Case.EXACT: 0.0, Case.EDIT: 0.0, Case.OTHER: 1.0}


def case_of(reason: str) -> Case:
    """Case of the first reason of two names."""
    return _CASES.get(reason, Case.OTHER)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What besides the two names tells how likely they agree by chance."""

    size: int  # names in the base
    same_brand: int  # names with the brand of the hit
    asked_brand: int  # names with the brand asked for
    rivals: float  # log of how well others do, against this hit
    lacks_form: bool  # the question has no legal form
    asks_no_area: bool  # the question names no place
    has_no_area: bool  # the customer's name has none, while one was asked for
    length: int  # characters or letters asked for


FEATURES: Final = (
    "bias", "evidence", "weak", "size", "same_brand", "asked_brand", "rivals", "lacks_form",
    "asks_no_area", "brand_asked_without", "has_no_area", "brand_without_area", "length",
)  # fmt: skip


def features(evidence: float, around: Circumstances) -> tuple[float, ...]:
    """Values in the order of FEATURES; each about one in size."""
    held = max(_LEAST, min(_MOST, evidence))
    same_brand, asked_brand = log1p(around.same_brand) / 4, log1p(around.asked_brand) / 4
    asks_no, has_no = float(around.asks_no_area), float(around.has_no_area)
    return (
        1.0,
        held / 4,
        min(0.0, held) / 4,
        log(max(1, around.size) / 100_000) / 3,
        same_brand,
        asked_brand,
        max(-1.0, min(_RIVALS, around.rivals)) / 3,
        float(around.lacks_form),
        asks_no,
        asks_no * same_brand,
        has_no,
        has_no * same_brand,
        min(around.length, 16) / 8,
    )


@dataclass(frozen=True, slots=True)
class Calibration:
    """Learned weights, by case."""

    weights: dict[Case, tuple[float, ...]]

    def log_odds(self, case: Case, evidence: float, around: Circumstances) -> float:
        """Calibrated log-odds of evidence found under the circumstances."""
        weights = self.weights.get(case)
        if weights is None or evidence <= _LEAST:
            return evidence
        values = features(evidence, around)
        found = sum(w * v for w, v in zip(weights, values, strict=True))
        return evidence + _TRUST.get(case, _SOME) * (found - evidence)


@cache
def learned() -> Calibration:
    """The calibration that ships with the package."""
    text = files("crmlib.duplicates").joinpath(FILE).read_text(encoding="utf-8")
    return Calibration({Case(k): tuple(w) for k, w in json.loads(text)["weights"].items()})
