"""Targets of this year: months of who sells, years of the offices, as they were issued in January."""

from collections import defaultdict
from datetime import date, datetime, time
from decimal import Decimal
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.grants import Role
from crmlib.demo.bulk import Row, insert_rows
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.people.model import Office, Person
from crmlib.targets import rules
from crmlib.targets.kinds import TargetKind, TargetStatus
from crmlib.targets.model import Target

_LEAST, _STEP, _OFFICE_STEP = 5, 1, 10  # 万元
_HARD = (0.8, 1.5)  # how a target stands to what is then won
_NEW_CUSTOMERS = (1, 6)


def set_targets(session: Session, chance: Random) -> None:
    """Write issued targets for everybody who sells, and for his office."""
    year = clock.today().year
    won = _won_a_month(session, year)
    people = session.execute(
        select(Person.id, Person.office_id, Office.head_id)
        .join(Office, Office.id == Person.office_id)
        .where(Person.active.is_(True), Person.role == Role.SALES)
        .order_by(Person.id)
    ).all()
    rows: list[Row] = []
    offices: dict[tuple[int, int | None], int] = defaultdict(int)
    for person, office, head in people:
        usual = max(won.get(person, 0.0), _LEAST)
        for number in rules.periods(TargetKind.MONTH):
            sales = max(round(usual * chance.uniform(*_HARD) / _STEP) * _STEP, _STEP)
            offices[(office, head)] += sales
            rows.append(
                _row(TargetKind.MONTH, rules.starts_on(year, TargetKind.MONTH, number), sales, head)
                | {"person_id": person, "customers": chance.randint(*_NEW_CUSTOMERS)}
            )
    for (office, head), whole in offices.items():
        sales = round(whole * 1.05 / _OFFICE_STEP) * _OFFICE_STEP
        row = _row(TargetKind.YEAR, date(year, 1, 1), sales, head)
        rows.append(row | {"office_id": office})
    insert_rows(session, Target, [row | {"id": at} for at, row in enumerate(rows, start=1)])


def _row(kind: TargetKind, start: date, wan: int, head: int | None) -> Row:
    moment = datetime.combine(date(start.year, 1, 1), time(10), clock.SHANGHAI)
    return {
        "person_id": None,
        "office_id": None,
        "kind": kind,
        "starts_on": start,
        "sales": Decimal(wan) * rules.WAN,
        "customers": None,
        "satisfaction": None,
        "status": TargetStatus.ISSUED,
        "issued_by_id": head,
        "issued_at": moment,
        "version": 1,
    }


def _won_a_month(session: Session, year: int) -> dict[int, float]:
    """Return what each person won this year, in 万元 a month."""
    months = clock.today().month
    rows = session.execute(
        select(Opportunity.owner_id, func.sum(Opportunity.won_amount))
        .where(Opportunity.outcome == Outcome.WON, Opportunity.decided_on >= date(year, 1, 1))
        .group_by(Opportunity.owner_id)
    )
    return {owner: float(total or 0) / float(rules.WAN) / months for owner, total in rows}
