"""A firm put together at random, and a second opinion on who sees what of it, without SQL."""

import random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.access.grants import Permission, Role, Scope
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import Customer, CustomerShare, CustomerStatus, ShareLevel
from crmlib.duplicates.model import AffiliateLink, LinkKind
from crmlib.opportunities.model import Opportunity, OpportunityShare
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading, writing
from tests import make

P = Permission
PEOPLE, CUSTOMERS, DEALS, SHARES = 5, 8, 6, 10
OF_CONTACTS = {P.CONTACT_PHONE, P.CONTACT_EDIT}


@dataclass
class World:
    """All rows of the firm, read once."""

    people: list[Person]
    offices: list[Office]
    customers: list[Customer]
    deals: list[Opportunity]
    shares: list[CustomerShare]
    deal_shares: list[OpportunityShare]
    numbers: dict[int, tuple[str, str]]  # customer → its phone, its contact's mobile

    def actors(self) -> list[Actor]:
        """Return everybody who can sign in, as the database knows him."""
        return [actor_of(p.id) for p in self.people if p.active]

    def customers_of(self, actor: Actor, permission: Permission = P.CUSTOMER_VIEW) -> set[int]:
        """Return the customers for which the actor holds a permission."""
        mine = [s for s in self.shares if s.person_id == actor.person_id and _runs(s)]
        if permission in OF_CONTACTS:
            mine = [s for s in mine if s.with_contacts]
        shared = {s.customer_id: s.level for s in mine}
        return {c.id for c in self.customers if self._holds(actor, permission, c, shared.get(c.id))}

    def deals_of(self, actor: Actor, permission: Permission = P.OPPORTUNITY_VIEW) -> set[int]:
        """Return the deals for which the actor holds a permission."""
        single = {
            s.opportunity_id
            for s in self.deal_shares
            if s.person_id == actor.person_id and _runs(s)
        }
        whole = {
            s.customer_id: s.level
            for s in self.shares
            if s.person_id == actor.person_id and _runs(s) and s.with_opportunities
        }
        return {
            d.id
            for d in self.deals
            if self._holds(
                actor,
                permission,
                d,
                ShareLevel.COLLABORATE if d.id in single else whole.get(d.customer_id),
            )
        }

    def _holds(
        self, actor: Actor, permission: Permission, row: Customer | Opportunity,
        share: ShareLevel | None,
    ) -> bool:  # fmt: skip
        held, me = actor.scopes(permission), actor.person_id
        return bool(
            held & {Scope.ALL, Scope.MASKED}
            or (Scope.OWN in held and me in (row.owner_id, row.registered_by_id))
            or (Scope.SHARED in held and share)
            or (Scope.COLLABORATE in held and share is ShareLevel.COLLABORATE)
            or (Scope.DEPARTMENT in held and row.office_id == actor.office_id)
            or (Scope.TREE in held and self._is_below(me, row))
        )

    def _is_below(self, boss: int, row: Customer | Opportunity) -> bool:
        offices = {o.id for o in self.offices if self._is_headed(boss, o)}
        people = {p.id for p in self.people if p.office_id in offices or self._reports(p, boss)}
        return row.owner_id in people or row.office_id in offices

    def _is_headed(self, boss: int, office: Office | None) -> bool:
        by_id = {o.id: o for o in self.offices}
        while office is not None:
            if office.head_id == boss:
                return True
            office = by_id.get(office.parent_id or 0)
        return False

    def _reports(self, person: Person | None, boss: int) -> bool:
        by_id = {p.id: p for p in self.people}
        while person is not None:
            if person.id == boss:
                return True
            person = by_id.get(person.reports_to_id or 0)
        return False


def _runs(share: CustomerShare | OpportunityShare) -> bool:
    return share.ends_on is None or share.ends_on >= clock.today()


def build(seed: int) -> World:
    """Fill the database of a test and return what stands in it."""
    chance = random.Random(seed)
    logins = _hire(chance)
    customers = [_customer(chance, logins) for _ in range(CUSTOMERS)]
    deals = [_deal(chance, customers, logins) for _ in range(DEALS)]
    _share(chance, customers, deals)
    _tie(customers)
    return _read()


