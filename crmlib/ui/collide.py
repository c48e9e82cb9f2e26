"""撞单分析 on its own: a name (and a phone) in, the verdict and the hits out, as one types."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from crmlib.ui.reply import Reply
from crmlib.ui.sheet import OUTDATED, Ask
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget

Search = Callable[[str, str], Mapping[str, object]]


class Collide(Widget):
    """The search box; ``on_search(name, phone)`` answers with the shape of the hits panel."""

    _esm = module("collide")
    handlers: ClassVar[Mapping[str, str]] = {"search": "_search", "ask": "_ask"}

    def __init__(
        self,
        on_search: Search,
        *,
        on_ask: Mapping[str, Ask] | None = None,
        name: str = "",
        phone: str = "",
    ) -> None:
        self.on_search, self.on_ask = on_search, dict(on_ask or {})
        super().__init__({"name": name, "phone": phone, "asks": sorted(self.on_ask)})

    def _search(self, sent: object) -> dict[str, object]:
        given = sent if isinstance(sent, dict) else {}
        name, phone = (str(given.get(key) or "").strip() for key in ("name", "phone"))
        if not name:
            raise Fault("请输入客户名称", {"name": "请输入客户名称"})
        return dict(self.on_search(name[:200], phone[:60]))

    def _ask(self, sent: object) -> object:
        given = sent if isinstance(sent, dict) else {}
        handler = self.on_ask.get(str(given.get("name")))
        if handler is None:
            raise Fault(OUTDATED)
        found = handler(str(given.get("text", "")), given.get("values") or {})
        return found.told() if isinstance(found, Reply) else found
