"""A table taken along as a workbook, and brought back filled in."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import ClassVar

from crmlib.ui.reply import Reply
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget

Give = Callable[[], tuple[str, bytes]]
Take = Callable[[str, bytes, str], Reply]  # file name, content, token
BROKEN = "文件没有完整送达，请重试"


class Swap(Widget):
    """下载 Excel and 导入 Excel beside each other; wrap it with ``mo.ui.anywidget``.

    What is wrong with a file is shown below them, one line per place of the sheet: ``take``
    raises ``Invalid`` with addresses of cells as fields.
    """

    _esm = module("swap")
    handlers: ClassVar[dict[str, str]] = {"give": "_give", "take": "_take"}

    def __init__(
        self, give: Give | None, take: Take | None, *, suffixes: Sequence[str], most_bytes: int
    ) -> None:
        self.give, self.take, self.most = give, take, most_bytes
        super().__init__(
            {
                "gives": give is not None,
                "takes": take is not None,
                "suffixes": list(suffixes),
                "most": most_bytes,
            }
        )

    def _give(self, _sent: object) -> dict[str, object]:
        if self.give is None:
            raise Fault("您没有导出的权限")
        name, content = self.give()
        return {"name": name, "content": base64.b64encode(content).decode("ascii")}

    def _take(self, sent: object) -> dict[str, object]:
        if self.take is None or not isinstance(sent, dict):
            raise Fault("您没有权限执行此操作")
        try:
            content = base64.b64decode(str(sent.get("content")), validate=True)
        except (binascii.Error, ValueError) as broken:
            raise Fault(BROKEN) from broken
        if len(content) > self.most:
            raise Fault(f"文件超过 {self.most >> 20} MB")
        return self.take(str(sent.get("name")), content, str(sent.get("token"))).told()
