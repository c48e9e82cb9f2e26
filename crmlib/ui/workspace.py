"""A workspace shows one page at a time, and runs it anew at every visit."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import marimo as mo

from crmlib.ui import sessions
from crmlib.ui.route import Route


class Pages(Mapping[str, mo.App]):
    """Notebooks of a package by name, each read when it is first asked for."""

    def __init__(self, package: str, *names: str) -> None:
        self._package, self._names = package, names

    def __getitem__(self, name: str) -> mo.App:
        if name not in self._names:
            raise KeyError(name)
        app: mo.App = importlib.import_module(f"{self._package}.{name}").app
        return app

    def __contains__(self, name: object) -> bool:
        return name in self._names  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Workspace:
    """Keeps one copy of each page that was opened, for one session.

    The copy is the session's own: cells of a shared App object carry state that two sessions
    would write at once. It is kept, because marimo never gives back what a dropped copy's
    widgets hold, while cells that run again give back theirs. A page runs again when the
    visitor moves, not when the change feed does: what is being typed would go.
    """

    def __init__(self, pages: Mapping[str, mo.App], home: str) -> None:
        self.pages, self.home = pages, home
        self._copies: dict[str, mo.App] = {}
        sessions.begin(self)

    def page(self, route: Route) -> mo.App:
        """Return the session's copy of where the visitor is; an unknown page is the home page."""
        name = route.page if route.page in self.pages else self.home
        if name not in self._copies:
            self._copies[name] = self.pages[name].clone()
        return self._copies[name]

    def given(self, actor: object, route: Route) -> dict[str, Any]:
        """Return what every page is handed; the count of visits makes it run again."""
        return {
            "actor": actor,
            "record": route.record,
            "params": dict(route.params),
            "visit": route.visit,
        }
