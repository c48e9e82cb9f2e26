"""The SQL condition shows exactly the rows the rules of requirements §3 name."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.access.grants import Permission, Role
from crmlib.insight.live import funnel_data
from crmlib.opportunities.model import Opportunity, OpportunityShare, Stage
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Person
from crmlib.store.engine import reading, writing
from tests import make

PEOPLE = 6
OFFICES = 3
P = Permission
_numbers = itertools.count()


def visible(actor: Actor, permission: Permission = P.OPPORTUNITY_VIEW) -> set[int]:
    with reading() as session:
        return set(
            session.scalars(select(Opportunity.id).where(visible_opportunities(actor, permission)))
        )


worlds = st.fixed_dictionaries(
    {
        "bosses": st.lists(st.integers(-1, PEOPLE - 1), min_size=PEOPLE, max_size=PEOPLE),
        "roles": st.lists(st.sampled_from(list(Role)), min_size=PEOPLE, max_size=PEOPLE),
        "offices": st.lists(st.integers(0, OFFICES - 1), min_size=PEOPLE, max_size=PEOPLE),
        "deals": st.lists(
            st.tuples(*[st.integers(0, PEOPLE - 1)] * 2, st.integers(0, OFFICES - 1)), max_size=8
        ),
        "shares": st.sets(st.tuples(st.integers(0, 7), st.integers(0, PEOPLE - 1)), max_size=4),
    }
)


def build(world: dict[str, list], base: tuple[int, list[int]]) -> tuple[list[int], list[int]]:
    """Write a world of people, deals and shares in place of the last one; return their ids."""
    customer, offices = base
    now = clock.now()
    with writing() as session, session.begin():
        for model in (OpportunityShare, Opportunity):
            for row in session.scalars(select(model)):
                session.delete(row)
            session.flush()
        people = [
            Person(
                login=f"p{next(_numbers)}",
                name=f"人{i}",
                role=role,
                office_id=offices[world["offices"][i]],
                password_hash="-",
                must_change=False,
            )
            for i, role in enumerate(world["roles"])
        ]
        session.add_all(people)
        session.flush()
        for i, boss in enumerate(world["bosses"]):
            people[i].reports_to_id = people[boss].id if 0 <= boss < i else None
        stage = session.scalar(select(Stage.id).limit(1))
        deals = [
            Opportunity(
                number=f"SJ{next(_numbers)}",
                subject="甲-乙-丙",
                customer_id=customer,
                project_name="项目",
                sales_task="01",
                amount=1,
                expected_close=clock.today(),
                owner_id=people[owner].id,
                registered_by_id=people[registrant].id,
                office_id=offices[office],
                stage_id=stage,
                stage_since=now,
                probability=5,
                registered_at=now,
            )
            for owner, registrant, office in world["deals"]
        ]
        session.add_all(deals)
        session.flush()
        session.add_all(
            OpportunityShare(
                opportunity_id=deals[deal].id,
                person_id=people[person].id,
                shared_by_id=people[0].id,
                shared_at=now,
            )
            for deal, person in world["shares"]
            if deal < len(deals)
        )
    return [p.id for p in people], [d.id for d in deals]


def expected(world: dict[str, list], me: int) -> set[int]:
    """Return the places of the deals person ``me`` should see, told without SQL."""

    def is_below(person: int) -> bool:
        while person != me:
            boss = world["bosses"][person]
            if not 0 <= boss < person:
                return False
            person = boss
        return True

    role = world["roles"][me]
    leads = any(0 <= boss < i and boss == me for i, boss in enumerate(world["bosses"]))
    tests: list[Callable[[int, int, int, int], bool]] = []
    if role in {Role.GENERAL_OFFICE, Role.ADMIN, Role.ANALYST}:
        tests.append(lambda *_: True)
    if role is Role.CLERK:
        tests.append(lambda _i, _o, _r, office: office == world["offices"][me])
    if role is Role.SALES:
        tests.append(lambda _i, owner, registrant, _f: me in {owner, registrant})
    if role in {Role.SALES, Role.MANAGER}:
        tests.append(lambda i, *_: (i, me) in world["shares"])
    if role is Role.MANAGER or leads:
        tests.append(lambda _i, owner, *_: is_below(owner))
    return {i for i, deal in enumerate(world["deals"]) if any(t(i, *deal) for t in tests)}


@pytest.fixture
def base(sqlite_database: str) -> tuple[int, list[int]]:
    with reading() as session:
        offices = session.scalars(select(Person.office_id).distinct().limit(OFFICES)).all()
    return make.customer(), list(offices)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds)
def test_visible_rows_are_those_of_the_rules(
    base: tuple[int, list[int]], world: dict[str, list]
) -> None:
    ids, deals = build(world, base)
    for me, person in enumerate(ids):
        actor = actor_of(person)
        seen = visible(actor)
        assert seen == {deals[i] for i in expected(world, me)}
        assert visible(actor, P.OPPORTUNITY_ADVANCE) <= seen
        # The funnel's frame is kept between the worlds: it must never lag behind the rights.
        frame = set(funnel_data(actor).deals["opportunity_id"])
        assert frame == (visible(actor, P.FUNNEL_VIEW) if actor.may(P.FUNNEL_VIEW) else set())
        assert frame <= seen


def test_condition_also_holds_on_postgresql(cast: dict[str, Actor]) -> None:
    deal = make.opportunity(make.customer())
    assert [login for login, actor in cast.items() if visible(actor) == {deal}] == [
        login for login in cast if login != "chengang"
    ]
