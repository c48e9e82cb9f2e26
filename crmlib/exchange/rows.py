"""Write imported customers, contacts and duplicate candidates in bulk, each with its log row."""

from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from crmlib import clock
from crmlib.access.action import Work
from crmlib.customers.formats import phone_key
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.customers.records import CODE_SERIES, contact_values
from crmlib.customers.rules import REQUIRED_CONTACT, missing_fields
from crmlib.duplicates.collision import name_keys
from crmlib.duplicates.model import DuplicatePair, PairSource
from crmlib.exchange.checking import Accepted
from crmlib.exchange.ledger import Ledger
from crmlib.exchange.similar import Similar
from crmlib.store.numbers import take

_OWN_TEXTS = (
    "name", "short_name", "level", "customer_type", "size", "source", "industry", "country",
    "phone", "fax", "email", "website", "address", "uscc", "remark",
)  # fmt: skip


def insert_customers(ledger: Ledger, created: list[Accepted]) -> dict[int, int]:
    """Insert customers with their contact and return row number → id."""
    work = ledger.work
    codes = _codes(work, sum(not row.draft.code for row in created))
    values = [_customer(work, row, row.draft.code or next(codes)) for row in created]
    ids = ledger.insert(Customer, values, [row.number for row in created])
    named = [(row, key) for row, key in zip(created, ids, strict=True) if row.draft.contact_name]
    contacts = [contact_values(r.draft.contact()) | {"customer_id": key} for r, key in named]
    ledger.insert(Contact, contacts, [row.number for row, _ in named])
    return {row.number: key for row, key in zip(created, ids, strict=True)}


def insert_pairs(ledger: Ledger, pairs: list[Similar], ids: dict[int, int]) -> int:
    """Queue the similar pairs whose imported sides came in; return how many."""
    now, values = clock.now(), []
    for pair in pairs:
        ends = [side.customer_id or ids.get(side.number) for side in (pair.a, pair.b)]
        if None in ends:
            continue
        low, high = sorted(e for e in ends if e is not None)
        values.append(
            {
                "a_id": low,
                "b_id": high,
                "same": pair.same,
                "related": pair.related,
                "reasons": [[text, 0.0] for text in pair.reasons],
                "source": PairSource.IMPORT,
                "found_at": now,
                "found_by_id": ledger.work.actor.person_id,
            }
        )
    return len(ledger.insert(DuplicatePair, values, [0] * len(values)))


def _customer(work: Work, row: Accepted, code: str) -> dict[str, Any]:
    draft, day = row.draft, row.registered_on
    has_contact = all(getattr(draft, f"contact_{name}") for name in REQUIRED_CONTACT)
    return (
        {name: getattr(draft, name) or None for name in _OWN_TEXTS}
        | asdict(name_keys(draft.name))
        | {
            "code": code,
            "status": CustomerStatus.TRADING if row.trading else CustomerStatus.POTENTIAL,
            "region_id": draft.region,
            "no_fax": draft.no_fax,
            "no_email": draft.no_email,
            "no_website": draft.no_website,
            "phone_key": phone_key(draft.phone),
            "owner_id": row.owner.id if row.owner else None,
            "office_id": row.office_id,
            "registered_by_id": row.registrant_id or work.actor.person_id,
            "registered_at": datetime.combine(day, time(), tzinfo=clock.SHANGHAI)
            if day
            else clock.now(),
            "erp_code": row.erp_code,
            "incomplete": bool(missing_fields(asdict(draft))) or not has_contact,
        }
    )


def _codes(work: Work, count: int) -> Any:
    month = f"{CODE_SERIES}{clock.today():%y%m}"
    first = take(work.session, month, count) if count else 0
    return (f"{month}{number:05d}" for number in range(first, first + count))
