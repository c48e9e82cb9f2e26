"""The keys of all customers on disk, so that a few changed ones find their like at once."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmlib.duplicates import keys
from crmlib.duplicates.judging import Base, codes_of
from crmlib.duplicates.keys import Keys, Kind, Owners
from crmlib.settings import settings

# Hashes may differ with another version of Polars, and keys with another state of the rules.
_VERSION = f"1/{pl.__version__}"
_META = "meta.json"
_Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]


def folder_of(url: str) -> Path:
    """Where the keys of a database lie."""
    return settings().var_dir / "pairs" / sha256(url.encode()).hexdigest()[:16]


def entries_of(base: Base) -> Iterator[tuple[Kind, tuple[Keys, Owners]]]:
    """All keys of the records, with the row of ``base.names`` each comes from."""
    for found in (
        keys.name_keys(base.names),
        keys.reach_keys(base.reach),
        keys.counted_keys(base.names),
    ):
        for kind, hashes, rows in found:
            yield kind, (hashes, rows)


def homes_of(base: Base) -> _Ids:
    """Province and city of each name; of its record where the name is silent."""
    own = codes_of(base.names)
    silent = ~own.any(axis=1)
    place = np.where(silent[:, None], base.reach.places[base.owner], own)
    return place[:, 0].astype(np.int64) * 2**31 + place[:, 1]


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Keys in order, kind by kind, mapped from disk; ``place`` is how far the feed was read."""

    place: str
    ids: _Ids  # customer of each name
    homes: _Ids
    main: Flags  # the name of today, one per customer
    keys: dict[Kind, Keys]
    rows: dict[Kind, Owners]

    @classmethod
    def load(cls, folder: Path) -> "KeyStore | None":
        """Open what ``save`` wrote; None when there is nothing usable."""
        try:
            meta = json.loads((folder / _META).read_text())
            if meta["version"] != _VERSION:
                return None
            return cls(
                place=meta["place"],
                ids=_open(folder, "ids"),
                homes=_open(folder, "homes"),
                main=_open(folder, "main"),
                keys={kind: _open(folder, f"keys{kind:02}") for kind in Kind},
                rows={kind: _open(folder, f"rows{kind:02}") for kind in Kind},
            )
        except (OSError, ValueError, KeyError):
            return None

    def save(self, folder: Path) -> None:
        """Write everything; who has the old files open keeps them."""
        fresh = folder.with_name(f"{folder.name}-{uuid4().hex[:8]}")
        fresh.mkdir(parents=True)
        for name in ("ids", "homes", "main"):
            np.save(fresh / f"{name}.npy", getattr(self, name))
        for kind in Kind:
            np.save(fresh / f"keys{kind:02}.npy", self.keys[kind])
            np.save(fresh / f"rows{kind:02}.npy", self.rows[kind])
        (fresh / _META).write_text(json.dumps({"version": _VERSION, "place": self.place}))
        if folder.exists():
            old = folder.with_name(f"{fresh.name}-old")
            folder.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        fresh.rename(folder)

    def entries(self) -> Iterator[tuple[Kind, Keys, Owners]]:
        """Return all keys in order, kind by kind."""
        for kind in Kind:
            yield kind, self.keys[kind], self.rows[kind]

    def without(self, ids: _Ids) -> Flags:
        """Return which names belong to none of the customers."""
        return ~np.isin(self.ids, ids)

    def replaced(self, changed: _Ids, base: Base, place: str) -> "KeyStore":
        """Return the keys with those of the changed customers taken from ``base``."""
        kept = self.without(changed)
        chosen = np.isin(base.ids[base.owner], changed)
        number = np.cumsum(chosen) - 1 + len(self.ids)
        after_keys, after_rows = {}, {}
        for kind, (fresh, rows) in entries_of(base):
            new = chosen[rows]
            hashes, owners = keys.sorted_keys(fresh[new], number[rows[new]].astype(np.int32))
            live = kept[self.rows[kind]]
            old_keys, old_rows = self.keys[kind][live], self.rows[kind][live]
            at = np.searchsorted(old_keys, hashes, side="right")
            after_keys[kind] = np.insert(old_keys, at, hashes)
            after_rows[kind] = np.insert(old_rows, at, owners)
        return KeyStore(
            place,
            np.concatenate([np.where(kept, self.ids, 0), base.ids[base.owner][chosen]]),
            np.concatenate([self.homes, homes_of(base)[chosen]]),
            np.concatenate([self.main & kept, ~base.former[chosen]]),
            after_keys,
            after_rows,
        )


def _open(folder: Path, name: str) -> Any:
    path = folder / f"{name}.npy"
    # An empty file cannot be mapped.
    return np.load(path, mmap_mode="r" if path.stat().st_size > 128 else None)


def store_of(base: Base, place: str) -> KeyStore:
    """Keys of all customers, from a base that holds all of them."""
    sorted_ = {kind: keys.sorted_keys(*found) for kind, found in entries_of(base)}
    return KeyStore(
        place,
        base.ids[base.owner],
        homes_of(base),
        ~base.former,
        {kind: found[0] for kind, found in sorted_.items()},
        {kind: found[1] for kind, found in sorted_.items()},
    )
