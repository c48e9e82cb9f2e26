"""Two versions of a quotation side by side: what the second changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Item:
    """A line as people compare it."""

    product: str | None
    name: str
    spec: str | None
    unit: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    subtotal: Decimal


class LineChange(StrEnum):
    """What became of a line."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class LinePair:
    """A line before and after; one side is missing where it came or went."""

    change: LineChange
    before: Item | None
    after: Item | None

    @property
    def difference(self) -> Decimal:
        """Return by how much the line became dearer."""
        old = self.before.subtotal if self.before else Decimal(0)
        new = self.after.subtotal if self.after else Decimal(0)
        return new - old


def line_pairs(before: Sequence[Item], after: Sequence[Item]) -> list[LinePair]:
    """Return every line of both versions once, in the order of the second, dropped ones last.

    Lines are the same product if product, name and specification agree; if it stands there
    twice, the first goes with the first.
    """
    waiting = dict(_keyed(before))
    found = []
    for key, item in _keyed(after):
        old = waiting.pop(key, None)
        if old is None:
            found.append(LinePair(LineChange.ADDED, None, item))
        else:
            change = LineChange.SAME if old == item else LineChange.CHANGED
            found.append(LinePair(change, old, item))
    return found + [LinePair(LineChange.DROPPED, old, None) for old in waiting.values()]


def _keyed(items: Iterable[Item]) -> list[tuple[tuple[object, ...], Item]]:
    seen: Counter[tuple[object, ...]] = Counter()
    found: list[tuple[tuple[object, ...], Item]] = []
    for item in items:
        key = (item.product, item.name, item.spec)
        found.append(((*key, seen[key]), item))
        seen[key] += 1
    return found
