"""Tabs whose content is made when it is looked at."""

from collections.abc import Sequence

import traitlets

from crmlib.ui.static_files import module
from crmlib.ui.widget import Widget


class Tabs(Widget):
    """A row of tabs; ``value["chosen"]`` names the open one, and so does the address.

    Each tab is name, label and, where it helps, a count.
    """

    _esm = module("tabs")
    chosen = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, tabs: Sequence[tuple[str, str] | tuple[str, str, int | None]], chosen: object = ""
    ) -> None:
        names = [tab[0] for tab in tabs]
        told = [[tab[0], tab[1], tab[2] if len(tab) > 2 else None] for tab in tabs]
        super().__init__({"tabs": told})
        self.chosen = str(chosen) if chosen in names else names[0]
