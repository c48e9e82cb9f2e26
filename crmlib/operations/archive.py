"""One file that holds a database and the contents of its files, each with its checksum.

A ZIP without compression: ``database``, ``files/SHA-256`` and, last, ``manifest.json``, which says
what must be there. A file that broke off while it was written has no manifest and no directory.
"""

import hashlib
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from crmlib import clock
from crmlib.errors import Invalid

HEADER = b"PK\x03\x04"
DATABASE, _MANIFEST, _FILES = "database", "manifest.json", "files/"
_FORMAT = "sunmao backup 1"
_CONTENT = re.compile(re.escape(_FILES) + r"[0-9a-f]{64}")
_PIECE = 1 << 20
# What reading a file of wrong bytes ends with.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RuntimeError,
    OverflowError,
)
_LARGEST_MANIFEST = 256 << 20  # bytes; some 2,000,000 files


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: the kind of database, and each member with its bytes and SHA-256."""

    format: str
    kind: str
    made_at: str
    members: dict[str, tuple[int, str]]

    @property
    def contents(self) -> list[str]:
        """Return the SHA-256 of the files, in order."""
        return sorted(n.removeprefix(_FILES) for n in self.members if n.startswith(_FILES))


def pack(target: Path, kind: str, database: Path, contents: Iterable[Path]) -> list[str]:
    """Write an archive readable by its owner only; return the contents left out as damaged.

    A content is named by its SHA-256; one that is not what its name says is left out.
    """
    part = target.with_name(f"{target.name}.part")
    damaged, members = [], {}
    try:
        with (
            os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as book,
        ):
            members[DATABASE] = _add(book, DATABASE, database)
            for path in contents:
                if _digest(path) != path.name:
                    damaged.append(path.name)
                    continue
                members[_FILES + path.name] = _add(book, _FILES + path.name, path)
            told = Manifest(_FORMAT, kind, clock.now().isoformat(), members)
            book.writestr(_MANIFEST, json.dumps(asdict(told)))
            book.close()
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return damaged


def _add(book: zipfile.ZipFile, name: str, path: Path) -> tuple[int, str]:
    """Copy a file in and return its bytes and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, book.open(name, "w", force_zip64=True) as member:
        for piece in _pieces(source):
            member.write(piece)
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


@contextmanager
def opened(source: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open an archive after every byte of it has been compared with its checksum.

    Raises:
        Invalid: it is broken, incomplete, or no such archive.
    """
    try:
        book = zipfile.ZipFile(source)
    except _BROKEN as fault:
        raise _damaged(source) from fault
    with book:
        try:
            manifest = _manifest(book)
            if sorted(book.namelist()) != sorted([*manifest.members, _MANIFEST]):
                raise _damaged(source, "内容不完整")
            for name, told in manifest.members.items():
                if _told(book, name) != told:
                    raise _damaged(source, f"{name} 校验不符")
        except _BROKEN as fault:
            raise _damaged(source) from fault
        yield book, manifest


def _damaged(source: Path, what: str = "") -> Invalid:
    return Invalid({"file": f"备份文件已损坏：{source}{f'（{what}）' if what else ''}"})


def _manifest(book: zipfile.ZipFile) -> Manifest:
    info = book.getinfo(_MANIFEST)
    if info.file_size > _LARGEST_MANIFEST:
        raise ValueError
    told = Manifest(**json.loads(book.read(info)))
    members = {name: (int(size), str(sum_)) for name, (size, sum_) in told.members.items()}
    wrong = [n for n in members if n != DATABASE and not _CONTENT.fullmatch(n)]
    # A content's name is its checksum: an archive cannot put anything else on the shelf.
    wrong += [n for n, (_, s) in members.items() if n != DATABASE and n != _FILES + s]
    if told.format != _FORMAT or DATABASE not in members or wrong:
        raise ValueError
    return Manifest(told.format, told.kind, told.made_at, members)


def _told(book: zipfile.ZipFile, name: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with book.open(name) as member:
        for piece in _pieces(member):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def take_out(book: zipfile.ZipFile, name: str, target: Path) -> None:
    """Write the database of an opened archive, or another member, to a new file."""
    with book.open(name) as member, target.open("xb") as file:
        for piece in _pieces(member):
            file.write(piece)


def content_of(book: zipfile.ZipFile, sha256: str) -> Iterator[bytes]:
    """Yield a content of an opened archive piece by piece."""
    with book.open(_FILES + sha256) as member:
        yield from _pieces(member)
