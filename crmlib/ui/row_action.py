"""Steps for the rows selected in a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply
from crmlib.ui.sheet import OUTDATED, Sheet
from crmlib.ui.widget import Fault

MOST_ROWS = 500  # worked on at once
RowSubmit = Callable[[list[str], dict[str, object], str], Reply | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAction:
    """A step for the selected rows: a ``call``, or ``fields`` asked in a dialog.

    Refused or done, the callback's reply tells.
    """

    name: str
    label: str
    call: Callable[[list[str]], Reply] | None = None
    confirm: str = ""
    danger: bool = False
    fields: Sequence[Field] = ()
    on_submit: RowSubmit | None = None  # rows, values, token
    note: str = ""  # stands above the fields
    preview: Callable[[list[str]], str] | None = None  # instead of the note: what will happen
    menu: str = ""  # steps of the same menu stand together under its name
    submit_label: str = "确定"
    in_row: bool = False  # taken by a ``step`` column of that name, not for selected rows

    def sheet(self, rows: list[str]) -> Sheet:
        """Return the form that is asked for these rows."""

        def submit(values: dict[str, object], token: str) -> Reply | str:
            if self.on_submit is None:
                raise Fault(OUTDATED)
            return self.on_submit(rows, values, token)

        return Sheet(self.fields, submit)


def told(action: RowAction) -> dict[str, object]:
    """Return the step as the browser reads it."""
    found: dict[str, object] = {
        "preview": action.preview is not None,
        "name": action.name,
        "label": action.label,
        "confirm": action.confirm,
        "danger": action.danger,
        "menu": action.menu,
        "inRow": action.in_row,
    }
    if action.on_submit:
        found["form"] = {
            **action.sheet([]).spec(),
            "title": action.label,
            "note": action.note,
            "submit": action.submit_label,
            "columns": 1,
            "key": f"rows-{action.name}",
            "keep": [],
            "draft": False,
        }
    return found


class ActionSide:
    """What a table answers when a step of its rows is taken."""

    actions: dict[str, RowAction]

    def every(self, asked: Mapping[str, object], most: int) -> list[str]:
        """Return the rows of all pages of a query."""
        raise NotImplementedError

    def _step(self, asked: object, name: str) -> tuple[RowAction, list[str]]:
        given = asked if isinstance(asked, dict) else {}
        action = self.actions.get(str(given.get(name)))
        rows, query = given.get("rows"), given.get("all")
        if action is None or not isinstance(rows, list) or not (rows or query):
            raise Fault(OUTDATED)
        if isinstance(query, dict):
            return action, self.every(query, MOST_ROWS)
        return action, [str(row) for row in rows]

    def _act(self, asked: object) -> dict[str, object]:
        action, rows = self._step(asked, "name")
        if action.call is None:
            raise Fault(OUTDATED)
        return action.call(rows).told()

    def _submit(self, asked: object) -> dict[str, object]:
        action, rows = self._step(asked, "action")
        return action.sheet(rows).submit(asked)

    def _preview(self, asked: object) -> dict[str, object]:
        action, rows = self._step(asked, "name")
        if action.preview is None:
            raise Fault(OUTDATED)
        return {"note": action.preview(rows), "count": len(rows)}
