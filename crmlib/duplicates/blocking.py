"""Pairs of records worth comparing: those that share a key, never all with all."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from crmlib.duplicates import phonetics
from crmlib.duplicates.features import whole
from crmlib.duplicates.latin import LatinName
from crmlib.duplicates.names import ParsedName

Keys = NDArray[np.uint64]
Owners = NDArray[np.int32]

_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_NAME_GROUP = 60  # a name key on more records than this tells nothing
_LOOSE_GROUP = 24
_CONTACT_GROUP = 12
_SHORTEST_CORE = 3
_LONG_CORE = 7


def candidate_pairs(
    names: Sequence[ParsedName],
    latins: Sequence[LatinName | None],
    contacts: Iterable[tuple[str, int]],
) -> NDArray[np.uint64]:
    """Pairs of positions, the lower in the upper half of the number, each once."""
    found = [_without_conflicts(_pairs_by_name(names, latins), names)]
    keys, owners = [], []
    for key, owner in contacts:
        keys.append(whole("contact", key))
        owners.append(owner)
    found.append(_pairs(np.array(keys, np.uint64), np.array(owners, np.int32), _CONTACT_GROUP))
    joined = np.concatenate(found)
    joined.sort()
    if not len(joined):
        return joined
    fresh = np.ones(len(joined), bool)
    np.not_equal(joined[1:], joined[:-1], out=fresh[1:])
    return joined[fresh]


def _pairs_by_name(
    names: Sequence[ParsedName], latins: Sequence[LatinName | None]
) -> NDArray[np.uint64]:
    """Pairs that share a key made of the name, a pair as often as it shares keys."""
    sounds = phonetics.sounds()
    cores = [(n.brand + n.trade).translate(sounds) for n in names]
    stems = [n.area.translate(sounds) + core for n, core in zip(names, cores, strict=True)]
    provinces = [n.place.province for n in names]
    salted = [c if len(c) >= _LONG_CORE else c + p for c, p in zip(cores, provinces, strict=True)]
    brands = [n.brand.translate(sounds) for n in names]
    own = [
        x.own if x else n.area.translate(sounds) + brand
        for n, x, brand in zip(names, latins, brands, strict=True)
    ]
    return np.concatenate(
        [
            _pairs(*_plain("core", cores, 2), _NAME_GROUP),
            _pairs(*_one_less(salted, 1), _NAME_GROUP),
            _pairs(*_one_less(stems, 2), _NAME_GROUP),
            _pairs(*_plain("brand", brands, 2), _LOOSE_GROUP),
            _pairs(*_plain("own", own, 3), _NAME_GROUP),
            _pairs(*_plain("start", [c[:4] for c in cores], 4), _NAME_GROUP),
            _pairs(*_plain("head", [s[:5] for s in stems], 5), _LOOSE_GROUP),
            _pairs(*_plain("tail", [s[-6:] for s in stems], 6), _LOOSE_GROUP),
            _pairs(*_plain("key", [n.key for n in names], 2), _NAME_GROUP),
        ]
    )


def _without_conflicts(
    packed: NDArray[np.uint64], names: Sequence[ParsedName]
) -> NDArray[np.uint64]:
    """Pairs whose names do not speak of different places; long brands stay, as related."""
    low = (packed >> np.uint64(32)).astype(np.int64)
    high = (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
    long = np.fromiter((len(n.brand) > 3 for n in names), bool, len(names))
    clash = np.zeros(len(packed), bool)
    for level in range(3):
        codes: dict[str, int] = {"": 0}
        level_of = np.fromiter(
            (codes.setdefault(n.place[level], len(codes)) for n in names), np.int32, len(names)
        )
        a, b = level_of[low], level_of[high]
        clash |= (a != b) & (a > 0) & (b > 0)
    return packed[~clash | (long[low] & long[high])]


def _plain(kind: str, texts: Sequence[str], shortest: int) -> tuple[Keys, Owners]:
    """Hashes of whole texts that are long enough."""
    chosen = [(whole(kind, t), i) for i, t in enumerate(texts) if len(t) >= shortest]
    both = np.array(chosen, dtype=np.int64).reshape(-1, 2)
    return both[:, 0].astype(np.uint64), both[:, 1].astype(np.int32)


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


def _pairs(keys: Keys, owners: Owners, most: int) -> NDArray[np.uint64]:
    """All pairs within each group of equal keys that is not too large."""
    if not len(keys):
        return np.empty(0, np.uint64)
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    sizes = np.diff(np.append(begins, len(keys)))
    found = []
    for size in range(2, most + 1):
        groups = begins[sizes == size]
        if not len(groups):
            continue
        left, right = np.triu_indices(size, 1)
        a = owners[groups[:, None] + left].ravel()
        b = owners[groups[:, None] + right].ravel()
        low, high = np.minimum(a, b).astype(np.uint64), np.maximum(a, b).astype(np.uint64)
        apart = low != high
        packed = (low[apart] << np.uint64(32)) | high[apart]
        found.append(np.unique(packed))
    return np.concatenate(found) if found else np.empty(0, np.uint64)
