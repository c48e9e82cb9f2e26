"""What a merge would do, computed without doing it; the preview and the merge both follow it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from crmlib.customers.model import Contact, Customer, CustomerShare, ShareLevel
from crmlib.duplicates import children, images
from crmlib.duplicates.children import Reference, UniqueRule
from crmlib.duplicates.images import Row
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.duplicates.picks import LOSER, SURVIVOR
from crmlib.errors import Invalid
from crmlib.store.schema import Base
from crmlib.words import SHARE_PARTS

CUSTOMERS = Base.metadata.tables[Customer.__tablename__]
CONTACTS = Base.metadata.tables[Contact.__tablename__]
SHARES = Base.metadata.tables[CustomerShare.__tablename__]
PAIRS = Base.metadata.tables[DuplicatePair.__tablename__]
NO_SUCH_CLASH = "没有这一项冲突，请刷新后重新选择"


@dataclass(slots=True)
class Clash:
    """Two rows of which the survivor may have only one; the other stays with the loser."""

    reference: Reference
    survivor: Row
    loser: Row
    default: str

    @property
    def key(self) -> str:
        """Name the clash in a form."""
        return f"{self.reference.table.name}:{self.loser['id']}"


@dataclass(slots=True)
class Move:
    """Rows of the loser that pass to the survivor; ``yielding`` change these values as well."""

    reference: Reference
    rows: list[Row]
    on_survivor: int = 0
    yielding: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """Everything a merge does to rows other than the two customers."""

    survivor: Row
    loser: Row
    moves: list[Move] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    twins: list[tuple[Row, Row]] = field(default_factory=list)  # (loser's contact, the kept one)
    own_rows: list[tuple[Reference, Row]] = field(default_factory=list)  # that join the two

    def moving(self, table: str) -> list[Row]:
        """Return the rows of a table that move, each once however often it names the loser."""
        found = {row["id"]: row for m in self.moves_of(table) for row in m.rows}
        return list(found.values())

    def moves_of(self, table: str) -> list[Move]:
        """Return what happens to the rows of a table."""
        return [move for move in self.moves if move.reference.table.name == table]


def plan_merge(session: Session, survivor_id: int, loser_id: int, *, count: bool = False) -> Plan:
    """Read both customers and everything that points at the loser; ``count`` the survivor's too."""
    both = images.read_ids(session, CUSTOMERS, [survivor_id, loser_id])
    plan = Plan(both[survivor_id], both[loser_id])
    plan.twins = _twins(session, survivor_id, loser_id)
    seen_pairs = set()
    for reference in children.references():
        if not children.is_pair(reference.table):
            plan.moves.append(_move(session, plan, reference, count=count))
        elif reference.table.name not in seen_pairs:
            seen_pairs.add(reference.table.name)
            plan.moves.append(_move_pairs(session, plan, reference))
    return plan


def chosen(clash: Clash, choices: Mapping[str, str]) -> str:
    """Return whose row stays."""
    return choices.get(clash.key, clash.default)


def check_choices(plan: Plan, choices: Mapping[str, str]) -> None:
    """Refuse answers to clashes that are none.

    Raises:
        Invalid: an unknown clash or side.
    """
    known = {clash.key for clash in plan.clashes}
    wrong = [k for k, v in choices.items() if k not in known or v not in (SURVIVOR, LOSER)]
    if wrong:
        raise Invalid(dict.fromkeys(wrong, NO_SUCH_CLASH))


def _twins(session: Session, survivor_id: int, loser_id: int) -> list[tuple[Row, Row]]:
    rows = images.read(session, CONTACTS, CONTACTS.c.customer_id.in_([survivor_id, loser_id]))
    mine = [row for row in rows if row["customer_id"] == survivor_id]
    kept = {key: row for row in reversed(mine) if (key := _mobile_key(row))}
    others = [row for row in rows if row["customer_id"] == loser_id]
    return [(row, kept[key]) for row in others if (key := _mobile_key(row)) in kept]


def _mobile_key(contact: Row) -> str:
    digits = "".join(c for c in contact["mobile"] or "" if c.isdigit())
    return digits.removeprefix("86") if len(digits) > len("13800000000") else digits


