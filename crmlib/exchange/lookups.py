"""What names and codes in a list may mean: people, offices, regions, dictionaries."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region
from crmlib.store.text import clean

_KINDS = {
    "level": DictKind.CUSTOMER_LEVEL,
    "industry": DictKind.INDUSTRY,
    "country": DictKind.COUNTRY,
    "customer_type": DictKind.CUSTOMER_TYPE,
    "source": DictKind.LEAD_SOURCE,
    "size": DictKind.CUSTOMER_SIZE,
    "contact_role": DictKind.CONTACT_ROLE,
}
# Words of other programs for entries of ours.
_ALSO = {("contact_role", "采购经理"): "采购负责人", ("country", "中华人民共和国"): "中国"}
_OFFICE_ENDS = ("办事处", "分公司", "办")


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person who may own or have registered customers."""

    id: int
    office_id: int


class Ambiguous(ValueError):
    """Several people have this name."""


class Lookups:
    """Everything a list may refer to, read once."""

    def __init__(self, session: Session) -> None:
        self._people: dict[str, list[Colleague]] = defaultdict(list)
        self._former: dict[str, list[Colleague]] = defaultdict(list)
        for person in session.scalars(select(Person)):
            colleague = Colleague(person.id, person.office_id)
            known = self._people if person.active else self._former
            for key in {person.name, person.login, (person.seller_code or "").lower()} - {""}:
                known[key].append(colleague)
        self._offices = {o.name: o.id for o in session.scalars(select(Office))}
        self._regions = {r.name: r.id for r in session.scalars(select(Region))}
        self._codes: dict[tuple[str, str], str] = {}
        fields = {kind: field for field, kind in _KINDS.items()}
        for item in session.scalars(select(DictItem).where(DictItem.disabled.is_(False))):
            if field := fields.get(DictKind(item.kind)):
                self._codes[field, item.name] = item.code
                self._codes.setdefault((field, item.code), item.code)

    def person(self, text: str, office: str = "") -> Colleague | None:
        """Return the person of a name, 编号 or login; namesakes are told apart by their office.

        Raises:
            Ambiguous: several people bear the name and the office does not decide.
        """
        return self._one(self._people, text, office)

    def registrant(self, text: str, office: str = "") -> Colleague | None:
        """Return who registered a record long ago: he may have left since.

        Raises:
            Ambiguous: as above.
        """
        return self.person(text, office) or self._one(self._former, text, office)

    def _one(
        self, known: Mapping[str, list[Colleague]], text: str, office: str
    ) -> Colleague | None:
        found = known.get(text) or known.get(text.lower()) or []
        if len(found) > 1:
            found = [c for c in found if c.office_id == self.office(office)] or found
        if len(found) > 1:
            raise Ambiguous(text)
        return found[0] if found else None

    def office(self, text: str) -> int | None:
        """Return the office: 广州办事处 and 广州 are one."""
        name = clean(text)
        for end in _OFFICE_ENDS:
            if name not in self._offices:
                name = name.removesuffix(end)
        return self._offices.get(name)

    def region(self, text: str) -> int | None:
        """Return the region or province: 华南, 广东, 广东省, 华南 / 广东."""
        name = clean(text).split("/")[-1].strip()
        for candidate in (name, name.removesuffix("省"), name.removesuffix("市")):
            if candidate in self._regions:
                return self._regions[candidate]
        return None

    def code(self, field: str, text: str) -> str | None:
        """Return the code of a dictionary entry written as name or code."""
        text = clean(text)
        return self._codes.get((field, _ALSO.get((field, text), text)))


CHOSEN = frozenset(_KINDS)
