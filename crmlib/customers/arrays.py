"""What the tables in memory are made of: masks, places of texts in order, the first of many."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SPARE = 4_096

Mask = NDArray[np.bool_]


class WornOut(Exception):
    """The table has changed so much that building it anew is better."""


class Ranks:
    """Texts in order, each with a place; a new one gets a place between its neighbours."""

    def __init__(self, values: Iterable[str | None]) -> None:
        self._values = sorted({value for value in values if value is not None})
        self._places = [float(place) for place in range(len(self._values))]

    def all(self) -> dict[str | None, float]:
        """Return every text with its place; NaN for none."""
        known = zip(self._values, self._places, strict=True)
        return {None: float("nan"), **dict(known)}

    def find(self, value: str) -> float | None:
        """Return the place of a text that is there."""
        at = bisect_left(self._values, value)
        known = at < len(self._values) and self._values[at] == value
        return self._places[at] if known else None

    def place(self, value: str | None) -> float:
        """Return the place of a text, made if needed; NaN for none."""
        if value is None:
            return float("nan")
        at = bisect_left(self._values, value)
        if at < len(self._values) and self._values[at] == value:
            return self._places[at]
        below = self._places[at - 1] if at else self._edge(0) - 2
        above = self._places[at] if at < len(self._places) else self._edge(-1) + 2
        between = (below + above) / 2
        if not below < between < above:
            raise WornOut
        self._values.insert(at, value)
        self._places.insert(at, between)
        return between

    def _edge(self, end: int) -> float:
        return self._places[end] if self._places else 0.0


def roomy(column: NDArray[Any]) -> NDArray[Any]:
    """Return a column with room for more rows at its end."""
    return np.concatenate([column, np.zeros(_SPARE, dtype=column.dtype)])


def first(keys: NDArray[np.float64], ties: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return where the first so many stand, in order, without sorting all of them."""
    if len(keys) > count:
        last = np.min(keys)
        # Many rows of one value, as names in an import, are what partitioning is slow at.
        if np.count_nonzero(keys == last) < count:
            last = np.partition(keys, count - 1)[count - 1]
        sure, equal = np.flatnonzero(keys < last), np.flatnonzero(keys == last)
        missing = count - len(sure)
        if len(equal) > missing:
            equal = equal[np.argpartition(ties[equal], missing - 1)[:missing]]
        places = np.concatenate([sure, equal])
    else:
        places = np.arange(len(keys))
    return places[np.lexsort((ties[places], keys[places]))]
