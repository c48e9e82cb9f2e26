"""What a table answers when the menu of its 过滤方案 asks."""

from collections.abc import Mapping

from crmlib.ui.fields import Field
from crmlib.ui.reply import Reply
from crmlib.ui.schemes import SchemeKeeper, SchemeShelf
from crmlib.ui.sheet import OUTDATED, Sheet
from crmlib.ui.widget import Fault

# No demand of the form's own: who keeps the 方案 says what is wrong with a name.
_SCHEME_FIELDS = (
    Field(name="name", label="方案名称", hint="最多 40 个字"),
    Field(name="open_with", label="设为默认", kind="checkbox", hint="打开列表时直接使用"),
)


class SchemeSide:
    """The part of a table that keeps its 方案; ``kept`` is the table's own."""

    schemes: SchemeKeeper | None

    def kept(self, asked: Mapping[str, object]) -> dict[str, object]:
        """Return what a 方案 keeps of a query, held to what this table offers."""
        raise NotImplementedError

    def _shelf(self) -> SchemeShelf | None:
        return self.schemes.shelf() if self.schemes else None

    def _save_scheme(self, asked: object) -> dict[str, object]:
        """Keep how the table is shown; answered as a form is."""
        given = asked if isinstance(asked, dict) else {}
        query, number = given.get("query"), given.get("scheme")
        if self.schemes is None or not isinstance(query, dict):
            raise Fault(OUTDATED)
        keeper, content = self.schemes, self.kept(query)

        def save(values: dict[str, object], token: str) -> Reply:
            known = int(number) if isinstance(number, int) else None
            made = keeper.save(str(values["name"] or ""), content, known, token)
            if values["open_with"]:
                keeper.choose(made)
            shelf = keeper.shelf().told()
            return Reply(ok=True, message="方案保存成功", data={"shelf": shelf, "scheme": made})

        return Sheet(_SCHEME_FIELDS, save).submit(given)

    def _scheme(self, asked: object) -> dict[str, object]:
        given = asked if isinstance(asked, dict) else {}
        name, number = given.get("do"), given.get("scheme")
        steps = {"delete", "choose", "publish"}
        if self.schemes is None or name not in steps or not isinstance(number, int):
            raise Fault(OUTDATED)
        reply = self.schemes.step(str(name), number, bool(given.get("on")))
        return {"reply": reply.told(), "shelf": self.schemes.shelf().told()}


def scheme_form() -> dict[str, object]:
    """Return the form of 保存方案 as the browser reads it."""
    return {
        **Sheet(_SCHEME_FIELDS, lambda _values, _token: "").spec(),
        "title": "",
        "note": "",
        "submit": "确定",
        "columns": 1,
        "key": "scheme",
        "keep": [],
        "draft": False,
    }


def opens_with(shelf: SchemeShelf) -> Mapping[str, object] | None:
    """Return the query of the 方案 a person chose for his list; None: the list as it comes."""
    content = shelf.content()
    return None if content is None else {**content, "scheme": shelf.chosen}
