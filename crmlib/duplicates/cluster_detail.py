"""A cluster side by side: all customers that may be one, field by field."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.customers.model import LIVE
from crmlib.duplicates import images
from crmlib.duplicates.clusters import members_of_pair
from crmlib.duplicates.detail import default_survivor, field_texts
from crmlib.duplicates.model import DuplicatePair, PairStatus
from crmlib.duplicates.plan import CUSTOMERS
from crmlib.duplicates.queue import require_view
from crmlib.errors import NotAllowed
from crmlib.store.engine import reading


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """One customer of a cluster."""

    id: int
    code: str
    name: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Bond:
    """What is known of two members: their score, or what was decided on them."""

    a_id: int
    b_id: int
    same: float
    waits: bool
    text: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Members with their fields as texts; the order of ``texts`` follows the members."""

    members: tuple[ClusterMember, ...]
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    bonds: tuple[Bond, ...]
    survivor_id: int
    survivor_why: str
    can_decide: bool


def cluster_of(actor: Actor, pair_id: int) -> Cluster:
    """Return the cluster a pair belongs to; for those who see all customers.

    Raises:
        NotAllowed: no such pair, or the actor may not look into all customers.
    """
    require_view(actor)
    if Scope.ALL not in actor.scopes(Permission.DUPLICATE_VIEW):
        raise NotAllowed
    with reading() as session:
        pair = session.get(DuplicatePair, pair_id)
        if pair is None:
            raise NotAllowed
        rows = images.read_ids(session, CUSTOMERS, sorted(members_of_pair(session, pair)))
        rows = {key: row for key, row in rows.items() if row["status"] in LIVE}
        if not rows:
            return Cluster((), (), (), 0, "", can_decide=False)
        survivor, why = default_survivor(session, rows)
        order = sorted(rows, key=lambda key: (key != survivor, key))
        texts = field_texts(session, rows)
        return Cluster(
            members=tuple(
                ClusterMember(
                    key,
                    rows[key]["code"],
                    rows[key]["name"],
                    words.CUSTOMER_STATUS[rows[key]["status"]],
                    rows[key]["version"],
                )
                for key in order
            ),
            fields=tuple(
                (words.CUSTOMER[field], tuple(found[key] for key in order))
                for field, found in texts.items()
            ),
            bonds=_bonds(session, order),
            survivor_id=survivor,
            survivor_why=why,
            can_decide=actor.may(Permission.DUPLICATE_REVIEW),
        )


def _bonds(session: Session, ids: list[int]) -> tuple[Bond, ...]:
    pairs = session.scalars(
        select(DuplicatePair)
        .where(DuplicatePair.a_id.in_(ids), DuplicatePair.b_id.in_(ids))
        .order_by(DuplicatePair.id)
    )
    return tuple(_bond(pair) for pair in pairs)


def _bond(pair: DuplicatePair) -> Bond:
    waits = pair.status in (PairStatus.OPEN, PairStatus.DEFERRED)
    text = f"相似度 {pair.same:.0%}" if waits else f"已判为{words.PAIR_STATUS[pair.status]}"
    return Bond(pair.a_id, pair.b_id, pair.same, waits, text)
