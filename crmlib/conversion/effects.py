"""The dry run: what a conversion would lock, and what each of the customer's people would lose."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import words
from crmlib.access.actor import Actor, load_actor
from crmlib.access.grants import Permission, Role
from crmlib.conversion import rules
from crmlib.conversion.facts import facts_of
from crmlib.customers.model import Customer, CustomerShare, ShareLevel
from crmlib.customers.rows import recyclable_customers, visible_customers
from crmlib.customers.rules import LOCKED_WHEN_TRADING, EditFacts, editable_fields
from crmlib.errors import NotAllowed
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading

RECYCLE = "移入回收站"
MOST_LEVELS = 10  # of superiors; a ring in the data must not hang the page


@dataclass(frozen=True, slots=True)
class Effect:
    """What one person can no longer do; fields and steps by their labels."""

    person: str
    tie: str  # 负责人, 登记人 …
    fields: tuple[str, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would happen if the customer became a 交易客户 now."""

    checks: tuple[rules.Check, ...]
    locked: tuple[str, ...]  # labels of the fields that only 综合部 may change then
    effects: tuple[Effect, ...]

    @property
    def failing(self) -> tuple[rules.Check, ...]:
        """Return what is missing."""
        return tuple(check for check in self.checks if not check.ok)


def dry_run(actor: Actor, customer_id: int) -> DryRun:
    """Return what converting a visible customer would need and change; nothing is saved."""
    with reading() as session:
        customer = session.scalar(
            select(Customer).where(Customer.id == customer_id, visible_customers(actor))
        )
        if customer is None:
            raise NotAllowed
        effects = (
            _effect(session, customer, person_id, "、".join(ties))
            for person_id, ties in _people(session, customer).items()
        )
        return DryRun(
            checks=tuple(rules.checks(facts_of(session, customer))),
            locked=_labels(LOCKED_WHEN_TRADING),
            effects=tuple(e for e in effects if e is not None and (e.fields or e.steps)),
        )


def _labels(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(label for name, label in words.CUSTOMER.items() if name in names)


def _people(session: Session, customer: Customer) -> dict[int, list[str]]:
    """Return who works with the customer, and why."""
    found: dict[int, list[str]] = {}
    for person_id, tie in (
        (customer.owner_id, "负责人"),
        (customer.registered_by_id, "登记人"),
        *((key, "共享（协作）") for key in _sharers(session, customer.id)),
        *((key, "上级") for key in _superiors(session, customer)),
    ):
        ties = found.setdefault(person_id, []) if person_id else []
        if tie not in ties:
            ties.append(tie)
    return found


def _sharers(session: Session, customer_id: int) -> list[int]:
    shares = select(CustomerShare.person_id).where(
        CustomerShare.customer_id == customer_id, CustomerShare.level == ShareLevel.COLLABORATE
    )
    return list(session.scalars(shares.order_by(CustomerShare.id)))


def _superiors(session: Session, customer: Customer) -> list[int]:
    found: list[int] = []
    owner = session.get(Person, customer.owner_id) if customer.owner_id else None
    boss, office = owner.reports_to_id if owner else None, customer.office_id
    for _ in range(MOST_LEVELS):
        place = session.get(Office, office) if office else None
        found += [key for key in (boss, place.head_id if place else None) if key]
        person = session.get(Person, boss) if boss else None
        boss, office = person.reports_to_id if person else None, place.parent_id if place else None
    return [key for key in dict.fromkeys(found) if key != customer.owner_id]


def _effect(session: Session, customer: Customer, person_id: int, tie: str) -> Effect | None:
    try:
        person = load_actor(session, person_id)
    except NotAllowed:  # gone, or never signed in: there is nothing to lose
        return None
    if person.role is Role.GENERAL_OFFICE:
        return None
    held = session.execute(
        select(
            visible_customers(person, Permission.CUSTOMER_EDIT).label("edits"),
            visible_customers(person, Permission.CUSTOMER_ASSIGN).label("manages"),
            recyclable_customers(person).label("recycles"),
        ).where(Customer.id == customer.id)
    ).one()
    before, after = (
        editable_fields(
            EditFacts(
                role=person.role,
                may_edit=bool(held.edits),
                manages=bool(held.manages),
                is_trading=trading,
                is_assigned=customer.owner_id not in (None, person_id),
            )
        )
        for trading in (False, True)
    )
    return Effect(person.name, tie, _labels(before - after), (RECYCLE,) if held.recycles else ())
