"""The one form: all fields of a save in one message, answered in one message."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import traitlets

from crmlib.ui.fields import Field, Section
from crmlib.ui.reply import Reply
from crmlib.ui.sheet import Ask, Check, Sheet, Submit
from crmlib.ui.static_files import module
from crmlib.ui.widget import Widget

KEEP = ("region", "industry")


class Form(Widget):
    """A form of fields and sections; wrap it with ``mo.ui.anywidget`` and bind it to a name.

    ``on_submit(values, token)`` gets typed values and saves; ``check(values)`` are pure rules
    whose faults are shown together with the form's own; ``saved`` grows by one after each
    success, so that cells which read ``form.value`` run again; ``result`` is the last reply.
    ``second`` labels a second button that keeps what is there, required or not: its values hold
    ``PRESSED: SECOND``.
    """

    _esm = module("form")
    saved = traitlets.Int().tag(sync=True)
    handlers: ClassVar[Mapping[str, str]] = {"submit": "_submit", "ask": "_ask"}

    def __init__(  # noqa: PLR0913 a form has many habits, all by name
        self,
        fields: Sequence[Field | Section],
        on_submit: Submit,
        *,
        key: str,
        values: Mapping[str, object] | None = None,
        version: int | None = None,
        submit_label: str = "保存",
        also_new: bool = False,
        second: str = "",
        renews: bool = False,
        cancel: str = "",
        on_ask: Mapping[str, Ask] | None = None,
        check: Check | None = None,
        keep: Sequence[str] = KEEP,
        columns: int = 2,
        draft: bool = True,
        focus: bool | str = True,  # the first field, none, or the one of this name
    ) -> None:
        self.sheet = Sheet(fields, on_submit, values=values, on_ask=on_ask, check=check)
        super().__init__(
            {
                **self.sheet.spec(),
                "key": key,
                "version": version,
                "submit": submit_label,
                "alsoNew": also_new,
                "second": second,
                "renews": renews,
                "cancel": cancel,
                "keep": list(keep),
                "columns": columns,
                "draft": draft,
                "focus": focus,
                "asks": sorted(self.sheet.on_ask),
            }
        )

    @property
    def result(self) -> Reply | None:
        """Return the last reply."""
        return self.sheet.result

    def _submit(self, sent: object) -> dict[str, object]:
        return self.sheet.submit(sent)

    def _ask(self, sent: object) -> object:
        return self.sheet.ask(sent)
