"""Fill an empty database with an invented firm; the same seed on the same day gives the same firm."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from crmlib.activities.model import Activity
from crmlib.customers.model import Contact, Customer
from crmlib.demo import desk, dossiers
from crmlib.demo.activities import Diary
from crmlib.demo.bulk import insert_rows, without_indexes
from crmlib.demo.codes import Codes
from crmlib.demo.customers import Market
from crmlib.demo.deals import Step, invent_deals
from crmlib.demo.people import hire
from crmlib.demo.quotes import quote_deals
from crmlib.demo.reports import write_reports
from crmlib.demo.sizes import SIZES, Size
from crmlib.demo.targets import set_targets
from crmlib.demo.trade import trade
from crmlib.demo.writing import DealRows, Series, contact_rows, customer_rows
from crmlib.errors import Refused
from crmlib.opportunities.model import (
    Opportunity,
    OpportunityProduct,
    Stage,
    StageHistory,
    StageSet,
)
from crmlib.opportunities.setup import PROJECT, SMALL
from crmlib.people.model import Person
from crmlib.store import log
from crmlib.store.engine import writing


@dataclass(frozen=True, slots=True)
class Filled:
    """How many rows were written."""

    people: int
    customers: int
    contacts: int
    opportunities: int
    activities: int


def is_empty(session: Session) -> bool:
    """Say whether nobody works here yet."""
    return session.scalar(select(Person.id).limit(1)) is None


def fill(name: str, seed: int = 1) -> Filled:
    """Write the firm of a size; offices, dictionaries and stages must stand already.

    Raises:
        Refused: there are people already.
    """
    size = SIZES[name]
    with writing() as session, session.begin():
        if not is_empty(session):
            message = "数据库中已有人员，演示数据只能写入空数据库"
            raise Refused(message)
        session.info[log.ACTION] = "fill_demo"
        filled = _fill(session, size, seed)
        _note(session, size, seed, filled)
    return filled


def _fill(session: Session, size: Size, seed: int) -> Filled:
    codes, series = Codes(session), Series()
    staff = hire(session, size, Random(f"people {seed}"))
    prospects = Market(staff, Random(f"customers {seed}")).fill(size.customers)
    project, small = _steps(session, PROJECT), _steps(session, SMALL)
    chance = Random(f"deals {seed}")
    deals = invent_deals(prospects, project, small, size.opportunities, chance)
    with without_indexes(session, Customer):
        customers = customer_rows(prospects, codes, series, Random(f"fields {seed}"))
        customer_count = insert_rows(session, Customer, customers)
    with without_indexes(session, Contact):
        contacts = contact_rows(prospects, Random(f"contacts {seed}"))
        contact_count = insert_rows(session, Contact, contacts)
    rows = DealRows(deals, codes, series, Random(f"deal fields {seed}"))
    insert_rows(session, Opportunity, rows.opportunities())
    insert_rows(session, OpportunityProduct, rows.products())
    insert_rows(session, StageHistory, rows.history())
    dossiers.lay_down(session, deals, codes, Random(f"dossiers {seed}"))
    diary = Diary(prospects, deals, codes, series, Random(f"activities {seed}"))
    with without_indexes(session, Activity):
        activity_count = insert_rows(session, Activity, diary.rows(size.activities))
    _remember_contact(session, diary.last_contact)
    quote_deals(session, deals, codes, series, Random(f"quotes {seed}"))
    trade(session, staff, prospects, deals, series, Random(f"trade {seed}"))
    series.save(session)
    write_reports(session, staff, prospects, Random(f"reports {seed}"))
    set_targets(session, Random(f"targets {seed}"))
    desk.lay_out(session, staff, prospects, size.queue)
    people = session.scalar(select(func.count(Person.id))) or 0
    return Filled(people, customer_count, contact_count, len(deals), activity_count)


def _steps(session: Session, code: str) -> list[Step]:
    stages = session.scalars(
        select(Stage)
        .join(StageSet, StageSet.id == Stage.stage_set_id)
        .where(StageSet.code == code)
        .order_by(Stage.position)
    )
    return [Step(s.id, s.code, s.probability, s.standard_days) for s in stages]


def _remember_contact(session: Session, last: dict[int, date]) -> None:
    table: Any = Customer.__table__
    session.connection().execute(
        update(table)
        .where(table.c.id == bindparam("key"))
        .values(last_contact_on=bindparam("day")),
        [{"key": key, "day": day} for key, day in sorted(last.items())],
    )


def _note(session: Session, size: Size, seed: int, filled: Filled) -> None:
    after = {"size": size.name, "seed": seed, "customers": filled.customers}
    row = {"entity": "demo", "entity_id": None, "kind": "event", "before": None, "after": after}
    log.write(session, [row])
