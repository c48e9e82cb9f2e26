"""A list of contacts: each belongs to a customer that is there."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import words
from crmlib.customers import rules
from crmlib.customers.model import Contact, Customer
from crmlib.customers.records import contact_values
from crmlib.exchange.columns import Line
from crmlib.exchange.found import Found
from crmlib.exchange.ledger import Ledger, Tell
from crmlib.exchange.lookups import Lookups
from crmlib.exchange.model import ImportKind, Verdict
from crmlib.exchange.planned import Cells, CheckedRows, Customers, Fill, New, RowPlan, parts, told

_YES = frozenset({"是", "Y", "YES", "TRUE", "1", "√"})
_TEXTS = ("name", "mobile", "title", "department", "phone", "email", "wechat", "remark")
_FILLED = (*_TEXTS[1:], "role", "birthday")


def check_contacts(session: Session, lines: Sequence[Line], tell: Tell) -> CheckedRows:
    """Check a list of contacts."""
    return CheckedRows(Contact, lines, _plan, _put).check(session, tell)


def _plan(session: Session, lines: Sequence[Line], tell: Tell) -> RowPlan:
    customers, lookups, plan = Customers(session, lines), Lookups(session), RowPlan()
    known = _Known(session, sorted(customers.by_id))
    for line in told(tell, lines):
        cells = Cells(ImportKind.CONTACTS, line)
        customer = customers.of(cells)
        values = _values(cells, lookups)
        name = f"{cells.text('name')}（{customer.name if customer else cells.text('customer')}）"
        if cells.faults or customer is None:
            plan.others.append(cells.error(name))
        else:
            known.place(plan, line.number, name, customer, values)
    return plan


def _values(cells: Cells, lookups: Lookups) -> dict[str, Any]:
    """Return the columns of a contact; role and mobile may wait, as in a customer list."""
    typed: dict[str, Any] = {name: cells.text(name) for name in _TEXTS}
    if text := cells.text("role"):
        typed["role"] = lookups.code("contact_role", text)
        if typed["role"] is None:
            cells.faults["role"] = f"{cells.label('role')} 中没有“{text[:40]}”"
    typed["birthday"] = cells.day("birthday")
    typed["is_primary"] = cells.text("is_primary").upper() in _YES
    draft = rules.contact_draft(typed)
    for name, message in rules.contact_faults(draft).items():
        if name == "name" or getattr(draft, name, None):
            cells.faults.setdefault(name, message)
    return contact_values(draft)


class _Known:
    """The contacts of the customers, and those the list has brought so far."""

    def __init__(self, session: Session, customers: list[int]) -> None:
        self._of: dict[int, list[Contact]] = defaultdict(list)
        for part in parts(customers):
            rows = session.scalars(
                select(Contact).where(Contact.customer_id.in_(part)).order_by(Contact.id)
            )
            for contact in rows:
                self._of[contact.customer_id].append(contact)
        self._brought: dict[tuple[int, str, str], int] = {}
        self._has_primary = {
            key for key, found in self._of.items() if any(c.is_primary for c in found)
        }

    def place(
        self, plan: RowPlan, number: int, name: str, customer: Customer, values: dict[str, Any]
    ) -> None:
        """Say whether a contact is new, there already, or like another one."""
        mobile = values["mobile"] or ""
        first = self._brought.setdefault((customer.id, values["name"], mobile), number)
        if first != number:
            plan.others.append(Found(number, Verdict.SAME, name, (), (f"同第 {first} 行",)))
            return
        here = self._of[customer.id]
        same = [c for c in here if c.name == values["name"]]
        exact = [c for c in same if not mobile or not c.mobile or c.mobile == mobile]
        if exact:
            plan.fills.append(_fill(number, name, exact[0], values))
            return
        doubts = [f"该客户已有同名联系人 {c.name}，手机不同" for c in same]
        doubts += [
            f"该客户已有相同手机的联系人 {c.name}" for c in here if mobile and c.mobile == mobile
        ]
        is_primary = customer.id not in self._has_primary
        notes = ("该客户已有主联系人",) if values["is_primary"] and not is_primary else ()
        self._has_primary.add(customer.id)
        made = values | {"customer_id": customer.id, "is_primary": is_primary}
        plan.new.append(New(number, name, made, tuple(doubts), notes))


def _fill(number: int, name: str, contact: Contact, values: dict[str, Any]) -> Fill:
    new = {n: values[n] for n in _FILLED if values[n] and not getattr(contact, n)}
    told_ = "、".join(words.CONTACT[n] for n in new)
    reasons = ("已有联系人", *([f"补充：{told_}"] if new else []))
    return Fill(number, name, contact.id, new, reasons)


def _put(ledger: Ledger, new: Sequence[New]) -> list[int]:
    return ledger.insert(Contact, [row.values for row in new], [row.number for row in new])
