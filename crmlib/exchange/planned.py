"""Lists whose rows are matched by plain questions: planned when checked, and again when written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.customers.model import LIVE, AliasKind, Customer, CustomerAlias
from crmlib.duplicates.collision import name_keys
from crmlib.exchange import titles
from crmlib.exchange.checking import TOLD_EVERY
from crmlib.exchange.columns import Line, LostDigits, day_of, moment_of, text_of
from crmlib.exchange.found import Fault, Found, Options
from crmlib.exchange.ledger import Ledger, Tell
from crmlib.exchange.lookups import Ambiguous, Colleague, Lookups
from crmlib.exchange.model import ImportKind, Verdict
from crmlib.store.schema import Record

AT_ONCE = 900  # values in one IN list
NOT_BROUGHT = "未导入"


@dataclass(frozen=True, slots=True)
class New:
    """A row that becomes a record; ``doubts`` say what it may double."""

    number: int
    name: str
    values: dict[str, Any]
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    more: tuple[str, ...] = ()  # what stands in rows of its own (products)


@dataclass(frozen=True, slots=True)
class Fill:
    """A row that names a record that is there; ``values`` are what it adds."""

    number: int
    name: str
    record: int
    values: dict[str, Any]
    reasons: tuple[str, ...]


@dataclass(slots=True)
class RowPlan:
    """What becomes of the rows of a list."""

    new: list[New] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    others: list[Found] = field(default_factory=list)

    def found(self, options: Options, ids: Mapping[int, int]) -> list[Found]:
        """Return the verdicts; ``ids`` are those of written rows, if they are."""
        out = []
        for row in self.new:
            reasons = (*row.doubts, *row.notes)
            if row.doubts and not options.similar:
                reasons = (*reasons, NOT_BROUGHT)
            kind = Verdict.SIMILAR if row.doubts else Verdict.NEW
            out.append(Found(row.number, kind, row.name, (), reasons, ids.get(row.number)))
        for fill in self.fills:
            kind = Verdict.UPDATE if fill.values else Verdict.SAME
            out.append(Found(fill.number, kind, fill.name, (), fill.reasons, fill.record))
        return out + self.others


Plan = Callable[[Session, Sequence[Line], Tell], RowPlan]
Put = Callable[[Ledger, Sequence[New]], list[int]]


class CheckedRows:
    """A checked list of contacts, opportunities or activities."""

    def __init__(self, model: type[Record], lines: Sequence[Line], plan: Plan, put: Put) -> None:
        self._model, self._lines, self._plan, self._put = model, lines, plan, put
        self.found: Sequence[Found] = ()

    def check(self, session: Session, tell: Tell) -> "CheckedRows":
        """Plan the rows and keep the verdicts."""
        self.found = self._plan(session, self._lines, tell).found(Options(), {})
        return self

    def write(self, ledger: Ledger, options: Options) -> list[Found]:
        """Plan once more in the transaction, so that nothing is doubled, and write."""
        session = ledger.work.session
        plan = self._plan(session, self._lines, ledger.tell)
        new = [row for row in plan.new if options.similar or not row.doubts]
        ids = dict(zip((row.number for row in new), self._put(ledger, new), strict=True))
        for part in parts([f for f in plan.fills if f.values and options.known]):
            keys = [fill.record for fill in part]
            records = {
                r.id: r
                for r in session.scalars(select(self._model).where(self._model.id.in_(keys)))
            }
            for fill in part:
                ledger.change(records[fill.record], fill.number, fill.values)
            session.flush()
        return plan.found(options, ids)


def parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    """Yield the values in lists that fit into one statement."""
    listed = list(values)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


class Cells:
    """One row as it is read: its values, and what is wrong with them."""

    def __init__(self, kind: ImportKind, line: Line) -> None:
        self.kind, self.line = kind, line
        self.faults: dict[str, str] = {}
        self.notes: list[str] = []

    def label(self, name: str) -> str:
        """Return the Chinese name of a field."""
        return titles.label(self.kind, name)

    def text(self, name: str) -> str:
        """Return a cell's text."""
        try:
            return text_of(name, self.line.cells.get(name, ""))
        except LostDigits:
            self.faults[name] = f"{self.label(name)} 是科学计数法，末位数字已丢失，请按文本重新录入"
            return ""

    def code(self, name: str, codes: Mapping[str, str]) -> str:
        """Return the code of what a cell names; ``codes`` are name (and code) → code."""
        text = self.text(name)
        if text and text not in codes:
            self.faults[name] = f"{self.label(name)} 中没有“{text[:40]}”"
        return codes.get(text, "")

    def day(self, name: str) -> date | None:
        """Return the day in a cell."""
        moment = self._when(name, day_of)
        return moment if isinstance(moment, date) else None

    def moment(self, name: str) -> datetime | None:
        """Return the moment in a cell."""
        moment = self._when(name, moment_of)
        return moment if isinstance(moment, datetime) else None

    def past(self, name: str) -> datetime | None:
        """Return a moment that may not lie ahead."""
        moment = self.moment(name)
        if moment and clock.local(moment).date() > clock.today():
            self.faults[name] = f"{self.label(name)} 不能晚于今天"
        return moment

    def _when(self, name: str, read: Callable[[Any], object]) -> object:
        try:
            return read(self.line.cells.get(name))
        except ValueError:
            self.faults[name] = f"{self.label(name)} 无法识别，例如 2024-05-31"
            return None

    def owner(self, lookups: Lookups) -> Colleague | None:
        """Return the 负责人; unknown and ambiguous ones are faults."""
        text, office = self.text("owner"), self.text("office")
        if not text:
            return None
        try:
            found = lookups.person(text, office)
        except Ambiguous:
            self.faults["owner"] = f"负责人 有同名人员，请填写编号：{text[:40]}"
            return None
        if found is None:
            self.faults["owner"] = f"负责人 查无此人：{text[:40]}"
        return found

    def registrant(self, lookups: Lookups) -> int | None:
        """Return who registered the record; one who is not known is noted."""
        text = self.text("registered_by")
        if not text:
            return None
        try:
            found = lookups.registrant(text, self.text("office"))
        except Ambiguous:
            found = None
        if found is None:
            self.notes.append(f"登记人 查无此人“{text[:40]}”，记为导入人")
        return found.id if found else None

    def error(self, name: str) -> Found:
        """Return the row as refused."""
        worded: list[Fault] = [
            (self.label(field), str(self.line.cells.get(field, ""))[:200], message)
            for field, message in self.faults.items()
        ]
        return Found(self.line.number, Verdict.ERROR, name, tuple(worded))


