"""A week at a glance: seven columns, walked by keyboard; the address keeps week and person."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from crmlib.ui.options import Option, for_browser
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget

NO_DAY = "请选择正确的日期"
_WEEK = timedelta(days=7)
_YEARS = (1900, 2200)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekEntry:
    """One entry: its address, its texts, and on which days (0 is Monday) it stands."""

    href: str
    time: str
    title: str
    note: str = ""
    tone: str = "info"  # good, warn, bad, info, mute
    mark: str = ""  # what the tone says, in a word
    days: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPage:
    """What a week holds; ``names`` are words on single days, such as a public holiday's."""

    entries: Sequence[WeekEntry]
    names: Sequence[str] = ("",) * 7
    note: str = ""


FetchWeek = Callable[[int, date], WeekPage]  # person, Monday
ExportWeek = Callable[[int, date, bool], tuple[str, bytes]]  # … and everything after it?


class WeekBoard(Widget):
    """The week of one person; wrap it with ``mo.ui.anywidget``.

    ``people(text)`` finds whose week may be looked at; None leaves it at the first person's.
    """

    _esm = module("week")
    handlers: ClassVar[dict[str, str]] = {
        "week": "_week",
        "people": "_people",
        "export": "_export",
    }

    def __init__(
        self,
        fetch: FetchWeek,
        person: Option,
        *,
        today: date,
        monday: date,
        people: Callable[[str], Sequence[Option]] | None = None,
        export: ExportWeek | None = None,
        new: str = "",
        topics: Sequence[str] = (),
    ) -> None:
        self.fetch, self.people, self.export = fetch, people, export
        first = {"person": person.value, "monday": monday.isoformat()}
        super().__init__(
            {
                "person": for_browser([person])[0],
                "today": today.isoformat(),
                "thisWeek": (today - timedelta(days=today.weekday())).isoformat(),
                "choosing": people is not None,
                "exporting": export is not None,
                "new": new,
                "topics": list(topics),
                "first": self._week(first),
            }
        )

    def _asked_for(self, asked: object) -> tuple[int, date, dict[str, Any]]:
        given = asked if isinstance(asked, dict) else {}
        try:
            day, person = date.fromisoformat(str(given.get("monday"))), int(str(given["person"]))
        except (KeyError, ValueError) as wrong:
            raise Fault(NO_DAY) from wrong
        if not _YEARS[0] < day.year < _YEARS[1]:
            raise Fault(NO_DAY)
        monday = day - timedelta(days=day.weekday())
        return person, monday, given

    def _week(self, asked: object) -> dict[str, object]:
        person, monday, _ = self._asked_for(asked)
        page = self.fetch(person, monday)
        return {
            "person": person,
            "monday": monday.isoformat(),
            "before": (monday - _WEEK).isoformat(),
            "after": (monday + _WEEK).isoformat(),
            "number": monday.isocalendar().week,
            "days": [(monday + timedelta(days=at)).isoformat() for at in range(7)],
            "names": list(page.names),
            "entries": [asdict(entry) for entry in page.entries],
            "note": page.note,
        }

    def _people(self, asked: object) -> list[dict[str, object]]:
        text = str(asked.get("text", "")) if isinstance(asked, dict) else ""
        return for_browser(self.people(text[:100])) if self.people else []

    def _export(self, asked: object) -> dict[str, object]:
        if self.export is None:
            raise Fault("此处不能导出")
        person, monday, given = self._asked_for(asked)
        name, content = self.export(person, monday, bool(given.get("later")))
        return {"name": name, "content": base64.b64encode(content).decode("ascii")}
