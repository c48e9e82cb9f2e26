"""撞单参数: changed on a screen, with a reason, and whoever asks later reads who changed what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, select

from crmlib import clock, words
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.duplicates import verdicts
from crmlib.duplicates.verdicts import SETTING, Parameters
from crmlib.errors import Invalid, NotAllowed, Stale
from crmlib.people.model import Person
from crmlib.reference.model import Setting
from crmlib.store.engine import reading
from crmlib.store.schema import ChangeLog
from crmlib.store.text import clean

REASON_LENGTH = 255
UNCHANGED = "参数没有改动"
NO_FIELD = "请至少选择一个参与分析的字段"
FIELDS = {
    "name": "客户名称",
    "phone": "电话",
    "website_domain": "公司网址",
    "fax": "传真",
    "uscc": "统一社会信用代码",
}
LABELS = {
    "name_similarity": "名称相似度",
    "containment": "包含匹配度",
    "overall": "综合匹配度",
    "single_field": "单字段 100% 即为相似",
    "contacted_within_days": "联系天数",
    "may_save_similar": "相似时允许保存",
    "scan_floor": "扫描下限",
    "fields": "参与分析的字段",
}
# Below these figures everything would be similar to everything.
RANGES = {
    "name_similarity": (30, 100),
    "containment": (30, 100),
    "overall": (30, 100),
    "scan_floor": (30, 95),
}
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class TuningState:
    """What the form shows; version 0: the defaults hold, nobody changed anything yet."""

    parameters: Parameters
    version: int
    is_default: bool


@dataclass(frozen=True, slots=True)
class Tuned:
    """A change that was saved."""

    version: int
    text: str


@dataclass(frozen=True, slots=True)
class TuningChange:
    """Who changed the parameters when and why; each line is a label with before and after."""

    at: datetime
    who: str
    reason: str
    lines: tuple[tuple[str, str, str], ...]


def parameter_faults(given: Parameters) -> dict[str, str]:
    """Return what is wrong with parameters, by field."""
    faults = {
        name: f"{LABELS[name]} 应为 {low} 到 {high} 的整数"
        for name, (low, high) in RANGES.items()
        if not low <= getattr(given, name) <= high
    }
    days = given.contacted_within_days
    if days is not None and not 1 <= days <= _MOST_DAYS:
        faults["contacted_within_days"] = (
            f"{LABELS['contacted_within_days']} 应为 1 到 {_MOST_DAYS} 的整数，空白表示不限"
        )
    if not given.fields:
        faults["fields"] = NO_FIELD
    elif given.fields - FIELDS.keys():
        faults["fields"] = f"{LABELS['fields']} 请从列表中选择"
    return faults


@action(Permission.COLLISION_TUNE)
def save_parameters(
    work: Work, given: Parameters, reason: str, *, version: int, token: str | None = None
) -> Tuned:
    """Put other 撞单 parameters in force for everybody.

    Raises:
        Invalid: figures out of range, no reason, or nothing changed.
        Stale: somebody else saved since the form was opened.
    """
    faults = parameter_faults(given)
    reason = clean(reason)
    if not reason:
        faults["reason"] = words.required("原因")
    elif len(reason) > REASON_LENGTH:
        faults["reason"] = f"原因 不能超过 {REASON_LENGTH} 个字"
    if faults:
        raise Invalid(faults)
    row = work.session.scalar(select(Setting).where(Setting.key == SETTING).with_for_update())
    if (row.version if row else 0) != version:
        raise Stale
    current = Parameters.of(row.value) if row else verdicts.defaults()
    if given == current:
        raise Invalid({"": UNCHANGED})
    if row is None:
        row = Setting(key=SETTING, value=given.stored(), reason=reason)
        work.session.add(row)
    else:
        row.value, row.reason = given.stored(), reason
    work.session.flush()
    event.listen(work.session, "after_commit", _committed, once=True)
    return Tuned(row.version, "撞单参数已保存，立即生效")


def _committed(_session: object) -> None:
    verdicts.forget_parameters()


def tuning_state(actor: Actor) -> TuningState:
    """Return the parameters in force, as the database has them now."""
    _require(actor)
    with reading() as session:
        row = session.scalar(select(Setting).where(Setting.key == SETTING))
        if row is None:
            return TuningState(verdicts.defaults(), 0, is_default=True)
        given = Parameters.of(row.value)
        return TuningState(given, row.version, is_default=given == verdicts.defaults())


def tuning_history(actor: Actor, limit: int = 50) -> list[TuningChange]:
    """Return the changes, newest first."""
    _require(actor)
    with reading() as session:
        rows = session.execute(
            select(ChangeLog.at, Person.name, ChangeLog.after)
            .join(Setting, (Setting.id == ChangeLog.entity_id) & (Setting.key == SETTING))
            .outerjoin(Person, Person.id == ChangeLog.person_id)
            .where(ChangeLog.entity == Setting.__tablename__, ChangeLog.after.is_not(None))
            .order_by(ChangeLog.id)
        ).all()
    told, before, reason = [], verdicts.defaults(), ""
    for at, who, after in rows:
        # The log holds what changed only: the same words twice are no change.
        reason = after.get("reason", reason)
        if "value" not in after:
            continue
        now = Parameters.of(after["value"])
        told.append(
            TuningChange(
                clock.local(at), who or words.SYSTEM_SENDER, reason, differing(before, now)
            )
        )
        before = now
    return told[::-1][:limit]


def differing(before: Parameters, after: Parameters) -> tuple[tuple[str, str, str], ...]:
    """Return label, former and new value of each parameter that differs."""
    return tuple(
        (label, told(name, getattr(before, name)), told(name, getattr(after, name)))
        for name, label in LABELS.items()
        if getattr(before, name) != getattr(after, name)
    )


def told(name: str, value: Any) -> str:
    """Return a parameter's value as people read it."""
    if name == "fields":
        return "、".join(label for key, label in FIELDS.items() if key in value) or words.EMPTY
    if isinstance(value, bool):
        return words.YES if value else words.NO
    if name == "contacted_within_days":
        return "不限" if value is None else f"{value} 天内"
    return f"{value}%"


def drafted(values: Mapping[str, Any]) -> Parameters:
    """Make parameters of what a form delivers; an empty figure is out of every range."""
    days = values["contacted_within_days"]
    return Parameters(
        **{name: _whole(values[name]) for name in RANGES},
        may_save_similar=bool(values["may_save_similar"]),
        single_field=bool(values["single_field"]),
        contacted_within_days=None if days is None else _whole(days),
        fields=frozenset(values["fields"]),
    )


def _whole(value: Any) -> int:
    """Return a whole number; a fraction or nothing becomes one that no range allows."""
    return int(value) if value is not None and value == int(value) else -1


def _require(actor: Actor) -> None:
    if not actor.may(Permission.COLLISION_TUNE):
        raise NotAllowed
