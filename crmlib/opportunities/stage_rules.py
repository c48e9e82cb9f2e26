"""What makes a 销售阶段定义 right, who signs it, and where open deals go when it comes into force."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from crmlib.access.grants import Role
from crmlib.words import STAGE, required

NOT_A_DRAFT = "只有草稿可以修改，请先复制为新版本"
NOT_SIGNING = "只有会签中的版本可以会签或退回"
ALREADY_SIGNED = "您已会签此版本"
TOO_FEW = "至少要有 2 个未停用的阶段才能提交会签"
GOES_NOWHERE = "请选择「{name}」的 {count} 个进行中商机转到哪个阶段"
NO_SUCH_TARGET = "「{name}」的去向 请从新版本未停用的阶段中选择"
FEWEST = 2
STEP = 10  # between the 顺序 of two stages, so that one can be put between
CODE_LENGTH = NAME_LENGTH = 20
ITEM_LENGTH, MOST_ITEMS = 60, 20
NOTE_LENGTH = 255
RANGES = {"position": (1, 9999), "probability": (0, 100), "standard_days": (1, 999)}
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}")
_BULLET = re.compile(r"^[\s\-•·*]+")


class Party(StrEnum):
    """Whose agreement a version needs."""

    GENERAL_OFFICE = "general_office"
    ADMIN = "admin"
    REGION = "region"


PARTY_NAMES = {
    Party.GENERAL_OFFICE: "综合部",
    Party.ADMIN: "信息部",
    Party.REGION: "区域经理",
}


@dataclass(frozen=True, slots=True)
class StageDraft:
    """What a form holds of a stage; ``cleaned`` reads it."""

    code: str = ""
    name: str = ""
    position: object = None
    probability: object = None
    standard_days: object = None
    checklist: str = ""  # one item a line
    note: str = ""
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """Another stage of the same version."""

    code: str
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Source:
    """A stage that open deals stand in, in the version that is to be replaced."""

    code: str
    name: str
    position: int
    count: int


@dataclass(frozen=True, slots=True)
class Target:
    """A stage of the version that is to come into force."""

    code: str
    name: str
    position: int
    disabled: bool = False


def cleaned(draft: StageDraft) -> StageDraft:
    """Return the draft trimmed, code in capitals, whole numbers read where they can be."""
    items = (_BULLET.sub("", line).strip() for line in draft.checklist.splitlines())
    numbers: dict[str, Any] = {field: _whole(getattr(draft, field)) for field in RANGES}
    return replace(
        draft,
        code=unicodedata.normalize("NFKC", draft.code).strip().upper(),
        name=" ".join(draft.name.split()),
        checklist="\n".join(dict.fromkeys(item for item in items if item)),
        note=" ".join(draft.note.split()),
        **numbers,
    )


def _whole(value: Any) -> object:
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def stage_faults(draft: StageDraft, others: Sequence[Other]) -> dict[str, str]:
    """Return every fault of a cleaned draft beside the other stages: field → message."""
    found = {
        field: required(STAGE[field])
        for field in ("code", "name", *RANGES)
        if getattr(draft, field) in (None, "")
    }
    checks = {
        "code": _code_fault(draft.code, others),
        "name": _name_fault(draft.name, others),
        "checklist": _items_fault(draft.checklist),
        "note": _length_fault("note", draft.note, NOTE_LENGTH),
    }
    for field, (low, high) in RANGES.items():
        value = getattr(draft, field)
        if not isinstance(value, int) or not low <= value <= high:
            checks[field] = f"{STAGE[field]} 应为 {low} 到 {high} 的整数"
    if "position" not in checks:
        twin = next((o for o in others if o.position == draft.position), None)
        if twin:
            checks["position"] = f"顺序 {draft.position} 已被「{twin.name}」使用"
    return {field: text for field, text in checks.items() if text} | found


def _code_fault(code: str, others: Sequence[Other]) -> str | None:
    if not _CODE.fullmatch(code):
        return "代码 由大写字母、数字、下划线组成，以字母开头，最多 20 位"
    twin = next((o for o in others if o.code == code), None)
    return f"代码 {code} 已被「{twin.name}」使用" if twin else None


def _name_fault(name: str, others: Sequence[Other]) -> str | None:
    if any(o.name == name for o in others):
        return f"名称「{name}」已被使用"
    return _length_fault("name", name, NAME_LENGTH)


def _items_fault(checklist: str) -> str | None:
    items = checklist.splitlines()
    if len(items) > MOST_ITEMS:
        return f"检查项 不能超过 {MOST_ITEMS} 条"
    return _length_fault("checklist", max(items, key=len, default=""), ITEM_LENGTH)


def _length_fault(field: str, text: str, limit: int) -> str | None:
    return f"{STAGE[field]} 不能超过 {limit} 个字" if len(text) > limit else None


def renumbered(codes: Sequence[str]) -> dict[str, int]:
    """Return the 顺序 of stages that stand in this order: 10, 20, 30 and so on."""
    return {code: place * STEP for place, code in enumerate(codes, start=1)}


def party_of(role: Role, *, leads_a_region: bool) -> Party | None:
    """Return for which department a person signs; a manager only if his office is a region."""
    if role is Role.MANAGER:
        return Party.REGION if leads_a_region else None
    return {Role.GENERAL_OFFICE: Party.GENERAL_OFFICE, Role.ADMIN: Party.ADMIN}.get(role)


def missing(signed: Collection[str]) -> list[Party]:
    """Return whose agreement is still missing."""
    return [party for party in Party if party not in signed]


def sign_refusal(
    party: Party, signed: Collection[str], *, is_signing: bool, already: bool
) -> str | None:
    """Return why somebody may not sign (or return) a version now, if so."""
    if not is_signing:
        return NOT_SIGNING
    if already:
        return ALREADY_SIGNED
    # Every 区域经理 may add his name; a department speaks once.
    if party is not Party.REGION and party in signed:
        return f"{PARTY_NAMES[party]}已会签此版本"
    return None


def force_refusal(signed: Collection[str], *, is_signing: bool) -> str | None:
    """Return why a version may not come into force yet, if so."""
    if not is_signing:
        return "只有会签中的版本可以生效"
    names = "、".join(PARTY_NAMES[party] for party in missing(signed))
    return f"会签未完成，还缺：{names}" if names else None


def default_target(source: Source, targets: Sequence[Target]) -> str | None:
    """Return where deals go by themselves: to the stage of the same code, if deals may be there."""
    same = next((t for t in targets if t.code == source.code and not t.disabled), None)
    return same.code if same else None


def mapping_of(
    sources: Sequence[Source], targets: Sequence[Target], chosen: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return old code → new code of each stage that deals stand in, and what is still unclear."""
    enabled = {t.code for t in targets if not t.disabled}
    mapping: dict[str, str] = {}
    faults: dict[str, str] = {}
    for source in sources:
        wanted = chosen.get(source.code) or default_target(source, targets)
        if wanted is None:
            faults[source.code] = GOES_NOWHERE.format(name=source.name, count=source.count)
        elif wanted not in enabled:
            faults[source.code] = NO_SUCH_TARGET.format(name=source.name)
        else:
            mapping[source.code] = wanted
    return mapping, faults


def successor(code: str, position: int, targets: Sequence[Target]) -> str:
    """Return the stage a deal of an older version comes back to.

    The stage of its code, else the last one not after its place.
    """
    enabled = sorted((t for t in targets if not t.disabled), key=lambda t: t.position)
    if code in {t.code for t in enabled}:
        return code
    before = [t.code for t in enabled if t.position <= position]
    return before[-1] if before else enabled[0].code


def number_name(number: int) -> str:
    """Return 第2版."""
    return f"第{number}版"


def in_force_reason(number: int) -> str:
    """Return the reason written into the history of a deal that changes its stage by a new version."""
    return f"阶段定义{number_name(number)}生效"
