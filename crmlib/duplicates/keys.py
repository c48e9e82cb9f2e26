"""Keys that records of one customer share: who shares none is never compared."""

from collections.abc import Iterator, Sequence
from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmlib.duplicates.columns import LEVELS
from crmlib.duplicates.reach import Reach

Keys = NDArray[np.uint64]
Owners = NDArray[np.int32]

_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_SHORTEST_CORE = 3
_LONG_CORE = 7


class Kind(IntEnum):
    """What a key is made of."""

    CORE = 0  # brand and trade as they sound
    CORE_LESS = 1  # the same with a character left out, in one province
    STEM_LESS = 2  # the same with the area
    BRAND = 3
    OWN = 4  # area and brand, or the pinyin of a name in Latin letters
    START = 5
    HEAD = 6
    TAIL = 7
    WHOLE = 8
    NUMBER = 9
    MAIL = 10
    DOMAIN = 11
    STREET = 12
    CODE = 13
    LINE = 14  # number with its area code: only counted
    PERSON = 15  # only counted
    HOME = 16  # brand and trade, to count the places they are at home in
    OUTLET = 17  # brand and trade of a branch: only counted


# A key on more records than this tells nothing.
MOST = {
    Kind.CORE: 60,
    Kind.CORE_LESS: 60,
    Kind.STEM_LESS: 60,
    Kind.BRAND: 24,
    Kind.OWN: 60,
    Kind.START: 60,
    Kind.HEAD: 24,
    Kind.TAIL: 24,
    Kind.WHOLE: 60,
    Kind.NUMBER: 12,
    Kind.MAIL: 12,
    Kind.DOMAIN: 12,
    Kind.STREET: 12,
    Kind.CODE: 12,
    Kind.LINE: 0,
    Kind.PERSON: 0,
    Kind.HOME: 0,
    Kind.OUTLET: 0,
}
NAME_KINDS = frozenset(kind for kind in Kind if kind < Kind.NUMBER)


def name_keys(names: pl.DataFrame) -> Iterator[tuple[Kind, Keys, Owners]]:
    """Keys made of the names, kind by kind, with the row each comes from."""
    area, brand = pl.col("area").str.len_chars(), pl.col("brand").str.len_chars()
    parts = names.select(
        "key",
        core=pl.col("heard").str.slice(area),
        brand=pl.col("heard").str.slice(area, brand),
        stem="heard",
        own=pl.when(pl.col("own") != "")
        .then("own")
        .otherwise(pl.col("heard").str.slice(0, area + brand)),
        province=LEVELS[0],
    )
    core, stem = pl.col("core"), pl.col("stem")
    long = core.str.len_chars() >= _LONG_CORE
    salted = parts.select(
        pl.when(long).then(core).otherwise(core + pl.col("province")).alias("core")
    )["core"]
    yield Kind.CORE, *_plain(parts["core"], 2)
    yield Kind.CORE_LESS, *_one_less(salted.to_list(), 1)
    yield Kind.STEM_LESS, *_one_less(parts["stem"].to_list(), 2)
    yield Kind.BRAND, *_plain(parts["brand"], 2)
    yield Kind.OWN, *_plain(parts["own"], 3)
    yield Kind.START, *_plain(parts.select(core.str.head(4))["core"], 4)
    yield Kind.HEAD, *_plain(parts.select(stem.str.head(5))["stem"], 5)
    yield Kind.TAIL, *_plain(parts.select(stem.str.tail(6))["stem"], 6)
    yield Kind.WHOLE, *_plain(parts["key"], 2)


def reach_keys(reach: Reach) -> Iterator[tuple[Kind, Keys, Owners]]:
    """Keys made of contacts, kind by kind, with the record each comes from."""
    for kind, values in (
        (Kind.NUMBER, reach.numbers),
        (Kind.MAIL, reach.mails),
        (Kind.DOMAIN, reach.domains),
        (Kind.STREET, reach.street[:, None]),
        (Kind.CODE, reach.codes[:, None]),
        (Kind.LINE, reach.lines()),
        (Kind.PERSON, reach.people),
    ):
        rows, places = np.nonzero(values)
        yield kind, values[rows, places], rows.astype(np.int32)


def home_keys(names: pl.DataFrame) -> Keys:
    """Brand and beginning of the trade of each name."""
    core = names.select(core=pl.col("brand") + pl.col("trade").str.head(2))
    return core["core"].hash().to_numpy()