def _move(session: Session, plan: Plan, reference: Reference, *, count: bool) -> Move:
    table = reference.table
    rows = images.read(session, table, reference.points_at(children.CUSTOMER, plan.loser["id"]))
    if table is CONTACTS:
        twins = {twin["id"] for twin, _ in plan.twins}
        rows = [row for row in rows if row["id"] not in twins]
    move = Move(reference, rows)
    if count:
        here = reference.points_at(children.CUSTOMER, plan.survivor["id"])
        move.on_survivor = session.scalar(select(func.count()).select_from(table).where(here)) or 0
    dialect = session.get_bind().dialect.name
    for rule in children.unique_rules(table, reference.column, dialect) if rows else []:
        _apply_rule(session, plan, move, rule)
    return move


def _apply_rule(session: Session, plan: Plan, move: Move, rule: UniqueRule) -> None:
    reference, table = move.reference, move.reference.table
    here = reference.points_at(children.CUSTOMER, plan.survivor["id"])
    there = table.c.id.in_([row["id"] for row in move.rows])
    limited = here if rule.where is None else here & rule.where
    held = {_rest(rule, reference, row): row for row in images.read(session, table, limited)}
    if not held:
        return
    if rule.where is not None:
        bound = set(session.scalars(select(table.c.id).where(there, rule.where)))
    else:
        bound = {row["id"] for row in move.rows}
    for row in [r for r in move.rows if r["id"] in bound]:
        other = held.get(_rest(rule, reference, row))
        if other is None:
            continue
        if rule.yields is not None:
            move.yielding[row["id"]] = dict(rule.yields)
            continue
        plan.clashes.append(Clash(reference, other, row, _default(table.name, other, row)))
        move.rows.remove(row)


def _rest(rule: UniqueRule, reference: Reference, row: Row) -> tuple[Any, ...] | None:
    # SQL: two rows with a null in a unique key do not clash.
    rest = tuple(row[column] for column in rule.columns if column != reference.column)
    return None if None in rest else rest


def _default(table: str, survivor: Row, loser: Row) -> str:
    # Of two shares the wider one; nobody loses what he could see.
    if table != SHARES.name:
        return SURVIVOR
    return LOSER if _width(loser) > _width(survivor) else SURVIVOR


def _width(share: Row) -> tuple[bool, date]:
    return share["level"] == ShareLevel.COLLABORATE, share["ends_on"] or date.max


def joined_parts(clash: Clash) -> dict[str, bool]:
    """Return what either of two shares of one person opens; nobody loses what he could see."""
    return {name: clash.survivor[name] or clash.loser[name] for name in SHARE_PARTS}


def _move_pairs(session: Session, plan: Plan, reference: Reference) -> Move:
    table, mine, theirs = reference.table, plan.survivor["id"], plan.loser["id"]
    rows = images.read(
        session, table, or_(table.c.a_id.in_([mine, theirs]), table.c.b_id.in_([mine, theirs]))
    )
    if table is PAIRS:
        # What was merged before is history, as in the 合并单.
        rows = [row for row in rows if row["status"] != PairStatus.MERGED]
    # What joined the loser to one that was merged into the survivor before is history too.
    gone = set(session.scalars(select(CUSTOMERS.c.id).where(CUSTOMERS.c.merged_into_id == mine)))
    rows = [row for row in rows if other_end(row, theirs) not in gone]
    own = [row for row in rows if {row["a_id"], row["b_id"]} == {mine, theirs}]
    plan.own_rows += [(reference, row) for row in own]
    held = {other_end(row, mine): row for row in rows if mine in (row["a_id"], row["b_id"])}
    move = Move(reference, [], len(held) - len(own))
    for row in rows:
        if row in own or theirs not in (row["a_id"], row["b_id"]):
            continue
        if (same := held.get(other_end(row, theirs))) is not None:
            plan.clashes.append(Clash(reference, same, row, SURVIVOR))
        else:
            move.rows.append(row)
    return move


def other_end(pair: Row, customer_id: int) -> int:
    """Return the other customer of a pair."""
    return int(pair["b_id"] if pair["a_id"] == customer_id else pair["a_id"])
