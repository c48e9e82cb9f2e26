"""相同, 相似 or 关联: what two names and the engine's figures mean for somebody who enters one."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import select

from crmlib import clock
from crmlib.duplicates.gazetteer import Fit, compare
from crmlib.duplicates.names import ParsedName
from crmlib.duplicates.search import Hit
from crmlib.reference.load import data
from crmlib.reference.model import Setting
from crmlib.settings import settings
from crmlib.store.engine import reading

SETTING = "collision"
_FRESH_FOR = 0.5  # seconds in which another process's change may go unseen
_MIN_BRAND = 2
_RELATED = 0.5
_DOUBTFUL = 0.1  # a chance of being the same that is worth a look, not a question
_IMPOSSIBLE = 0.001  # the engine's veto, e.g. 三局 and 八局
_LIMITED = {"有限公司", "有限责任公司"}
# The engine's words for what is no name, and the fields they come from.
_FIELDS_OF = {
    "电话相同": frozenset({"phone", "fax"}),
    "联系人电话相同": frozenset({"phone"}),
    "网站或邮箱域名相同": frozenset({"website_domain"}),
}
_USCC_SAME = "统一社会信用代码相同"
_OWN_WEIGHT = 1.0  # a phone of many customers weighs less than this
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
    overall: int  # mean of the name and the equal fields, where one field alone is not enough
    single_field: bool  # one equal field makes 相似
    contacted_within_days: int | None  # others are 关联 at most; None: whenever
    scan_floor: int

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Parameters":
        """Return them as stored; what an older version did not know has its default."""
        known = {name: value[name] for name in cls.__dataclass_fields__ if name in value}
        return cls(**asdict(defaults()) | known | {"fields": frozenset(value["fields"])})

    def stored(self) -> dict[str, Any]:
        """Return them as JSON holds them."""
        return asdict(self) | {"fields": sorted(self.fields)}


@cache
def defaults() -> Parameters:
    """Return the parameters of the reference data."""
    raw: dict[str, Any] = data()["collision"]
    return Parameters(
        name_similarity=raw["name_similarity"],
        containment=raw["kingdee_containment"],
        may_save_similar=raw["allow_save_on_similar"],
        fields=frozenset(raw["fields"]),
        overall=raw["overall"],
        single_field=raw["single_field"],
        contacted_within_days=raw["contacted_within_days"],
        scan_floor=raw["scan_floor"],
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    url: str
    until: float
    value: Parameters


_kept: _Kept | None = None


def parameters() -> Parameters:
    """Return the parameters in force; what another process saved is there within a second."""
    global _kept  # noqa: PLW0603 one set of parameters per process is the point
    url, now, kept = settings().database_url, time.monotonic(), _kept
    if kept is None or kept.url != url or kept.until < now:
        with reading() as session:
            stored = session.scalar(select(Setting.value).where(Setting.key == SETTING))
        value = defaults() if stored is None else Parameters.of(stored)
        _kept = kept = _Kept(url, now + _FRESH_FOR, value)
    return kept.value


def forget_parameters() -> None:
    """Let the next question read the parameters anew; called once a change is committed."""
    global _kept  # noqa: PLW0603
    _kept = None


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


def judge(
    asked: ParsedName,
    other: ParsedName,
    hit: Hit,
    given: Parameters | None = None,
    *,
    contacted_on: date | None = None,
) -> Verdict:
    """Return what a stored name is to the one asked for, by the parameters in force."""
    given = given or parameters()
    # One name stands once in the base, whatever the parameters say.
    if asked.key == other.key or ("name" in given.fields and is_same_name(asked, other)):
        return Verdict.SAME
    if "uscc" in given.fields and any(r.text == _USCC_SAME and r.weight > 0 for r in hit.reasons):
        return Verdict.SAME
    if _is_similar(asked, other, hit, given):
        return Verdict.SIMILAR if _is_recent(contacted_on, given) else Verdict.RELATED
    return Verdict.RELATED if _is_related(hit, given) else Verdict.NONE


def _is_similar(asked: ParsedName, other: ParsedName, hit: Hit, given: Parameters) -> bool:
    by_name = "name" in given.fields
    if own := _own_fields(hit, given):
        figures = [100] * own + ([similarity(asked, other, hit)] if by_name else [])
        if given.single_field or sum(figures) / len(figures) >= given.overall:
            return True
    if not by_name or _is_branch(asked, other):
        return False
    contained = _contained(asked, other) >= given.containment
    alike = 100 * hit.same >= given.name_similarity
    return contained or alike or _shares_brand(asked, other, hit)


def _is_related(hit: Hit, given: Parameters) -> bool:
    if "name" in given.fields:
        return hit.related >= _RELATED or hit.same >= _DOUBTFUL
    return any(given.fields & _FIELDS_OF.get(reason.text, frozenset()) for reason in hit.reasons)


def _is_recent(contacted_on: date | None, given: Parameters) -> bool:
    """Say whether a customer counts; one nobody contacted yet does."""
    days = given.contacted_within_days
    if days is None or contacted_on is None:
        return True
    return contacted_on >= clock.today() - timedelta(days=days)


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


def _own_fields(hit: Hit, given: Parameters) -> int:
    """Count the fields that agree and that hardly anybody else shares."""
    return sum(
        bool(given.fields & _FIELDS_OF.get(reason.text, frozenset()))
        for reason in hit.reasons
        if reason.weight > _OWN_WEIGHT
    )


def _shares_brand(asked: ParsedName, other: ParsedName, hit: Hit) -> bool:
    """字号 equal; where both area and trade differ it is chance more often than not."""
    if len(asked.brand) < _MIN_BRAND or asked.brand != other.brand or hit.same <= _IMPOSSIBLE:
        return False
    same_area = compare(asked.place, other.place) is not Fit.CONFLICT
    return same_area or asked.trade == other.trade
