"""Two records side by side, decided one after the other without leaving the page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import ClassVar, Literal

import traitlets

from crmlib.ui.reply import Reply
from crmlib.ui.sheet import OUTDATED, Ask
from crmlib.ui.static_files import module
from crmlib.ui.widget import Fault, Widget, answered

Verdict = Literal["merge", "distinct", "affiliated", "defer"]
Pick = Literal["survivor", "loser"]
VERDICTS: tuple[Verdict, ...] = ("merge", "distinct", "affiliated", "defer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two records; facts are short texts under its name."""

    id: str
    name: str
    code: str = ""
    href: str = ""
    facts: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPair:
    """One field of both as text, whose value is preset to win, and why."""

    key: str
    label: str
    survivor: str
    loser: str
    pick: Pick = "survivor"
    why: str = ""
    choosable: bool = True
    telling: bool = False  # choosing it the other way changes the impact


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two rows below the records of which one stays."""

    key: str
    label: str
    survivor: str
    loser: str
    pick: Pick = "survivor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """All that is needed to decide a pair; ``verdicts`` are those the person may give."""

    key: str
    survivor: Side
    loser: Side
    fields: Sequence[FieldPair]
    verdict: str = ""  # the score as words
    parts: Sequence[str] = ()  # what it is made of
    survivor_why: str = ""
    children: Sequence[tuple[str, int, int]] = ()  # label, survivor's, loser's
    impact: Sequence[str] = ()
    clashes: Sequence[Clash] = ()
    confirm: str = ""  # must be ticked before a merge
    note: str = ""
    verdicts: Sequence[Verdict] = VERDICTS
    group: tuple[str, str] | None = None  # label and address of all that hang together
    tie: tuple[str, str] = ("", "")  # likely kind of a 关联公司 and its upper side


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the reviewer decided; ``reason`` may be empty, ``until`` is for 暂缓."""

    pair: str
    verdict: Verdict
    survivor: str
    loser: str
    picks: Mapping[str, Pick]
    clashes: Mapping[str, Pick]
    reason: str
    until: date | None
    confirmed: bool
    token: str
    kind: str = ""  # of a 关联公司
    parent: Pick | None = None  # the side that stands above


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pair to show: this one (perhaps turned round), the next or the previous one."""

    pair: str
    step: Literal["this", "next", "previous"] = "this"
    survivor: str = ""
    picks: Mapping[str, Pick] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is shown now, how many are left and done, and what is said about the decision before."""

    pair: Pair | None
    left: int = 0
    done: int = 0
    reply: Reply = field(default_factory=lambda: Reply(ok=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class TieKind:
    """A kind of 关联公司; ``above`` is what its upper side is called, if it must have one."""

    value: str
    label: str
    above: str = ""


class Compare(Widget):
    """Side by side; ``load(Wanted)`` and ``decide(Decision)`` answer with the next Turn.

    A refused decision answers with ``pair=None`` and ``reply.ok`` False: the pair stays.
    ``on_ask`` holds the undo handlers a reply may name. ``decided`` grows with each decision.
    ``reasons`` are quick answers, ``ties`` the kinds of 关联公司, ``weigh`` tells the impact anew
    for other picks.
    """

    _esm = module("compare")
    decided = traitlets.Int().tag(sync=True)
    handlers: ClassVar[Mapping[str, str]] = {
        "load": "_load",
        "decide": "_decide",
        "weigh": "_weigh",
        "ask": "_ask",
    }

    def __init__(  # noqa: PLR0913 a desk has many habits, all by name
        self,
        first: Turn,
        load: Callable[[Wanted], Turn],
        decide: Callable[[Decision], Turn],
        *,
        on_ask: Mapping[str, Ask] | None = None,
        needs_reason: Sequence[Verdict] = ("distinct",),
        back: tuple[str, str] | None = None,
        reasons: Sequence[str] = (),
        ties: Sequence[TieKind] = (),
        weigh: Callable[[Wanted], Sequence[str]] | None = None,
    ) -> None:
        self.load, self.decide, self.on_ask = load, decide, dict(on_ask or {})
        self.weigh, self.ties = weigh, {tie.value for tie in ties}
        super().__init__(
            {
                "first": _told(first),
                "needs": list(needs_reason),
                "back": list(back) if back else None,
                "reasons": list(reasons),
                "ties": [asdict(tie) for tie in ties],
                "weighs": weigh is not None,
                "asks": sorted(self.on_ask),
            }
        )

    def _load(self, sent: object) -> dict[str, object]:
        return _told(self.load(_wanted(sent)))

    def _weigh(self, sent: object) -> list[str]:
        return list(self.weigh(_wanted(sent))) if self.weigh else []

    def _decide(self, sent: object) -> dict[str, object]:
        given = sent if isinstance(sent, dict) else {}
        if given.get("verdict") not in VERDICTS or not given.get("token"):
            raise Fault(OUTDATED)
        until = str(given.get("until") or "")
        try:
            day = date.fromisoformat(until) if until else None
        except ValueError:
            raise Fault("日期不正确，例如 2026-11-23") from None
        decision = Decision(
            pair=str(given.get("pair", "")),
            verdict=given["verdict"],
            survivor=str(given.get("survivor", "")),
            loser=str(given.get("loser", "")),
            picks=_picks(given.get("picks")),
            clashes=_picks(given.get("clashes")),
            reason=str(given.get("reason") or "").strip(),
            until=day,
            confirmed=given.get("confirmed") is True,
            token=str(given["token"]),
            kind=str(given.get("kind")) if given.get("kind") in self.ties else "",
            parent=_picks({"parent": given.get("parent")}).get("parent"),
        )
        return _told(answered(self.decide)(decision))

    def _ask(self, sent: object) -> object:
        given = sent if isinstance(sent, dict) else {}
        handler = self.on_ask.get(str(given.get("name")))
        if handler is None:
            raise Fault(OUTDATED)
        found = handler(str(given.get("text", "")), given.get("values") or {})
        return found.told() if isinstance(found, Reply) else found


def _wanted(sent: object) -> Wanted:
    given = sent if isinstance(sent, dict) else {}
    step = given.get("step")
    return Wanted(
        pair=str(given.get("pair", "")),
        step=step if step in {"next", "previous"} else "this",
        survivor=str(given.get("survivor", "")),
        picks=_picks(given.get("picks")),
    )


def _picks(given: object) -> dict[str, Pick]:
    if not isinstance(given, dict):
        return {}
    return {str(key): side for key, side in given.items() if side in {"survivor", "loser"}}


def _told(turn: Turn) -> dict[str, object]:
    """Return a turn as the browser reads it."""
    pair = asdict(turn.pair) if turn.pair else None
    return {"pair": pair, "left": turn.left, "done": turn.done, "reply": turn.reply.told()}
