"""A list of activities: each with a customer that is there."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.activities.model import Activity, ActivityStatus, Importance, Priority
from crmlib.customers.contacted import refresh_last_contact
from crmlib.customers.model import Contact, Customer
from crmlib.exchange.columns import Line
from crmlib.exchange.found import Found
from crmlib.exchange.ledger import Ledger, Tell
from crmlib.exchange.lookups import Lookups
from crmlib.exchange.model import ImportKind, Verdict
from crmlib.exchange.planned import Cells, CheckedRows, Customers, Fill, New, RowPlan, parts, told
from crmlib.opportunities.model import Opportunity
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import options
from crmlib.store.numbers import take
from crmlib.store.text import clean, clean_lines

_SERIES = "HD"
_LENGTHS = {"subject": 255, "phone": 40, "result": 255, "place": 120, "number": 30}
_LONG = {"description": 5000, "result_note": 5000}
_STATUS = {label: ActivityStatus(code) for code, label in words.ACTIVITY_STATUS.items()}
_IMPORTANCE = {label: Importance(code) for code, label in words.IMPORTANCE.items()}
_PRIORITY = {label: Priority(code) for code, label in words.PRIORITY.items()}
_PERIODS = (("planned_start", "planned_end"), ("started_at", "ended_at"))


def check_activities(session: Session, lines: Sequence[Line], tell: Tell) -> CheckedRows:
    """Check a list of activities."""
    return CheckedRows(Activity, lines, _plan, _put).check(session, tell)


def _plan(session: Session, lines: Sequence[Line], tell: Tell) -> RowPlan:
    customers, plan = Customers(session, lines), RowPlan()
    reader = _Reader(session, sorted(customers.by_id))
    known = _Known(session, sorted(customers.by_id), lines)
    for line in told(tell, lines):
        cells = Cells(ImportKind.ACTIVITIES, line)
        row = reader.read(cells, customers.of(cells))
        if cells.faults or row is None:
            plan.others.append(cells.error(cells.text("subject")))
        else:
            known.place(plan, row)
    return plan


class _Reader:
    """Turns a row into columns of an activity, or says what is wrong with it."""

    def __init__(self, session: Session, customers: list[int]) -> None:
        self._lookups = Lookups(session)
        types = options(session, DictKind.ACTIVITY_TYPE)
        self._types = {o.code: o.code for o in types} | {o.name: o.code for o in types}
        self._contacts: dict[tuple[int, str], int] = {}
        self._deals: dict[str, tuple[int, int, int]] = {}
        for part in parts(customers):
            for contact in session.scalars(select(Contact).where(Contact.customer_id.in_(part))):
                self._contacts[contact.customer_id, contact.name] = contact.id
            deals = select(Opportunity).where(Opportunity.customer_id.in_(part))
            for deal in session.scalars(deals):
                self._deals[deal.number] = (deal.id, deal.customer_id, deal.stage_id)

    def read(self, cells: Cells, customer: Customer | None) -> New | None:
        """Return the row, or None with its faults noted in the cells."""
        owner = cells.owner(self._lookups)
        values = self._texts(cells) | self._choices(cells) | self._moments(cells)
        for name in ("subject", "activity_type"):
            if not values[name]:
                cells.faults.setdefault(name, words.required(cells.label(name)))
        if customer is None:
            return None
        owner_id = owner.id if owner else customer.owner_id
        if owner_id is None:
            cells.faults.setdefault("owner", words.required(cells.label("owner")))
        values |= self._deal(cells, customer)
        if cells.faults:
            return None
        values |= {
            "customer_id": customer.id,
            "contact_id": self._contact(cells, customer),
            "owner_id": owner_id,
            "office_id": owner.office_id if owner else customer.office_id,
        }
        name = f"{values['subject']}（{customer.name}）"
        return New(cells.line.number, name, values, (), tuple(cells.notes))

    def _texts(self, cells: Cells) -> dict[str, Any]:
        found: dict[str, Any] = {name: clean(cells.text(name)) for name in _LENGTHS}
        found |= {name: clean_lines(cells.text(name)) for name in _LONG}
        for name, most in (_LENGTHS | _LONG).items():
            if len(found[name]) > most:
                cells.faults[name] = f"{cells.label(name)} 不能超过 {most} 个字"
        return {name: text or None for name, text in found.items()}

    def _choices(self, cells: Cells) -> dict[str, Any]:
        found: dict[str, Any] = {"activity_type": cells.code("activity_type", self._types)}
        for name, known, usual in (
            ("status", _STATUS, None),
            ("importance", _IMPORTANCE, Importance.NORMAL),
            ("priority", _PRIORITY, Priority.MEDIUM),
        ):
            text = cells.text(name)
            if text and text not in known:
                cells.faults[name] = f"{cells.label(name)} 应为 {'、'.join(known)}"
            found[name] = known.get(text, usual)
        return found

    def _moments(self, cells: Cells) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for start, end in _PERIODS:
            found[start], found[end] = cells.moment(start), cells.moment(end)
            if found[start] and found[end] and found[end] < found[start]:
                cells.faults[end] = f"{cells.label(end)} 不能早于{cells.label(start)}"
        for name in ("started_at", "ended_at"):
            if found[name] and found[name] > clock.now():
                cells.faults.setdefault(name, f"{cells.label(name)} 不能晚于现在")
        found["created_at"] = cells.past("registered_at")
        return found

    def _deal(self, cells: Cells, customer: Customer) -> dict[str, Any]:
        text = cells.text("opportunity")
        deal = self._deals.get(text)
        if text and (deal is None or deal[1] != customer.id):
            cells.faults["opportunity"] = f"该客户没有此商机：{text[:40]}"
        if not text or deal is None:
            return {"opportunity_id": None, "stage_id": None}
        return {"opportunity_id": deal[0], "stage_id": deal[2]}

    def _contact(self, cells: Cells, customer: Customer) -> int | None:
        text = cells.text("contact")
        found = self._contacts.get((customer.id, text))
        if text and found is None:
            cells.notes.append(f"联系人 没有“{text[:40]}”，未关联")
        return found


def _status(values: dict[str, Any]) -> ActivityStatus:
    """Return the status: as given, else as the moments tell."""
    if values["status"]:
        return ActivityStatus(values["status"])
    if values["ended_at"]:
        return ActivityStatus.DONE
    return ActivityStatus.STARTED if values["started_at"] else ActivityStatus.NOT_STARTED


class _Known:
    """The activities with the customers, and those the list has brought so far."""

    def __init__(self, session: Session, customers: list[int], lines: Sequence[Line]) -> None:
        self._alike: dict[tuple[Any, ...], tuple[int, str]] = {}
        self._numbers: dict[str, tuple[int, int]] = {}
        self._days: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        columns = (
            Activity.id, Activity.number, Activity.customer_id, Activity.subject, Activity.owner_id,
            Activity.activity_type, Activity.planned_start, Activity.ended_at,
        )  # fmt: skip
        numbers = {Cells(ImportKind.ACTIVITIES, line).text("number") for line in lines} - {""}
        for column, wanted in (
            (Activity.customer_id, customers),
            (Activity.number, sorted(numbers)),
        ):
            for part in parts(wanted):
                for row in session.execute(select(*columns).where(column.in_(part))):
                    self._numbers[row.number] = (row.id, row.customer_id)
                    self._alike[_identity(row._asdict())] = (row.id, row.number)
                    self._days[_day(row._asdict())].append(row.number)
        self._brought: dict[tuple[Any, ...], int] = {}

    def place(self, plan: RowPlan, row: New) -> None:
        """Say whether an activity is new, there already, or like another one."""
        values, key = row.values, _identity(row.values)
        first = self._brought.setdefault((*key, values["number"]), row.number)
        numbered = self._numbers.get(values["number"] or "")
        if first != row.number:
            reasons = (f"同第 {first} 行",)
            plan.others.append(Found(row.number, Verdict.SAME, row.name, (), reasons))
        elif numbered and numbered[1] != values["customer_id"]:
            fault = ("活动编号", values["number"], "活动编号 已用于其他客户的活动")
            plan.others.append(Found(row.number, Verdict.ERROR, row.name, (fault,)))
        elif numbered or key in self._alike:
            record = numbered[0] if numbered else self._alike[key][0]
            plan.fills.append(Fill(row.number, row.name, record, {}, ("已有活动",)))
        else:
            doubts = tuple(f"该客户同日已有同类活动 {n}" for n in self._days[_day(values)])
            plan.new.append(New(row.number, row.name, values, doubts, row.notes))


def _identity(values: dict[str, Any]) -> tuple[Any, ...]:
    moments = (values["planned_start"], values["ended_at"])
    names = ("customer_id", "subject", "activity_type", "owner_id")
    return (*(values[n] for n in names), *(m and m.timestamp() for m in moments))


def _day(values: dict[str, Any]) -> tuple[Any, ...]:
    moment: datetime | None = values["ended_at"] or values["planned_start"]
    day = clock.local(moment).date() if moment else values["subject"]
    return (values["customer_id"], values["activity_type"], values["owner_id"], day)


def _put(ledger: Ledger, new: Sequence[New]) -> list[int]:
    month = f"{_SERIES}{clock.today():%y%m}"
    count = sum(not row.values["number"] for row in new)
    at = take(ledger.work.session, month, count) if count else 0
    values = []
    for row in new:
        made = row.values | {"status": _status(row.values)}
        made["created_at"] = made["created_at"] or clock.now()
        if not made["number"]:
            made["number"], at = f"{month}{at:05d}", at + 1
        values.append(made)
    keys = ledger.insert(Activity, values, [row.number for row in new])
    done = {v["customer_id"] for v in values if v["status"] is ActivityStatus.DONE}
    refresh_last_contact(ledger.work.session, done)
    return keys
