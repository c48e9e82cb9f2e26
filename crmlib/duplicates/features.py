"""What names are found by: hashed character pairs, sound pairs, initials and whole keys."""

from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from crmlib.duplicates import phonetics
from crmlib.duplicates.names import ParsedName

Hashes = NDArray[np.uint32]
Rows = NDArray[np.int32]

PAIRS, GAPS, SOUNDS, LETTERS, WHOLES = range(5)
KINDS = 5
_FIRST, _SECOND, _THIRD, _FOURTH = (
    np.uint32(n) for n in (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F)
)
_LETTER_RUN = 4


def whole(kind: str, text: str) -> int:
    """Hash of a complete key of one kind."""
    return crc32(f"{kind}:{text}".encode())


def wholes_of(name: ParsedName) -> list[int]:
    """Complete keys a name is found by."""
    core, sounds = name.brand + name.trade, phonetics.sounds()
    letters = phonetics.first_letters()
    heard = core.translate(sounds)
    area = name.area.translate(sounds)
    found = {
        whole("key", name.key),
        whole("heard", phonetics.blur(core.translate(phonetics.syllables()))),
        whole("bag", "".join(sorted(area + heard))),
        whole("letters", core.translate(letters)),
        whole("letters", (name.area + core).translate(letters)),
        whole("letters", name.body.translate(letters)),
    }
    if len(name.brand) > 1:
        found.add(whole("brand", name.brand.translate(sounds)))
        found.add(whole("written", name.brand))
        found.add(whole("start", heard[:4]))
    if area:
        found.add(whole("home", area[-2:] + heard[:2]))
        found.add(whole("short", name.area[0] + core[:1]))
    return list(found)


def rows_of(names: Sequence[ParsedName]) -> list[tuple[Hashes, Rows]]:
    """Hashes of every kind with the position of the name they come from."""
    stems = [n.area + n.brand + n.trade for n in names]
    characters, owners = _flat(stems)
    heard, _ = _flat([s.translate(phonetics.sounds()) for s in stems])
    letters, letter_owners = _flat([s.translate(phonetics.first_letters()) for s in stems])
    keys: list[int] = []
    counts: list[int] = []
    for name in names:
        found = wholes_of(name)
        keys.extend(found)
        counts.append(len(found))
    return [
        _grams(characters, owners, (0, 1)),
        _grams(characters, owners, (0, 2)),
        _grams(heard, owners, (0, 1)),
        _grams(letters, letter_owners, (0, 1, 2, 3)),
        (
            np.array(keys, dtype=np.uint32),
            np.repeat(np.arange(len(names), dtype=np.int32), counts),
        ),
    ]


def sound_pairs(heard: str) -> Hashes:
    """Hashes of a string of sound classes, for names typed in pinyin."""
    flat, owners = _flat([heard])
    return _grams(flat, owners, (0, 1))[0]


def letter_runs(letters: str) -> Hashes:
    """Hashes of runs of initials."""
    flat, owners = _flat([letters])
    return _grams(flat, owners, (0, 1, 2, 3))[0]


def _flat(texts: Sequence[str]) -> tuple[NDArray[np.uint32], Rows]:
    """Characters of all texts in one array, and which text each belongs to."""
    flat = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return flat, np.repeat(np.arange(len(texts), dtype=np.int32), lengths)


def _grams(flat: NDArray[np.uint32], owners: Rows, offsets: Iterable[int]) -> tuple[Hashes, Rows]:
    """Hashes of characters at the offsets, within one text."""
    places = tuple(offsets)
    size = len(flat) - places[-1]
    if size <= 0:
        return np.empty(0, np.uint32), np.empty(0, np.int32)
    mixed = np.zeros(size, np.uint32)
    for offset, factor in zip(places, (_FIRST, _SECOND, _THIRD, _FOURTH), strict=False):
        mixed = (mixed ^ (mixed >> np.uint32(15))) + flat[offset : offset + size] * factor
    inside = owners[:size] == owners[places[-1] :]
    return mixed[inside], owners[:size][inside]
