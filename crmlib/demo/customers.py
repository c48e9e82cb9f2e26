"""Invented customers: names, places, owners, contacts, and the duplicates every firm has."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from crmlib.customers.model import CustomerStatus
from crmlib.demo import wording
from crmlib.demo.calendar import busy_day, last_evening, working_moment
from crmlib.demo.geography import City, cities, city_named
from crmlib.demo.people import Branch, Staff
from crmlib.demo.variants import Relation, variant
from crmlib.duplicates import names
from crmlib.reference.load import data

THE_EXAMPLE = "北京北大西飞发展有限公司"
_YEARS = 6
_UNASSIGNED, _RECYCLED = 0.05, 0.012
_VARIANTS = {Relation.SAME: 0.022, Relation.AFFILIATE: 0.03}


@dataclass(slots=True)
class Person:
    """A contact of a customer."""

    name: str
    mobile: str
    role: str


@dataclass(slots=True)
class Prospect:
    """A customer while the firm is invented."""

    id: int
    name: str
    parsed: names.ParsedName
    brand: str
    trade: str
    industry: int
    city: City
    branch: Branch
    owner: int | None
    registered: datetime
    phone: str
    contacts: list[Person]
    website: str | None = None
    status: CustomerStatus = CustomerStatus.POTENTIAL
    traded: date | None = None
    twin: int | None = None  # the customer this one is a variant of
    relation: Relation | None = None
    first_contact_id: int = 0


class Market:
    """Invents customers one by one; never the same name twice."""

    def __init__(self, staff: Staff, chance: Random) -> None:
        self.staff, self.chance = staff, chance
        self.prospects: list[Prospect] = []
        self._taken: set[str] = set()
        self._weights = [city.weight for city in cities()]
        by_city = {b.city.name: b for b in staff.branches}
        self._branch_of = {
            c.name: by_city.get(c.name) or _nearest(c, staff.branches) for c in cities()
        }

    def fill(self, count: int) -> list[Prospect]:
        """Invent ``count`` customers, the seed's own example first."""
        self._add_example()
        while len(self.prospects) < count:
            kind = self.chance.random()
            relation = None
            for candidate, share in _VARIANTS.items():
                if kind < share and len(self.prospects) > 50:
                    relation = candidate
                    break
                kind -= share
            self._add_variant(relation) if relation else self._add_new()
        return self.prospects

    def _add_example(self) -> None:
        branch = self._branch_of["广州"]
        made = self._make(THE_EXAMPLE, "北大西飞", "发展", 9, city_named("北京"), branch)
        assert made is not None  # noqa: S101 nothing is taken yet
        made.status = CustomerStatus.POTENTIAL
        made.owner = self.staff.by_login["wangqiang"]
        made.registered = working_moment(self.chance, last_evening().date() - timedelta(days=240))
        made.website = "www.beidaxifei.cn"

    def _add_new(self) -> None:
        chance = self.chance
        city = chance.choices(cities(), self._weights)[0]
        place = wording.industry(chance)
        trade = wording.trade(chance, wording.industries()[place])
        brand = wording.brand(chance)
        name = _compose(chance, city, brand, trade, wording.legal_form(chance))
        self._make(name, brand, trade, place, city, self._branch_of[city.name])

    def _add_variant(self, relation: Relation) -> None:
        model = self.chance.choice(self.prospects)
        if model.twin is not None or model.name == THE_EXAMPLE:
            return
        name, city = variant(
            self.chance, relation, model.name, model.brand, model.trade, model.city
        )
        branch = model.branch if relation is Relation.SAME else self._branch_of[city.name]
        made = self._make(name, model.brand, model.trade, model.industry, city, branch)
        if made is None:
            return
        made.twin, made.relation = model.id, relation
        if relation is Relation.SAME:
            if self.chance.random() < 0.6:
                made.contacts[0].mobile = model.contacts[0].mobile
            if self.chance.random() < 0.4:
                made.phone = model.phone

    def _make(
        self, name: str, brand: str, trade: str, industry: int, city: City, branch: Branch
    ) -> Prospect | None:
        parsed = names.parse(name)
        if parsed.key in self._taken:
            return None
        self._taken.add(parsed.key)
        chance = self.chance
        made = Prospect(
            id=len(self.prospects) + 1,
            name=name,
            parsed=parsed,
            brand=brand,
            trade=trade,
            industry=industry,
            city=city,
            branch=branch,
            owner=_owner(chance, branch),
            registered=working_moment(
                chance, busy_day(chance, last_evening().date(), _YEARS * 365, growth=1.6)
            ),
            phone=f"{city.trunk}-{chance.randrange(2, 9)}{chance.randrange(10**7):07d}",
            contacts=_contacts(chance),
            website=f"www.{wording.romanise(chance)}{chance.randrange(10, 99)}.cn"
            if chance.random() < 0.45
            else None,
        )
        if chance.random() < _RECYCLED:
            made.status = CustomerStatus.RECYCLED
        self.prospects.append(made)
        return made


def _compose(chance: Random, city: City, brand: str, trade: str, form: str) -> str:
    """Return a registered name: mostly area + 字号 + trade + form."""
    kind = chance.random()
    if kind < 0.42:
        return f"{city.town}{brand}{trade}{form}"
    if kind < 0.72:
        return f"{city.name}{brand}{trade}{form}"
    if kind < 0.84:
        return f"{city.province}{brand}{trade}{form}"
    if kind < 0.94:
        return f"{brand}（{city.name}）{trade}{form}"
    return f"{brand}{trade}{form}"


def _owner(chance: Random, branch: Branch) -> int | None:
    """Return an owner: a few salespeople hold most customers, some customers wait for one."""
    if chance.random() < _UNASSIGNED or not branch.sales:
        return None
    weights = [1 / (place + 1.5) ** 0.75 for place in range(len(branch.sales))]
    return chance.choices(branch.sales, weights)[0]


def _contacts(chance: Random) -> list[Person]:
    count = chance.choices((1, 2, 3, 4), (50, 34, 12, 4))[0]
    return [
        Person(
            wording.person(chance)[0], mobile(chance), f"{1 + int(9 * chance.random() ** 1.5):02d}"
        )
        for _ in range(count)
    ]


def mobile(chance: Random) -> str:
    """Return a Chinese mobile number."""
    start = chance.choice(("138", "139", "137", "136", "135", "150", "158", "159", "186", "188", "189", "177"))  # fmt: skip
    return f"{start}{chance.randrange(10**8):08d}"


def _nearest(city: City, branches: list[Branch]) -> Branch:
    """Return the office in charge: of the same province, else of the same region."""
    region_of = {p: r for group in data()["region"].values() for r, ps in group.items() for p in ps}
    near = [b for b in branches if b.city.province == city.province]
    near = near or [b for b in branches if region_of[b.city.province] == region_of[city.province]]
    near = near or branches
    return near[int(city.trunk) % len(near)]
