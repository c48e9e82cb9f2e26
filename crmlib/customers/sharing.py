"""共享: open a customer to a colleague, as far and as long as chosen, and take it back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.action import Work, action
from crmlib.access.grants import Permission
from crmlib.customers.endings import Notice, tell_ended_shares
from crmlib.customers.model import Customer, CustomerShare, ShareLevel
from crmlib.customers.records import fetch_live
from crmlib.customers.rows import visible_customers
from crmlib.errors import Invalid, NotAllowed
from crmlib.inbox.notices import notify
from crmlib.people.model import Person

PAST = "截止日期 不能早于今天"
_STEP = "end_shares"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a share opens beside the customer itself."""

    with_contacts: bool = True
    with_opportunities: bool = False
    with_activities: bool = True


USUAL = Parts()
_USUAL_PARTS: Mapping[str, bool] = asdict(USUAL)


@dataclass(frozen=True, slots=True)
class Shared:
    """A customer opened to a person."""

    customer_id: int
    person_id: int
    person: str


@action(Permission.CUSTOMER_SHARE)
def share_customer(
    work: Work,
    customer_id: int,
    person_id: int,
    level: ShareLevel,
    ends_on: date | None = None,
    *,
    parts: Parts = USUAL,
    token: str | None = None,
) -> Shared:
    """Open a customer to a colleague, to read or to work on, perhaps until a day."""
    customer = fetch_live(work, customer_id, Permission.CUSTOMER_SHARE)
    share = share_with(work, customer, person_id, level, ends_on, asdict(parts))
    return Shared(customer.id, person_id, work.session.get_one(Person, share.person_id).name)


def share_with(
    work: Work,
    customer: Customer,
    person_id: int,
    level: ShareLevel,
    ends_on: date | None = None,
    parts: Mapping[str, bool] = _USUAL_PARTS,
    instead_of: CustomerShare | None = None,
) -> CustomerShare:
    """Share a customer within another action's transaction, with all of its checks.

    A running share of the same person is a fault unless it is the one to take the place of.
    """
    person = work.session.get(Person, person_id)
    share = share_of(work.session, customer.id, person_id)
    running = share if share is not None and share is not instead_of and is_running(share) else None
    faults = _faults(work, customer, person, running, ends_on)
    if faults or person is None:
        raise Invalid(faults)
    if share is None:
        share = CustomerShare(customer_id=customer.id, person_id=person.id)
        work.session.add(share)
    share.level, share.ends_on, share.end_told = ShareLevel(level), ends_on, False
    for name, given in parts.items():
        setattr(share, name, bool(given))
    share.shared_by_id, share.shared_at = work.actor.person_id, clock.now()
    work.session.flush()
    _tell_shared(work, customer, share)
    return share


def share_of(session: Session, customer_id: int, person_id: int) -> CustomerShare | None:
    """Return a person's share of a customer, running or ended."""
    return session.scalar(
        select(CustomerShare).where(
            CustomerShare.customer_id == customer_id, CustomerShare.person_id == person_id
        )
    )


def is_running(share: CustomerShare) -> bool:
    """Say whether a share still gives its rights today."""
    return share.ends_on is None or share.ends_on >= clock.today()


def _tell_shared(work: Work, customer: Customer, share: CustomerShare) -> None:
    until = f"，至 {share.ends_on.isoformat()}" if share.ends_on else ""
    level = words.SHARE_LEVELS[share.level.value]
    notify(
        work.session,
        [share.person_id],
        f"共享客户：{customer.name}（{customer.code}）",
        f"{work.actor.name} 把客户共享给您（{level}{until}），包含：{parts_text(parts_of(share))}。",
        (Customer.__tablename__, customer.id),
    )


def parts_of(share: CustomerShare) -> Mapping[str, bool]:
    """Return which parts a share opens."""
    return {name: getattr(share, name) for name in words.SHARE_PARTS}


def parts_text(parts: Mapping[str, bool]) -> str:
    """Return what a share opens, in words."""
    return "、".join(
        ["客户资料", *(label for name, label in words.SHARE_PARTS.items() if parts[name])]
    )


def _faults(
    work: Work,
    customer: Customer,
    person: Person | None,
    running: CustomerShare | None,
    ends_on: date | None,
) -> dict[str, str]:
    found = {}
    if person is None or not person.active:
        found["person"] = "共享对象 不存在或已停用"
    elif person.id in {work.actor.person_id, customer.owner_id}:
        found["person"] = "不能共享给本人或负责人"
    elif running is not None:
        found["person"] = f"已共享给 {person.name}"
    return found | end_faults(ends_on)


def end_faults(ends_on: date | None) -> dict[str, str]:
    """Return the fault of the last day of a share."""
    return {"ends_on": PAST} if ends_on is not None and ends_on < clock.today() else {}


@action(Permission.CUSTOMER_SHARE)
def unshare_customer(
    work: Work, customer_id: int, person_id: int, *, token: str | None = None
) -> Shared:
    """Take a share back: by whoever may share the customer, or who gave this share."""
    session, me = work.session, work.actor.person_id
    share = session.scalar(
        select(CustomerShare)
        .join(Customer, Customer.id == CustomerShare.customer_id)
        .where(
            CustomerShare.customer_id == customer_id,
            CustomerShare.person_id == person_id,
            visible_customers(work.actor, Permission.CUSTOMER_SHARE)
            | (CustomerShare.shared_by_id == me),
        )
    )
    if share is None:
        raise NotAllowed
    customer, person = (
        session.get_one(Customer, customer_id),
        session.get_one(Person, person_id),
    )
    session.delete(share)
    session.flush()
    notify(
        session,
        {person_id} - {me},
        f"共享已取消：{customer.name}（{customer.code}）",
        f"{work.actor.name} 取消了客户 {customer.name}（{customer.code}）对您的共享。",
    )
    return Shared(customer_id, person_id, person.name)


def tell_ended() -> int:
    """Tell both sides of shares that ended, once; return how many."""
    return tell_ended_shares(CustomerShare, _STEP, _end_notice)


def _end_notice(session: Session, share: CustomerShare) -> Notice:
    customer = session.get_one(Customer, share.customer_id)
    person = session.get_one(Person, share.person_id)
    named = f"{customer.name}（{customer.code}）"
    body = f"客户 {named} 对 {person.name} 的共享已于 {share.ends_on} 到期。"
    return Notice(f"共享已到期：{named}", body, (Customer.__tablename__, customer.id))
