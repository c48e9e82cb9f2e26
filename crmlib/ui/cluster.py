"""Several records side by side: one stays, the chosen ones join it, the rest is parted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar

from crmlib.ui.reply import Reply
from crmlib.ui.sheet import OUTDATED, Ask
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget, answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One of the records; ``bonds`` say per other record how the two stand, as text.

    ``apart`` are the records it was judged to be no duplicate of.
    """

    id: str
    name: str
    code: str = ""
    href: str = ""
    tags: Sequence[str] = ()
    bonds: Mapping[str, str] = field(default_factory=dict)
    apart: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the reviewer decided; ``others`` are parted from the survivor if he said so."""

    survivor: str
    losers: Sequence[str]
    others: Sequence[str]
    reason: str
    others_reason: str
    confirmed: bool
    token: str


class ClusterDesk(Widget):
    """A table with a column per record; ``decide(Choice)`` answers with a Reply.

    A fault under ``confirm`` asks for a tick before the next try.
    """

    _esm = module("cluster")
    handlers: ClassVar[Mapping[str, str]] = {"decide": "_decide", "ask": "_ask"}

    def __init__(  # noqa: PLR0913 a desk has many habits, all by name
        self,
        candidates: Sequence[Candidate],
        fields: Sequence[tuple[str, Sequence[str]]],
        decide: Callable[[Choice], Reply],
        *,
        survivor: str,
        why: str = "",
        can_decide: bool = True,
        reasons: Sequence[str] = (),
        on_ask: Mapping[str, Ask] | None = None,
        back: tuple[str, str],
    ) -> None:
        self.decide, self.on_ask = decide, dict(on_ask or {})
        self._ids = {candidate.id for candidate in candidates}
        super().__init__(
            {
                "candidates": [asdict(candidate) for candidate in candidates],
                "fields": [[label, list(texts)] for label, texts in fields],
                "survivor": survivor,
                "why": why,
                "can": can_decide,
                "reasons": list(reasons),
                "back": list(back),
                "asks": sorted(self.on_ask),
            }
        )

    def _decide(self, sent: object) -> dict[str, object]:
        given = sent if isinstance(sent, dict) else {}
        if given.get("survivor") not in self._ids or not given.get("token"):
            raise Fault(OUTDATED)
        choice = Choice(
            survivor=str(given["survivor"]),
            losers=self._known(given.get("losers")),
            others=self._known(given.get("others")),
            reason=str(given.get("reason") or "").strip(),
            others_reason=str(given.get("others_reason") or "").strip(),
            confirmed=given.get("confirmed") is True,
            token=str(given["token"]),
        )
        return answered(self.decide)(choice).told()

    def _known(self, given: object) -> list[str]:
        return [str(key) for key in given if key in self._ids] if isinstance(given, list) else []

    def _ask(self, sent: object) -> object:
        given = sent if isinstance(sent, dict) else {}
        handler = self.on_ask.get(str(given.get("name")))
        if handler is None:
            raise Fault(OUTDATED)
        found = answered(handler)(str(given.get("text", "")), given.get("values") or {})
        return found.told() if isinstance(found, Reply) else found
