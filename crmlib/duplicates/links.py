"""关联公司: tie two companies of one group together, and untie them."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.action import Work, action
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.duplicates.groups import is_below, ties_of
from crmlib.duplicates.model import AffiliateLink, DuplicatePair, LinkKind, PairStatus
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.store.text import clean

NOTE_LENGTH = 255
SAME_CUSTOMER = "请选择两个不同的客户"
NOT_LIVE = "「{name}」的状态是{state}，不能关联"
CIRCLE = "「{parent}」已在「{child}」之下，不能再作它的上级"
SECOND_PARENT = "「{child}」已有上级「{parent}」，请先删除原来的关联"
NEEDS_PARENT = "请选择哪一方是{above}"
NO_SUCH_SIDE = "上级必须是两个客户之一"
_HAS_HEAD = {LinkKind.BRANCH: "总公司", LinkKind.SUBSIDIARY: "母公司"}


@dataclass(frozen=True, slots=True)
class Linked:
    """A link that was made or taken away; ``text`` is what the person reads."""

    link_id: int
    text: str


@action(Permission.DUPLICATE_REVIEW)
def link_companies(
    work: Work,
    a_id: int,
    b_id: int,
    *,
    kind: LinkKind = LinkKind.GROUP,
    parent_id: int | None = None,
    note: str = "",
    token: str | None = None,
) -> Linked:
    """Tie two customers together as 关联公司, or change how they are tied."""
    if a_id == b_id:
        raise Invalid({"other": SAME_CUSTOMER})
    if len(clean(note)) > NOTE_LENGTH:
        raise Invalid({"note": f"说明 不能超过 {NOTE_LENGTH} 个字"})
    allowed = visible_customers(work.actor, Permission.DUPLICATE_REVIEW)
    for key in sorted((a_id, b_id)):
        customer = work.fetch(Customer, key, allowed)
        if customer.status not in LIVE:
            state = words.CUSTOMER_STATUS[customer.status]
            raise Refused(NOT_LIVE.format(name=customer.name, state=state))
    link = tie(work, a_id, b_id, kind=kind, parent_id=parent_id, note=note)
    return Linked(link.id, f"已关联（{words.LINK_KIND[kind]}）")


@action(Permission.DUPLICATE_REVIEW)
def unlink(work: Work, link_id: int, *, token: str | None = None) -> Linked:
    """Untie two companies; a pair that was decided by the link waits again."""
    link = work.fetch(AffiliateLink, link_id, AffiliateLink.id == link_id)
    pair = work.session.scalar(
        select(DuplicatePair).where(
            DuplicatePair.a_id == link.a_id,
            DuplicatePair.b_id == link.b_id,
            DuplicatePair.status == PairStatus.AFFILIATED,
        )
    )
    if pair is not None:
        pair.status, pair.decided_at, pair.decided_by_id = PairStatus.OPEN, None, None
    work.session.delete(link)
    work.session.flush()
    return Linked(link_id, "已删除关联" + ("，这一对重新待审" if pair else ""))


def tie(
    work: Work, a_id: int, b_id: int, *, kind: LinkKind, parent_id: int | None, note: str
) -> AffiliateLink:
    """Make or change the one link of two customers; building block of actions.

    Raises:
        Invalid: the side above is missing or none of the two, or the tree would become a circle.
    """
    low, high = sorted((a_id, b_id))
    session = work.session
    link = session.scalar(
        select(AffiliateLink).where(AffiliateLink.a_id == low, AffiliateLink.b_id == high)
    )
    _require_place(session, (low, high), kind, parent_id, link)
    if link is None:
        link = AffiliateLink(
            a_id=low, b_id=high, linked_by_id=work.actor.person_id, linked_at=clock.now()
        )
        session.add(link)
    link.kind, link.parent_id = kind, parent_id
    link.note = clean(note) or link.note
    session.flush()  # callers use its id
    return link


def _require_place(
    session: Session,
    pair: tuple[int, int],
    kind: LinkKind,
    parent_id: int | None,
    link: AffiliateLink | None,
) -> None:
    if parent_id is None:
        if kind in _HAS_HEAD:
            raise Invalid({"above": NEEDS_PARENT.format(above=_HAS_HEAD[kind])})
        return
    if parent_id not in pair:
        raise Invalid({"above": NO_SUCH_SIDE})
    child_id = pair[0] if parent_id == pair[1] else pair[1]
    others = [t for t in ties_of(session, child_id) if link is None or t.link_id != link.id]
    above = next((t.parent_id for t in others if t.child_id == child_id), None)
    named = {"child": _name(session, child_id)}
    if above is not None:
        parent = _name(session, above)
        raise Invalid({"above": SECOND_PARENT.format(parent=parent, **named)})
    if is_below(others, parent_id, child_id):
        raise Invalid({"above": CIRCLE.format(parent=_name(session, parent_id), **named)})


def _name(session: Session, customer_id: int) -> str:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotAllowed
    return customer.name
