"""客户合并: two customers become one, in one transaction, with everything kept for an undo."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers.model import (
    LIVE,
    AliasKind,
    Customer,
    CustomerAlias,
    CustomerStatus,
    ShareLevel,
)
from crmlib.customers.rows import visible_customers
from crmlib.customers.rules import missing_fields
from crmlib.duplicates import children, images, picks
from crmlib.duplicates.images import Row, Writer
from crmlib.duplicates.model import DuplicatePair, Merge, PairStatus
from crmlib.duplicates.plan import (
    CONTACTS,
    CUSTOMERS,
    PAIRS,
    SHARES,
    Plan,
    check_choices,
    chosen,
    joined_parts,
    other_end,
    plan_merge,
)
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.store import log
from crmlib.store.numbers import next_number
from crmlib.store.schema import Base
from crmlib.store.text import clean

SERIES = "HB"
REASON_LENGTH = 255
ALREADY_DECIDED = "该候选已处理"
SAME_CUSTOMER = "不能把客户合并到它自己"
ERP_DIFFERS = "两个客户都是交易客户，但 ERP 客户代码不同（{a}、{b}），请再次确认后合并"
ALIASES = Base.metadata.tables[CustomerAlias.__tablename__]
MERGES = Base.metadata.tables[Merge.__tablename__]
_FILLED = ("role", "title", "department", "phone", "email", "wechat", "birthday")


@dataclass(frozen=True, slots=True)
class Merged:
    """A 合并单 that was written."""

    merge_id: int
    number: str
    survivor_id: int
    text: str


@dataclass(frozen=True, slots=True)
class _Order:
    picks: Mapping[str, str]
    reason: str
    choices: Mapping[str, str]
    pair_id: int | None


@action(Permission.DUPLICATE_REVIEW)
def merge(  # noqa: PLR0913 the reviewer's whole answer
    work: Work,
    survivor_id: int,
    loser_id: int,
    picks: Mapping[str, str],
    *,
    reason: str = "",
    pair_id: int | None = None,
    confirm_erp: bool = False,
    clash_choices: Mapping[str, str] | None = None,
    version_survivor: int | None = None,
    version_loser: int | None = None,
    token: str | None = None,
) -> Merged:
    """Merge the loser into the survivor; ``picks`` says per field whose value wins."""
    versions = {survivor_id: version_survivor, loser_id: version_loser}
    survivor, loser = _both(work, survivor_id, loser_id)
    pair = _pair(work, survivor_id, loser_id, pair_id)
    for customer in (survivor, loser):
        _require_live(customer)
        expect_version(customer, versions[customer.id])
    if needs_erp_confirmation(survivor, loser) and not confirm_erp:
        raise Refused(ERP_DIFFERS.format(a=survivor.erp_code, b=loser.erp_code))
    order = _Order(_checked(picks, reason), clean(reason), clash_choices or {}, pair)
    plan = plan_merge(work.session, survivor_id, loser_id)
    check_choices(plan, order.choices)
    sides = f"已将「{loser.name}」并入「{survivor.name}」"  # before the picks change the names
    done = _carry_out(work, plan, order)
    text = f"{sides}，合并单 {done.number}"
    return Merged(done.merge_id, done.number, survivor_id, text)


def needs_erp_confirmation(a: Any, b: Any) -> bool:
    """Say whether both are 交易客户 that the ERP knows by different codes."""
    trading = all(side.status == CustomerStatus.TRADING for side in (a, b))
    return bool(trading and a.erp_code and b.erp_code and a.erp_code != b.erp_code)


def _both(work: Work, survivor_id: int, loser_id: int) -> tuple[Customer, Customer]:
    if survivor_id == loser_id:
        raise Invalid({"": SAME_CUSTOMER})
    allowed = visible_customers(work.actor, Permission.DUPLICATE_REVIEW)
    # Always in the same order, so that two reviewers never wait for each other.
    locked = {key: work.fetch(Customer, key, allowed) for key in sorted((survivor_id, loser_id))}
    return locked[survivor_id], locked[loser_id]


def _pair(work: Work, survivor_id: int, loser_id: int, pair_id: int | None) -> int | None:
    low, high = sorted((survivor_id, loser_id))
    pair = work.session.scalar(
        select(DuplicatePair).where(DuplicatePair.a_id == low, DuplicatePair.b_id == high)
    )
    if pair_id is not None and (pair is None or pair.id != pair_id):
        if work.session.get(DuplicatePair, pair_id) is None:
            raise NotAllowed
        raise Refused(ALREADY_DECIDED)
    if pair is not None and pair.status not in (PairStatus.OPEN, PairStatus.DEFERRED):
        raise Refused(ALREADY_DECIDED)
    return pair.id if pair else None


def _require_live(customer: Customer) -> None:
    if customer.status not in LIVE:
        state = words.CUSTOMER_STATUS[customer.status]
        raise Refused(f"「{customer.name}」的状态是{state}，不能合并")


def _checked(given: Mapping[str, str], reason: str) -> dict[str, str]:
    if len(clean(reason)) > REASON_LENGTH:
        raise Invalid({"reason": f"原因 不能超过 {REASON_LENGTH} 个字"})
    return picks.checked(given)


def _carry_out(work: Work, plan: Plan, order: _Order) -> Merged:
    session = work.session
    writer = Writer(session)
    tops = _tops(session)
    old = dict(plan.survivor)
    _join_customers(writer, plan, order.picks)
    _join_contacts(session, writer, plan)
    _settle_clashes(session, writer, plan, order.choices)
    _move_children(writer, plan)
    _close_own_rows(work, writer, plan, order.reason)
    _add_aliases(session, writer, plan, old)
    _share_with_former_owner(work, writer, plan, old)
    number = next_number(session, SERIES)
    values = {
        "number": number,
        "survivor_id": plan.survivor["id"],
        "loser_id": plan.loser["id"],
        "pair_id": order.pair_id,
        "reason": order.reason or None,
        "merged_at": clock.now(),
        "merged_by_id": work.actor.person_id,
    }
    kept = {"rows": writer.before, "tops": tops}
    moved = {"changed": writer.changed, "removed": writer.removed, "added": writer.added}
    merge_id = session.execute(
        insert(MERGES).values(**values, before=kept, moved=moved, version=1).returning(MERGES.c.id)
    ).scalar_one()
    # The images stand in the 合并单; the log need not repeat them.
    entry = {"entity": MERGES.name, "entity_id": merge_id, "kind": "insert"}
    log.write(session, [{**entry, "before": None, "after": images.image(values)}])
    return Merged(merge_id, number, plan.survivor["id"], "")


def _tops(session: Session) -> dict[str, int]:
    # Rows with a higher number came after the merge.
    tables = {reference.table.name: reference.table for reference in children.references()}
    highest = [select(func.max(t.c.id)).scalar_subquery().label(name) for name, t in tables.items()]
    return {
        name: top or 0 for name, top in session.execute(select(*highest)).one()._mapping.items()
    }


def _join_customers(writer: Writer, plan: Plan, chosen_picks: Mapping[str, str]) -> None:
    values = picks.merged_values(plan.survivor, plan.loser, chosen_picks)
    if plan.survivor["incomplete"]:
        after = plan.survivor | values
        values["incomplete"] = bool(missing_fields(after | {"region": after["region_id"]}))
    gone = {"status": CustomerStatus.MERGED, "merged_into_id": plan.survivor["id"]}
    # The loser first: then its name is free for the survivor.
    writer.change(CUSTOMERS, [plan.loser], gone)
    writer.change(CUSTOMERS, [plan.survivor], values)
    writer.touch(CUSTOMERS, plan.survivor["id"])


def _join_contacts(session: Session, writer: Writer, plan: Plan) -> None:
    for twin, kept in plan.twins:
        _fold(session, writer, CONTACTS, twin["id"], kept["id"])
        blanks = {c: twin[c] for c in _FILLED if not kept[c] and twin[c]}
        writer.change(CONTACTS, [kept], blanks)


def _fold(session: Session, writer: Writer, table: Table, gone: int, kept: int) -> None:
    for reference in children.references(table.name):
        if reference.table is MERGES:
            continue  # a 合并单 goes on naming the pair it came from
        rows = images.read(session, reference.table, reference.points_at(table.name, gone))
        writer.change(reference.table, rows, {reference.column: kept})


def _settle_clashes(
    session: Session, writer: Writer, plan: Plan, choices: Mapping[str, str]
) -> None:
    """Let one row of each clash hold for the survivor; the other one stays with the loser.

    Nothing is deleted: where the loser's row was chosen, the survivor's takes over its values.
    """
    for clash in plan.clashes:
        table = clash.reference.table
        _fold(session, writer, table, clash.loser["id"], clash.survivor["id"])
        taken: dict[str, Any] = {}
        if chosen(clash, choices) == picks.LOSER:
            own = children.identity(table)
            taken = {name: value for name, value in clash.loser.items() if name not in own}
        if table is SHARES and clash.key not in choices:
            taken |= joined_parts(clash)
        writer.change(table, [clash.survivor], taken)


def _move_children(writer: Writer, plan: Plan) -> None:
    for move in plan.moves:
        table, column = move.reference.table, move.reference.column
        plain = [row for row in move.rows if row["id"] not in move.yielding]
        if children.is_pair(table):
            for row in plain:
                writer.change(table, [row], _target(plan, column, table, row))
            continue
        for row in move.rows:
            if extra := move.yielding.get(row["id"]):
                writer.change(table, [row], {column: plan.survivor["id"], **extra})
        writer.change(table, plain, {column: plan.survivor["id"]})


def _target(plan: Plan, column: str, table: Table, row: Row) -> dict[str, Any]:
    if not children.is_pair(table):
        return {column: plan.survivor["id"]}
    low, high = sorted((plan.survivor["id"], other_end(row, plan.loser["id"])))
    return {"a_id": low, "b_id": high}


def _close_own_rows(work: Work, writer: Writer, plan: Plan, reason: str) -> None:
    for reference, row in plan.own_rows:
        if reference.table is not PAIRS:
            writer.remove(reference.table, row)
            continue
        decision = {
            "status": PairStatus.MERGED,
            "decided_at": clock.now(),
            "decided_by_id": work.actor.person_id,
            "snooze_until": None,
            "note": reason or row["note"],
        }
        writer.change(PAIRS, [row], decision)


def _add_aliases(session: Session, writer: Writer, plan: Plan, old: Row) -> None:
    survivor_id = plan.survivor["id"]
    held = {(a["kind"], a["key"]) for a in images.read(session, ALIASES, _alias_of(survivor_id))}
    held |= {(kind, key) for kind, _, key in _known_by(plan.survivor)}
    for row in (plan.loser, old):
        for kind, value, key in _known_by(row):
            if key and (kind, key) not in held:
                held.add((kind, key))
                alias = {"customer_id": survivor_id, "kind": kind, "value": value, "key": key}
                writer.add(ALIASES, {**alias, "since": clock.now()})


def _alias_of(customer_id: int) -> Any:
    return ALIASES.c.customer_id == customer_id


def _known_by(row: Row) -> list[tuple[AliasKind, str | None, str | None]]:
    return [
        (AliasKind.NAME, row["name"], row["name_key"]),
        (AliasKind.CODE, row["code"], row["code"]),
        (AliasKind.CODE, row["erp_code"], row["erp_code"]),
        (AliasKind.PHONE, row["phone"], row["phone_key"]),
    ]


def _share_with_former_owner(work: Work, writer: Writer, plan: Plan, old: Row) -> None:
    owners = {plan.loser["owner_id"], old["owner_id"]} - {None, plan.survivor["owner_id"]}
    here = images.read(work.session, SHARES, SHARES.c.customer_id == plan.survivor["id"])
    shares = {share["person_id"]: share for share in here}
    for person_id in sorted(owners):
        if person_id in shares:
            wider = {
                "level": ShareLevel.COLLABORATE,
                "ends_on": None,
                "with_contacts": True,  # as in a share of his own
                "with_activities": True,
            }
            writer.change(SHARES, [shares[person_id]], wider)
            continue
        share = {
            "customer_id": plan.survivor["id"],
            "person_id": person_id,
            "level": ShareLevel.COLLABORATE,
            "ends_on": None,
            "shared_by_id": work.actor.person_id,
            "shared_at": clock.now(),
        }
        writer.add(SHARES, share)
