"""The files of a record: put in by dragging or choosing, handed out, removed, brought back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from crmlib.ui.reply import Reply
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget

UNITS = ("B", "KB", "MB", "GB")
_STEP = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file as the list shows it; texts are ready to be read."""

    id: int
    name: str
    size: str
    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePage:
    """All files of the record; ``removed`` can be brought back."""

    files: Sequence[FileRow]
    removed: Sequence[FileRow] = ()
    may_change: bool = False


class FileList(Widget):
    """The files of one record; wrap it with ``mo.ui.anywidget``.

    Contents go to the server's own address (``/files``), not through the notebook; ``fetch``
    answers the list, ``remove`` and ``restore`` get the number of a file.
    """

    _esm = module("files")
    handlers: ClassVar[Mapping[str, str]] = {
        "list": "_list",
        "remove": "_remove",
        "restore": "_restore",
    }

    def __init__(
        self,
        record: tuple[str, int],
        fetch: Callable[[], FilePage],
        *,
        remove: Callable[[int], Reply],
        restore: Callable[[int], Reply],
        kinds: Sequence[str],
        most_bytes: int,
        too_big: str,
        unknown_kind: str,
    ) -> None:
        self.fetch, self.remove, self.restore = fetch, remove, restore
        super().__init__(
            {
                "record": list(record),
                "kinds": list(kinds),
                "most": most_bytes,
                "limit": size_text(most_bytes),
                "tooBig": too_big,
                "unknownKind": unknown_kind,
                "first": self._list(None),
            }
        )

    def _list(self, _sent: object) -> dict[str, object]:
        page = self.fetch()
        return {
            "files": [_told(row) for row in page.files],
            "removed": [_told(row) for row in page.removed],
            "mayChange": page.may_change,
        }

    def _remove(self, sent: object) -> dict[str, object]:
        return self.remove(_number(sent)).told()

    def _restore(self, sent: object) -> dict[str, object]:
        return self.restore(_number(sent)).told()


def size_text(size: int) -> str:
    """Return bytes as people read them: 312 B, 4.5 MB."""
    value, unit = float(size), UNITS[0]
    for unit in UNITS:
        if value < _STEP or unit == UNITS[-1]:
            break
        value /= _STEP
    text = f"{value:.0f}" if unit == UNITS[0] or value == int(value) else f"{value:.1f}"
    return f"{text} {unit}"


def _told(row: FileRow) -> dict[str, object]:
    return {"id": row.id, "name": row.name, "size": row.size, "by": row.by, "at": row.at}


def _number(sent: object) -> int:
    key = sent.get("id") if isinstance(sent, dict) else None
    if not isinstance(key, int):
        raise Fault("请刷新页面后重试")
    return key