class Customers:
    """The live customers a list names, by name, former name and code."""

    def __init__(self, session: Session, lines: Sequence[Line]) -> None:
        self._ids: dict[tuple[str, str], int] = {}
        names = {_key(text_of("customer", line.cells.get("customer"))) for line in lines} - {""}
        codes = {_code(line) for line in lines} - {""}
        for kind, column, wanted in (
            ("name", Customer.name_key, names),
            ("code", Customer.code, codes),
        ):
            alias = AliasKind.NAME if kind == "name" else AliasKind.CODE
            matched = CustomerAlias.key if kind == "name" else CustomerAlias.value
            for part in parts(sorted(wanted)):
                former = (
                    select(matched, CustomerAlias.customer_id)
                    .join(Customer, Customer.id == CustomerAlias.customer_id)
                    .where(CustomerAlias.kind == alias, matched.in_(part))
                    .where(Customer.status.in_(LIVE))
                )
                own = select(column, Customer.id).where(column.in_(part), Customer.status.in_(LIVE))
                for question in (former, own):  # a name borne now wins over a former one
                    self._ids |= {(kind, key): found for key, found in session.execute(question)}
        self.by_id: dict[int, Customer] = {}
        for part in parts(sorted(set(self._ids.values()))):
            rows = session.scalars(select(Customer).where(Customer.id.in_(part)))
            self.by_id |= {row.id: row for row in rows}

    def of(self, cells: Cells) -> Customer | None:
        """Return the customer of a row; the code decides if there is one."""
        code, name = cells.text("customer_code"), cells.text("customer")
        if not code and not name:
            cells.faults["customer"] = f"{cells.label('customer')} 为必录项"
            return None
        field, text = ("customer_code", code) if code else ("customer", name)
        key = ("code", code) if code else ("name", _key(name))
        found = self._ids.get(key)
        if found is None:
            cells.faults[field] = f"系统中没有此客户：{text[:60]}"
            return None
        customer = self.by_id[found]
        if code and name and self._ids.get(("name", _key(name)), found) != found:
            cells.faults["customer"] = f"客户名称 与客户代码不符：{code} 是 {customer.name}"
        return customer


def _key(name: str) -> str:
    return name_keys(name).name_key if name else ""


def _code(line: Line) -> str:
    try:
        return text_of("customer_code", line.cells.get("customer_code"))
    except LostDigits:
        return ""


def told(tell: Tell, lines: Sequence[Line]) -> Iterable[Line]:
    """Yield the lines, saying now and then how far it is."""
    for place, line in enumerate(lines):
        if place % TOLD_EVERY == 0:
            tell("检查", place, len(lines))
        yield line