def outlet_keys(names: pl.DataFrame) -> Keys:
    """Head office of each name, by brand and trade."""
    return (
        names.select(head=pl.concat_str("brand", "trade", separator="/"))["head"].hash().to_numpy()
    )


def counted_keys(names: pl.DataFrame) -> Iterator[tuple[Kind, Keys, Owners]]:
    """Keys of names that are only counted."""
    rows = np.arange(len(names), dtype=np.int32)
    outlets = (names["branch"] != "").to_numpy()
    yield Kind.HOME, home_keys(names), rows
    yield Kind.OUTLET, outlet_keys(names)[outlets], rows[outlets]


def sorted_keys(keys: Keys, owners: Owners) -> tuple[Keys, Owners]:
    """Both in the order of the keys, an owner once per key."""
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    if not len(keys):
        return keys, owners
    fresh = np.ones(len(keys), bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    return keys[fresh], owners[fresh]


def pairs_of(keys: Keys, owners: Owners, most: int) -> Keys:
    """Pairs of owners that share a key, the lower in the upper half of the number."""
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))[: len(keys)]
    sizes = np.diff(np.append(begins, len(keys)))
    found = []
    for size in range(2, most + 1):
        groups = begins[sizes == size]
        if not len(groups):
            continue
        left, right = np.triu_indices(size, 1)
        low, high = owners[groups[:, None] + left].ravel(), owners[groups[:, None] + right].ravel()
        found.append((low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64))
    return unique(np.concatenate(found)) if found else np.empty(0, np.uint64)


def unique(packed: Keys) -> Keys:
    """Sort and keep each once."""
    packed.sort()
    if not len(packed):
        return packed
    fresh = np.ones(len(packed), bool)
    np.not_equal(packed[1:], packed[:-1], out=fresh[1:])
    return packed[fresh]


def unpack(packed: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lower and higher row of each pair."""
    low = (packed >> np.uint64(32)).astype(np.int64)
    return low, (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


def without_conflicts(packed: Keys, names: pl.DataFrame, places: NDArray[np.int32]) -> Keys:
    """Pairs whose names do not speak of different places; long brands stay, as related."""
    low, high = unpack(packed)
    long = (names["brand"].str.len_chars() > 3).to_numpy()
    clash = np.zeros(len(packed), bool)
    for level in range(3):
        a, b = places[low, level], places[high, level]
        clash |= (a != b) & (a > 0) & (b > 0)
    kept: Keys = packed[~clash | (long[low] & long[high])]
    return kept


def _plain(texts: pl.Series, shortest: int) -> tuple[Keys, Owners]:
    """Hashes of whole texts that are long enough."""
    kept = (texts.str.len_chars() >= shortest).to_numpy()
    return texts.hash().to_numpy()[kept], np.flatnonzero(kept).astype(np.int32)


def _one_less(texts: Sequence[str], salt: int) -> tuple[Keys, Owners]:
    """Hashes of each text and of the text with any one character left out.

    Two texts one change apart (wrong, missing, swapped with its neighbour) share such a hash.
    """
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    lengths[lengths < _SHORTEST_CORE] = 0
    kept = [t for t in texts if len(t) >= _SHORTEST_CORE]
    flat = np.frombuffer("".join(kept).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if not len(flat):
        return np.empty(0, np.uint64), np.empty(0, np.int32)
    owners = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
    begins = np.repeat(np.cumsum(lengths) - lengths, lengths)
    position = np.arange(len(flat)) - begins
    powers = np.array(
        [pow(_BASE, k, 1 << 64) for k in range(max(lengths.tolist()) + 1)], dtype=np.uint64
    )
    term = (flat * np.uint64(2654435761) + np.uint64(salt)) * powers[position]
    running = np.concatenate([[np.uint64(0)], np.cumsum(term, dtype=np.uint64)])
    stops = begins + np.repeat(lengths, lengths)
    before = running[:-1] - running[begins]
    after = running[stops] - running[1:]
    inverse = np.uint64(pow(_BASE, -1, 1 << 64))
    shorter = before + after * inverse
    ends = np.cumsum(lengths)
    live = lengths > 0
    total = running[ends[live]] - running[(ends - lengths)[live]]
    return (
        np.concatenate([shorter, total]),
        np.concatenate([owners, np.flatnonzero(live).astype(np.int32)]),
    )
