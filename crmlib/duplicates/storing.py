"""The 撞单 index on disk: one file, replaced as a whole, read back only if it fits this program."""

import json
import os
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crmlib.duplicates.gazetteer import Place
from crmlib.duplicates.search import SearchIndex
from crmlib.duplicates.segment import Entry, Segment

_FORMAT = 1
_ABOUT = "about"
# What is stored was made by these; another version of one of them makes something else.
_MAKERS = (
    "names.py", "features.py", "gazetteer.py", "gazetteer.txt", "vocabulary.py", "phonetics.py",
    "contacts.py", "segment.py", "postings.py", "packing.py",
)  # fmt: skip

Facts = dict[str, Any]


class Unfit(Exception):
    """The file is missing, damaged, or of another version."""


@cache
def version() -> str:
    """Changes with whatever decides what the stored arrays mean."""
    digest = blake2b(f"{_FORMAT} {np.dtype(np.int64).byteorder}".encode(), digest_size=12)
    for name in _MAKERS:
        digest.update(files("crmlib.duplicates").joinpath(name).read_bytes())
    return digest.hexdigest()


def write(path: Path, index: SearchIndex, facts: Facts) -> None:
    """Write an index and what else belongs to it; a reader sees the old file or the new one."""
    arrays: dict[str, NDArray[Any]] = {}
    late: list[list[list[Any]]] = []
    number = 0
    for segment in index.frozen():
        if segment.entries is None:
            found = segment.arrays().items()
            arrays |= {f"{number}.{name}": values for name, values in found}
            number += 1
        else:
            late.append([list(entry) for entry in segment.living()])
    about = {"version": version(), "segments": number, "late": late, "facts": facts}
    arrays[_ABOUT] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        # Names of all customers: for this account only.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sweep(path)


def _sweep(path: Path) -> None:
    """Remove drafts of processes that were killed: a whole file has been written since."""
    written = path.stat().st_mtime
    for old in path.parent.glob(f"{path.name}.*.tmp"):
        if old.stat().st_mtime < written:
            old.unlink(missing_ok=True)


def read(path: Path) -> tuple[SearchIndex, Facts]:
    """Read an index and its facts.

    Raises:
        Unfit: there is no file, or none that can be used.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            about = json.loads(file[_ABOUT].tobytes())
            is_ours = about["version"] == version()
            segments = [
                Segment.from_arrays(_Part(file, number))
                for number in range(about["segments"] if is_ours else 0)
            ]
        late = [Segment.of(map(_entry, rows), keep=True) for rows in about["late"] if rows]
    except Exception as fault:  # whatever a damaged file leads to
        raise Unfit(str(fault)) from fault
    if not is_ours:
        raise Unfit("another version")
    return SearchIndex.of([*segments, *late]), about["facts"]


def _entry(row: list[Any]) -> Entry:
    id_, name, home, contacts = row
    return Entry(id_, name, Place(*home), tuple(contacts))


class _Part:
    """The arrays of one segment within the file."""

    def __init__(self, file: Any, number: int) -> None:
        self._file, self._number = file, number

    def __getitem__(self, name: str) -> NDArray[Any]:
        values: NDArray[Any] = self._file[f"{self._number}.{name}"]
        return values
