"""Which rows of a list are similar to customers that are there, or to one another."""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.customers.model import LIVE, Contact, Customer
from crmlib.duplicates.collision import name_keys
from crmlib.duplicates.pairs import find_pairs
from crmlib.exchange.checking import Accepted
from crmlib.reference.model import Region

SAME_ENOUGH = 0.5
# Beyond this size only customers that share a 字号, its sound or a phone are compared.
_WHOLE_BASE = 20_000
_TEXT = pl.String
_SCHEMA = {
    "id": pl.Int64,
    "name": _TEXT,
    "province": _TEXT,
    "address": _TEXT,
    "phone": _TEXT,
    "mobile": _TEXT,
    "email": _TEXT,
    "website": _TEXT,
    "uscc": _TEXT,
    "brand": _TEXT,
    "initials": _TEXT,
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of a pair: a customer of the base, or the row of the list with this number."""

    customer_id: int | None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Similar:
    """Two records that may be one."""

    a: Side
    b: Side
    same: float
    related: float
    reasons: tuple[str, ...]


def find_similar(session: Session, rows: list[Accepted]) -> list[Similar]:
    """Return the pairs in which at least one side is a row of the list."""
    if not rows:
        return []
    fresh = _fresh(session, rows)
    known = _known(session)
    if known.height > _WHOLE_BASE:
        known = _near(known, fresh)
    pairs = find_pairs(pl.concat([fresh, known]).drop("brand", "initials"))
    kept = pairs.filter((pl.col("prob") >= SAME_ENOUGH) & (pl.col("id1") < 0))
    return [
        Similar(_side(a), _side(b), same, related, tuple(reasons))
        for a, b, same, related, reasons in kept.iter_rows()
    ]


def _side(key: int) -> Side:
    # Rows of the list go by their negative number, so that the lower id of a pair is one of them.
    return Side(None, -key) if key < 0 else Side(key)


def _fresh(session: Session, rows: list[Accepted]) -> pl.DataFrame:
    provinces = _provinces(session)
    records = []
    for row in rows:
        draft, keys = row.draft, name_keys(row.draft.name)
        records.append(
            (
                -row.number,
                draft.name,
                provinces.get(draft.region or 0),
                draft.address,
                draft.phone,
                draft.contact_mobile,
                draft.email,
                draft.website,
                draft.uscc,
                keys.brand,
                keys.initials,
            )
        )
    return pl.DataFrame(records, schema=_SCHEMA, orient="row")


def _known(session: Session) -> pl.DataFrame:
    rows = session.execute(
        select(
            Customer.id,
            Customer.name,
            Region.name,
            Customer.address,
            Customer.phone,
            Contact.mobile,
            Customer.email,
            Customer.website,
            Customer.uscc,
            Customer.brand,
            Customer.initials,
        )
        .outerjoin(Region, (Region.id == Customer.region_id) & Region.parent_id.is_not(None))
        .outerjoin(Contact, (Contact.customer_id == Customer.id) & Contact.is_primary)
        .where(Customer.status.in_(LIVE))
    ).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=_SCHEMA, orient="row")


def _provinces(session: Session) -> dict[int, str]:
    rows = session.execute(select(Region.id, Region.name).where(Region.parent_id.is_not(None)))
    return {key: name for key, name in rows}  # noqa: C416 rows are no pairs


def _near(known: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    shares = [
        pl.col(column).is_in(fresh[column].drop_nulls().filter(fresh[column] != "").implode())
        for column in ("brand", "initials", "phone", "mobile")
    ]
    return known.filter(pl.any_horizontal(shares))
