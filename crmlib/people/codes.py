"""编号 of salespeople: the office's prefix and the next free number, never used twice."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib.errors import Invalid
from crmlib.people import rules
from crmlib.people.model import OfficePrefix, Person


def take_code(session: Session, office_id: int) -> str | None:
    """Give the next 编号 of an office; None where the office has no prefix.

    Raises:
        Invalid: all numbers of its prefixes are used.
    """
    free = _free(session, office_id)
    if free is None:
        return None
    row, number = free
    row.last_number = number
    return rules.seller_code(row.prefix, number)


def next_code(session: Session, office_id: int) -> str | None:
    """Return the 编号 the next person of an office would get (see ``take_code``)."""
    free = _free(session, office_id)
    return rules.seller_code(free[0].prefix, free[1]) if free else None


def _free(session: Session, office_id: int) -> tuple[OfficePrefix, int] | None:
    rows = session.scalars(
        select(OfficePrefix)
        .where(OfficePrefix.office_id == office_id)
        .order_by(OfficePrefix.id)
        .with_for_update()
    ).all()
    for row in rows:
        number = max(row.last_number, _highest_used(session, row.prefix)) + 1
        if number <= rules.LAST_NUMBER:
            return row, number
    if rows:
        raise Invalid({"office_id": rules.PREFIX_FULL})
    return None


def _highest_used(session: Session, prefix: str) -> int:
    # People loaded from elsewhere brought numbers that the counter has not seen.
    highest = session.scalar(
        select(func.max(Person.seller_code)).where(Person.seller_code.startswith(prefix))
    )
    return int(highest[-rules.CODE_DIGITS :]) if highest else 0
