"""The 过滤方案 of a table as its menu shows them; where they are kept is another floor's matter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crmlib.ui.reply import Reply

SYSTEM = 0  # the number of the 默认方案 that comes with the house
SYSTEM_NAME = "默认方案"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeLine:
    """One 方案 in the menu; ``by`` names its publisher where it is somebody else's."""

    id: int
    name: str
    content: Mapping[str, Any]
    is_own: bool = True
    is_published: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class SchemeShelf:
    """What a person may choose from, with which one his list opens, and whether he may publish."""

    lines: tuple[SchemeLine, ...] = ()
    chosen: int = SYSTEM
    may_publish: bool = False

    def content(self) -> Mapping[str, Any] | None:
        """Return what the list opens with; None: as it comes."""
        return next((line.content for line in self.lines if line.id == self.chosen), None)

    def told(self) -> dict[str, object]:
        """Return the menu as the browser reads it."""
        return {
            "lines": [
                {
                    "id": line.id,
                    "name": line.name,
                    "content": dict(line.content),
                    "own": line.is_own,
                    "published": line.is_published,
                    "by": line.by,
                }
                for line in self.lines
            ],
            "chosen": self.chosen,
            "mayPublish": self.may_publish,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeKeeper:
    """Where a table's 方案 are kept: read the shelf, and the steps of the menu.

    ``save`` takes name, content, the number of an own 方案 to replace (or None) and the token,
    and answers the number it was saved under.
    """

    shelf: Callable[[], SchemeShelf]
    save: Callable[[str, Mapping[str, Any], int | None, str], int]
    delete: Callable[[int], object]
    choose: Callable[[int], object]
    publish: Callable[[int, bool], object]

    def step(self, name: str, number: int, is_on: bool) -> Reply:
        """Do a step of the menu that needs no form."""
        match name:
            case "delete":
                self.delete(number)
                return Reply(ok=True, message="方案已删除")
            case "choose":
                self.choose(number)
                told = (
                    "已恢复系统默认方案"
                    if number == SYSTEM
                    else "已设为默认，下次打开列表即用此方案"
                )
                return Reply(ok=True, message=told)
            case _:
                self.publish(number, is_on)
                return Reply(ok=True, message="方案已发布" if is_on else "已取消发布")
