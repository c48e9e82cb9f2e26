"""What a form knows on this side: its fields, how it reads, checks and saves what was typed."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from crmlib.ui.fields import Field, Reading, Section, resolved, told, wire
from crmlib.ui.options import Option, for_browser
from crmlib.ui.reply import Reply, refused
from crmlib.ui.widget import Fault, answered

Submit = Callable[[dict[str, object], str], Reply | str]
Ask = Callable[[str, dict[str, object]], object]
Check = Callable[[dict[str, object]], Mapping[str, str]]
REMEMBERED = 20  # answers kept for repeated tokens
OUTDATED = "页面内容已过期，请刷新后重试"


class Sheet:
    """Fields and their callbacks; the same in a page's form and in a dialog."""

    def __init__(
        self,
        fields: Sequence[Field | Section],
        on_submit: Submit,
        *,
        values: Mapping[str, object] | None = None,
        on_ask: Mapping[str, Ask] | None = None,
        check: Check | None = None,
    ) -> None:
        self.fields = tuple(field for field in fields if isinstance(field, Field))
        self.on_submit, self.on_ask, self.check = on_submit, dict(on_ask or {}), check
        self.result: Reply | None = None
        self._options = {field.name: resolved(field) for field in self.fields}
        self._told = [
            told(each, () if isinstance(each, Section) else self._options[each.name])
            for each in fields
        ]
        self._blank = {field.name: wire(field.default) for field in self.fields}
        self._start = self._blank | {name: wire(value) for name, value in (values or {}).items()}
        self._done: OrderedDict[str, Reply] = OrderedDict()

    def spec(self) -> dict[str, object]:
        """Return the fields, their first values and those of an empty form, for the browser."""
        return {"fields": self._told, "values": self._start, "blank": self._blank}

    def submit(self, sent: object) -> dict[str, object]:
        """Answer one save; the same token gets the same answer."""
        if not isinstance(sent, dict) or not isinstance(sent.get("token"), str):
            raise Fault(OUTDATED)
        token, typed = sent["token"], sent.get("values")
        if token not in self._done:
            reply = self.save(typed if isinstance(typed, dict) else {}, token)
            self.result = reply
            if not reply.ok:
                return reply.told()
            self._done[token] = reply
            if len(self._done) > REMEMBERED:
                self._done.popitem(last=False)
        return self._done[token].told()

    def save(self, typed: Mapping[str, object], token: str) -> Reply:
        """Read what was typed, save it if it is right, and say how it went."""
        reading = Reading(typed)
        for field in self.fields:
            if field.kind != "readonly":
                reading.take(field, self._options[field.name])
        values = self._with_answers(typed, reading.values)
        try:
            if self.check:
                for name, message in answered(self.check)(values).items():
                    reading.faults.setdefault(name, message)
            if reading.faults:
                return refused(errors=reading.faults)
            reply = answered(self.on_submit)(values, token)
        except Fault as fault:
            return refused("" if fault.faults else fault.message, fault.faults)
        return Reply(ok=True, message=reply) if isinstance(reply, str) else reply

    def _with_answers(
        self, typed: Mapping[str, object], values: dict[str, object]
    ) -> dict[str, object]:
        """Add the answers to questions: texts under names no field has."""
        extra = {
            name: value.strip()
            for name, value in typed.items()
            if name not in self._options and name not in values and isinstance(value, str)
        }
        return values | extra

    def ask(self, sent: object) -> object:
        """Answer a question of a field: options found, 撞单 hits, a step taken."""
        asked = sent if isinstance(sent, dict) else {}
        handler = self.on_ask.get(str(asked.get("name")))
        if handler is None:
            raise Fault(OUTDATED)
        values = asked.get("values")
        found = handler(str(asked.get("text", "")), values if isinstance(values, dict) else {})
        if isinstance(found, Reply):
            return found.told()
        if isinstance(found, list | tuple) and all(isinstance(item, Option) for item in found):
            return for_browser(found)
        return found
