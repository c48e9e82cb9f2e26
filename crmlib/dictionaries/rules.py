"""Who keeps which dictionary, and what an entry must be; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crmlib.access.grants import Role
from crmlib.reference.kinds import DictKind
from crmlib.words import required

NAME = "名称"
NAME_LENGTH = 60
OWN = "U"  # codes of entries added here; those of the product are numbers
LAST_ONE = "至少要有一个在用的条目"
NO_FAMILY = "所属类别 请从列表中选择"
SHIPPED = "「{name}」是系统内置条目，不能删除，只能停用"
HAS_CHILDREN = "「{name}」下面还有产品，不能删除"
USED = "「{name}」已被 {count} 条记录使用，不能删除，只能停用"
# 综合部 keeps what describes customers.
CUSTOMER_KINDS = frozenset(
    {
        DictKind.CONTACT_ROLE,
        DictKind.COUNTRY,
        DictKind.CUSTOMER_LEVEL,
        DictKind.CUSTOMER_SIZE,
        DictKind.CUSTOMER_TYPE,
        DictKind.INDUSTRY,
        DictKind.LEAD_SOURCE,
        DictKind.RECYCLE_REASON,
    }
)
GROUPED = frozenset({DictKind.PRODUCT})  # entries stand below other entries
_SEPARATORS = "、，,；;/|"  # between the products of a cell in a list that is imported


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is there, as the rules see it."""

    code: str
    name: str
    parent: str | None


def kinds_of(role: Role) -> frozenset[DictKind]:
    """Return the dictionaries a role keeps."""
    if role is Role.ADMIN:
        return frozenset(DictKind)
    return CUSTOMER_KINDS if role is Role.GENERAL_OFFICE else frozenset()


def next_code(codes: Collection[str], parent: str | None) -> str:
    """Return the code of an entry added here: U01, U02 …, below another one P2-U01.

    The product may bring more entries later; their numbers are never taken.
    """
    start = f"{parent}-{OWN}" if parent else OWN
    number = 1
    while f"{start}{number:02d}" in codes:
        number += 1
    return f"{start}{number:02d}"


def name_fault(
    kind: DictKind, name: str, parent: str | None, others: Sequence[Known]
) -> str | None:
    """Return what is wrong with the cleaned name of an entry beside the others."""
    if not name:
        return required(NAME)
    if len(name) > NAME_LENGTH:
        return f"{NAME} 不能超过 {NAME_LENGTH} 个字"
    if kind in GROUPED and any(mark in name for mark in _SEPARATORS):
        return f"{NAME} 不能含有 {' '.join(_SEPARATORS)}"
    if any(o.name == name and o.parent == parent for o in others):
        return f"{NAME}「{name}」已存在"
    return None


def parent_fault(kind: DictKind, parent: str | None, others: Sequence[Known]) -> str | None:
    """Return what is wrong with the group an entry is put into."""
    if parent is None:
        return None
    tops = {o.code for o in others if o.parent is None}
    return None if kind in GROUPED and parent in tops else NO_FAMILY


def delete_refusal(name: str, *, shipped: bool, children: bool, used: int) -> str | None:
    """Return why an entry can't be deleted, if so."""
    if shipped:
        return SHIPPED.format(name=name)
    if children:
        return HAS_CHILDREN.format(name=name)
    return USED.format(name=name, count=used) if used else None
