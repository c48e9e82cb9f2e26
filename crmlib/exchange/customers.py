"""A list of customers: checked, matched with the base, compared for doubles, written."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crmlib.customers.model import Customer
from crmlib.customers.rules import NONE_TICKS
from crmlib.exchange.checking import Accepted, Rejected, check_all
from crmlib.exchange.columns import Line, label_of
from crmlib.exchange.found import Found, Options
from crmlib.exchange.ledger import Ledger, Tell
from crmlib.exchange.lookups import Lookups
from crmlib.exchange.matching import Plan, fills, make_plan
from crmlib.exchange.model import Verdict
from crmlib.exchange.rows import insert_customers, insert_pairs
from crmlib.exchange.similar import Side, Similar, find_similar

_LOADED = 500
_NOT_BROUGHT = "未导入"
_SILENT = frozenset({"phone_key", "incomplete"})
_LABELLED = {tick: label_of(name) for name, tick in NONE_TICKS.items()}
_LABELLED["region_id"] = label_of("region")


@dataclass(slots=True)
class CheckedCustomers:
    """Rows that may come in, rows that may not, and which may be customers that are there."""

    accepted: list[Accepted]
    rejected: list[Rejected]
    plan: Plan
    pairs: list[Similar]
    doubts: dict[int, list[str]] = field(default_factory=dict)  # row → its doubles, in words
    found: list[Found] = field(default_factory=list)

    def write(self, ledger: Ledger, options: Options) -> list[Found]:
        """Write new customers, fill gaps of known ones, queue the similar pairs."""
        left_out = set() if options.similar else _doubtful(self.pairs)
        rows = [row for row in self.accepted if row.number not in left_out]
        # Once more, in the transaction: what came in meanwhile is not doubled.
        plan = make_plan(ledger.work.session, rows)
        ids = insert_customers(ledger, plan.created)
        ledger.pairs = insert_pairs(ledger, self.pairs, ids)
        filled = _fill(ledger, plan) if options.known else {}
        out = [
            Found(
                r.number, Verdict.SIMILAR, r.draft.name, (), (*self.doubts[r.number], _NOT_BROUGHT)
            )
            for r in self.accepted
            if r.number in left_out
        ]
        return _verdicts(plan, self.rejected, self.doubts, filled, ids) + out


def check_customers(session: Session, lines: Sequence[Line], tell: Tell) -> CheckedCustomers:
    """Check a list against the rules, the base and itself."""
    accepted, rejected = check_all(lines, Lookups(session), tell)
    tell("比对", 0, 0)
    plan = make_plan(session, accepted)
    tell("查重", 0, 0)
    pairs = find_similar(session, plan.created)
    doubts = _doubts(session, plan, pairs)
    filled: dict[int, list[str]] = {}
    for part, rows in _known(session, plan):
        filled |= {k.row.number: list(fills(rows[k.customer_id], k.row)) for k in part}
    found = _verdicts(plan, rejected, doubts, filled, {})
    return CheckedCustomers(accepted, rejected, plan, pairs, doubts, found)


def _known(session: Session, plan: Plan) -> Iterable[tuple[list, dict[int, Customer]]]:  # type: ignore[type-arg]
    for start in range(0, len(plan.known), _LOADED):
        part = plan.known[start : start + _LOADED]
        rows = {c.id: c for c in session.scalars(_customers([k.customer_id for k in part]))}
        yield part, rows


def _customers(ids: list[int]) -> Select[Customer]:
    return select(Customer).where(Customer.id.in_(ids))


def _fill(ledger: Ledger, plan: Plan) -> dict[int, list[str]]:
    """Fill the gaps of known customers; return the fields filled by row."""
    filled: dict[int, list[str]] = {}
    done = 0
    for part, rows in _known(ledger.work.session, plan):
        ledger.tell("更新", done, len(plan.known))
        for known in part:
            values = fills(rows[known.customer_id], known.row)
            if values and ledger.change(rows[known.customer_id], known.row.number, values):
                filled[known.row.number] = list(values)
        ledger.work.session.flush()
        done += len(part)
    return filled


def _verdicts(
    plan: Plan,
    rejected: Sequence[Rejected],
    doubts: dict[int, list[str]],
    filled: dict[int, list[str]],
    ids: dict[int, int],
) -> list[Found]:
    found = [
        Found(
            row.number,
            Verdict.SIMILAR if row.number in doubts else Verdict.NEW,
            row.draft.name,
            (),
            (*doubts.get(row.number, ()), *row.notes),
            ids.get(row.number),
        )
        for row in plan.created
    ]
    for known in plan.known:
        new = filled.get(known.row.number, ())
        fields = dict.fromkeys(_LABELLED.get(n, label_of(n)) for n in new if n not in _SILENT)
        reasons = [f"已有客户 {known.code}", *([f"补充：{'、'.join(fields)}"] if fields else [])]
        found.append(
            Found(
                known.row.number,
                Verdict.UPDATE if new else Verdict.SAME,
                known.row.draft.name,
                (),
                tuple(reasons),
                known.customer_id,
            )
        )
    for row, first in plan.repeated:
        same = (f"同第 {first} 行",)
        found.append(Found(row.number, Verdict.SAME, row.draft.name, (), same, ids.get(first)))
    found += [
        Found(row.number, Verdict.ERROR, row.name, row.faults)
        for row in (*rejected, *plan.rejected)
    ]
    return found


def _doubts(session: Session, plan: Plan, pairs: Sequence[Similar]) -> dict[int, list[str]]:
    """Return for each row the doubles it may have, in words."""
    names = {row.number: row.draft.name for row in plan.created}
    ids = {side.customer_id for pair in pairs for side in (pair.a, pair.b)} - {None}
    known: dict[int, str] = {}
    ordered = sorted(key for key in ids if key is not None)
    for start in range(0, len(ordered), _LOADED):
        rows = session.execute(
            select(Customer.id, Customer.code, Customer.name).where(
                Customer.id.in_(ordered[start : start + _LOADED])
            )
        )
        known |= {key: f"{code} {name}" for key, code, name in rows}

    def told(side: Side) -> str:
        if side.customer_id is None:
            return f"第 {side.number} 行 {names.get(side.number, '')}"
        return known.get(side.customer_id, "")

    doubts: dict[int, list[str]] = defaultdict(list)
    for pair in pairs:
        for own, other in ((pair.a, pair.b), (pair.b, pair.a)):
            if own.customer_id is None:
                why = "；".join(pair.reasons[:3])
                doubts[own.number].append(f"与 {told(other)} 相似 {pair.same:.0%}（{why}）")
    return dict(doubts)


def _doubtful(pairs: Sequence[Similar]) -> set[int]:
    """Return the rows that stay out: of two rows of the list only the later one."""
    found = set()
    for pair in pairs:
        rows = [side.number for side in (pair.a, pair.b) if side.customer_id is None]
        found.add(max(rows))
    return found
