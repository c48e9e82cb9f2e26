"""Invented activities: what salespeople did with their customers, and what they plan."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from crmlib.activities.model import ActivityStatus, Importance, Priority
from crmlib.customers.model import CustomerStatus
from crmlib.demo.calendar import last_evening, working_moment
from crmlib.demo.codes import Codes
from crmlib.demo.customers import Prospect
from crmlib.demo.deals import Deal
from crmlib.demo.wording import SAID
from crmlib.demo.writing import Series
from crmlib.reference.kinds import DictKind

_ON_DEALS = 0.6
_PLANNED = 0.04
_PLANNED_BEFORE = 7  # of ten
_DAYS = 365


class Diary:
    """Invents activities one after another and remembers the last contact of each customer."""

    def __init__(
        self,
        prospects: list[Prospect],
        deals: list[Deal],
        codes: Codes,
        series: Series,
        chance: Random,
    ) -> None:
        self.held = [p for p in prospects if p.owner and p.status is not CustomerStatus.RECYCLED]
        self.deals, self.series, self.chance = deals, series, chance
        self.last_contact: dict[int, date] = {}
        self._evening = last_evening()
        self._said = [
            (codes.of(DictKind.ACTIVITY_TYPE, kind), kind, subject, result)
            for kind, subject, result in SAID
        ]

    def rows(self, count: int) -> Iterator[dict[str, Any]]:
        """Yield ``count`` activities."""
        for key in range(1, count + 1):
            deal = self.chance.choice(self.deals) if self.chance.random() < _ON_DEALS else None
            prospect = deal.prospect if deal else self.chance.choice(self.held)
            if self.chance.random() < _PLANNED:
                yield self._planned(key, prospect, deal if deal and not deal.ended else None)
            else:
                yield self._done(key, prospect, deal)

    def _done(self, key: int, prospect: Prospect, deal: Deal | None) -> dict[str, Any]:
        moment = self._moment(prospect, deal)
        code, kind, subject, result = self._said[int(len(self._said) * self.chance.random())]
        last = self.last_contact.get(prospect.id)
        if last is None or moment.date() > last:
            self.last_contact[prospect.id] = moment.date()
        return self._row(key, prospect, deal, code) | {
            "subject": f"{kind}：{subject}",
            "status": ActivityStatus.DONE,
            **self._plan(key, moment, deal.registered if deal else prospect.registered),
            "started_at": moment,
            "ended_at": moment + timedelta(minutes=15 + int(self.chance.random() * 90)),
            "stage_id": deal.step_at(moment).id if deal else None,
            "result": result,
            "number": self.series.next("HD", moment),
        }

    @staticmethod
    def _plan(key: int, moment: datetime, known: datetime) -> dict[str, Any]:
        """Most of what was done had been planned, one in eight of it for an earlier day."""
        if key % 10 >= _PLANNED_BEFORE:
            return {"created_at": moment}
        late = timedelta(days=1 + key % 3 if key % 8 == 0 else 0)
        start = moment - late if moment - late >= known else moment
        return {
            "planned_start": start,
            "planned_end": start + timedelta(hours=1),
            "created_at": start,
        }

    def _planned(self, key: int, prospect: Prospect, deal: Deal | None) -> dict[str, Any]:
        days = int(20 * self.chance.random()) - 5
        start = working_moment(self.chance, self._evening.date() + timedelta(days=days))
        code, kind, subject, _ = self._said[int(len(self._said) * self.chance.random())]
        return self._row(key, prospect, deal, code) | {
            "subject": f"{kind}：{subject}",
            "status": ActivityStatus.NOT_STARTED,
            "planned_start": start,
            "planned_end": start + timedelta(hours=1),
            "stage_id": deal.step.id if deal else None,
            "remind": self.chance.random() < 0.7,
            "created_at": self._evening - timedelta(days=6, hours=int(9 * self.chance.random())),
            "number": self.series.next("HD", self._evening),
        }

    def _moment(self, prospect: Prospect, deal: Deal | None) -> datetime:
        latest = deal.ended if deal and deal.ended else self._evening
        earliest = deal.registered if deal else prospect.registered
        earliest = max(earliest, latest - timedelta(days=_DAYS))
        days = max(0, (latest - earliest).days)
        day = latest.date() - timedelta(days=int(days * self.chance.random()))
        return min(working_moment(self.chance, day), self._evening)

    def _row(self, key: int, prospect: Prospect, deal: Deal | None, code: str) -> dict[str, Any]:
        chance = self.chance.random()
        return {
            "id": key,
            "version": 1,
            "number": "",
            "subject": "",
            "activity_type": code,
            "customer_id": prospect.id,
            "contact_id": prospect.first_contact_id,
            "phone": prospect.contacts[0].mobile,
            "status": ActivityStatus.DONE,
            "importance": Importance.HIGH if chance < 0.15 else Importance.NORMAL,
            "priority": Priority.HIGH if chance < 0.1 else Priority.MEDIUM,
            "planned_start": None,
            "planned_end": None,
            "started_at": None,
            "ended_at": None,
            "opportunity_id": deal.id if deal else None,
            "stage_id": None,
            "result": None,
            "remind": False,
            "owner_id": prospect.owner,
            "office_id": prospect.branch.office_id,
            "created_at": None,
        }
