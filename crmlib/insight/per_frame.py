"""Results kept as long as the frame they were computed from, and no longer."""

import threading
import weakref
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import polars as pl

T = TypeVar("T")


class PerFrame(Generic[T]):
    """A few results per frame, by a key; the frame's end is theirs."""

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[int, _Shelf[T]] = {}

    def get(self, frame: pl.DataFrame, make: Callable[[], T], key: Hashable = None) -> T:
        """Return the result for a frame, computed once; the oldest of too many is dropped."""
        place = id(frame)
        with self._lock:
            shelf = self._kept.get(place)
            if shelf is None:
                # Called when the frame goes, before its place can belong to another one.
                end = weakref.ref(frame, lambda _: self._kept.pop(place, None))
                shelf = self._kept[place] = _Shelf(end)
        with shelf.lock:
            if key not in shelf.results:
                shelf.results[key] = make()
                while len(shelf.results) > self._most:
                    del shelf.results[next(iter(shelf.results))]
            return shelf.results[key]

    def __len__(self) -> int:
        return len(self._kept)


class _Shelf(Generic[T]):
    def __init__(self, end: weakref.ref[pl.DataFrame]) -> None:
        self.end = end
        self.lock = threading.Lock()
        self.results: dict[Hashable, T] = {}
