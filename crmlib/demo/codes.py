"""The codes of the dictionaries, as the database holds them."""

from collections import defaultdict
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region


class Codes:
    """Codes by dictionary, and regions by the name of their province."""

    def __init__(self, session: Session) -> None:
        self._codes: dict[str, list[str]] = defaultdict(list)
        self._by_name: dict[tuple[str, str], str] = {}
        self._names: dict[tuple[str, str], str] = {}
        for item in session.scalars(select(DictItem).order_by(DictItem.sort)):
            self._codes[item.kind].append(item.code)
            self._by_name[item.kind, item.name] = item.code
            self._names[item.kind, item.code] = item.name
        self.families = [c for c in self._codes[DictKind.PRODUCT] if "-" not in c]
        self.regions = {r.name: r.id for r in session.scalars(select(Region))}

    def of(self, kind: DictKind, name: str) -> str:
        """Return the code of an entry."""
        return self._by_name[kind, name]

    def name(self, kind: DictKind, code: str) -> str:
        """Return the name of a code."""
        return self._names[kind, code]

    def at(self, kind: DictKind, place: int) -> str:
        """Return the code at a place of the dictionary."""
        return self._codes[kind][place]

    def pick(self, chance: Random, kind: DictKind) -> str:
        """Return a code; the first entries are the usual ones."""
        codes = self._codes[kind]
        return codes[int(len(codes) * chance.random() ** 1.7)]
