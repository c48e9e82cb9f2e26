"""Work that takes a while: what is being done, how far it is, and a way to end it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ClassVar

from crmlib.ui.reply import Reply
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkState:
    """Where the work stands; ``going`` False ends the watching and the page reads afresh."""

    going: bool
    what: str = ""
    done: int = 0
    of: int = 0  # 0: nobody can tell


class WorkWatch(Widget):
    """Asks every second how far the work is; wrap it with ``mo.ui.anywidget``."""

    _esm = module("work")
    handlers: ClassVar[dict[str, str]] = {"look": "_look", "stop": "_stop"}

    def __init__(
        self,
        look: Callable[[], WorkState],
        stop: Callable[[], Reply] | None = None,
        *,
        stop_label: str = "取消",
        note: str = "",
    ) -> None:
        self.look, self.stop = look, stop
        label = stop_label if stop else ""
        super().__init__({"first": self._look(None), "stop": label, "note": note})

    def _look(self, _sent: object) -> dict[str, object]:
        return asdict(self.look())

    def _stop(self, _sent: object) -> dict[str, object]:
        if self.stop is None:
            raise Fault("此处不能取消")
        return self.stop().told()
