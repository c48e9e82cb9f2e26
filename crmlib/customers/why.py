"""为什么能看到: the paths by which a person sees a customer."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock, words
from crmlib.access import why
from crmlib.access.actor import Actor, load_actor
from crmlib.access.grants import Permission
from crmlib.access.why import Given, Held, Path
from crmlib.customers.model import Customer, CustomerShare, ShareLevel
from crmlib.customers.queries import PersonOption
from crmlib.customers.rows import visible_customers
from crmlib.errors import NotAllowed
from crmlib.people.model import Office, Person
from crmlib.people.rows import visible_people
from crmlib.store.engine import reading

LEFT = "此人已停用或尚未设置密码，不能登录"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a person sees a record; without paths he does not, and ``note`` may say why not."""

    person: str
    role: str
    office: str
    paths: tuple[Path, ...]
    note: str = ""


def why_customer(actor: Actor, customer_id: int, person_id: int | None = None) -> Why:
    """Return by which paths a person (no one named: the actor himself) sees a customer.

    Raises:
        NotAllowed: the customer is not the actor's to see, or the person not his to ask about.
    """
    with reading() as session:
        asked = askable_person(session, actor, person_id)
        customer = session.scalar(
            select(Customer).where(Customer.id == customer_id, visible_customers(actor))
        )
        if customer is None:
            raise NotAllowed
        held = Held(
            customer.owner_id,
            customer.registered_by_id,
            customer.office_id,
            _shares(session, customer_id, asked.id),
        )
        return explained(session, asked, Permission.CUSTOMER_VIEW, held)


def askable_people(actor: Actor) -> tuple[PersonOption, ...]:
    """Return whom the actor may ask about beside himself: the people he manages."""
    if not actor.may(Permission.PERSON_VIEW):
        return ()
    with reading() as session:
        rows = session.execute(
            select(Person.id, Person.name, Office.name, Person.login, Person.seller_code)
            .join(Office, Office.id == Person.office_id)
            .where(visible_people(actor))
            .order_by(Office.name, Person.name)
        )
        return tuple(PersonOption(*row) for row in rows)


def askable_person(session: Session, actor: Actor, person_id: int | None) -> Person:
    """Return the person asked about.

    Raises:
        NotAllowed: neither the actor nor somebody he manages.
    """
    wanted = actor.person_id if person_id is None else person_id
    reachable = Person.id == actor.person_id
    if actor.may(Permission.PERSON_VIEW):
        reachable = or_(reachable, visible_people(actor))
    person = session.scalar(select(Person).where(Person.id == wanted, reachable))
    if person is None:
        raise NotAllowed
    return person


def explained(session: Session, person: Person, permission: Permission, held: Held) -> Why:
    """Return the paths of a person to a row, or that he cannot sign in."""
    office = session.get_one(Office, person.office_id).name
    told = (person.name, words.ROLES[person.role.value], office)
    try:
        as_actor = load_actor(session, person.id)
    except NotAllowed:
        return Why(*told, (), LEFT)
    return Why(*told, why.paths(session, as_actor, permission, held))


def _shares(session: Session, customer_id: int, person_id: int) -> tuple[Given, ...]:
    giver = aliased(Person)
    rows = session.execute(
        select(CustomerShare, giver.name)
        .join(giver, giver.id == CustomerShare.shared_by_id)
        .where(
            CustomerShare.customer_id == customer_id,
            CustomerShare.person_id == person_id,
            or_(CustomerShare.ends_on.is_(None), CustomerShare.ends_on >= clock.today()),
        )
    )
    return tuple(
        Given(share_text(share, by), share.level is ShareLevel.COLLABORATE) for share, by in rows
    )


def share_text(share: CustomerShare, giver: str) -> str:
    """Return who shared how far and until when."""
    until = f"至 {share.ends_on.isoformat()}" if share.ends_on else "长期"
    return f"{giver} 共享（{words.SHARE_LEVELS[share.level.value]}，{until}）"
