"""Inverted lists in flat arrays: hash to the rows that carry it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmlib.duplicates.features import Hashes, Rows


@dataclass(frozen=True, slots=True)
class Postings:
    """Sorted hashes, where the rows of each begin, and the rows."""

    hashes: Hashes
    starts: NDArray[np.uint32]
    rows: Rows

    @classmethod
    def build(cls, hashes: Hashes, rows: Rows, most: int) -> "Postings":
        """Group rows by hash; a hash on more rows than most tells nothing and is left out."""
        joined = (hashes.astype(np.uint64) << np.uint64(32)) | rows.astype(np.uint64)
        joined.sort()
        if len(joined):
            fresh = np.empty(len(joined), bool)
            fresh[0] = True
            np.not_equal(joined[1:], joined[:-1], out=fresh[1:])
            joined = joined[fresh]
        keys = (joined >> np.uint64(32)).astype(np.uint32)
        found = (joined & np.uint64(0xFFFFFFFF)).astype(np.int32)
        del joined
        begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))[: len(keys)]
        counts = np.diff(np.append(begins, len(keys)))
        kept = counts <= most
        found = found[np.repeat(kept, counts)]
        starts = np.zeros(int(kept.sum()) + 1, np.uint32)
        np.cumsum(counts[kept], out=starts[1:])
        return cls(keys[begins[kept]], starts, found)

    def find(self, hashes: Hashes) -> list[Rows]:
        """Rows of each hash that is known."""
        if not len(self.hashes) or not len(hashes):
            return []
        wanted = np.unique(hashes)
        spots = np.searchsorted(self.hashes, wanted)
        spots[spots == len(self.hashes)] = 0
        spots = spots[self.hashes[spots] == wanted]
        starts = self.starts
        return [self.rows[starts[s] : starts[s + 1]] for s in spots.tolist()]
