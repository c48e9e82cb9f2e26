"""What figures say of themselves when they are taken along: filters, time, the reader's rights."""

from collections.abc import Mapping
from datetime import datetime

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.ui import format as shown

_SCOPES = {
    Scope.TREE: "本人及下属",
    Scope.DEPARTMENT: "本部门",
    Scope.OWN: "本人",
    Scope.COLLABORATE: "共同跟进",
    Scope.SHARED: "共享给本人",
}


def rights_note(actor: Actor, permission: Permission = Permission.FUNNEL_VIEW) -> str:
    """Return whose rows a person's figures hold: 全公司, 本人及下属、共享给本人."""
    held = actor.scopes(permission)
    if held & {Scope.ALL, Scope.MASKED}:
        return "全公司"
    # One's own rows are among those of oneself and one's people.
    covered = held - {Scope.OWN} if Scope.TREE in held else held
    return "、".join(text for scope, text in _SCOPES.items() if scope in covered) or "无"


def stated_lines(
    actor: Actor,
    filters: Mapping[str, str],
    read_at: datetime,
    permission: Permission = Permission.FUNNEL_VIEW,
) -> list[str]:
    """Return the lines under a picture and over a workbook; ``filters`` are label → choice."""
    chosen = "；".join(f"{label}：{value}" for label, value in filters.items()) or "无"
    return [
        f"筛选条件：{chosen}",
        f"数据时间：{shown.moment(read_at)}",
        f"数据范围：{rights_note(actor, permission)}（只含本人有权查看的数据）",
        f"制作人：{actor.name}（{actor.office}，{shown.moment(clock.now())}）",
    ]