def _hire(chance: random.Random) -> list[str]:
    """Add people of all roles, somebody's subordinates or nobody's; some head an office."""
    logins = []
    with writing() as session, session.begin():
        offices = list(session.scalars(select(Office).order_by(Office.id)))
        bosses = list(session.scalars(select(Person).order_by(Person.id)))
        for number in range(PEOPLE):
            person = Person(
                login=f"p{number}",
                name=f"员工{number}",
                role=chance.choice([*Role, Role.SALES, Role.MANAGER]),
                office_id=chance.choice(offices).id,
                reports_to_id=chance.choice([None, *(b.id for b in bosses)]),
                password_hash="x",
                must_change=False,
                active=chance.random() < 0.9,
            )
            session.add(person)
            session.flush()
            bosses.append(person)
            logins.append(person.login)
            if chance.random() < 0.3:
                chance.choice(offices).head_id = person.id
    return logins


def _customer(chance: random.Random, logins: list[str]) -> int:
    everybody = [*logins, *make.people_ids()]
    with reading() as session:
        offices = list(session.scalars(select(Office.id)))
        people = list(session.scalars(select(Person.id)))
    return make.customer(
        owner=chance.choice([None, *everybody]),
        registered_by_id=chance.choice(people),
        office_id=chance.choice([None, *offices]),
        status=chance.choice(
            [CustomerStatus.POTENTIAL, CustomerStatus.TRADING, CustomerStatus.RECYCLED]
        ),
        phone=(phone := f"020-{chance.randrange(10**7, 10**8)}"),
        phone_key=phone.replace("-", ""),
        mobile=f"139{chance.randrange(10**7, 10**8)}",
    )


def _deal(chance: random.Random, customers: list[int], logins: list[str]) -> int:
    with reading() as session:
        offices = list(session.scalars(select(Office.id)))
        people = list(session.scalars(select(Person.id)))
    customer = chance.choice(customers)
    deal = make.opportunity(
        customer,
        owner=chance.choice(logins),
        office_id=chance.choice(offices),
        registered_by_id=chance.choice(people),
    )
    with writing() as session, session.begin():
        session.add(
            Activity(
                number=f"HD{deal}",
                subject="拜访",
                activity_type="01",
                customer_id=customer,
                status=ActivityStatus.DONE,
                owner_id=chance.choice(people),
                office_id=chance.choice(offices),
                created_at=clock.now(),
            )
        )
    return deal


def _share(chance: random.Random, customers: list[int], deals: list[int]) -> None:
    with writing() as session, session.begin():
        people = list(session.scalars(select(Person.id)))
        customer_pairs = {(chance.choice(customers), chance.choice(people)) for _ in range(SHARES)}
        deal_pairs = {(chance.choice(deals), chance.choice(people)) for _ in range(SHARES)}
        for customer, person in sorted(customer_pairs):
            session.add(
                CustomerShare(
                    customer_id=customer,
                    person_id=person,
                    level=chance.choice(list(ShareLevel)),
                    with_contacts=chance.random() < 0.5,
                    with_opportunities=chance.random() < 0.5,
                    with_activities=chance.random() < 0.5,
                    **_when(chance, people),
                )
            )
        for deal, person in sorted(deal_pairs):
            session.add(
                OpportunityShare(opportunity_id=deal, person_id=person, **_when(chance, people))
            )


def _when(chance: random.Random, people: list[int]) -> dict[str, object]:
    today = clock.today()
    return {
        "ends_on": chance.choice([None, today, today - timedelta(days=1)]),
        "shared_by_id": chance.choice(people),
        "shared_at": clock.now(),
    }


def _tie(customers: list[int]) -> None:
    """Make one group of all customers."""
    with writing() as session, session.begin():
        person = session.scalars(select(Person.id)).first()
        for other in customers[1:]:
            session.add(
                AffiliateLink(
                    a_id=customers[0], b_id=other, kind=LinkKind.GROUP, linked_by_id=person,
                    linked_at=clock.now(),
                )
            )  # fmt: skip


def _read() -> World:
    with reading() as session:
        found = [
            list(session.scalars(select(model).order_by(model.id)))
            for model in (Person, Office, Customer, Opportunity, CustomerShare, OpportunityShare)
        ]
        from crmlib.customers.model import Contact

        mobiles = dict(session.execute(select(Contact.customer_id, Contact.mobile)).all())
        session.expunge_all()
    numbers = {c.id: (c.phone or "", mobiles[c.id]) for c in found[2]}
    return World(*found, numbers)  # type: ignore[arg-type]
