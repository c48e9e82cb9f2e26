"""Turn the invented customers and deals into rows."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.customers import formats
from crmlib.customers.model import CustomerStatus
from crmlib.demo import wording
from crmlib.demo.calendar import last_evening
from crmlib.demo.codes import Codes
from crmlib.demo.customers import THE_EXAMPLE, Prospect
from crmlib.demo.deals import Deal, Move
from crmlib.opportunities.model import Outcome, StageEvent
from crmlib.reference.kinds import DictKind
from crmlib.store.schema import Counter

Row = dict[str, Any]


class Series:
    """Document numbers as the store gives them: prefix + yyMM + a running number."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def next(self, prefix: str, moment: datetime) -> str:
        """Return the next number of the month."""
        day = clock.local(moment)
        name = f"{prefix}{day.year % 100:02d}{day.month:02d}"
        self._given[name] = self._given.get(name, 0) + 1
        return f"{name}{self._given[name]:05d}"

    def save(self, session: Session) -> None:
        """Let the store go on behind the numbers given here."""
        rows = [{"name": n, "value": v} for n, v in self._given.items()]
        if rows:
            session.execute(insert(Counter), rows)


def customer_rows(
    prospects: list[Prospect], codes: Codes, series: Series, chance: Random
) -> Iterator[Row]:
    """Yield customers; their numbers run in the order of registration."""
    order = sorted(prospects, key=lambda p: (p.registered, p.id))
    number = {p.id: series.next("KH", p.registered) for p in order}
    for prospect in prospects:
        yield _customer(prospect, number[prospect.id], codes, chance)


def _customer(p: Prospect, code: str, codes: Codes, chance: Random) -> Row:
    is_whole = p.name == THE_EXAMPLE or chance.random() < 0.88
    trading = p.status is CustomerStatus.TRADING
    return (
        _keys(p)
        | _reach(p, is_whole, chance)
        | {
            "id": p.id,
            "version": 1,
            "code": code,
            "status": p.status,
            "level": codes.pick(chance, DictKind.CUSTOMER_LEVEL),
            "customer_type": codes.pick(chance, DictKind.CUSTOMER_TYPE),
            "size": codes.pick(chance, DictKind.CUSTOMER_SIZE),
            "source": codes.pick(chance, DictKind.LEAD_SOURCE),
            "industry": codes.at(DictKind.INDUSTRY, p.industry),
            "region_id": codes.regions[p.city.province],
            "country": codes.of(DictKind.COUNTRY, "中国"),
            "owner_id": p.owner,
            "office_id": p.branch.office_id,
            "registered_by_id": p.owner if p.owner and chance.random() < 0.4 else p.branch.clerk,
            "registered_at": p.registered,
            "erp_code": f"C{p.id:06d}" if trading else None,
            "value_score": 40 + int(60 * chance.random()) if trading else None,
            "last_trade_on": p.traded,
            "incomplete": not is_whole,
            "recycled_at": p.registered + timedelta(days=1)
            if p.status is CustomerStatus.RECYCLED
            else None,
        }
    )


def _keys(p: Prospect) -> Row:
    parsed = p.parsed
    return {
        "name": p.name,
        "name_key": parsed.key,
        "core_key": parsed.core + parsed.branch,
        "brand": parsed.brand,
        "pinyin": parsed.pinyin,
        "initials": parsed.initials,
        "short_name": short_name(p),
    }


def _reach(p: Prospect, is_whole: bool, chance: Random) -> Row:
    """Return how the customer is reached; one that is not whole still lacks phone and address."""
    has_fax = chance.random() < 0.3
    address = p.city.address(chance.random(), chance.random(), chance.random())
    return {
        "phone": p.phone if is_whole else None,
        "phone_key": formats.phone_key(p.phone) if is_whole else None,
        "fax": f"{p.phone[:-1]}{(int(p.phone[-1]) + 1) % 10}" if has_fax else None,
        "email": f"sales@{p.website.removeprefix('www.')}" if p.website else None,
        "website": p.website,
        "no_fax": not has_fax,
        "no_email": not p.website,
        "no_website": not p.website,
        "address": address if is_whole else None,
    }


def short_name(p: Prospect) -> str:
    """Return what people call the customer: 恒晟幕墙."""
    return f"{p.brand}{p.trade.removesuffix('工程')}"[:40]


def contact_rows(prospects: list[Prospect], chance: Random) -> Iterator[Row]:
    """Yield contacts; the first of a customer is its 主联系人."""
    key = 0
    for prospect in prospects:
        prospect.first_contact_id = key + 1
        for place, person in enumerate(prospect.contacts):
            key += 1
            yield {
                "id": key,
                "version": 1,
                "customer_id": prospect.id,
                "name": person.name,
                "role": person.role,
                "mobile": person.mobile,
                "is_primary": place == 0,
                "title": chance.choice(
                    ("总经理", "采购经理", "项目经理", "设计师", "采购员", None)
                ),
                "active": True,
            }


