"""How big an invented firm can be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Counts of one tier; ``offices`` sell, the central departments come on top."""

    name: str
    people: int
    offices: int
    customers: int
    opportunities: int
    activities: int
    queue: int  # duplicate candidates that already wait for 综合部


SIZES = {
    size.name: size
    for size in (
        Size("small", 40, 6, 1_200, 600, 6_000, 30),
        Size("office", 400, 26, 20_000, 12_000, 250_000, 200),
        Size("company", 7_000, 240, 250_000, 150_000, 4_000_000, 400),
    )
}
