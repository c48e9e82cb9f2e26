"""The steps of a dictionary and of its entries on their page."""

from collections.abc import Callable
from typing import Any

from crmlib.access.actor import Actor
from crmlib.dictionaries.actions import (
    EntriesChanged,
    add_entry,
    delete_entries,
    disable_entries,
    enable_entries,
    move_entries,
    rename_entry,
)
from crmlib.dictionaries.queries import Dictionary
from crmlib.dictionaries.rules import NAME, NAME_LENGTH
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply, refused, saved
from crmlib.ui.route import link
from crmlib.ui.row_action import RowAction

Values = dict[str, Any]
_NAME = Field(name="name", label=NAME, required=True, max_length=NAME_LENGTH)


def list_steps(actor: Actor, found: Dictionary) -> list[Action]:
    """Return what may be done with a dictionary."""

    def add(values: Values, token: str) -> Reply:
        parent = values.get("parent") or None
        done = add_entry(actor, found.kind, values["name"], parent, token=token)
        return saved(f"「{done.name}」已添加，代码 {done.code}")

    group = Field(
        name="parent",
        label="所属类别",
        kind="select",
        options=[(option.code, option.name) for option in found.groups],
        hint="留空即新增一个类别",
    )
    return [
        Action(
            name="add",
            label="添加条目",
            kind="primary",
            title=f"添加条目：{found.name}",
            fields=[group, _NAME] if found.is_grouped else [_NAME],
            on_submit=add,
            submit_label="添加",
        ),
        Action(label="返回列表", href=link("dictionaries")),
    ]


def entry_steps(actor: Actor) -> list[RowAction]:
    """Return what may be done with entries."""

    def rename(rows: list[str], values: Values, token: str) -> Reply:
        if len(rows) != 1:
            return refused("每次只能修改一个条目的名称")
        done = rename_entry(actor, int(rows[0]), values["name"], token=token)
        return saved(f"已改名为「{done.name}」")

    def step(name: str, label: str, do: Callable[[list[int]], EntriesChanged], **more: Any) -> Any:
        def call(rows: list[str]) -> Reply:
            return saved(do([int(row) for row in rows]).text)

        return RowAction(name=name, label=label, call=call, **more)

    return [
        RowAction(name="rename", label="改名", fields=[_NAME], on_submit=rename),
        step("up", "上移", lambda ids: move_entries(actor, ids, -1)),
        step("down", "下移", lambda ids: move_entries(actor, ids, 1)),
        step("disable", "停用", lambda ids: disable_entries(actor, ids)),
        step("enable", "启用", lambda ids: enable_entries(actor, ids)),
        step(
            "delete",
            "删除",
            lambda ids: delete_entries(actor, ids),
            confirm="再次点击确认",
            danger=True,
        ),
    ]
