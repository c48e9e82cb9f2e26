"""A slider over a list: from which score on rows are wanted, and what each choice would give."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

from crmlib.ui.static_files import module
from crmlib.ui.widget import Widget


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One place of the slider: what is at or above it; ``wrong`` is the share judged wrong."""

    at: float  # 0 is everything
    waiting: int
    judged: int
    wrong: float | None


Count = Callable[[], Sequence[Stop]]


class Threshold(Widget):
    """Moves the filter ``name`` of the list ``key`` (a Grid with such a hidden filter)."""

    _esm = module("threshold")
    handlers: ClassVar[dict[str, str]] = {"count": "_count"}

    def __init__(
        self, count: Count, *, key: str, name: str = "min", topics: Sequence[str] = ()
    ) -> None:
        self.count = count
        super().__init__(
            {"key": key, "name": name, "topics": list(topics), "stops": self._count(None)}
        )

    def _count(self, _sent: object) -> list[dict[str, object]]:
        return [asdict(stop) for stop in self.count()]
