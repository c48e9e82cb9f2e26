"""What all widgets share: one question from the browser, one answer from Python."""

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import anywidget
import traitlets

from crmlib.clock import local, now
from crmlib.errors import CrmError, Invalid
from crmlib.ui import sessions

LOG = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Fault(Exception):
    """A question that went wrong, in words for the person."""

    def __init__(self, message: str, faults: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.faults = dict(faults or {})


def answered(call: Callable[..., Answer]) -> Callable[..., Answer]:
    """Return the callable with every error turned into a Fault people may read.

    Errors of the house keep their message; anything else is logged under a number and told
    as that number only.
    """

    def guarded(*args: Any, **kwargs: Any) -> Answer:
        try:
            return call(*args, **kwargs)
        except Fault:
            raise
        except Invalid as wrong:
            raise Fault(wrong.message, wrong.faults) from wrong
        except CrmError as wrong:
            raise Fault(wrong.message) from wrong
        except Exception as wrong:
            error_number = f"{local(now()):%m%d%H%M}-{secrets.token_hex(2).upper()}"
            LOG.exception("error %s in %r", error_number, call)
            raise Fault(f"系统出错了（编号 {error_number}），请重试") from wrong

    return guarded


class Widget(anywidget.AnyWidget):  # type: ignore[misc]
    """Base of the kit's widgets; ``handlers`` names what the browser may ask.

    The browser may write any synced trait, so nothing is decided by a trait's value: what
    counts is kept in plain attributes on this side.
    """

    spec = traitlets.Dict().tag(sync=True)
    handlers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, spec: Mapping[str, object]) -> None:
        super().__init__(spec=dict(spec))
        self.on_msg(self._asked)
        sessions.belongs(*(getattr(part.comm, "comm_id", None) for part in (self, self.layout)))

    def _asked(self, _widget: object, content: object, _buffers: object) -> None:
        if not isinstance(content, dict) or not isinstance(content.get("ticket"), str):
            return
        name = self.handlers.get(str(content.get("ask")))
        if name is None:
            return
        try:
            reply = answered(getattr(self, name))(content.get("with"))
            self.send({"ticket": content["ticket"], "reply": reply})
        except Fault as fault:
            told = {"message": fault.message, "faults": fault.faults}
            self.send({"ticket": content["ticket"], "fault": told})
