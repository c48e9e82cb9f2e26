"""More than two at once: merge the chosen customers of a cluster, part the rest, all or nothing."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from crmlib import words
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.duplicates import images, picks
from crmlib.duplicates.clusters import MOST
from crmlib.duplicates.merging import Merged, merge
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.duplicates.plan import CUSTOMERS
from crmlib.duplicates.review import REASON_NEEDED, is_waiting, part
from crmlib.duplicates.undoing import Undone, undo_merge
from crmlib.errors import Invalid, Refused
from crmlib.store.text import clean

NOBODY = "请至少选择一家并入保留方的客户"
TWICE = "同一客户不能既并入又保留"
TOO_MANY = f"一次最多处理 {MOST} 家"
DECIDED = "「{name}」与保留方已判为「{status}」，请先重新打开这一对，或不选它"
ERP_DIFFERS = "所选交易客户的 ERP 客户代码不同（{codes}），请勾选确认后再合并"
# The bodies of the two actions, to run several times within one transaction of ours.
_merge: Callable[..., Merged] = inspect.unwrap(merge)
_undo: Callable[..., Undone] = inspect.unwrap(undo_merge)


@dataclass(frozen=True, slots=True)
class ClusterMerged:
    """The 合并单 written for a cluster, and how many pairs were parted."""

    survivor_id: int
    merge_ids: list[int]
    numbers: list[str]
    parted: int
    text: str


@action(Permission.DUPLICATE_REVIEW)
def merge_cluster(  # noqa: PLR0913 the reviewer's whole answer
    work: Work,
    survivor_id: int,
    loser_ids: Sequence[int],
    *,
    others: Sequence[int] = (),
    reason: str = "",
    others_reason: str = "",
    confirm_erp: bool = False,
    versions: Mapping[int, int] | None = None,
    token: str | None = None,
) -> ClusterMerged:
    """Merge all losers into the survivor, one 合并单 each; ``others`` become 不是重复."""
    _require_sides(survivor_id, loser_ids, others, others_reason)
    chosen = {survivor_id, *loser_ids}
    allowed = visible_customers(work.actor, Permission.DUPLICATE_REVIEW)
    found = {key: work.fetch(Customer, key, allowed) for key in sorted({*chosen, *others})}
    for key, customer in found.items():
        expect_version(customer, (versions or {}).get(key))
    _require_undecided(work, survivor_id, {key: found[key].name for key in loser_ids})
    _require_erp([found[key] for key in chosen], confirmed=confirm_erp)
    kept = found[survivor_id].name
    done = [_merge_one(work, survivor_id, key, reason) for key in loser_ids]
    parted = sum(_part_from(work, survivor_id, key, others_reason) for key in others)
    text = f"已将 {len(done)} 家并入「{kept}」，合并单 {'、'.join(m.number for m in done)}"
    if parted:
        text += f"；{parted} 对标为「{words.PAIR_STATUS[PairStatus.DISTINCT]}」"
    return ClusterMerged(
        survivor_id, [m.merge_id for m in done], [m.number for m in done], parted, text
    )


@dataclass(frozen=True, slots=True)
class ClusterUndone:
    """A cluster merge that was taken back, the last 合并单 first."""

    merge_ids: list[int]
    conflicts: list[str]
    text: str


@action(Permission.DUPLICATE_REVIEW)
def undo_cluster(
    work: Work, merge_ids: Sequence[int], *, token: str | None = None
) -> ClusterUndone:
    """Take several 合并单 back, the last one first, all or none."""
    done = []
    for key in sorted(set(merge_ids), reverse=True):
        done.append(_undo(work, key))
        work.session.flush()
        work.session.expire_all()
    kept = [line for undone in done for line in undone.conflicts]
    text = f"已撤销 {len(done)} 张合并单，{len(done)} 家已恢复"
    if kept:
        text += f"；{len(kept)} 项合并后有变动，留在保留方"
    return ClusterUndone([undone.merge_id for undone in done], kept, text)


def _require_sides(
    survivor_id: int, loser_ids: Sequence[int], others: Sequence[int], others_reason: str
) -> None:
    faults = {}
    named = [survivor_id, *loser_ids, *others]
    if not loser_ids:
        faults["losers"] = NOBODY
    elif len(named) != len(set(named)):
        faults["losers"] = TWICE
    elif len(named) > MOST:
        faults["losers"] = TOO_MANY
    if others and not clean(others_reason):
        faults["others_reason"] = REASON_NEEDED
    if faults:
        raise Invalid(faults)


def _require_undecided(work: Work, survivor_id: int, names: Mapping[int, str]) -> None:
    pairs = work.session.scalars(
        select(DuplicatePair).where(
            or_(
                (DuplicatePair.a_id == survivor_id) & DuplicatePair.b_id.in_(names),
                (DuplicatePair.b_id == survivor_id) & DuplicatePair.a_id.in_(names),
            ),
            DuplicatePair.status.in_((PairStatus.DISTINCT, PairStatus.AFFILIATED)),
        )
    )
    for pair in pairs:
        name = names[pair.b_id if pair.a_id == survivor_id else pair.a_id]
        raise Refused(DECIDED.format(name=name, status=words.PAIR_STATUS[pair.status]))


def _require_erp(customers: Sequence[Customer], *, confirmed: bool) -> None:
    trading = [c for c in customers if c.status is CustomerStatus.TRADING and c.erp_code]
    codes = sorted({c.erp_code for c in trading if c.erp_code})
    if len(codes) > 1 and not confirmed:
        raise Invalid({"confirm": ERP_DIFFERS.format(codes="、".join(codes))})


def _merge_one(work: Work, survivor_id: int, loser_id: int, reason: str) -> Merged:
    rows = images.read_ids(work.session, CUSTOMERS, [survivor_id, loser_id])
    winners = picks.default_picks(rows[survivor_id], rows[loser_id])
    chosen = {field: pick.winner for field, pick in winners.items()}
    # Different codes were confirmed for the whole cluster.
    done = _merge(work, survivor_id, loser_id, chosen, reason=reason, confirm_erp=True)
    # The merge writes past the session; the next one must read what it wrote.
    work.session.flush()
    work.session.expire_all()
    return done


def _part_from(work: Work, survivor_id: int, other_id: int, reason: str) -> int:
    """Part the pair of the survivor and another, if one waits; say how many."""
    low, high = sorted((survivor_id, other_id))
    pair = work.session.scalar(
        select(DuplicatePair).where(
            DuplicatePair.a_id == low, DuplicatePair.b_id == high, is_waiting()
        )
    )
    if pair is None:
        return 0
    part(work, pair, reason)
    return 1
