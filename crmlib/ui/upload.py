"""One file for the server: what it is of is chosen first, then it is dropped or picked."""

from collections.abc import Sequence

from crmlib.ui.options import OptionLike, for_browser, options_of
from crmlib.ui.static_files import module
from crmlib.ui.widget import Widget


class Upload(Widget):
    """Sends a file to ``address`` and goes where the answer leads; wrap it with ``mo.ui.anywidget``.

    The content goes past the notebook; the chosen option is the parameter ``kind`` of the address.
    """

    _esm = module("upload")

    def __init__(
        self,
        address: str,
        options: Sequence[OptionLike],
        *,
        label: str,
        suffixes: Sequence[str],
        most_bytes: int,
        hint: str = "",
    ) -> None:
        super().__init__(
            {
                "address": address,
                "options": for_browser(options_of(options)),
                "label": label,
                "suffixes": list(suffixes),
                "most": most_bytes,
                "hint": hint,
            }
        )
