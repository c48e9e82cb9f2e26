"""Parsed names in a few bytes each, so that a search need not parse what the base holds."""

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crmlib.duplicates.gazetteer import Place
from crmlib.duplicates.names import ParsedName, parse

_PARTS = 4  # brand, trade, form, branch
_TOO_LONG = 255


class Region(NamedTuple):
    """What a name says of its place."""

    area: str
    place: Place


@dataclass(slots=True)
class Packer:
    """Collects the parts of names."""

    lengths: bytearray = field(default_factory=bytearray)
    regions: array[int] = field(default_factory=lambda: array("i"))
    known: dict[Region, int] = field(default_factory=dict)

    def add(self, written: str, name: ParsedName) -> None:
        """Add a name; one that is not written as it is parsed will be parsed again."""
        sizes = [len(name.brand), len(name.trade), len(name.form), len(name.branch)]
        tail = name.brand + name.trade + name.form + name.branch
        is_plain = name.key == written and not name.note and name.key.endswith(tail)
        if not is_plain or max(sizes) >= _TOO_LONG:
            sizes = [_TOO_LONG] * _PARTS
        self.lengths.extend(sizes)
        region = Region(name.area, name.place)
        self.regions.append(self.known.setdefault(region, len(self.known)))

    def packed(self) -> "PackedNames":
        """All names added."""
        return PackedNames(
            np.frombuffer(bytes(self.lengths), np.uint8).reshape(-1, _PARTS),
            np.array(self.regions, np.int32),
            list(self.known),
        )


@dataclass(frozen=True, slots=True)
class PackedNames:
    """Lengths of the parts of each name, and its place."""

    lengths: NDArray[np.uint8]
    regions: NDArray[np.int32]
    known: list[Region]

    def name(self, row: int, written: str) -> ParsedName:
        """The parsed name of a row."""
        brand, trade, form, branch = self.lengths[row].tolist()
        if brand == _TOO_LONG:
            return parse(written)
        region = self.known[self.regions[row]]
        end = len(written) - branch
        start = end - form
        middle = start - trade
        return ParsedName(
            written,
            region.area,
            region.place,
            written[middle - brand : middle],
            written[middle:start],
            written[start:end],
            written[end:],
            "",
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Arrays to save."""
        known = [(r.area, *r.place) for r in self.known]
        return {
            "lengths": self.lengths,
            "regions": self.regions,
            "known": np.array(known, dtype=np.str_).reshape(-1, 4),
        }

    @classmethod
    def of(
        cls, lengths: NDArray[np.uint8], regions: NDArray[np.int32], known: NDArray[np.str_]
    ) -> "PackedNames":
        """Packed names from saved arrays."""
        return cls(lengths, regions, [Region(str(a), Place(*map(str, p))) for a, *p in known])
