"""The page's address as a value that cells depend on."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import marimo as mo
import traitlets

from crmlib.ui.static_files import module
from crmlib.ui.widget import Widget


def link(page: str, record: object = None, *, workspace: str = "", **params: object) -> str:
    """Return the address of a page, and of its record, in this or another workspace."""
    pairs = {"page": page}
    if record is not None:
        pairs["id"] = str(record)
    pairs.update({name: str(value) for name, value in params.items() if value is not None})
    start = f"/{workspace}/" if workspace else ""
    return f"{start}?{urlencode(pairs)}"


class Route(Widget):
    """Which page, which record, which parameters; changes with menu, back and links.

    ``visit`` counts every move, so that a page chosen again reads fresh data; ``version`` is
    the change feed's, set only when a topic of the current page changed.
    """

    _esm = module("route")
    page = traitlets.Unicode().tag(sync=True)
    record = traitlets.Unicode().tag(sync=True)
    params = traitlets.Dict().tag(sync=True)
    visit = traitlets.Int().tag(sync=True)
    version = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        home: str,
        *,
        topics: Mapping[str, Sequence[str]] | None = None,
        query: Mapping[str, str | list[str]] | None = None,
    ) -> None:
        watched = {page: list(names) for page, names in (topics or {}).items()}
        super().__init__({"home": home, "topics": watched})
        given = dict(query) if query is not None else mo.query_params().to_dict()
        flat = {
            name: value[0] if isinstance(value, list) else value for name, value in given.items()
        }
        self.page = flat.pop("page", "") or home
        self.record = flat.pop("id", "")
        self.params = flat
