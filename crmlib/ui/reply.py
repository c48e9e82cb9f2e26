"""What a callback says to the person after a save or a step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crmlib.ui.fields import wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to be confirmed before it is done: the answer comes back as a value."""

    text: str
    name: str = "reason"  # the value that carries the answer
    label: str = "原因"
    required: bool = True
    confirm: str = "仍要保存"
    ask_text: bool = True  # False: a plain yes; the value is then "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a save: all of it in one message.

    ``next`` is an address to go to (see ``route.link``), ``values`` replaces what the form
    shows, ``version`` is the record's new version.
    """

    ok: bool
    message: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    link: tuple[str, str] | None = None  # label, address
    link2: tuple[str, str] | None = None
    next: str | None = None
    values: Mapping[str, object] | None = None
    version: int | None = None
    question: Question | None = None
    undo: str = ""  # name of the on_ask handler that takes it back; offered for ten seconds
    data: Mapping[str, object] | None = None

    def told(self) -> dict[str, object]:
        """Return the reply as the browser reads it."""
        asked = self.question
        return {
            "ok": self.ok,
            "message": self.message,
            "errors": dict(self.errors),
            "link": list(self.link) if self.link else None,
            "link2": list(self.link2) if self.link2 else None,
            "next": self.next,
            "values": None
            if self.values is None
            else {name: wire(value) for name, value in self.values.items()},
            "version": self.version,
            "undo": self.undo,
            "data": self.data,
            "question": None
            if asked is None
            else {
                "text": asked.text,
                "name": asked.name,
                "label": asked.label,
                "required": asked.required,
                "confirm": asked.confirm,
                "askText": asked.ask_text,
            },
        }


def saved(message: str, link: tuple[str, str] | None = None, *, next: str | None = None) -> Reply:  # noqa: A002
    """Return a success with its sentence and the record's link."""
    return Reply(ok=True, message=message, link=link, next=next)


def refused(message: str = "", errors: Mapping[str, str] | None = None) -> Reply:
    """Return a refusal: a sentence for the whole, messages for the fields."""
    return Reply(ok=False, message=message, errors=errors or {})
