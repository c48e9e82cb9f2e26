"""Invented opportunities: a year of them, each walking through its stages to an end or to today."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from crmlib.customers.model import CustomerStatus
from crmlib.demo.calendar import busy_day, last_evening, working_moment
from crmlib.demo.customers import THE_EXAMPLE, Prospect
from crmlib.opportunities.model import Outcome

_DAYS = 390
_SMALL = 0.22  # deals that need no project
_FAMILIES = 6
_STUCK = 0.06  # chance per stage to be forgotten
_LOSS = {"INFO": 0.14, "SETUP": 0.08, "SPEC": 0.16, "SAMPLE": 0.09, "QUOTE": 0.12, "BID": 0.2, "NEGO": 0.12, "CONTRACT": 0.04}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as the database holds it."""

    id: int
    code: str
    probability: int
    standard_days: int


@dataclass(frozen=True, slots=True)
class Move:
    """One entry of the stage history."""

    from_step: Step | None
    to_step: Step
    at: datetime
    days: int


@dataclass(slots=True)
class Deal:
    """An opportunity while the firm is invented."""

    prospect: Prospect
    registered: datetime
    moves: list[Move]
    outcome: Outcome
    ended: datetime | None
    amount: Decimal
    is_small: bool
    product: int  # place of its product family
    id: int = 0

    @property
    def owner(self) -> int:
        """Return the owner; deals are only made with customers that have one."""
        assert self.prospect.owner is not None  # noqa: S101 see `invent_deals`
        return self.prospect.owner

    @property
    def step(self) -> Step:
        """Return the stage it stands in."""
        return self.moves[-1].to_step

    def step_at(self, moment: datetime) -> Step:
        """Return the stage at a moment."""
        return next(
            (m.to_step for m in reversed(self.moves) if m.at <= moment), self.moves[0].to_step
        )


def invent_deals(
    prospects: list[Prospect],
    project: list[Step],
    small: list[Step],
    count: int,
    chance: Random,
) -> list[Deal]:
    """Return ``count`` deals in the order of their registration; winners' customers may trade."""
    wooed = [p for p in prospects if p.owner and p.status is CustomerStatus.POTENTIAL]
    weights = _cumulated([1 / (1 + place % 97) ** 0.6 for place in range(len(wooed))])
    example = next(p for p in prospects if p.name == THE_EXAMPLE)
    deals = [_won_example(example, small, chance)]
    while len(deals) < count:
        prospect = chance.choices(wooed, cum_weights=weights)[0]
        is_small = chance.random() < _SMALL
        deals.append(_walk(prospect, small if is_small else project, is_small, chance))
    deals.sort(key=lambda d: (d.registered, d.prospect.id))
    for number, deal in enumerate(deals, start=1):
        deal.id = number
        if deal.outcome is Outcome.WON and deal.ended and deal.prospect is not example:
            _let_trade(deal.prospect, deal.ended.date(), chance)
    _let_old_customers_trade(prospects, chance)
    return deals


def _walk(prospect: Prospect, steps: list[Step], is_small: bool, chance: Random) -> Deal:
    evening = last_evening()
    earliest = prospect.registered + timedelta(days=1)
    start = working_moment(chance, busy_day(chance, evening.date(), _DAYS, growth=1.15))
    start = min(max(start, earliest), evening)
    amount = _amount(chance, 4.4 if is_small else 5.5)
    first = Move(None, steps[0], start, 0)
    product = int(_FAMILIES * chance.random() ** 1.4)
    deal = Deal(prospect, start, [first], Outcome.OPEN, None, amount, is_small, product)
    for here, following in zip(steps, [*steps[1:], None], strict=True):
        left = _leaving(deal.moves[-1].at, here, chance)
        if left > evening:
            return deal
        if chance.random() < _LOSS[here.code]:
            deal.outcome, deal.ended = Outcome.LOST, left
            return deal
        if following is None:
            deal.outcome, deal.ended = Outcome.WON, left
            return deal
        deal.moves.append(Move(here, following, left, (left - deal.moves[-1].at).days))
    return deal


def _leaving(since: datetime, step: Step, chance: Random) -> datetime:
    days = step.standard_days * chance.lognormvariate(-0.25, 0.55)
    if chance.random() < _STUCK:
        days *= 3 + 6 * chance.random()
    moment = working_moment(chance, (since + timedelta(days=max(1.0, days))).date())
    return max(moment, since + timedelta(hours=2))


def _won_example(prospect: Prospect, steps: list[Step], chance: Random) -> Deal:
    """Return the won deal that makes the check list of the seed's own example green."""
    at = prospect.registered + timedelta(days=5)
    moves = [Move(None, steps[0], at, 0)]
    for here, following in pairwise(steps):
        moved = working_moment(chance, (at + timedelta(days=here.standard_days)).date())
        moves.append(Move(here, following, moved, (moved - at).days))
        at = moved
    amount = Decimal(386_000)
    won = at + timedelta(days=9)
    return Deal(prospect, moves[0].at, moves, Outcome.WON, won, amount, is_small=True, product=2)


def _amount(chance: Random, magnitude: float) -> Decimal:
    yuan = 10 ** (magnitude + 0.42 * chance.gauss(0, 1))
    step = 100 if yuan < 50_000 else 1_000
    return Decimal(max(step, round(yuan / step) * step))


def _let_trade(prospect: Prospect, day: date, chance: Random) -> None:
    # Some winners still wait for 综合部: that is the list it works from.
    if prospect.status is CustomerStatus.TRADING or chance.random() < 0.72:
        prospect.status = CustomerStatus.TRADING
        prospect.traded = max(prospect.traded or day, day)


def _let_old_customers_trade(prospects: list[Prospect], chance: Random) -> None:
    evening = last_evening()
    for prospect in prospects:
        age = (evening - prospect.registered).days
        is_plain = prospect.status is CustomerStatus.POTENTIAL and prospect.name != THE_EXAMPLE
        if is_plain and prospect.owner and age > 420 and chance.random() < 0.2:
            prospect.status = CustomerStatus.TRADING
            prospect.traded = evening.date() - timedelta(days=int(chance.random() * 400))


def _cumulated(weights: list[float]) -> list[float]:
    total, sums = 0.0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return sums
