"""撞单分析 on its own: a name (and a phone) in, the verdict and the hits out; or a whole list."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from crmlib.ui.reply import Reply
from crmlib.ui.sheet import OUTDATED, Ask
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget

Search = Callable[[str, str], Mapping[str, object]]
Line = Mapping[str, object]
Analyse = Callable[[str], Mapping[str, object]]
Export = Callable[[Sequence[Line]], tuple[str, bytes]]
_LONGEST_LIST = 200_000  # characters; a workbook pasted by mistake


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


class CollideList(Widget):
    """A pasted list; ``analyse(text)`` answers with ``text``, ``note`` and ``lines``.

    ``export`` makes a file of the lines that are on the screen; they are kept on this side.
    """

    _esm = module("collide_list")
    handlers: ClassVar[Mapping[str, str]] = {"analyse": "_analyse", "export": "_export"}

    def __init__(
        self, analyse: Analyse, export: Export, columns: Mapping[str, str], *, key: str, most: int
    ) -> None:
        self.analyse, self.export = analyse, export
        self.lines: Sequence[Line] = ()
        told = [[name, label] for name, label in columns.items()]
        super().__init__({"columns": told, "key": f"sunmao:{key}", "most": most})

    def _analyse(self, sent: object) -> dict[str, object]:
        given = sent if isinstance(sent, dict) else {}
        text = str(given.get("text") or "")
        if len(text) > _LONGEST_LIST:
            raise Fault("粘贴的内容太长，请只粘贴名称一列")
        answer = dict(self.analyse(text))
        lines = answer["lines"]
        self.lines = lines if isinstance(lines, list) else ()
        return answer

    def _export(self, sent: object) -> dict[str, object]:
        if not self.lines:
            raise Fault("请先分析名单")
        verdict = sent.get("verdict") if isinstance(sent, dict) else ""
        shown = [line for line in self.lines if not verdict or line["verdict"] == verdict]
        name, content = self.export(shown)
        return {"name": name, "content": base64.b64encode(content).decode("ascii")}
