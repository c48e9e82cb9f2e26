"""Ask for a customer, take the request back, grant it, refuse it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.action import Work, action, expect_version
from crmlib.access.actor import load_actor
from crmlib.access.grants import Permission
from crmlib.customers.actions import hand_over
from crmlib.customers.model import LIVE, Customer, CustomerShare, ShareLevel
from crmlib.customers.records import fetch_live
from crmlib.customers.rows import possible_owners, visible_customers
from crmlib.customers.sharing import end_faults, is_running, parts_of, share_of, share_with
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.notices import notify
from crmlib.people.model import Person
from crmlib.requests import rules
from crmlib.requests.deciders import deciders
from crmlib.requests.model import AccessKind, AccessRequest, AccessStatus
from crmlib.requests.rows import NEEDED, answerable_requests
from crmlib.store.text import clean


@dataclass(frozen=True, slots=True)
class Answered:
    """A request after a step; ``text`` is what the person reads."""

    request_id: int
    text: str


@action(Permission.ACCESS_REQUEST)
def request_access(
    work: Work,
    kind: AccessKind,
    code: str,
    name: str,
    reason: str,
    *,
    person_id: int | None = None,
    level: ShareLevel = ShareLevel.READ,
    token: str | None = None,
) -> Answered:
    """申请共享 or 申请转移 of a customer known by code and name, for oneself or a colleague.

    Raises:
        Invalid: ``reason``, ``person``; or no customer has this code and this name.
        Refused: such a request waits already, or the customer is merged or recycled.
    """
    session, kind = work.session, AccessKind(kind)
    customer = _known(session, code, name)
    if customer.status not in LIVE:
        raise Refused(rules.NOT_LIVE)
    reason = clean(reason)
    person = _person(work, person_id)
    faults = rules.reason_faults(reason) | _person_faults(session, kind, customer, person, level)
    if faults or person is None:
        raise Invalid(faults)
    if session.scalar(_same_open(work, customer, kind)):
        raise Refused(rules.ALREADY_OPEN)
    wanted = ShareLevel(level) if kind is AccessKind.SHARE else None
    request = _store(work, kind, customer, person, wanted, reason)
    return Answered(request.id, rules.SENT.format(decider=_tell_deciders(work, request, person)))


def _store(
    work: Work,
    kind: AccessKind,
    customer: Customer,
    person: Person,
    level: ShareLevel | None,
    reason: str,
) -> AccessRequest:
    request = AccessRequest(
        kind=kind,
        customer_id=customer.id,
        requester_id=work.actor.person_id,
        person_id=person.id,
        level=level,
        reason=reason,
        requested_at=clock.now(),
        status=AccessStatus.OPEN,
    )
    work.session.add(request)
    work.session.flush()  # its number; and of two at once the second meets the index here
    return request


def _known(session: Session, code: str, name: str) -> Customer:
    # Both must be right: numbers that count up tell nobody whose customers they are.
    found = session.scalar(
        select(Customer).where(Customer.code == clean(code), Customer.name == clean(name))
    )
    if found is None:
        raise Invalid({"": rules.UNKNOWN})
    return found


def _person(work: Work, person_id: int | None) -> Person | None:
    allowed = possible_owners(work.actor, Permission.ACCESS_REQUEST)
    wanted = work.actor.person_id if person_id is None else person_id
    return work.session.scalar(select(Person).where(Person.id == wanted, allowed))


def _person_faults(
    session: Session,
    kind: AccessKind,
    customer: Customer,
    person: Person | None,
    level: ShareLevel,
) -> dict[str, str]:
    if person is None:
        return {"person": rules.PERSON_FAULT}
    if person.id == customer.owner_id:
        return {"person": f"{person.name} 已经是该客户的负责人"}
    if kind is AccessKind.SHARE and _has_enough(session, customer, person, level):
        return {"person": f"{person.name} 已能使用该客户"}
    return {}


def _has_enough(session: Session, customer: Customer, person: Person, level: ShareLevel) -> bool:
    try:
        actor = load_actor(session, person.id)
    except NotAllowed:  # has not set his first password yet
        return False
    wanted = Permission.CUSTOMER_VIEW if level is ShareLevel.READ else Permission.CUSTOMER_EDIT
    held = select(Customer.id).where(Customer.id == customer.id, visible_customers(actor, wanted))
    return session.scalar(held) is not None


def _same_open(work: Work, customer: Customer, kind: AccessKind) -> Select[int]:
    return select(AccessRequest.id).where(
        AccessRequest.customer_id == customer.id,
        AccessRequest.requester_id == work.actor.person_id,
        AccessRequest.kind == kind,
        AccessRequest.status == AccessStatus.OPEN,
    )


def _tell_deciders(work: Work, request: AccessRequest, person: Person) -> str:
    session = work.session
    customer = session.get_one(Customer, request.customer_id)
    found = deciders(session, request)
    named, what = rules.named(customer.name, customer.code), words.ACCESS_KINDS[request.kind.value]
    how = f"（{words.SHARE_LEVELS[request.level.value]}）" if request.level else ""
    notify(
        session,
        found,
        f"{what}：{named}",
        f"{work.actor.name}（{work.actor.office}）{what}客户 {named}{how}，使用人 {person.name}。"
        f"\n原因：{request.reason}",
        (AccessRequest.__tablename__, request.id),
    )
    names = session.scalars(select(Person.name).where(Person.id.in_(found)).order_by(Person.id))
    return "、".join(names) or words.ROLES["admin"]


@action(Permission.ACCESS_REQUEST)
def withdraw_access(
    work: Work, request_id: int, *, version: int | None = None, token: str | None = None
) -> Answered:
    """撤回: the requester takes back what nobody answered yet."""
    mine = AccessRequest.requester_id == work.actor.person_id
    request = work.fetch(AccessRequest, request_id, mine)
    _require_open(request, version)
    request.status = AccessStatus.WITHDRAWN
    _sign(work, request)
    return Answered(request.id, rules.WITHDRAWN)


@action(Permission.CUSTOMER_SHARE)
def grant_access(
    work: Work,
    request_id: int,
    *,
    level: ShareLevel | None = None,
    ends_on: date | None = None,
    note: str = "",
    version: int | None = None,
    token: str | None = None,
) -> Answered:
    """同意: share the customer (perhaps at another level, until a day), or hand it over.

    Raises:
        Invalid: ``note``, ``ends_on``.
        Refused: answered already, or the new owner is out of reach.
    """
    request = _answerable(work, request_id, version)
    note = clean(note)
    is_share = request.kind is AccessKind.SHARE
    _require(
        rules.reason_faults(note, "note", needed=False) | (end_faults(ends_on) if is_share else {})
    )
    customer = fetch_live(work, request.customer_id, NEEDED[request.kind])
    share = None
    if is_share:
        request.level = ShareLevel(level) if level else request.level or ShareLevel.READ
        share = _share(work, customer, request.person_id, request.level, ends_on)
    else:
        reached = possible_owners(work.actor, Permission.CUSTOMER_ASSIGN)
        person = select(Person.id).where(Person.id == request.person_id, reached)
        if work.session.scalar(person) is None:
            raise Refused(rules.OUT_OF_REACH)
        if request.person_id != customer.owner_id:
            hand_over(work, customer, request.person_id)
    request.status, request.note = AccessStatus.GRANTED, note or None
    _sign(work, request)
    _tell_granted(work, request, customer, share)
    return Answered(request.id, rules.GRANTED[request.kind.value])


def _share(
    work: Work, customer: Customer, person_id: int, level: ShareLevel, ends_on: date | None
) -> CustomerShare:
    """Share a customer, and return the share as it stands: one that gives as much is left alone."""
    held = share_of(work.session, customer.id, person_id)
    if held is None or not is_running(held):
        return share_with(work, customer, person_id, level, ends_on)
    is_wider = not rules.is_enough(held.level.value, level.value)
    if is_wider and not rules.lasts(ends_on, held.ends_on):
        raise Invalid(rules.shorter_fault(held.ends_on))
    if is_wider or (held.level is level and not rules.lasts(held.ends_on, ends_on)):
        return share_with(work, customer, person_id, level, ends_on, parts_of(held), held)
    return held


@action(Permission.CUSTOMER_SHARE)
def refuse_access(
    work: Work,
    request_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Answered:
    """驳回: nothing changes, the requester reads why and may ask again."""
    request = _answerable(work, request_id, version)
    reason = clean(reason)
    _require(rules.reason_faults(reason, "note"))
    request.status, request.note = AccessStatus.REFUSED, reason
    _sign(work, request)
    customer = work.session.get_one(Customer, request.customer_id)
    _tell(work, [request.requester_id], request, customer, rules.REFUSED)
    return Answered(request.id, rules.REFUSED)


def _answerable(work: Work, request_id: int, version: int | None) -> AccessRequest:
    own = AccessRequest.requester_id == work.actor.person_id
    if work.session.scalar(select(AccessRequest.id).where(AccessRequest.id == request_id, own)):
        raise Refused(rules.OWN_REQUEST)
    request = work.fetch(AccessRequest, request_id, answerable_requests(work.actor))
    _require_open(request, version)
    return request


def _require_open(request: AccessRequest, version: int | None) -> None:
    if request.status is not AccessStatus.OPEN:
        raise Refused(rules.NOT_OPEN)
    expect_version(request, version)


def _require(faults: Mapping[str, str]) -> None:
    if faults:
        raise Invalid(faults)


def _sign(work: Work, request: AccessRequest) -> None:
    request.decided_at, request.decided_by_id = clock.now(), work.actor.person_id


def _tell_granted(
    work: Work, request: AccessRequest, customer: Customer, share: CustomerShare | None
) -> None:
    """Tell the requester, and the owner if somebody above him shared his customer."""
    text, people = rules.GRANTED[request.kind.value], {request.requester_id}
    if share is not None:
        person = work.session.get_one(Person, share.person_id)
        how = f"{words.SHARE_LEVELS[share.level.value]}，{rules.until_text(share.ends_on)}"
        text = f"{text}给 {person.name}（{how}）"
        if customer.owner_id is not None and customer.owner_id != work.actor.person_id:
            people.add(customer.owner_id)
    _tell(work, people, request, customer, text)


def _tell(
    work: Work, people: Collection[int], request: AccessRequest, customer: Customer, text: str
) -> None:
    what = words.ACCESS_KINDS[request.kind.value]
    comment = f"\n{words.ACCESS['note']}：{request.note}" if request.note else ""
    notify(
        work.session,
        people,
        f"{what}{words.ACCESS_STATUS[request.status.value]}：{customer.name}（{customer.code}）",
        f"{work.actor.name}：{text}。{comment}".rstrip(),
        (AccessRequest.__tablename__, request.id),
    )
