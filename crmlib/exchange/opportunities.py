"""A list of opportunities: each with a customer that is there, by the rules of the form."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.customers.model import Contact, Customer
from crmlib.exchange.columns import Line
from crmlib.exchange.found import Found
from crmlib.exchange.ledger import Ledger, Tell
from crmlib.exchange.lookups import Lookups
from crmlib.exchange.model import ImportKind, Verdict
from crmlib.exchange.planned import Cells, CheckedRows, Customers, Fill, New, RowPlan, parts, told
from crmlib.opportunities import drafts, rules
from crmlib.opportunities.model import Opportunity, OpportunityProduct, Outcome, StageHistory
from crmlib.opportunities.rules import OpportunityDraft, Step
from crmlib.opportunities.setup import PROJECT
from crmlib.opportunities.stages import first_step, steps_beside
from crmlib.store.numbers import take

_OUTCOMES = {label: Outcome(code) for code, label in words.OUTCOMES.items()}
_FILLED = ("project_type", "site_address", "source", "contact_id")
_FIELD_OF = {"customer_id": "customer", "contact_id": "contact", "owner_id": "owner"}


def check_opportunities(session: Session, lines: Sequence[Line], tell: Tell) -> CheckedRows:
    """Check a list of opportunities."""
    return CheckedRows(Opportunity, lines, _plan, _put).check(session, tell)


def _plan(session: Session, lines: Sequence[Line], tell: Tell) -> RowPlan:
    customers = Customers(session, lines)
    reader, plan = _Reader(session, customers), RowPlan()
    numbers = {Cells(ImportKind.OPPORTUNITIES, line).text("number") for line in lines} - {""}
    known = _Known(session, sorted(customers.by_id), sorted(numbers))
    for line in told(tell, lines):
        cells = Cells(ImportKind.OPPORTUNITIES, line)
        customer = customers.of(cells)
        row = reader.read(cells, customer)
        if cells.faults or row is None:
            plan.others.append(cells.error(cells.text("subject") or cells.text("project_name")))
        else:
            known.place(plan, row)
    return plan


class _Reader:
    """Turns a row into columns of an opportunity, or says what is wrong with it."""

    def __init__(self, session: Session, customers: Customers) -> None:
        self._lookups, self._choices = Lookups(session), drafts.choices_of(session)
        self._contacts = _contacts(session, sorted(customers.by_id))
        first = first_step(session, PROJECT)
        steps = steps_beside(session, first.id) if first else []
        self._steps = [step for step in steps if not step.disabled]

    def read(self, cells: Cells, customer: Customer | None) -> New | None:
        """Return the row, or None with its faults noted in the cells."""
        owner = cells.owner(self._lookups)
        step, outcome = self._step(cells), self._outcome(cells)
        since, decided = cells.past("registered_at"), cells.day("decided_on")
        registrant = cells.registrant(self._lookups)
        draft = rules.cleaned(self._draft(cells, customer))
        for name, message in rules.faults(draft, self._choices).items():
            cells.faults.setdefault(_FIELD_OF.get(name, name), message)
        owner_id = owner.id if owner else customer.owner_id if customer else None
        office_id = owner.office_id if owner else customer.office_id if customer else None
        if customer and owner_id is None:
            cells.faults.setdefault("owner", words.required(cells.label("owner")))
        if customer and not self._contacts.get(customer.id):
            cells.faults.setdefault("contact", rules.NO_CONTACT)
        probability = self._probability(cells, step)
        if cells.faults or customer is None or step is None:
            return None
        draft = replace(
            draft, subject=draft.subject or drafts.subject_of(draft, customer, self._choices)
        )
        values = _columns(draft, step, outcome, decided, since or clock.now()) | {
            "number": cells.text("number"),
            "owner_id": owner_id,
            "office_id": office_id,
            "probability": probability,
            "registered_by_id": registrant,
        }
        name = f"{draft.subject}（{draft.project_name}）"
        return New(cells.line.number, name, values, (), tuple(cells.notes), draft.products)

    def _draft(self, cells: Cells, customer: Customer | None) -> OpportunityDraft:
        choices = self._choices
        listed = re.sub("[，,;；/|]", "、", cells.text("products"))
        products = [p.strip() for p in listed.split("、") if p.strip()]
        codes = _by_name(choices.products)
        for product in products:
            if product not in codes:
                cells.faults["products"] = f"{cells.label('products')} 中没有“{product[:40]}”"
        return OpportunityDraft(
            customer_id=customer.id if customer else None,
            contact_id=self._contact(cells, customer),
            project_name=cells.text("project_name"),
            project_type=cells.code("project_type", _by_name(choices.project_types)),
            site_address=cells.text("site_address"),
            products=tuple(codes[p] for p in products if p in codes),
            sales_task=cells.code("sales_task", _by_name(choices.sales_tasks)),
            amount=cells.text("amount"),
            expected_close=cells.day("expected_close"),
            source=cells.code("source", _by_name(choices.sources)),
            subject=cells.text("subject"),
        )

    def _contact(self, cells: Cells, customer: Customer | None) -> int | None:
        here = self._contacts.get(customer.id, []) if customer else []
        text = cells.text("contact")
        found = next((key for key, name in here if name == text), None)
        if text and here and found is None:
            cells.notes.append(f"主联系人 没有“{text[:40]}”，记为客户的主联系人")
        return found or (here[0][0] if here else None)

    def _step(self, cells: Cells) -> Step | None:
        text = cells.text("stage")
        if not self._steps:
            cells.faults["stage"] = "还没有生效的销售阶段定义"
            return None
        if not text:
            return self._steps[0]
        found = next((s for s in self._steps if text in {s.name, s.code}), None)
        if found is None:
            cells.faults["stage"] = f"{cells.label('stage')} 中没有“{text[:40]}”"
        return found

    def _outcome(self, cells: Cells) -> Outcome:
        text = cells.text("outcome")
        if text and text not in _OUTCOMES:
            cells.faults["outcome"] = f"状态 应为 {'、'.join(_OUTCOMES)}"
        return _OUTCOMES.get(text, Outcome.OPEN)

    def _probability(self, cells: Cells, step: Step | None) -> int:
        text = cells.text("probability")
        if not text:
            return step.probability if step else 0
        found = rules.read_percent(text)
        if found is None:
            cells.faults["probability"] = rules.BAD_PROBABILITY
        return found or 0


def _columns(
    draft: OpportunityDraft, step: Step, outcome: Outcome, decided: date | None, since: datetime
) -> dict[str, Any]:
    is_over = outcome is not Outcome.OPEN
    day = decided or min(draft.expected_close, clock.today())  # type: ignore[type-var]
    return {
        "subject": draft.subject,
        "customer_id": draft.customer_id,
        "contact_id": draft.contact_id,
        "project_name": draft.project_name,
        "project_type": draft.project_type,
        "site_address": draft.site_address,
        "sales_task": draft.sales_task,
        "amount": draft.amount,
        "expected_close": draft.expected_close,
        "source": draft.source,
        "stage_id": step.id,
        "stage_since": since,
        "outcome": outcome,
        "closed": False,
        "decided_on": day if is_over else None,
        "won_amount": draft.amount if outcome is Outcome.WON else None,
        "registered_at": since,
    }


def _by_name(codes: Mapping[str, str]) -> dict[str, str]:
    return {code: code for code in codes} | {name: code for code, name in codes.items()}


def _contacts(session: Session, customers: list[int]) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for part in parts(customers):
        rows = session.execute(
            select(Contact.customer_id, Contact.id, Contact.name)
            .where(Contact.customer_id.in_(part), Contact.active.is_(True))
            .order_by(Contact.is_primary.desc(), Contact.id)
        )
        for customer, key, name in rows:
            found[customer].append((key, name))
    return found


class _Known:
    """The opportunities of the customers, and those the list has brought so far."""

    def __init__(self, session: Session, customers: list[int], numbers: list[str]) -> None:
        self._of: dict[int, list[Opportunity]] = defaultdict(list)
        self._numbered: dict[str, Opportunity] = {}
        self._brought: dict[tuple[Any, ...], int] = {}
        for column, wanted in ((Opportunity.customer_id, customers), (Opportunity.number, numbers)):
            for part in parts(wanted):
                for deal in session.scalars(select(Opportunity).where(column.in_(part))):
                    self._numbered[deal.number] = deal
        for deal in self._numbered.values():
            self._of[deal.customer_id].append(deal)

    def place(self, plan: RowPlan, row: New) -> None:
        """Say whether a deal is new, there already, or like another one."""
        values = row.values
        identity = (values["customer_id"], values["project_name"], values["subject"])
        first = self._brought.setdefault((*identity, values["number"]), row.number)
        numbered = self._numbered.get(values["number"])
        here = self._of[values["customer_id"]]
        same = next(
            (d for d in here if (d.customer_id, d.project_name, d.subject) == identity), None
        )
        if first != row.number:
            twin = (f"同第 {first} 行",)
            plan.others.append(Found(row.number, Verdict.SAME, row.name, (), twin))
        elif numbered and numbered.customer_id != values["customer_id"]:
            fault = (
                "商机编号",
                values["number"],
                f"商机编号 已用于其他客户的商机：{numbered.subject}",
            )
            plan.others.append(Found(row.number, Verdict.ERROR, row.name, (fault,)))
        elif deal := numbered or (
            None if values["number"] and same and same.number != values["number"] else same
        ):
            new = {n: values[n] for n in _FILLED if values[n] and not getattr(deal, n)}
            filled = "、".join(words.OPPORTUNITY[n.removesuffix("_id")] for n in new)
            reasons = (f"已有商机 {deal.number}", *([f"补充：{filled}"] if new else []))
            plan.fills.append(Fill(row.number, row.name, deal.id, new, reasons))
        else:
            doubts = tuple(
                f"该客户的项目「{d.project_name}」已有进行中的商机 {d.number}"
                for d in here
                if d.project_name == values["project_name"]
                and d.outcome is Outcome.OPEN
                and not d.closed
            )
            plan.new.append(replace(row, doubts=doubts))


def _put(ledger: Ledger, new: Sequence[New]) -> list[int]:
    me, session = ledger.work.actor.person_id, ledger.work.session
    month = f"{drafts.SERIES}{clock.today():%y%m}"
    count = sum(not row.values["number"] for row in new)
    at = take(session, month, count) if count else 0
    values = []
    for row in new:
        made = row.values | {"registered_by_id": row.values["registered_by_id"] or me}
        if not made["number"]:
            made["number"], at = f"{month}{at:05d}", at + 1
        values.append(made)
    numbers = [row.number for row in new]
    ids = ledger.insert(Opportunity, values, numbers)
    products = [
        (row.number, {"opportunity_id": key, "product": product})
        for row, key in zip(new, ids, strict=True)
        for product in row.more
    ]
    ledger.insert(OpportunityProduct, [v for _, v in products], [n for n, _ in products])
    history = [
        {
            "opportunity_id": key,
            "to_stage_id": made["stage_id"],
            "moved_at": made["stage_since"],
            "moved_by_id": made["registered_by_id"],
        }
        for key, made in zip(ids, values, strict=True)
    ]
    ledger.insert(StageHistory, history, numbers)
    return ids
