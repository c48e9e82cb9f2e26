"""Where imported files lie, and how one process knows what another is doing with them.

A lock on a file says that somebody is at work: the system lets it go when his process ends, however
it ends, so a batch whose work was broken off is told from one that is under way.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmlib.errors import Refused
from crmlib.settings import settings

UNFINISHED = ".part"
_BUSY = "该批次正在处理，请稍候"
_EVERY = 0.3  # seconds between two words about progress
_PIECE = 1 << 20
_PATIENCE, _WINK = 5.0, 0.05  # seconds


class Stopped(Exception):
    """Somebody wants the work to end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done, how far it is, and of how many; 0 of 0 where nobody can tell."""

    what: str
    done: int
    of: int


def folder() -> Path:
    """Return the folder of imported files; only this account may look into it."""
    path = settings().var_dir / "imports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def new_upload() -> Path:
    """Return the place of a file that is on its way in."""
    return folder() / f"{secrets.token_hex(16)}{UNFINISHED}"


def file_of(number: str, file_name: str) -> Path:
    """Return where the file of a batch lies."""
    return folder() / f"{number}{Path(file_name).suffix.lower()}"


def shown_name(raw: str) -> str:
    """Return a file's name without its path and without signs that are none."""
    last = re.split(r"[/\\]", raw)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[-200:] or "未命名"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def forget(number: str) -> None:
    """Remove everything that lies here of a batch."""
    for path in folder().glob(f"{number}.*"):
        path.unlink(missing_ok=True)


def sweep_uploads(older_than: float = 86_400) -> None:
    """Remove uploads that nobody finished."""
    for path in folder().glob(f"*{UNFINISHED}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > older_than:
                path.unlink()


def claimed(number: str, patience: float = _PATIENCE) -> int:
    """Take a batch for one process and return the lock's file descriptor.

    A worker that has just done its step is given the time to end (seconds).

    Raises:
        Refused: another process has it.
    """
    lock = os.open(folder() / f"{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    end = time.monotonic() + patience
    while not _locked(lock):
        if time.monotonic() > end:
            os.close(lock)
            raise Refused(_BUSY)
        time.sleep(_WINK)
    (folder() / f"{number}.stop").unlink(missing_ok=True)
    (folder() / f"{number}.progress").unlink(missing_ok=True)
    return lock


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def claim(number: str) -> Iterator[None]:
    """Hold a batch while this process works on it."""
    lock = claimed(number)
    try:
        yield
    finally:
        os.close(lock)


def is_at_work(number: str) -> bool:
    """Say whether some process holds a batch."""
    path = folder() / f"{number}.lock"
    if not path.exists():
        return False
    lock = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def ask_to_stop(number: str) -> None:
    """Let whoever works on a batch know that he shall end."""
    (folder() / f"{number}.stop").touch()


def progress_of(number: str) -> Progress | None:
    """Return how far the work on a batch is."""
    try:
        told: dict[str, Any] = json.loads((folder() / f"{number}.progress").read_text("utf-8"))
        return Progress(**told)
    except (OSError, ValueError, TypeError):
        return None


class Teller:
    """Writes progress where other processes see it, and ends the work when it is to end."""

    def __init__(self, number: str) -> None:
        self._stop = folder() / f"{number}.stop"
        self._file = folder() / f"{number}.progress"
        self._last, self._what = 0.0, ""

    def __call__(self, what: str, done: int, of: int) -> None:
        """Tell; raises Stopped if somebody asked for the end."""
        if self._stop.exists():
            raise Stopped
        if what == self._what and time.monotonic() - self._last < _EVERY:
            return
        self._last, self._what = time.monotonic(), what
        fresh = self._file.with_suffix(".next")
        fresh.write_text(json.dumps({"what": what, "done": done, "of": of}), "utf-8")
        fresh.replace(self._file)
