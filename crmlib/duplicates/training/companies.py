"""Invented companies: names as they stand in a register, with what they are made of."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from crmlib.duplicates.gazetteer import Place
from crmlib.duplicates.training import lexicon

_REUSED = 0.15  # brands that follow one that exists
_SISTER, _BRANCH = 0.05, 0.09
_OUTLETS = (
    "分公司",
    "分公司",
    "分公司",
    "办事处",
    "项目部",
    "营业部",
    "分店",
    "第一分公司",
    "第二分公司",
    "第三项目部",
)


@dataclass(frozen=True, slots=True)
class Company:
    """A company and the parts of its name."""

    id: int
    area: str  # as written, title included
    place: Place
    brand: str
    trade: str
    form: str
    branch: str = ""
    inner: bool = False  # the area stands in brackets after the brand
    head: int = -1  # the company it is a branch of

    @property
    def name(self) -> str:
        """Name as registered."""
        if self.inner and self.area:
            return f"{self.brand}({self.area}){self.trade}{self.form}{self.branch}"
        return f"{self.area}{self.brand}{self.trade}{self.form}{self.branch}"


class Register:
    """Invents companies one after another, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self._spots = lexicon.spots()
        total, self._sums = 0.0, []
        for _, place in self._spots:
            total += 1.0 if place.county else 12.0 if place.city else 60.0
            self._sums.append(total)
        self._known: list[Company] = []

    def companies(self, count: int) -> Iterator[Company]:
        """Yield companies; some are branches or sisters of earlier ones."""
        for number in range(count):
            made = self._next(number)
            if len(self._known) < 50_000:
                self._known.append(made)
            else:
                self._known[self.chance.randrange(50_000)] = made
            yield made

    def _next(self, number: int) -> Company:
        kind = self.chance.random()
        known = self.chance.choice(self._known) if self._known else None
        if known and kind < _BRANCH:
            return self._branch(number, known)
        if known and kind < _BRANCH + _SISTER and not known.branch:
            return self._sister(number, known)
        area, place = self.area()
        brand = known.brand if known and self.chance.random() < _REUSED else ""
        return Company(
            number,
            area,
            place,
            brand or lexicon.brand(self.chance),
            lexicon.trade(self.chance) if self.chance.random() > 0.04 else "",
            lexicon.form(self.chance),
            inner=self.chance.random() < 0.03,
        )

    def area(self) -> tuple[str, Place]:
        """A place as a name begins with it; now and then none."""
        if self.chance.random() < 0.045:
            return "", Place()
        name, place = self._spots[bisect(self._sums, self.chance.random() * self._sums[-1])]
        title = ""
        if self.chance.random() < 0.3 and name[-1] not in "县市区旗盟州":
            title = "县" if place.county else "市" if place.city else "省"
            if place.province == name and place.province in ("北京", "上海", "天津", "重庆"):
                title = "市"
            elif place.province == name and name in ("广西", "新疆", "西藏", "宁夏", "内蒙古"):
                title = ""
        if place.county and self.chance.random() < 0.08:
            return f"{place.city}市{name}{title}", place
        return name + title, place

    def _branch(self, number: int, head: Company) -> Company:
        while head.branch:
            head = self.chance.choice(self._known)
            if self.chance.random() < 0.05:
                break
        where = self.area()[0] or "城东"
        outlet = self.chance.choice(_OUTLETS)
        form = head.form if head.form.endswith("公司") else "有限公司"
        branch = outlet if outlet.startswith("第") else where + outlet
        return replace(head, id=number, form=form, branch=branch, head=head.id)

    def _sister(self, number: int, known: Company) -> Company:
        """A company of the same brand: another trade or another place."""
        if self.chance.random() < 0.5:
            trade, form = lexicon.trade(self.chance), lexicon.form(self.chance)
            return replace(known, id=number, trade=trade, form=form)
        area, place = self.area()
        return replace(known, id=number, area=area, place=place)