class DealRows:
    """Yields the rows of the deals, table by table."""

    def __init__(self, deals: list[Deal], codes: Codes, series: Series, chance: Random) -> None:
        self.deals, self.codes, self.series, self.chance = deals, codes, series, chance
        self._closed: dict[int, datetime] = {}  # of a deal, while its rows are written

    def opportunities(self) -> Iterator[Row]:
        """Yield the opportunities."""
        for deal in self.deals:
            yield self._opportunity(deal)

    def _opportunity(self, deal: Deal) -> Row:
        codes, chance, prospect = self.codes, self.chance, deal.prospect
        city = prospect.city
        task = codes.pick(chance, DictKind.SALES_TASK)
        product = codes.name(DictKind.PRODUCT, codes.families[deal.product])
        project = wording.project(chance, city.name)
        return self._ending(deal) | {
            "id": deal.id,
            "version": len(deal.moves),
            "number": self.series.next("SJ", deal.registered),
            "subject": f"{short_name(prospect)}-{product}-{codes.name(DictKind.SALES_TASK, task)}",
            "customer_id": prospect.id,
            "contact_id": prospect.first_contact_id,
            "project_name": f"{city.name}零星采购" if deal.is_small else project,
            "project_type": codes.pick(chance, DictKind.PROJECT_TYPE),
            "site_address": city.address(chance.random(), chance.random(), chance.random()),
            "sales_task": task,
            "amount": deal.amount,
            "expected_close": _expected_close(deal, chance),
            "source": codes.pick(chance, DictKind.LEAD_SOURCE),
            "owner_id": deal.owner,
            "office_id": prospect.branch.office_id,
            "stage_id": deal.step.id,
            "stage_since": deal.moves[-1].at,
            "probability": deal.step.probability,
            "registered_by_id": deal.owner,
            "registered_at": deal.registered,
        }

    def _ending(self, deal: Deal) -> Row:
        codes, chance, ended = self.codes, self.chance, deal.ended
        won, lost = deal.outcome is Outcome.WON, deal.outcome is Outcome.LOST
        is_example = deal.prospect.name == THE_EXAMPLE
        is_closed = ended is not None and not is_example and chance.random() < 0.6
        reasons = DictKind.WIN_REASON if won else DictKind.LOSS_REASON
        rival = codes.pick(chance, DictKind.COMPETITOR)
        summary = "已按计划交付，客户反馈良好" if won else "已复盘"
        if is_closed and ended:
            self._closed[deal.id] = min(ended + timedelta(days=3), last_evening())
        closed_at = self._closed.get(deal.id)
        return {
            "outcome": deal.outcome,
            "closed": is_closed,
            "closed_on": clock.local(closed_at).date() if closed_at else None,
            "close_reason": codes.at(DictKind.CLOSE_REASON, 0) if closed_at else None,
            "decided_on": ended.date() if ended else None,
            "outcome_reason": codes.pick(chance, reasons) if ended else None,
            "won_amount": deal.amount * (90 + chance.randrange(11)) / 100 if won else None,
            "competitor": rival if lost or chance.random() < 0.3 else None,
            "project_summary": summary if is_closed else None,
        }

    def products(self) -> Iterator[Row]:
        """Yield what each deal is about: its first product, sometimes a second."""
        key = 0
        for deal in self.deals:
            codes = {self.codes.families[deal.product]}
            if self.chance.random() < 0.35:
                codes.add(self.chance.choice(self.codes.families))
            for code in sorted(codes):
                key += 1
                yield {"id": key, "opportunity_id": deal.id, "product": code}

    def history(self) -> Iterator[Row]:
        """Yield every move between stages."""
        key = 0
        for deal in self.deals:
            for move, event in [(m, StageEvent.MOVE) for m in deal.moves] + self._ends(deal):
                key += 1
                yield {
                    "id": key,
                    "opportunity_id": deal.id,
                    "from_stage_id": move.from_step.id if move.from_step else None,
                    "to_stage_id": move.to_step.id,
                    "moved_at": move.at,
                    "moved_by_id": deal.owner,
                    "days": move.days,
                    "event": event,
                }

    def _ends(self, deal: Deal) -> list[tuple[Move, StageEvent]]:
        """Return how a deal ended and was closed; both leave it in its stage."""
        found, before = [], deal.moves[-1].at
        for at, event in (
            (deal.ended, StageEvent(deal.outcome.value) if deal.ended else StageEvent.WON),
            (self._closed.get(deal.id), StageEvent.CLOSED),
        ):
            if at:
                days = (clock.local(at).date() - clock.local(before).date()).days
                found.append((Move(deal.step, deal.step, at, days), event))
                before = at
        return found


def _expected_close(deal: Deal, chance: Random) -> date:
    if deal.ended:
        return deal.ended.date() + timedelta(days=int(chance.gauss(0, 12)))
    return clock.today() + timedelta(days=int(160 * chance.random()) - 15)
