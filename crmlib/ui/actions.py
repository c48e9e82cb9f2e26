"""The steps of a page: buttons that act at once, ask first, or open a dialog with fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import traitlets

from crmlib.ui.fields import Field, Section
from crmlib.ui.reply import Reply
from crmlib.ui.sheet import OUTDATED, Ask, Check, Sheet, Submit
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step: an address (``href``), a ``call``, or ``fields`` with ``on_submit``."""

    label: str
    name: str = ""
    kind: Literal["", "primary", "danger"] = ""
    href: str = ""
    call: Callable[[], Reply] | None = None
    confirm: str = ""  # asked before the call
    fields: Sequence[Field | Section] = ()
    on_submit: Submit | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    on_ask: Mapping[str, Ask] = field(default_factory=dict)
    check: Check | None = None
    title: str = ""
    note: str = ""  # stands above the fields
    submit_label: str = "确定"
    columns: int = 1
    disabled: str = ""  # why it can't be done now; shown as the tooltip


class ActionBar(Widget):
    """A row of steps; wrap it with ``mo.ui.anywidget``.

    After a success the page runs again (``refresh``), and ``saved`` grows by one.
    """

    _esm = module("actions")
    saved = traitlets.Int().tag(sync=True)
    handlers: ClassVar[Mapping[str, str]] = {"submit": "_submit", "ask": "_ask", "call": "_call"}

    def __init__(self, actions: Sequence[Action], *, refresh: bool = True) -> None:
        self.actions = {action.name or action.label: action for action in actions}
        self.sheets = {
            name: Sheet(
                action.fields,
                action.on_submit,
                values=action.values,
                on_ask=action.on_ask,
                check=action.check,
            )
            for name, action in self.actions.items()
            if action.on_submit
        }
        told = [self._told(name, action) for name, action in self.actions.items()]
        asks = sorted({name for action in actions for name in action.on_ask})
        super().__init__({"actions": told, "refresh": refresh, "asks": asks})

    def _told(self, name: str, action: Action) -> dict[str, object]:
        told: dict[str, object] = {
            "name": name,
            "label": action.label,
            "kind": action.kind,
            "href": action.href,
            "confirm": action.confirm,
            "disabled": action.disabled,
        }
        if name in self.sheets:
            told["form"] = {
                **self.sheets[name].spec(),
                "title": action.title or action.label,
                "note": action.note,
                "submit": action.submit_label,
                "columns": action.columns,
                "key": f"action-{name}",
                "keep": [],
                "draft": False,
            }
        return told

    def _sheet(self, sent: object) -> tuple[Sheet, object]:
        name = str(sent.get("action")) if isinstance(sent, dict) else ""
        if name not in self.sheets or self.actions[name].disabled:
            raise Fault(OUTDATED)
        return self.sheets[name], sent

    def _submit(self, sent: object) -> dict[str, object]:
        sheet, what = self._sheet(sent)
        return sheet.submit(what)

    def _ask(self, sent: object) -> object:
        name = str(sent.get("name")) if isinstance(sent, dict) else ""
        if isinstance(sent, dict) and not sent.get("action"):  # an undo: no dialog is open
            for sheet in self.sheets.values():
                if name in sheet.on_ask:
                    return sheet.ask(sent)
            for action in self.actions.values():
                if name in action.on_ask:
                    found = action.on_ask[name]("", sent.get("values") or {})
                    return found.told() if isinstance(found, Reply) else found
        sheet, what = self._sheet(sent)
        return sheet.ask(what)

    def _call(self, sent: object) -> dict[str, object]:
        action = self.actions.get(str(sent.get("action")) if isinstance(sent, dict) else "")
        if action is None or action.call is None or action.disabled:
            raise Fault(OUTDATED)
        return action.call().told()
