"""The reviewer's desk: the pairs of a queue one after the other, decided without leaving the page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.duplicates import review
from crmlib.duplicates.clusters import PAIR_SIZE
from crmlib.duplicates.detail import FieldRow, PairDetail, pair_detail
from crmlib.duplicates.detail import Side as Record
from crmlib.duplicates.groups import ABOVE
from crmlib.duplicates.impact import ClashChoice, preview
from crmlib.duplicates.merging import merge
from crmlib.duplicates.model import LinkKind
from crmlib.duplicates.queue import count_left, decided_today, next_pair
from crmlib.duplicates.selection import QueueQuery
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import Invalid
from crmlib.ui.compare import Clash, Decision, FieldPair, Pair, Side, TieKind, Turn, Wanted
from crmlib.ui.reply import Reply
from crmlib.ui.route import link

NOTHING_LEFT = "没有待审的重复候选了"
REASONS = ("不同公司", "同名不同地", "总分公司", "电话为代理或公用", "信息不足", "历史沿革不同")
TIES = tuple(
    TieKind(value=kind.value, label=words.LINK_KIND[kind], above=ABOVE.get(kind, ("",))[0])
    for kind in LinkKind
)
_BRANCH_MARKS = ("分公司", "分厂", "办事处", "分店", "门市部", "营业部")


class Desk:
    """One reviewer at one queue; remembers what was shown, so that a stale decision is refused."""

    def __init__(
        self,
        actor: Actor,
        query: QueueQuery,
        pair_id: int | None = None,
        way: Mapping[str, str] | None = None,
    ) -> None:
        self.actor, self.query = actor, query
        self.way = dict(way or {})  # the list's filters and order, as an address carries them
        self._shown: dict[int, PairDetail] = {}
        self._way: list[int] = []
        self.first = self._turn(pair_id or next_pair(actor, query))

    def load(self, wanted: Wanted) -> Turn:
        """Return the pair asked for: this one (perhaps turned round), the next, the one before."""
        here = int(wanted.pair)
        if wanted.step == "this":
            return self._turn(here, int(wanted.survivor) if wanted.survivor else None)
        if wanted.step == "next":
            return self._turn(self._next(here))
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
        turn = self._turn(self._next(shown.pair_id))
        told = {"pair": decision.pair, "merge": merged}
        return replace(turn, reply=Reply(ok=True, message=text, undo="undo", data=told))

    def weigh(self, wanted: Wanted) -> Sequence[str]:
        """Return what merging would do with these picks."""
        shown = self._shown[int(wanted.pair)]
        survivor = int(wanted.survivor)
        loser = shown.b.id if survivor == shown.a.id else shown.a.id
        return preview(self.actor, survivor, loser, wanted.picks).lines

    def _next(self, here: int) -> int | None:
        shown = self._shown.get(here)
        return next_pair(
            self.actor, self.query, here, cluster=len(shown.cluster) if shown else None
        )

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
            parent = {"survivor": decision.survivor, "loser": decision.loser}
            done = review.mark_affiliated(
                self.actor,
                key,
                decision.reason,
                kind=LinkKind(decision.kind or LinkKind.GROUP),
                parent_id=int(parent[decision.parent]) if decision.parent else None,
                version=version,
                token=token,
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
        left, done = count_left(self.actor, self.query), decided_today(self.actor)
        if pair_id is None:
            told = Reply(ok=True, message=NOTHING_LEFT)
            return Turn(pair=None, left=left, done=done, reply=told)
        detail = pair_detail(self.actor, pair_id, survivor)
        self._shown[pair_id] = detail
        if not self._way or self._way[-1] != pair_id:
            self._way.append(pair_id)
        return Turn(pair=_pair(detail, self.way), left=left, done=done)


def _pair(detail: PairDetail, way: Mapping[str, str]) -> Pair:
    sides = {side.id: side for side in (detail.a, detail.b)}
    impact = detail.impact
    return Pair(
        key=str(detail.pair_id),
        survivor=_side(sides[detail.survivor_id]),
        loser=_side(sides[detail.loser_id]),
        fields=[_field(row) for row in detail.fields],
        verdict=detail.score,
        parts=[text for text, _weight in detail.reasons],
        survivor_why=detail.survivor_why,
        children=[(c.label, c.survivor, c.loser) for c in detail.children],
        impact=impact.lines if impact else (),
        clashes=[_clash(c) for c in (impact.clashes if impact else ())],
        confirm=impact.erp_text if impact and impact.needs_erp else "",
        note=detail.note,
        verdicts=("merge", "distinct", "affiliated", "defer") if detail.can_decide else (),
        group=_group(detail, way),
        tie=_likely_tie(sides[detail.survivor_id].name, sides[detail.loser_id].name),
    )


def _field(row: FieldRow) -> FieldPair:
    return FieldPair(
        key=row.key,
        label=row.label,
        survivor=row.survivor,
        loser=row.loser,
        pick="loser" if row.pick == "loser" else "survivor",
        why=row.why,
        choosable=row.choosable,
        telling=row.key == "owner",
    )


def _clash(clash: ClashChoice) -> Clash:
    return Clash(
        key=clash.key,
        label=clash.label,
        survivor=clash.survivor,
        loser=clash.loser,
        pick="loser" if clash.default == "loser" else "survivor",
    )


def _group(detail: PairDetail, way: Mapping[str, str]) -> tuple[str, str] | None:
    # Without the impact the reader may not look into all customers either.
    if detail.impact is None or len(detail.cluster) <= PAIR_SIZE:
        return None
    return f"同组 {len(detail.cluster)} 家，一起处理", link("cluster", detail.pair_id, **way)


def _likely_tie(survivor: str, loser: str) -> tuple[str, str]:
    """Guess from the names how the two stand; the reviewer sees it and may choose otherwise."""
    marked = [any(mark in name for mark in _BRANCH_MARKS) for name in (survivor, loser)]
    if marked == [False, True]:
        return LinkKind.BRANCH.value, "survivor"
    if marked == [True, False]:
        return LinkKind.BRANCH.value, "loser"
    return LinkKind.GROUP.value, ""


def _side(record: Record) -> Side:
    return Side(
        id=str(record.id),
        name=record.name,
        code=record.code,
        href="" if record.masked else link("customer", record.id),
        facts=[record.region, f"{record.owner} · {record.office}"],
        tags=[record.status],
    )
