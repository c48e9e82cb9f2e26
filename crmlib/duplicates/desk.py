"""The reviewer's desk: the pairs of a queue one after the other, decided without leaving the page."""

from collections.abc import Mapping
from dataclasses import replace

from crmlib.access.actor import Actor
from crmlib.duplicates import review
from crmlib.duplicates.detail import PairDetail, pair_detail
from crmlib.duplicates.detail import Side as Record
from crmlib.duplicates.merging import merge
from crmlib.duplicates.queue import QueueQuery, next_pair, queue_page
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import Invalid
from crmlib.ui.compare import Clash, Decision, FieldPair, Pair, Side, Turn, Wanted
from crmlib.ui.reply import Reply
from crmlib.ui.route import link

NOTHING_LEFT = "没有待审的重复候选了"


class Desk:
    """One reviewer at one queue; remembers what was shown, so that a stale decision is refused."""

    def __init__(self, actor: Actor, query: QueueQuery, pair_id: int | None = None) -> None:
        self.actor, self.query = actor, query
        self._shown: dict[int, PairDetail] = {}
        self._way: list[int] = []
        self.first = self._turn(pair_id or next_pair(actor, query))

    def load(self, wanted: Wanted) -> Turn:
        """Return the pair asked for: this one (perhaps turned round), the next, the one before."""
        here = int(wanted.pair)
        if wanted.step == "this":
            return self._turn(here, int(wanted.survivor) if wanted.survivor else None)
        if wanted.step == "next":
            return self._turn(next_pair(self.actor, self.query, here))
        while self._way and self._way[-1] == here:
            self._way.pop()
        return self._turn(self._way.pop() if self._way else here)

    def decide(self, decision: Decision) -> Turn:
        """Carry out the decision and return the next pair, with the way back.

        Raises:
            Invalid, Refused, Stale: what the action says; the pair stays on the desk.
        """
        shown = self._shown[int(decision.pair)]
        text, merged = self._carry_out(decision, shown)
        turn = self._turn(next_pair(self.actor, self.query, shown.pair_id))
        told = {"pair": decision.pair, "merge": merged}
        return replace(turn, reply=Reply(ok=True, message=text, undo="undo", data=told))

    def undo(self, _text: str, values: Mapping[str, object]) -> Reply:
        """Take the last decision back."""
        pair = str(values.get("pair"))
        if values.get("merge"):
            text = undo_merge(self.actor, int(str(values["merge"]))).text
        else:
            text = review.reopen(self.actor, int(pair)).text
        return Reply(ok=True, message=text, data={"pair": pair})

    def _carry_out(self, decision: Decision, shown: PairDetail) -> tuple[str, int | None]:
        key, version, token = shown.pair_id, shown.version, decision.token
        if decision.verdict == "merge":
            return self._merge(decision, shown)
        if decision.verdict == "distinct":
            done = review.mark_distinct(
                self.actor, key, decision.reason, version=version, token=token
            )
        elif decision.verdict == "affiliated":
            done = review.mark_affiliated(
                self.actor, key, decision.reason, version=version, token=token
            )
        else:
            if decision.until is None:
                raise Invalid({"until": "请选择暂缓到哪一天"})
            done = review.defer(
                self.actor,
                key,
                decision.until,
                note=decision.reason,
                version=version,
                token=token,
            )
        return done.text, None

    def _merge(self, decision: Decision, shown: PairDetail) -> tuple[str, int]:
        versions = {side.id: side.version for side in (shown.a, shown.b)}
        survivor, loser = int(decision.survivor), int(decision.loser)
        done = merge(
            self.actor,
            survivor,
            loser,
            decision.picks,
            reason=decision.reason,
            pair_id=shown.pair_id,
            confirm_erp=decision.confirmed,
            clash_choices=decision.clashes,
            version_survivor=versions.get(survivor),
            version_loser=versions.get(loser),
            token=decision.token,
        )
        return done.text, done.merge_id

    def _turn(self, pair_id: int | None, survivor: int | None = None) -> Turn:
        left = queue_page(self.actor, replace(self.query, size=1)).total
        if pair_id is None:
            return Turn(pair=None, left=left, reply=Reply(ok=True, message=NOTHING_LEFT))
        detail = pair_detail(self.actor, pair_id, survivor)
        self._shown[pair_id] = detail
        if not self._way or self._way[-1] != pair_id:
            self._way.append(pair_id)
        return Turn(pair=_pair(detail), left=left)


def _pair(detail: PairDetail) -> Pair:
    sides = {side.id: side for side in (detail.a, detail.b)}
    impact = detail.impact
    return Pair(
        key=str(detail.pair_id),
        survivor=_side(sides[detail.survivor_id]),
        loser=_side(sides[detail.loser_id]),
        fields=[
            FieldPair(
                key=row.key,
                label=row.label,
                survivor=row.survivor,
                loser=row.loser,
                pick="loser" if row.pick == "loser" else "survivor",
                why=row.why,
                choosable=row.choosable,
            )
            for row in detail.fields
        ],
        verdict=detail.score,
        parts=[text for text, _weight in detail.reasons],
        survivor_why=detail.survivor_why,
        children=[(c.label, c.survivor, c.loser) for c in detail.children],
        impact=impact.lines if impact else (),
        clashes=[
            Clash(
                key=c.key,
                label=c.label,
                survivor=c.survivor,
                loser=c.loser,
                pick="loser" if c.default == "loser" else "survivor",
            )
            for c in (impact.clashes if impact else ())
        ],
        confirm=impact.erp_text if impact and impact.needs_erp else "",
        note=detail.note,
        verdicts=("merge", "distinct", "affiliated", "defer") if detail.can_decide else (),
    )


def _side(record: Record) -> Side:
    return Side(
        id=str(record.id),
        name=record.name,
        code=record.code,
        href="" if record.masked else link("customer", record.id),
        facts=[record.region, f"{record.owner} · {record.office}"],
        tags=[record.status],
    )
