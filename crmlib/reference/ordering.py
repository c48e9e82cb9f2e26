"""Entries people put in order by hand."""

from collections.abc import Collection, Sequence
from typing import TypeVar

Key = TypeVar("Key")


def moved(order: Sequence[Key], chosen: Collection[Key], by: int) -> list[Key]:
    """Return the order with the chosen ones one place up (``by`` -1) or down (1), as one block."""
    found = list(order)
    places = [place for place, key in enumerate(found) if key in chosen]
    for place in places if by < 0 else reversed(places):
        there = place + by
        if 0 <= there < len(found) and found[there] not in chosen:
            found[place], found[there] = found[there], found[place]
    return found
