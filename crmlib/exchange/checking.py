"""Check a list row by row: a draft that may come in, or what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crmlib import clock, words
from crmlib.customers import rules
from crmlib.customers.rules import CustomerDraft
from crmlib.exchange.columns import Line, LostDigits, day_of, label_of, text_of
from crmlib.exchange.ledger import Tell, silent
from crmlib.exchange.lookups import CHOSEN, Ambiguous, Colleague, Lookups

TOLD_EVERY = 500  # rows
_NONE_WORDS = frozenset({"无", "没有", "/", "-", "—", "暂无"})
_YES_WORDS = frozenset({"是", "Y", "YES", "TRUE", "1", "√"})
_NO_WORDS = frozenset({"", "否", "N", "NO", "FALSE", "0", "×"})
_TAKEN_AS_TEXT = frozenset(rules.CustomerDraft.__dataclass_fields__) - {
    "owner", "region", "no_fax", "no_email", "no_website",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that may come in."""

    number: int
    draft: CustomerDraft
    registered_on: date | None
    owner: Colleague | None
    office_id: int | None
    registrant_id: int | None
    trading: bool
    erp_code: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that stays out: its fields in the words of the list, each with value and reason."""

    number: int
    name: str
    faults: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class _Row:
    line: Line
    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a cell's text and note a number that lost its digits."""
        try:
            return text_of(name, self.line.cells.get(name, ""))
        except LostDigits:
            self.faults[name] = f"{label_of(name)} 是科学计数法，末位数字已丢失，请按文本重新录入"
            return ""


class Checker:
    """Checks rows one after another; a code used twice for different names is the later's fault."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._name_of_code: dict[str, str] = {}

    def check(self, line: Line) -> Accepted | Rejected:
        """Return the row as it may be stored, or all that is wrong with it."""
        row = _Row(line)
        self._read_texts(row)
        self._read_choices(row)
        owner, office_id, registrant = self._read_people(row)
        day = self._read_day(row)
        trading = self._read_trading(row)
        draft = rules.customer_draft(row.values)
        row.faults = _draft_faults(draft) | self._code_fault(draft) | row.faults
        if row.faults:
            return Rejected(line.number, draft.name[:120], _worded(row))
        return Accepted(
            line.number,
            draft,
            day,
            owner,
            office_id,
            registrant,
            trading,
            row.text("erp_code") or None,
            tuple(row.notes),
        )

    def _read_texts(self, row: _Row) -> None:
        for name in _TAKEN_AS_TEXT - CHOSEN:
            text = row.text(name)
            tick = rules.NONE_TICKS.get(name)
            if tick and text in _NONE_WORDS:
                row.values[tick] = True
            else:
                row.values[name] = text
        if not row.values.get("contact_name") and row.values.get("contact_mobile"):
            row.values["contact_name"] = words.EMPTY

    def _read_choices(self, row: _Row) -> None:
        for name in CHOSEN:
            if text := row.text(name):
                row.values[name] = self._lookups.code(name, text)
                if row.values[name] is None:
                    row.faults[name] = f"{label_of(name)} 中没有“{text[:40]}”"
        if text := row.text("region"):
            row.values["region"] = self._lookups.region(text)
            if row.values["region"] is None:
                row.faults["region"] = f"{label_of('region')} 中没有“{text[:40]}”"

    def _read_people(self, row: _Row) -> tuple[Colleague | None, int | None, int | None]:
        office, owner = row.text("office"), None
        if text := row.text("owner"):
            try:
                owner = self._lookups.person(text, office)
                if owner is None:
                    row.faults["owner"] = f"负责人 查无此人：{text[:40]}"
            except Ambiguous:
                row.faults["owner"] = f"负责人 有同名人员，请填写编号：{text[:40]}"
        registrant = None
        if text := row.text("registered_by"):
            try:
                registrant = self._lookups.registrant(text, office)
            except Ambiguous:
                row.notes.append(f"登记人 有同名人员“{text[:40]}”，记为导入人")
            else:
                if registrant is None:
                    row.notes.append(f"登记人 查无此人“{text[:40]}”，记为导入人")
        office_id = owner.office_id if owner else self._lookups.office(office)
        return owner, office_id, registrant.id if registrant else None

    def _read_day(self, row: _Row) -> date | None:
        cell = row.line.cells.get("registered_at")
        try:
            day = day_of(cell) if cell is not None else None
        except ValueError:
            row.faults["registered_at"] = "登记日期 无法识别，例如 2024-05-31"
            return None
        if day and day > clock.today():
            row.faults["registered_at"] = "登记日期 不能晚于今天"
        return day

    def _read_trading(self, row: _Row) -> bool:
        text = row.text("trading").upper()
        if text not in _YES_WORDS | _NO_WORDS:
            row.faults["trading"] = "交易客户 应为 是 或 否"
        return text in _YES_WORDS

    def _code_fault(self, draft: CustomerDraft) -> dict[str, str]:
        if not draft.code:
            return {}
        if self._name_of_code.setdefault(draft.code, draft.name) != draft.name:
            return {"code": f"客户代码 在文件中重复：{draft.code}"}
        if not draft.code.isascii() or len(draft.code) > 30:
            return {"code": "客户代码 只能是 30 位以内的字母和数字"}
        return {}


def _draft_faults(draft: CustomerDraft) -> dict[str, str]:
    """Return faults of what stands in the row; what only entry demands may be missing."""
    found = rules.faults(draft, quick=False)
    return {n: text for n, text in found.items() if n == "name" or getattr(draft, n, None)}


def _worded(row: _Row) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (label_of(name), str(row.line.cells.get(name, ""))[:200], message)
        for name, message in row.faults.items()
    )


def check_all(
    rows: Sequence[Line], lookups: Lookups, tell: Tell = silent
) -> tuple[list[Accepted], list[Rejected]]:
    """Return the rows that may come in and those that may not."""
    checker, answers = Checker(lookups), []
    for place, line in enumerate(rows):
        if place % TOLD_EVERY == 0:
            tell("检查", place, len(rows))
        answers.append(checker.check(line))
    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    return accepted, [answer for answer in answers if isinstance(answer, Rejected)]
