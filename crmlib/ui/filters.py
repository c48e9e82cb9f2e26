"""The line of filters over a dashboard: carried in the address, live with the change feed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import traitlets

from crmlib.ui.options import OptionLike, for_browser, options_of
from crmlib.ui.static_files import module
from crmlib.ui.widget import Widget

AMOUNT = re.compile(r"\d{1,12}(\.\d{1,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One filter; an amount is typed in 万元 and delivered as typed."""

    name: str
    label: str
    options: Sequence[OptionLike] = ()
    kind: Literal["choice", "amount"] = "choice"
    default: str = ""


class FilterBar(Widget):
    """Filters of a dashboard; wrap it with ``mo.ui.anywidget``.

    ``value["chosen"]`` are the filters in force (texts), ``value["version"]`` grows when the
    change feed names one of the topics, so that cells reading it show what others did.
    """

    _esm = module("filters")
    chosen = traitlets.Dict().tag(sync=True)
    version = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        choices: Sequence[Choice],
        *,
        topics: Sequence[str] = (),
        state: Mapping[str, object] | None = None,
    ) -> None:
        given = {str(name): str(value) for name, value in (state or {}).items()}
        offered = {
            choice.name: {"", "all", *(str(o.value) for o in options_of(choice.options))}
            for choice in choices
        }
        amounts = {choice.name for choice in choices if choice.kind == "amount"}
        super().__init__(
            {
                "topics": list(topics),
                "choices": [
                    {
                        "name": choice.name,
                        "label": choice.label,
                        "kind": choice.kind,
                        "default": choice.default,
                        "options": for_browser(options_of(choice.options)),
                    }
                    for choice in choices
                ],
            }
        )
        defaults = {choice.name: choice.default for choice in choices if choice.default}
        # An address may say anything: only what is offered is taken from it.
        self.chosen = defaults | {
            name: value
            for name, value in given.items()
            if (name in amounts and AMOUNT.fullmatch(value)) or value in offered.get(name, ())
        }
