"""相同, 相似 or 关联: what two names and the engine's figures mean for somebody who enters one."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from rapidfuzz import fuzz

from crmlib.duplicates.gazetteer import Fit, compare
from crmlib.duplicates.names import ParsedName
from crmlib.duplicates.search import Hit
from crmlib.reference.load import data

_MIN_BRAND = 2
_RELATED = 0.5
_DOUBTFUL = 0.1  # a chance of being the same that is worth a look, not a question
_IMPOSSIBLE = 0.001  # the engine's veto, e.g. 三局 and 八局
_LIMITED = {"有限公司", "有限责任公司"}
# The engine's words for what is no name; a phone of many customers weighs less than this.
_FIELD_REASONS = {"电话相同", "网站或邮箱域名相同"}
_OWN_WEIGHT = 1.0
_ALMOST = 99  # 100 % is an equal name only


class Verdict(StrEnum):
    """What the check says; the order is from worst to best."""

    SAME = "same"
    SIMILAR = "similar"
    RELATED = "related"
    NONE = "none"
    LOADING = "loading"


VERDICT_TEXTS = {
    Verdict.SAME: "已存在相同客户",
    Verdict.SIMILAR: "发现相似客户，请填写原因",
    Verdict.RELATED: "未发现相同或相似客户，可以新增（有关联客户，请留意）",
    Verdict.NONE: "未发现相同或相似客户，可以新增",
    Verdict.LOADING: "撞单数据正在加载，请稍候再查",
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """撞单 parameters (requirements 6.8); figures in percent."""

    name_similarity: int
    containment: int
    may_save_similar: bool
    fields: frozenset[str]


@cache
def parameters() -> Parameters:
    """Return the parameters of the reference data."""
    raw: dict[str, Any] = data()["collision"]
    return Parameters(
        name_similarity=raw["name_similarity"],
        containment=raw["kingdee_containment"],
        may_save_similar=raw["allow_save_on_similar"],
        fields=frozenset(raw["fields"]),
    )


def similarity(asked: ParsedName, other: ParsedName, hit: Hit) -> int:
    """Return 相似度 in percent: the engine's, or how alike the names read without area and form.

    It says how alike two names are; whether they are one customer is the verdict's to say.
    """
    alike = round(fuzz.ratio(asked.core or asked.key, other.core or other.key))
    contained = 0 if _is_branch(asked, other) else _contained(asked, other)
    return max(round(100 * hit.same), contained, min(alike, _ALMOST))


def _contained(asked: ParsedName, other: ParsedName) -> int:
    short, long = sorted((asked.key, other.key), key=len)
    counts = len(asked.brand) >= _MIN_BRAND and len(short) > _MIN_BRAND and short in long
    return round(100 * len(short) / len(long)) if counts else 0


def judge(asked: ParsedName, other: ParsedName, hit: Hit) -> Verdict:
    """Return what a stored name is to the one asked for."""
    given = parameters()
    if is_same_name(asked, other):
        return Verdict.SAME
    if _has_own_field(hit):
        return Verdict.SIMILAR
    if not _is_branch(asked, other):
        contained = _contained(asked, other) >= given.containment
        if contained or 100 * hit.same >= given.name_similarity or _shares_brand(asked, other, hit):
            return Verdict.SIMILAR
    if hit.related >= _RELATED or hit.same >= _DOUBTFUL:
        return Verdict.RELATED
    return Verdict.NONE


def is_same_name(asked: ParsedName, other: ParsedName) -> bool:
    """Say whether two names are one: equal, or equal but for an area or form left out."""
    if asked.key == other.key:
        return True
    if len(asked.brand) < _MIN_BRAND or asked.core != other.core or asked.branch != other.branch:
        return False
    areas = not asked.area or not other.area or compare(asked.place, other.place) is Fit.EQUAL
    forms = {asked.form, other.form}
    return areas and (len(forms) == 1 or "" in forms or forms <= _LIMITED)


def _is_branch(asked: ParsedName, other: ParsedName) -> bool:
    return asked.branch != other.branch


def _has_own_field(hit: Hit) -> bool:
    return any(r.text in _FIELD_REASONS and r.weight > _OWN_WEIGHT for r in hit.reasons)


def _shares_brand(asked: ParsedName, other: ParsedName, hit: Hit) -> bool:
    """字号 equal; where both area and trade differ it is chance more often than not."""
    if len(asked.brand) < _MIN_BRAND or asked.brand != other.brand or hit.same <= _IMPOSSIBLE:
        return False
    same_area = compare(asked.place, other.place) is not Fit.CONFLICT
    return same_area or asked.trade == other.trade
