"""Decide which rows of a list are new and which name a customer that is there already."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.customers.formats import phone_key
from crmlib.customers.model import LIVE, AliasKind, Customer, CustomerAlias
from crmlib.customers.rules import NONE_TICKS, CustomerDraft, missing_fields
from crmlib.duplicates.collision import name_keys
from crmlib.exchange.checking import Accepted, Rejected
from crmlib.exchange.columns import label_of

_AT_ONCE = 900  # values in one IN list
_TEXTS = (
    "level", "email", "phone", "fax", "country", "industry", "website", "address", "short_name",
    "uscc", "customer_type", "source", "size", "remark",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A row that names a customer of the base."""

    row: Accepted
    customer_id: int
    code: str


@dataclass(slots=True)
class Plan:
    """What becomes of the rows of a list."""

    created: list[Accepted] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    repeated: list[tuple[Accepted, int]] = field(default_factory=list)  # row, number of its first
    rejected: list[Rejected] = field(default_factory=list)

    def already_there(self) -> list[tuple[int, str, str]]:
        """Return number, name and whereabouts of the rows that were not new."""
        rows = [(k.row.number, k.row.draft.name, k.code) for k in self.known]
        rows += [(row.number, row.draft.name, f"同第 {first} 行") for row, first in self.repeated]
        return sorted(rows)


def make_plan(session: Session, accepted: list[Accepted]) -> Plan:
    """Match rows by name and code; a later row of one name only fills gaps of the first."""
    plan = Plan()
    keys = [name_keys(row.draft.name).name_key for row in accepted]
    by_name = _customers_by_name(session, set(keys))
    by_code = _names_by_code(session, {row.draft.code for row in accepted} - {""})
    place_of: dict[str, int] = {}
    for row, key in zip(accepted, keys, strict=True):
        owner_of_code = by_code.get(row.draft.code)
        if key in by_name:
            plan.known.append(Known(row, *by_name[key]))
        elif key in place_of:
            first = plan.created[place_of[key]]
            plan.created[place_of[key]] = replace(first, draft=_filled(first.draft, row.draft))
            plan.repeated.append((row, first.number))
        elif owner_of_code is not None:
            reason = f"客户代码 已被使用：{owner_of_code}"
            fault = (label_of("code"), row.draft.code, reason)
            plan.rejected.append(Rejected(row.number, row.draft.name, (fault,)))
        else:
            place_of[key] = len(plan.created)
            plan.created.append(row)
    return plan


def _customers_by_name(session: Session, keys: set[str]) -> dict[str, tuple[int, str]]:
    """Return name → (id, code), live customers before others, former names last."""
    found: dict[str, tuple[int, str]] = {}
    for part in _parts(keys):
        former = (
            select(CustomerAlias.key, Customer.id, Customer.code)
            .join(Customer, Customer.id == CustomerAlias.customer_id)
            .where(CustomerAlias.kind == AliasKind.NAME, CustomerAlias.key.in_(part))
        )
        own = (
            select(Customer.name_key, Customer.id, Customer.code)
            .where(Customer.name_key.in_(part))
            .order_by(Customer.status.in_(LIVE))
        )
        for question in (former, own):
            found |= {key: (number, code) for key, number, code in session.execute(question)}
    return found


def _names_by_code(session: Session, codes: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _parts(codes):
        rows = session.execute(select(Customer.code, Customer.name).where(Customer.code.in_(part)))
        found |= {code: name for code, name in rows}  # noqa: C416 rows are no pairs
    return found


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def _filled(first: CustomerDraft, other: CustomerDraft) -> CustomerDraft:
    return replace(first, **_gaps(asdict(first), asdict(other), "region"))


def fills(customer: Customer, row: Accepted) -> dict[str, Any]:
    """Return the values a row adds to a live customer's empty fields; nothing is overwritten."""
    if customer.status not in LIVE:
        return {}
    columns = (*_TEXTS, *NONE_TICKS.values(), "region_id")
    stored = {name: getattr(customer, name) for name in columns}
    new = _gaps(stored, asdict(row.draft) | {"region_id": row.draft.region}, "region_id")
    if "phone" in new:
        new["phone_key"] = phone_key(new["phone"])
    if new and customer.incomplete:
        after = stored | new | {"name": customer.name}
        after["region"] = after["region_id"]
        new["incomplete"] = bool(missing_fields(after))
    return new


def _gaps(stored: dict[str, Any], offered: dict[str, Any], region: str) -> dict[str, Any]:
    new = {
        name: offered[name]
        for name in (*_TEXTS, region)
        if not stored[name] and offered[name] and not stored.get(NONE_TICKS.get(name, ""))
    }
    for name, tick in NONE_TICKS.items():
        if offered[tick] and not stored[name] and not stored[tick]:
            new[tick] = True
    return new
