"""商机共享: a colleague of another region pushes one deal together with its owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.customers.endings import Notice, tell_ended_shares
from crmlib.customers.queries import PersonOption
from crmlib.customers.sharing import end_faults
from crmlib.errors import CrmError, Invalid, NotAllowed
from crmlib.inbox.notices import notify
from crmlib.opportunities.actions import open_deal
from crmlib.opportunities.model import Opportunity, OpportunityShare
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading

NOBODY = "选择用户 不存在或已停用"
NO_USE = "选择用户 只能是销售或办事处主任/区域经理"
ONESELF = "不能共享给本人或负责人"
PARTNERS = (Role.SALES, Role.MANAGER)  # the roles that see what is shared with them
_STEP = "end_deal_shares"


@dataclass(frozen=True, slots=True)
class DealShared:
    """A deal opened to a person, or taken back from him."""

    opportunity_id: int
    person_id: int
    person: str


@dataclass(frozen=True, slots=True)
class DealsShared:
    """How many deals were opened to a person; of the others, why not, line by line."""

    count: int
    person: str
    refused: str


@action(Permission.OPPORTUNITY_SHARE)
def share_opportunity(
    work: Work,
    opportunity_id: int,
    person_id: int | None,
    ends_on: date | None = None,
    *,
    token: str | None = None,
) -> DealShared:
    """Open a deal to a colleague to work on, perhaps until a day; he sees no other of the customer.

    Raises:
        Refused: the deal is closed or decided.
        Invalid: ``person``, ``ends_on``.
    """
    deal = open_deal(work, opportunity_id, Permission.OPPORTUNITY_SHARE)
    person = _share(work, deal, person_id, ends_on)
    return DealShared(deal.id, person.id, person.name)


@action(Permission.OPPORTUNITY_SHARE)
def share_opportunities(
    work: Work,
    opportunity_ids: Sequence[int],
    person_id: int | None,
    ends_on: date | None = None,
    *,
    token: str | None = None,
) -> DealsShared:
    """Open several deals to a colleague; those that cannot be are named with the reason.

    Raises:
        Invalid: the person or the day is wrong for all of them.
    """
    person = work.session.get(Person, person_id) if person_id else None
    if faults := _common_faults(work, person, ends_on):
        raise Invalid(faults)
    refused, count = [], 0
    for key in dict.fromkeys(opportunity_ids):
        try:
            _share(work, open_deal(work, key, Permission.OPPORTUNITY_SHARE), person_id, ends_on)
            count += 1
        except CrmError as fault:
            number = work.session.scalar(
                select(Opportunity.number).where(
                    Opportunity.id == key, visible_opportunities(work.actor)
                )
            )
            refused.append(f"{number or key}：{fault.message}")
    return DealsShared(count, person.name if person else "", "\n".join(refused))


@action(Permission.OPPORTUNITY_SHARE)
def unshare_opportunity(
    work: Work, opportunity_id: int, person_id: int, *, token: str | None = None
) -> DealShared:
    """Take a share back: by whoever may share the deal, or who gave this share."""
    session, me = work.session, work.actor.person_id
    share = session.scalar(
        select(OpportunityShare)
        .join(Opportunity, Opportunity.id == OpportunityShare.opportunity_id)
        .where(
            OpportunityShare.opportunity_id == opportunity_id,
            OpportunityShare.person_id == person_id,
            visible_opportunities(work.actor, Permission.OPPORTUNITY_SHARE)
            | (OpportunityShare.shared_by_id == me),
        )
    )
    if share is None:
        raise NotAllowed
    deal = session.get_one(Opportunity, opportunity_id)
    person = session.get_one(Person, person_id)
    session.delete(share)
    session.flush()
    body = f"{work.actor.name} 取消了商机 {deal.number} {deal.subject} 对您的共享。"
    notify(session, {person_id} - {me}, f"商机共享已取消：{deal.subject}", body)
    return DealShared(deal.id, person.id, person.name)


def _share(work: Work, deal: Opportunity, person_id: int | None, ends_on: date | None) -> Person:
    session = work.session
    person = session.get(Person, person_id) if person_id else None
    share = session.scalar(
        select(OpportunityShare).where(
            OpportunityShare.opportunity_id == deal.id, OpportunityShare.person_id == person_id
        )
    )
    faults = _common_faults(work, person, ends_on)
    if person is not None and not faults.get("person"):
        if person.id == deal.owner_id:
            faults["person"] = ONESELF
        elif share is not None and (share.ends_on is None or share.ends_on >= clock.today()):
            faults["person"] = f"已共享给 {person.name}"
    if faults or person is None:
        raise Invalid(faults)
    if share is None:
        share = OpportunityShare(opportunity_id=deal.id, person_id=person.id)
        session.add(share)
    share.ends_on, share.end_told = ends_on, False
    share.shared_by_id, share.shared_at = work.actor.person_id, clock.now()
    session.flush()
    until = f"至 {ends_on.isoformat()}" if ends_on else "长期"
    body = f"{work.actor.name} 把商机 {deal.number} {deal.subject} 共享给您，来共同推进此商机（{until}）。"
    related = (Opportunity.__tablename__, deal.id)
    notify(session, [person.id], f"商机共享：{deal.subject}", body, related)
    return person


def _common_faults(work: Work, person: Person | None, ends_on: date | None) -> dict[str, str]:
    found = {}
    if person is None or not person.active:
        found["person"] = NOBODY
    elif person.id == work.actor.person_id:
        found["person"] = ONESELF
    elif person.role not in PARTNERS:
        found["person"] = NO_USE
    return found | end_faults(ends_on)


def partner_options(actor: Actor, opportunity_id: int | None = None) -> tuple[PersonOption, ...]:
    """Return with whom a deal may be shared: everybody who sells but the actor and its owner."""
    with reading() as session:
        statement = (
            select(Person.id, Person.name, Office.name, Person.login, Person.seller_code)
            .join(Office, Office.id == Person.office_id)
            .where(Person.active, Person.id != actor.person_id, Person.role.in_(PARTNERS))
            .order_by(Office.name, Person.seller_code, Person.name)
        )
        if opportunity_id is not None:
            owner = select(Opportunity.owner_id).where(
                Opportunity.id == opportunity_id, visible_opportunities(actor)
            )
            statement = statement.where(Person.id.not_in(owner))
        return tuple(PersonOption(*row) for row in session.execute(statement))


def tell_ended() -> int:
    """Tell both sides of shares that ended, once; return how many."""
    return tell_ended_shares(OpportunityShare, _STEP, _end_notice)


def _end_notice(session: Session, share: OpportunityShare) -> Notice:
    deal = session.get_one(Opportunity, share.opportunity_id)
    person = session.get_one(Person, share.person_id)
    body = f"商机 {deal.number} {deal.subject} 对 {person.name} 的共享已于 {share.ends_on} 到期。"
    return Notice(f"商机共享已到期：{deal.subject}", body, (Opportunity.__tablename__, deal.id))
