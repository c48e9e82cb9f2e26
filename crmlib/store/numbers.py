"""Document numbers: KH, SJ, HB … + yyMM + five digits, without gaps on a rolled-back save."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.store.schema import Counter


def next_number(session: Session, series: str, digits: int = 5) -> str:
    """Return the next number of a monthly series, e.g. KH → KH261100001."""
    name = f"{series}{clock.today():%y%m}"
    return f"{name}{take(session, name, 1):0{digits}d}"


def take(session: Session, name: str, count: int) -> int:
    """Reserve ``count`` numbers and return the first; the row lock keeps two savers apart."""
    grown = session.execute(
        update(Counter)
        .where(Counter.name == name)
        .values(value=Counter.value + count)
        .returning(Counter.value)
        .execution_options(synchronize_session=False)
    ).scalar()
    if grown is None:
        session.execute(insert(Counter).values(name=name, value=count))
        grown = session.scalar(select(Counter.value).where(Counter.name == name)) or count
    return grown - count + 1
