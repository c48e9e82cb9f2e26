"""Groups of companies: who belongs together, and who stands above whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Customer, CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.duplicates.model import AffiliateLink, LinkKind
from crmlib.errors import NotAllowed
from crmlib.people.model import Office, Person
from crmlib.reference.queries import region_names
from crmlib.store.engine import reading

MOST = 500  # members shown; a group is walked from the customer asked about
ABOVE = {LinkKind.BRANCH: ("总公司", "分公司"), LinkKind.SUBSIDIARY: ("母公司", "子公司")}
_AT_ONCE = 200
A, B = aliased(Customer), aliased(Customer)


@dataclass(frozen=True, slots=True)
class Tie:
    """One link between two companies; ``parent_id`` is the one above, if any is."""

    link_id: int
    a_id: int
    b_id: int
    kind: LinkKind
    parent_id: int | None
    note: str

    @property
    def child_id(self) -> int | None:
        """Return the one below, if any is."""
        if self.parent_id is None:
            return None
        return self.b_id if self.parent_id == self.a_id else self.a_id


@dataclass(frozen=True, slots=True)
class Place:
    """Where a company stands in the tree: under whom, how deep, and by which link."""

    customer_id: int
    parent_id: int | None
    depth: int
    tie: Tie | None


@dataclass(frozen=True, slots=True)
class Member:
    """A company of a group with the columns everybody may see (DUP-3); top down, depth first.

    ``link_id`` is the link that ties it to the one above, or beside; None for the head.
    """

    customer_id: int
    code: str
    name: str
    region: str
    owner: str
    office: str
    trading: bool
    status: str
    visible: bool
    depth: int
    relation: str
    note: str
    link_id: int | None
    tied_to: str


def tree(ties: Iterable[Tie], start: int) -> list[Place]:
    """Return all companies tied to one another, children under parents; cycles are cut."""
    known = sorted(ties, key=lambda tie: tie.link_id)
    parents: dict[int, Tie] = {}
    for tie in known:
        if tie.child_id is not None:
            parents.setdefault(tie.child_id, tie)
    members = sorted({start, *(k for tie in known for k in (tie.a_id, tie.b_id))})
    done: list[Place] = []
    seen: set[int] = set()

    def walk(key: int, depth: int, tie: Tie | None) -> None:
        seen.add(key)
        done.append(Place(key, tie.parent_id if tie and depth else None, depth, tie))
        for below, by in sorted(parents.items()):
            if by.parent_id == key and below not in seen:
                walk(below, depth + 1, by)

    heads = [key for key in members if key not in parents]
    # Who has most below comes first; what is left stands in a circle and starts anywhere.
    heads.sort(key=lambda key: (-_below(parents, key), key))
    for key in [*heads, *members]:
        if key not in seen:
            walk(key, 0, _sideways(known, key, seen))
    return done


def _below(parents: Mapping[int, Tie], key: int) -> int:
    return sum(1 for tie in parents.values() if tie.parent_id == key)


def _sideways(ties: Iterable[Tie], key: int, seen: set[int]) -> Tie | None:
    """Return the link by which a head stands beside those shown before."""
    beside = [tie for tie in ties if key in (tie.a_id, tie.b_id) and {tie.a_id, tie.b_id} & seen]
    return next(iter(beside), None)


def is_below(ties: Iterable[Tie], key: int, above: int) -> bool:
    """Say whether one company stands somewhere below another."""
    parents = {tie.child_id: tie.parent_id for tie in ties if tie.child_id is not None}
    seen: set[int | None] = set()
    here: int | None = key
    while here is not None and here not in seen:
        seen.add(here)
        here = parents.get(here)
        if here == above:
            return True
    return False


def relation(tie: Tie, key: int) -> str:
    """Return how a company stands to the other end of a link."""
    if tie.parent_id is not None and tie.kind in ABOVE:
        return ABOVE[tie.kind][0 if tie.parent_id == key else 1]
    if tie.parent_id is not None:
        return f"{words.LINK_KIND[tie.kind]}（{'上级' if tie.parent_id == key else '下级'}）"
    return words.LINK_KIND[tie.kind]


def group_of(actor: Actor, customer_id: int) -> tuple[Member, ...]:
    """Return the whole group of a visible customer as a tree; nobody when it stands alone.

    Raises:
        NotAllowed: the customer is hidden from the actor, or not there.
    """
    with reading() as session:
        asked = select(Customer.id).where(
            Customer.id == customer_id, visible_customers(actor, Permission.CUSTOMER_VIEW)
        )
        if session.scalar(asked) is None:
            raise NotAllowed
        ties = ties_of(session, customer_id)
        return tuple(_members(session, actor, tree(ties, customer_id))) if ties else ()


def ties_of(session: Session, customer_id: int) -> list[Tie]:
    """Return the links of the whole group a customer belongs to."""
    seen: set[int] = set()
    edge = {customer_id}
    found: dict[int, AffiliateLink] = {}
    while edge and len(seen) < MOST:
        ids = sorted(edge)[:_AT_ONCE]
        near = session.scalars(
            select(AffiliateLink)
            .join(A, A.id == AffiliateLink.a_id)
            .join(B, B.id == AffiliateLink.b_id)
            # A merged loser keeps what its survivor had already.
            .where(A.status != CustomerStatus.MERGED, B.status != CustomerStatus.MERGED)
            .where(or_(AffiliateLink.a_id.in_(ids), AffiliateLink.b_id.in_(ids)))
        ).all()
        found |= {link.id: link for link in near}
        seen |= set(ids)
        edge = (edge | {key for link in near for key in (link.a_id, link.b_id)}) - seen
    heirs = _heirs(session, {link.parent_id for link in found.values() if link.parent_id})
    return [_tie(link, heirs) for link in found.values()]


def _heirs(session: Session, ids: set[int]) -> dict[int, int]:
    """Return into whom each was merged in the end; who was not merged is himself."""
    heirs = {key: key for key in ids}
    open_ids = set(ids)
    while open_ids:
        rows = session.execute(
            select(Customer.id, Customer.merged_into_id).where(
                Customer.id.in_(open_ids),
                Customer.status == CustomerStatus.MERGED,
                Customer.merged_into_id.is_not(None),
            )
        )
        merged = {row.id: row.merged_into_id for row in rows}
        heirs = {key: merged.get(now, now) for key, now in heirs.items()}
        open_ids = set(merged.values()) - ids
        ids = ids | open_ids
    return heirs


def _tie(link: AffiliateLink, heirs: Mapping[int, int]) -> Tie:
    above = heirs.get(link.parent_id or 0)
    parent = above if above in (link.a_id, link.b_id) else None
    if parent is None and link.parent_id in (link.a_id, link.b_id):
        parent = link.parent_id
    return Tie(link.id, link.a_id, link.b_id, LinkKind(link.kind), parent, link.note or "")


def _members(session: Session, actor: Actor, places: list[Place]) -> list[Member]:
    ids = [place.customer_id for place in places]
    rows = session.execute(
        select(Customer, Person.name, Office.name)
        .outerjoin(Person, Person.id == Customer.owner_id)
        .outerjoin(Office, Office.id == Customer.office_id)
        .where(Customer.id.in_(ids))
    )
    found = {customer.id: (customer, owner, office) for customer, owner, office in rows}
    seen = set(
        session.scalars(select(Customer.id).where(Customer.id.in_(ids), visible_customers(actor)))
    )
    regions = region_names(session)
    return [_member(place, found, regions, visible=place.customer_id in seen) for place in places]


def _member(
    place: Place,
    found: Mapping[int, tuple[Customer, str | None, str | None]],
    regions: Mapping[int, str],
    *,
    visible: bool,
) -> Member:
    customer, owner, office = found[place.customer_id]
    tie, other = place.tie, None
    if tie is not None:
        other = found[tie.b_id if tie.a_id == customer.id else tie.a_id][0]
    return Member(
        customer_id=customer.id,
        code=customer.code,
        name=customer.name,
        region=regions.get(customer.region_id or 0, ""),
        owner=owner or words.UNASSIGNED,
        office=office or "",
        trading=customer.status is CustomerStatus.TRADING,
        status=words.CUSTOMER_STATUS[customer.status],
        visible=visible,
        depth=place.depth,
        relation=relation(tie, customer.id) if tie else "",
        note=tie.note if tie else "",
        link_id=tie.link_id if tie else None,
        tied_to=other.name if other else "",
    )


def companies(actor: Actor, text: str, limit: int = 20) -> list[tuple[int, str, str]]:
    """Return live customers whose name, code or initials hold a text, as (id, name, code)."""
    wanted = text.strip()
    if not wanted or not actor.may(Permission.DUPLICATE_REVIEW):
        return []
    columns = (Customer.name, Customer.code, Customer.initials)
    with reading() as session:
        rows = session.execute(
            select(Customer.id, Customer.name, Customer.code)
            .where(
                visible_customers(actor, Permission.DUPLICATE_REVIEW),
                Customer.status.in_(LIVE),
                or_(*(column.icontains(wanted, autoescape=True) for column in columns)),
            )
            .order_by(func.length(Customer.name), Customer.id)
            .limit(limit)
        )
        return [(row.id, row.name, row.code) for row in rows]
