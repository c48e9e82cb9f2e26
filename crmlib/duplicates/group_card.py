"""A group of companies as a block of a page."""

from collections.abc import Sequence

import marimo as mo

from crmlib.duplicates.groups import Member
from crmlib.ui import cards
from crmlib.ui.route import link
from crmlib.words import EMPTY, NO, YES

ALONE = "没有关联公司"
_INDENT = "　"  # full width, so that names line up under one another


def group_table(
    members: Sequence[Member], here: int, *, way_on: cards.Markup | None = None
) -> mo.Html:
    """Return the tree as a table; ``here`` is marked, what may not be opened is no link."""
    if not members:
        return cards.empty(ALONE, way_on)
    heads = ["客户名称", "关系", "客户代码", "区域", "负责人", "负责部门", "交易客户", "说明"]
    return cards.small_table(heads, [_line(member, here) for member in members])


def _line(member: Member, here: int) -> tuple[object, ...]:
    step = f"{_INDENT * (member.depth - 1)}└ " if member.depth else ""
    name: object = member.name
    if member.customer_id == here:
        name = cards.h("b", member.name)
    elif member.visible:
        name = cards.anchor(member.name, link("customer", member.customer_id, tab="group"))
    beside = f"与「{member.tied_to}」{member.relation}" if member.tied_to else ""
    return (
        cards.h("span", step, name),
        member.relation if member.depth else beside or EMPTY,
        member.code,
        member.region,
        member.owner,
        member.office,
        YES if member.trading else NO,
        member.note,
    )
