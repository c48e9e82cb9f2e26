"""Invented quotations of the deals that came as far as 报价, some of them in two versions."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.demo.bulk import Row, insert_rows
from crmlib.demo.calendar import last_evening
from crmlib.demo.codes import Codes
from crmlib.demo.deals import Deal
from crmlib.demo.writing import Series
from crmlib.opportunities.model import Outcome
from crmlib.people.model import Person
from crmlib.quotes import rules
from crmlib.quotes.model import Quotation, QuotationLine
from crmlib.quotes.states import QuoteStatus
from crmlib.reference.kinds import DictKind

S = QuoteStatus
_HOLDS = timedelta(days=30)
_FRESH = timedelta(days=6)  # what nobody decided yet is no older
_TWICE = 0.25  # chance of a second version
# Product, specification, unit, price.
_GOODS = (
    ("执手", "锌合金 银色", "套", "68.50"),
    ("铰链", "304 不锈钢", "只", "42.80"),
    ("滑撑", "14 寸", "付", "55.00"),
    ("驳接爪", "四爪 200", "套", "260.00"),
    ("地弹簧", "承重 120kg", "台", "480.00"),
    ("闭门器", "三号力", "台", "215.60"),
    ("玻璃夹", "316 不锈钢", "只", "36.20"),
    ("硅酮密封胶", "590ml", "支", "18.90"),
)
_DELIVERY = ("合同签订后 15 天", "合同签订后 30 天", "现货，付款后 3 天", "分批供货，按工地进度")
_TERMS = "1. 质保两年，非人为损坏免费更换。\n2. 含运费，送至工地，卸货由需方负责。"


def quote_deals(
    session: Session, deals: list[Deal], codes: Codes, series: Series, chance: Random
) -> int:
    """Write quotations with their lines; return how many versions."""
    people = select(Person.id, Person.reports_to_id).where(Person.active)
    book = _Book({key: boss for key, boss in session.execute(people) if boss}, codes, chance)
    for deal in deals:
        quoted = next((m.at for m in deal.moves if m.to_step.code == "QUOTE"), None)
        if quoted is not None:
            book.quote(deal, quoted, series)
    count = insert_rows(session, Quotation, book.quotes)
    insert_rows(session, QuotationLine, book.lines)
    return count


class _Book:
    """Collects versions and lines."""

    def __init__(self, bosses: dict[int, int], codes: Codes, chance: Random) -> None:
        self.bosses, self.codes, self.chance = bosses, codes, chance
        self.quotes: list[Row] = []
        self.lines: list[Row] = []

    def quote(self, deal: Deal, quoted: datetime, series: Series) -> None:
        """Add the versions of one deal."""
        status = self._status(deal)
        if status in rules.UNSETTLED | {S.APPROVED}:
            quoted = max(quoted, last_evening() - _FRESH)
        number = series.next("BJ", quoted)
        revision, goods = 1, self.chance.sample(_GOODS, self.chance.randint(2, 4))
        if status in {S.SENT, S.ACCEPTED} and self.chance.random() < _TWICE:
            self._add(deal, number, 1, S.SENT, quoted, goods, Decimal(0))
            revision, quoted = 2, min(quoted + timedelta(days=5), last_evening())
        less = Decimal(self.chance.choice((0, 0, 2, 3, 5))) + 2 * (revision - 1)
        self._add(deal, number, revision, status, quoted, goods, less)

    def _status(self, deal: Deal) -> QuoteStatus:
        if deal.owner not in self.bosses:
            return S.DRAFT
        if deal.outcome is Outcome.WON:
            return S.ACCEPTED
        if deal.outcome is Outcome.LOST or deal.moves[-1].to_step.code != "QUOTE":
            return S.SENT
        return self.chance.choice((S.DRAFT, S.WAITING, S.APPROVED, S.SENT))

    def _add(
        self,
        deal: Deal,
        number: str,
        revision: int,
        status: QuoteStatus,
        made: datetime,
        goods: list[tuple[str, str, str, str]],
        less: Decimal,
    ) -> None:
        key = len(self.quotes) + 1
        subtotals = [
            self._line(key, at, deal, good, less, len(goods)) for at, good in enumerate(goods, 1)
        ]
        self.quotes.append(
            {
                "id": key,
                "version": 1,
                "number": number,
                "revision": revision,
                "opportunity_id": deal.id,
                "status": status.value,
                "delivery": self.chance.choice(_DELIVERY),
                "payment_term": self.codes.pick(self.chance, DictKind.PAYMENT_TERM),
                "valid_until": clock.local(made).date() + _HOLDS,
                "terms": _TERMS,
                "pricing_note": None,
                "total": rules.total(subtotals),
                "created_by_id": deal.owner,
                "created_at": made,
                "void_reason": None,
            }
            | self._decisions(deal, status, made)
        )

    def _decisions(self, deal: Deal, status: QuoteStatus, made: datetime) -> Row:
        submitted = status is not S.DRAFT
        decided = submitted and status is not S.WAITING
        sent = status in {S.SENT, S.ACCEPTED}
        boss = self.bosses.get(deal.owner)
        asked, answered, handed = (
            min(made + timedelta(hours=hours), last_evening()) for hours in (1, 4, 6)
        )
        accepted = max(deal.ended or handed, handed)
        return {
            "submitted_by_id": deal.owner if submitted else None,
            "submitted_at": asked if submitted else None,
            "approver_id": boss if submitted else None,
            "decided_by_id": boss if decided else None,
            "decided_at": answered if decided else None,
            "decision_note": "同意" if decided else None,
            "sent_at": handed if sent else None,
            "accepted_at": accepted if status is S.ACCEPTED else None,
        }

    def _line(
        self,
        quote: int,
        position: int,
        deal: Deal,
        good: tuple[str, str, str, str],
        less: Decimal,
        parts: int,
    ) -> Decimal:
        name, spec, unit, price = good
        cost = Decimal(price)
        quantity = max(Decimal(10), (deal.amount / parts / cost).to_integral_value())
        subtotal = rules.subtotal(quantity, cost, less)
        self.lines.append(
            {
                "id": len(self.lines) + 1,
                "quotation_id": quote,
                "position": position,
                "product": self.codes.of(DictKind.PRODUCT, name),
                "name": name,
                "spec": spec,
                "unit": unit,
                "quantity": quantity,
                "unit_price": cost,
                "discount": less,
                "subtotal": subtotal,
            }
        )
        return subtotal
