"""Where contents of files lie: ``files`` in CRM_VAR_DIR, each named by its SHA-256.

A content comes in as a part beside the others and takes its name only when it is whole, so that
an interrupted upload leaves nothing that could be read.
"""

import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import BinaryIO, Self

from sqlalchemy import select

from crmlib.attachments.model import Attachment
from crmlib.attachments.rules import HEAD_BYTES
from crmlib.settings import settings
from crmlib.store.engine import reading

_PART = ".part"
_NAME = re.compile(r"[0-9a-f]{64}")
# An upload writes its row right after its file; older files without a row have lost it.
_GRACE = 24 * 3600  # seconds
_MODE = 0o600


def folder() -> Path:
    """Return the folder of all contents."""
    return settings().var_dir / "files"


def path_of(sha256: str) -> Path:
    """Return where a content lies, or would."""
    if not _NAME.fullmatch(sha256):
        raise ValueError(sha256)
    return folder() / sha256[:2] / sha256


def contents() -> list[Path]:
    """Return all contents, whole ones only, in the order of their names."""
    return sorted(path for path in folder().glob("??/*") if _NAME.fullmatch(path.name))


class Incoming:
    """A content on its way in; ``keep`` gives it its name, else it is forgotten at the end."""

    def __init__(self) -> None:
        folder().mkdir(parents=True, exist_ok=True)
        self._path = folder() / f"{secrets.token_hex(16)}{_PART}"
        self._file: BinaryIO | None = self._path.open("xb")
        self._path.chmod(_MODE)
        self._digest = hashlib.sha256()
        self.size, self.head = 0, b""
        self._kept = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.drop()

    def write(self, data: bytes) -> None:
        """Append a piece."""
        if self._file is None:
            raise ValueError
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
        if len(self.head) < HEAD_BYTES:
            self.head = (self.head + data)[:HEAD_BYTES]

    @property
    def sha256(self) -> str:
        """Return the checksum of what came so far."""
        return self._digest.hexdigest()

    def keep(self) -> None:
        """Put the content on the shelf; one that is there already is replaced by its equal."""
        if self._kept:
            return  # the transaction is tried again
        target = path_of(self.sha256)
        target.parent.mkdir(exist_ok=True)
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
        self._close()
        self._path.replace(target)
        self._kept = True

    def drop(self) -> None:
        """Forget the content; does nothing after ``keep``."""
        self._close()
        self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def sweep(grace: int = _GRACE) -> int:
    """Delete contents no row names and parts nobody writes any more; return how many.

    Called at the start of the server; ``grace`` is in seconds.
    """
    if not folder().is_dir():
        return 0
    limit = time.time() - grace
    old = [p for p in folder().rglob("*") if p.is_file() and p.stat().st_mtime <= limit]
    with reading() as session:
        known = set(session.scalars(select(Attachment.sha256).distinct()))
    swept = 0
    for path in old:
        is_content = bool(_NAME.fullmatch(path.name))
        if (is_content and path.name not in known) or path.suffix == _PART:
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def missing() -> list[str]:
    """Return checksums rows name whose content is not there (a backup without files)."""
    with reading() as session:
        known = session.scalars(select(Attachment.sha256).distinct())
        return sorted(sha for sha in known if not path_of(sha).is_file())
