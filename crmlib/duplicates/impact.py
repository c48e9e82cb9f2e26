"""What a merge would do, in words and numbers, before anybody clicks."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.customers.model import Customer
from crmlib.duplicates import children, picks
from crmlib.duplicates.images import Row
from crmlib.duplicates.merging import ERP_DIFFERS, needs_erp_confirmation
from crmlib.duplicates.plan import CONTACTS, Clash, Plan, plan_merge
from crmlib.duplicates.queue import require_view
from crmlib.errors import Invalid, NotAllowed
from crmlib.people.model import Person
from crmlib.store.engine import reading

DEAL = "opportunity"  # the floor above owns it; here only its rows move
_SHOWN_BY = ("number", "subject", "name", "title", "value")


@dataclass(frozen=True, slots=True)
class ChildCount:
    """How many rows of a table each side has; the loser's move."""

    table: str
    label: str
    survivor: int
    loser: int


@dataclass(frozen=True, slots=True)
class ClashChoice:
    """Two rows of which one stays: whose, by default and to choose; the other can be undone."""

    key: str
    label: str
    survivor: str
    loser: str
    default: str


@dataclass(frozen=True, slots=True)
class Impact:
    """The preview of a merge; the amount is None for people who may not see all amounts."""

    children: tuple[ChildCount, ...]
    deals_moved: int
    deals_amount: Decimal | None
    deals_other_owner: int
    contacts_joined: int
    owner_change: str
    clashes: tuple[ClashChoice, ...]
    needs_erp: bool
    erp_text: str
    lines: tuple[str, ...]


def preview(
    actor: Actor, survivor_id: int, loser_id: int, picks: Mapping[str, str] | None = None
) -> Impact:
    """Compute what merging these two would do; nothing is changed."""
    require_view(actor)
    if survivor_id == loser_id:
        raise Invalid({"": "不能把客户合并到它自己"})
    with reading() as session:
        known = select(Customer.id).where(Customer.id.in_([survivor_id, loser_id]))
        # A preview shows the children of both: it is for those who see all customers.
        held = actor.scopes(Permission.DUPLICATE_VIEW)
        if Scope.ALL not in held or len(session.scalars(known).all()) < 2:
            raise NotAllowed
        return impact_of(
            session, actor, plan_merge(session, survivor_id, loser_id, count=True), picks or {}
        )


def impact_of(
    session: Session, actor: Actor, plan: Plan, chosen_picks: Mapping[str, str]
) -> Impact:
    """Put a plan into words."""
    deals = plan.moving(DEAL)
    people = _names(session, plan)
    after = plan.survivor | picks.merged_values(plan.survivor, plan.loser, chosen_picks)
    sees_amounts = Scope.ALL in actor.scopes(Permission.OPPORTUNITY_AMOUNT)
    amount = sum((deal["amount"] for deal in deals), Decimal(0)) if sees_amounts else None
    others = sum(1 for deal in deals if deal["owner_id"] != after["owner_id"])
    needs_erp = needs_erp_confirmation(_Sided(plan.survivor), _Sided(plan.loser))
    erp = ERP_DIFFERS.format(a=plan.survivor["erp_code"], b=plan.loser["erp_code"])
    counts = tuple(_counts(plan))
    owner_change = _owner_change(plan, after, people)
    impact = Impact(
        children=counts,
        deals_moved=len(deals),
        deals_amount=amount,
        deals_other_owner=others,
        contacts_joined=len(plan.twins),
        owner_change=owner_change,
        clashes=tuple(_clash(clash, people) for clash in plan.clashes),
        needs_erp=needs_erp,
        erp_text=erp if needs_erp else "",
        lines=(),
    )
    return _with_lines(impact, plan)


class _Sided:
    def __init__(self, row: Row) -> None:
        self.status, self.erp_code = row["status"], row["erp_code"]


def _counts(plan: Plan) -> list[ChildCount]:
    counts = []
    for name in dict.fromkeys(move.reference.table.name for move in plan.moves):
        moves, going = plan.moves_of(name), {row["id"] for row in plan.moving(name)}
        going |= {c.loser["id"] for c in plan.clashes if c.reference.table.name == name}
        twins = len(plan.twins) if name == CONTACTS.name else 0
        here = max(move.on_survivor for move in moves)
        if here or going or twins:
            counts.append(ChildCount(name, children.label(name), here, len(going) + twins))
    return counts


def _names(session: Session, plan: Plan) -> dict[int, str]:
    ids = {plan.survivor["owner_id"], plan.loser["owner_id"]}
    ids |= {row.get("person_id") for clash in plan.clashes for row in (clash.survivor, clash.loser)}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids - {None})))
    return dict(rows.all())


def _owner_change(plan: Plan, after: Row, people: Mapping[int, str]) -> str:
    owner = people.get(after["owner_id"], words.UNASSIGNED)
    former = {plan.survivor["owner_id"], plan.loser["owner_id"]} - {None, after["owner_id"]}
    names = "、".join(people.get(key, words.EMPTY) for key in sorted(former))
    return f"负责人为 {owner}" + (f"；{names} 成为协作人" if names else "")


def _clash(clash: Clash, people: Mapping[int, str]) -> ClashChoice:
    table = clash.reference.table.name
    shown = [_shown(row, people) for row in (clash.survivor, clash.loser)]
    return ClashChoice(clash.key, children.label(table), shown[0], shown[1], clash.default)


def _shown(row: Row, people: Mapping[int, str]) -> str:
    if "person_id" in row and "level" in row:
        until = f"，至 {row['ends_on']}" if row["ends_on"] else ""
        return f"{people.get(row['person_id'], words.EMPTY)}（{words.SHARE_LEVELS[row['level']]}{until}）"
    if "same" in row:
        return f"{words.PAIR_STATUS[row['status']]}，相似度 {row['same']:.0%}"
    return str(next((row[name] for name in _SHOWN_BY if row.get(name)), row["id"]))


def _with_lines(impact: Impact, plan: Plan) -> Impact:
    lines = [
        f"{count.label} {count.loser} 条转到保留方" for count in impact.children if count.loser
    ]
    if impact.deals_moved:
        money = "" if impact.deals_amount is None else f"，金额 {impact.deals_amount:,.2f} 元"
        lines.append(f"转移商机 {impact.deals_moved} 个{money}；商机的负责人不变")
    if impact.deals_other_owner:
        lines.append(f"其中 {impact.deals_other_owner} 个商机的负责人不是客户负责人")
    if impact.contacts_joined:
        lines.append(f"手机号相同的联系人 {impact.contacts_joined} 位合为一位，原记录保留可恢复")
    yielding = [move for move in plan.moves if move.yielding]
    for move in yielding:
        what = "不再是主联系人" if "is_primary" in next(iter(move.yielding.values())) else "撤回"
        lines.append(f"{children.label(move.reference.table.name)}：被合并方的一条{what}")
    if impact.clashes:
        lines.append(
            f"有 {len(impact.clashes)} 项不能同时保留，未保留的一项留在被合并方，撤销后恢复"
        )
    lines.append(impact.owner_change)
    lines.append(f"「{plan.loser['name']}」的名称、代码、电话成为别名，仍可查到")
    if impact.erp_text:
        lines.append(impact.erp_text)
    fields = {name: getattr(impact, name) for name in Impact.__dataclass_fields__}
    return Impact(**fields | {"lines": tuple(lines)})
