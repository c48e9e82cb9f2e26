"""The line of filters over a dashboard: carried in the address, live with the change feed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

import traitlets

from crmlib.ui.options import OptionLike, for_browser, matching, options_of
from crmlib.ui.scheme_side import SchemeSide, opens_with, scheme_form
from crmlib.ui.schemes import SYSTEM, SchemeKeeper
from crmlib.ui.static_files import module
from crmlib.ui.widget import Widget

AMOUNT = re.compile(r"\d{1,12}(\.\d{1,4})?")
ALL = "all"  # in the address: a default was cleared
# What dashboards have in common: it comes along from one to the next (static/frame.js).
COMMON = ("office", "owner", "region", "period")
_SCHEME_DIGITS = 9
# More of them are looked up by typing: nobody finds one of 6,000 people in a list, and with each
# change the browser works out the look of every element of the page anew.
MOST_LISTED = 300
FOUND = 50  # options sent at once, as many as the browser shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One filter; an amount is typed in 万元 and delivered as typed, a day as 2026-11-23."""

    name: str
    label: str
    options: Sequence[OptionLike] = ()
    kind: Literal["choice", "amount", "day"] = "choice"
    default: str = ""
    always: bool = False  # one of the options holds at all times: there is no 全部

    def takes(self, value: str) -> bool:
        """Say whether a value is one of this filter; addresses may say anything."""
        match self.kind:
            case "amount":
                return AMOUNT.fullmatch(value) is not None
            case "day":
                return value == ALL or day_of(value) is not None
            case _:
                offered = {str(o.value) for o in options_of(self.options)}
                return value in (offered if self.always else {ALL, *offered})


def day_of(text: str) -> date | None:
    """Return the day a filter of kind ``day`` delivers; None for none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class FilterBar(SchemeSide, Widget):
    """Filters of a dashboard; wrap it with ``mo.ui.anywidget``.

    ``value["chosen"]`` are the filters in force (texts), ``value["version"]`` grows when the
    change feed names one of the topics, so that cells reading it show what others did. With
    ``schemes`` a person keeps filters under a name, and one of them may open the page.
    """

    _esm = module("filters")
    chosen = traitlets.Dict().tag(sync=True)
    version = traitlets.Int().tag(sync=True)
    handlers: ClassVar[dict[str, str]] = {
        "save_scheme": "_save_scheme",
        "scheme": "_scheme",
        "options": "_options",
    }

    def __init__(
        self,
        choices: Sequence[Choice],
        *,
        topics: Sequence[str] = (),
        schemes: SchemeKeeper | None = None,
        state: Mapping[str, object] | None = None,
    ) -> None:
        self.choices, self.schemes = tuple(choices), schemes
        given = {str(name): str(value) for name, value in (state or {}).items()}
        defaults = {choice.name: choice.default for choice in choices if choice.default}
        shelf = self._shelf()
        is_named = any(choice.name in given for choice in choices) or "scheme" in given
        opening = None if is_named or shelf is None else opens_with(shelf)
        super().__init__(
            {
                "topics": list(topics),
                "choices": [_told(choice) for choice in choices],
                "common": [choice.name for choice in choices if choice.name in COMMON],
                "schemes": shelf.told() if shelf else None,
                "schemeForm": scheme_form() if shelf else None,
                "default": {"filters": defaults},
                "scheme": opening["scheme"] if opening else _number(given.get("scheme", "")),
            }
        )
        self.chosen = (
            self._held(opening.get("filters")) if opening else defaults | self._held(given)
        )

    def kept(self, asked: Mapping[str, object]) -> dict[str, object]:
        """Return what a 方案 keeps, held to what this line offers."""
        return {"filters": self._held(asked.get("filters"))}

    def in_words(self) -> dict[str, str]:
        """Return the filters that narrow, label → what is chosen; for what is taken along."""
        told = {}
        for choice in self.choices:
            value = str(self.chosen.get(choice.name) or "")
            if value in {ALL, choice.default} or not choice.takes(value):
                continue
            names = {str(option.value): option.label for option in options_of(choice.options)}
            told[choice.label] = names.get(value, value)
        return told

    def _options(self, asked: object) -> dict[str, object]:
        """Return the first options of a long list that match ``text``, or the one of ``value``."""
        wanted = asked if isinstance(asked, Mapping) else {}
        offered = [
            option
            for choice in self.choices
            if choice.name == wanted.get("name")
            for option in options_of(choice.options)
        ]
        if value := wanted.get("value"):
            found = [option for option in offered if str(option.value) == str(value)]
        else:
            found = matching(offered, str(wanted.get("text") or "")[:100])
        return {"options": for_browser(found[:FOUND]), "total": len(found)}

    def _held(self, asked: object) -> dict[str, str]:
        given = asked if isinstance(asked, Mapping) else {}
        return {
            choice.name: str(given[choice.name])
            for choice in self.choices
            if choice.name in given and choice.takes(str(given[choice.name]))
        }


def _told(choice: Choice) -> dict[str, object]:
    options = options_of(choice.options)
    is_long = len(options) > MOST_LISTED
    return {
        "name": choice.name,
        "label": choice.label,
        "kind": choice.kind,
        "default": choice.default,
        "always": choice.always,
        "typed": is_long,
        "options": [] if is_long else for_browser(options),
    }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < _SCHEME_DIGITS else SYSTEM
