"""Over random people and records every way to a record shows the same ones, and the same numbers.

The sets are worked out a second time in ``world``, without SQL, and compared with each way.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Role
from crmlib.activities.model import Activity
from crmlib.activities.rows import visible_activities
from crmlib.api import records
from crmlib.audit.history import history_of
from crmlib.audit.queries import AuditQuery, AuditReader
from crmlib.customers.card import customer_card
from crmlib.customers.contact_listing import ContactQuery
from crmlib.customers.contacts import contact_page
from crmlib.customers.model import LIVE, Contact, Customer
from crmlib.customers.queries import CustomerQuery, customer_page
from crmlib.duplicates import live
from crmlib.duplicates.collision import collide
from crmlib.duplicates.groups import group_of
from crmlib.errors import NotAllowed
from crmlib.exchange.export import Listing, exporter
from crmlib.inbox.related import related_record
from crmlib.insight.live import activity_data, customer_data, funnel_data
from crmlib.opportunities.card import opportunity_card
from crmlib.opportunities.queries import OpportunityQuery, opportunity_page
from crmlib.store.engine import reading
from crmlib.ui.grid import Column, Page, Query
from tests import make
from tests.rights.world import World, build

P = Permission
WIDE = 500


@pytest.fixture
def world(database: str, cast: dict[str, Actor]) -> World:
    return build(seed=int(database.startswith("postgresql")))  # each database its own firm


def everybody(world: World) -> Iterator[tuple[str, Actor]]:
    for actor in world.actors():
        yield f"{actor.name} {actor.role}", actor


def opened(open_one: Callable[[Actor, int], object], actor: Actor, ids: list[int]) -> set[int]:
    """Return the records that open; all others must be refused."""
    found = set()
    for key in ids:
        try:
            open_one(actor, key)
        except NotAllowed:
            continue
        found.add(key)
    return found


def customer_rows(actor: Actor, **asked: Any) -> list[dict[str, Any]]:
    return customer_page(actor, CustomerQuery(size=WIDE, **asked)).rows.to_dicts()


def contact_rows(actor: Actor, **asked: Any) -> list[dict[str, Any]]:
    return contact_page(actor, ContactQuery(size=WIDE, **asked)).rows.to_dicts()


def deal_rows(actor: Actor, **asked: Any) -> list[dict[str, Any]]:
    return opportunity_page(actor, OpportunityQuery(size=WIDE, **asked)).rows.to_dicts()


def exported(actor: Actor, entity: str, rows: Callable[[], list[dict[str, Any]]]) -> Any:
    """Return the ids and all cells of an export; None for those who may not."""
    names = {"customer": ("id", "name", "phone"), "contact": ("id", "name", "mobile")}
    columns = [Column(name=n, label=n) for n in names.get(entity, ("id", "subject"))]
    listing = Listing(entity, "表", columns, lambda _q: Page(rows(), len(rows())))
    call = exporter(actor, listing)
    if call is None:
        return None
    _name, content = call(Query())
    cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("表").to_python()
    return {int(row[0]) for row in cells[1:]}, repr(cells)


def related(actor: Actor, kind: str, ids: list[int]) -> set[int]:
    with reading() as session:
        return {key for key in ids if related_record(session, actor, kind, key)}


def linked(actor: Actor, seen: set[int]) -> set[int]:
    """Return what messages lead to: an analyst has no pages of single records."""
    return set() if actor.role is Role.ANALYST else seen


def test_customers_are_the_same_everywhere(world: World) -> None:
    ids = [c.id for c in world.customers]
    alive = {c.id for c in world.customers if c.status in LIVE}
    for who, actor in everybody(world):
        seen = world.customers_of(actor)
        rows = customer_rows(actor)
        assert {row["id"] for row in rows} == seen & alive, who
        page = customer_page(actor, CustomerQuery(size=1))
        assert page.total == len(seen & alive), who
        for status in LIVE:  # grouped, the parts make the whole
            part = {c.id for c in world.customers if c.status is status}
            assert customer_page(actor, CustomerQuery(status=status)).total == len(seen & part)
        found = {row["id"] for row in customer_rows(actor, find_text="测试客户")}
        assert found == seen & alive, who
        assert {line.id for line in records.customers(actor, CustomerQuery(size=WIDE)).rows} == (
            seen & alive
        ), who
        assert opened(customer_card, actor, ids) == seen, who
        assert opened(records.customer, actor, ids[:4]) == seen & set(ids[:4]), who
        history = opened(lambda a, k: history_of(a, "customer", k), actor, ids[4:])
        assert history == seen & set(ids[4:]), who
        assert related(actor, "customer", ids) == linked(actor, seen), who
        taken = exported(actor, "customer", lambda a=actor: customer_rows(a))
        may_take = world.customers_of(actor, P.LIST_EXPORT) & seen & alive
        assert (taken[0] if taken else set()) == may_take, who


def test_contacts_are_those_of_the_customers_seen(world: World) -> None:
    alive = {c.id for c in world.customers if c.status in LIVE}
    of = {c.id: c.customer_id for c in make.rows(Contact) if c.customer_id in alive}
    assert len(of) > 1
    for who, actor in everybody(world):
        customers = world.customers_of(actor)
        seen = {key for key, customer in of.items() if customer in customers}
        rows = contact_rows(actor)
        assert {row["id"] for row in rows} == seen, who
        assert contact_page(actor, ContactQuery(size=1)).total == len(seen), who
        found = contact_rows(actor, find_field="customer", find_text="测试客户")
        assert {row["id"] for row in found} == seen, who
        clear = world.customers_of(actor, P.CONTACT_PHONE)
        for row in rows:
            mobile = world.numbers[row["customer_id"]][1]
            assert (row["mobile"] == mobile) == row["in_clear"] == (row["customer_id"] in clear)
            by_number = contact_rows(actor, find_field="mobile", find_text=mobile)
            assert bool(by_number) == row["in_clear"], who
        taken = exported(actor, "contact", lambda a=actor: contact_rows(a))
        may_take = world.customers_of(actor, P.LIST_EXPORT)
        assert (taken[0] if taken else set()) == {k for k in seen if of[k] in may_take}, who
        for key in {of[k] for k in seen} - clear:
            assert taken is None or world.numbers[key][1] not in taken[1], who


def test_a_group_and_a_collision_open_only_what_may_be_seen(world: World) -> None:
    live.start()
    assert live.wait(60)
    for who, actor in everybody(world):
        seen = world.customers_of(actor)
        for key in sorted(seen)[:2]:
            members = group_of(actor, key)
            assert {m.customer_id for m in members} == {c.id for c in world.customers}
            assert {m.customer_id for m in members if m.visible} == seen, who
        for customer in world.customers[:3]:
            for hit in collide(actor, customer.name).hits:
                if hit.code == customer.code:
                    assert (hit.id is not None) == (customer.id in seen), who
                phone, mobile = world.numbers[customer.id]
                assert phone not in repr(hit)
                assert mobile not in repr(hit)


def test_deals_are_the_same_everywhere(world: World) -> None:
    ids = [d.id for d in world.deals]
    for who, actor in everybody(world):
        seen = world.deals_of(actor)
        assert {row["id"] for row in deal_rows(actor)} == seen, who
        assert opportunity_page(actor, OpportunityQuery(size=1)).total == len(seen), who
        assert {row["id"] for row in deal_rows(actor, find_text="项目")} == seen, who
        lines = records.opportunities(actor, OpportunityQuery(size=WIDE)).rows
        assert {line.id for line in lines} == seen, who
        assert opened(opportunity_card, actor, ids) == seen, who
        assert opened(lambda a, k: history_of(a, "opportunity", k), actor, ids) == seen, who
        assert related(actor, "opportunity", ids) == linked(actor, seen), who
        taken = exported(actor, "opportunity", lambda a=actor: deal_rows(a))
        assert (taken[0] if taken else set()) == world.deals_of(actor, P.LIST_EXPORT) & seen, who
        if actor.may(P.FUNNEL_VIEW):
            frame = funnel_data(actor).deals
            assert set(frame["opportunity_id"]) == world.deals_of(actor, P.FUNNEL_VIEW), who
            assert frame.group_by("office_id").len()["len"].sum() == frame.height


def test_amounts_are_hidden_from_those_without_the_right(world: World) -> None:
    for who, actor in everybody(world):
        may = world.deals_of(actor, P.OPPORTUNITY_AMOUNT)
        for row in deal_rows(actor):
            assert (row["amount"] is not None) == (row["id"] in may), who


def test_numbers_are_masked_everywhere(world: World) -> None:
    for who, actor in everybody(world):
        clear = world.customers_of(actor, P.CONTACT_PHONE)
        shown = "".join(map(repr, customer_rows(actor)))
        shown += repr(records.customers(actor, CustomerQuery(size=WIDE)))
        if taken := exported(actor, "customer", lambda a=actor: customer_rows(a)):
            shown += taken[1]
        if actor.may(P.FUNNEL_VIEW):
            shown += repr(funnel_data(actor).deals.to_dicts())
        for key in world.customers_of(actor):
            card = customer_card(actor, key)
            told = repr(card) + repr(records.customer(actor, key))
            if key in clear:
                assert world.numbers[key][1] in told, who
            else:
                told += repr(history_of(actor, "customer", key))
            shown += told
        for key in sorted(world.deals_of(actor))[:2]:
            shown += repr(history_of(actor, "opportunity", key))
        if actor.may(P.AUDIT_VIEW):
            shown += repr(AuditReader(actor).page(AuditQuery(size=100)))
        for key, (phone, mobile) in world.numbers.items():
            if key not in clear:
                assert phone not in shown, who
                assert mobile not in shown, who


def test_a_masked_number_is_not_found_by_looking_for_it(world: World) -> None:
    for who, actor in everybody(world):
        clear = world.customers_of(actor, P.CONTACT_PHONE)
        for customer in world.customers:
            if customer.status in LIVE:
                mobile = world.numbers[customer.id][1]
                found = customer_rows(actor, find_field="phone", find_text=mobile)
                assert bool(found) == (customer.id in clear), who


def test_nobodys_boss_without_an_office_sees_only_his_own(world: World) -> None:
    alone = [
        actor
        for actor in world.actors()
        if actor.role.value == "sales" and not actor.has_subordinates
    ]
    for actor in alone:
        held = {s.customer_id for s in world.shares if s.person_id == actor.person_id}
        for row in customer_rows(actor):
            customer: Customer = next(c for c in world.customers if c.id == row["id"])
            own = actor.person_id in (customer.owner_id, customer.registered_by_id)
            assert own or customer.id in held


def test_boards_count_what_the_lists_show(world: World) -> None:
    alive = {c.id for c in world.customers if c.status in LIVE}
    for who, actor in everybody(world):
        frame = customer_data(actor).rows
        assert set(frame["customer_id"]) == world.customers_of(actor) & alive, who
        assert frame.group_by("owner_id").len()["len"].sum() == frame.height, who
        rows = activity_data(actor).rows
        with reading() as session:
            seen = set(session.scalars(select(Activity.id).where(visible_activities(actor))))
        assert set(rows["activity_id"]) == seen, who
        assert rows.group_by("owner_id").len()["len"].sum() == rows.height, who
