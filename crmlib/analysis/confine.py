"""Give up, for good, what an analyst's editor must not do; then become the editor.

``python -m crmlib.analysis.confine SPEC`` (JSON). Landlock, a part of Linux, lets any process
narrow what it and its children may touch: whatever code runs in the editor, the product's base,
its settings in other processes' environments, and every file not named here stay out of reach.
"""

import ctypes
import json
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

# From version 3 on also cutting a file short is refused.
OLDEST_ABI = 3
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on all machines
_NO_NEW_PRIVS, _SIGNAL_WITH_PARENT = 38, 1
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE, _READ, _LIST = (1 << bit for bit in range(4))
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
_SCOPES = 0b11  # no signals to others, no sockets of others
_ABI_OF_IOCTL, _ABI_OF_SCOPES = 5, 6


@dataclass(frozen=True, slots=True)
class Limits:
    """What the editor may touch and use; paths that do not exist are left out."""

    readable: tuple[str, ...]
    writable: tuple[str, ...]
    listable: tuple[str, ...]  # names only
    memory: int  # bytes of address space of one process
    seconds: int  # of CPU of one process
    nice: int


def abi() -> int:
    """Return which Landlock this system has, 0 for none."""
    if platform.system() != "Linux":
        return 0
    found = _libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return max(int(found), 0)


def command(limits: Limits, program: Iterable[str]) -> list[str]:
    """Return the command that runs a program within limits."""
    spec = json.dumps({"limits": asdict(limits), "program": list(program)})
    return [sys.executable, "-m", "crmlib.analysis.confine", spec]


def narrow(limits: Limits) -> None:
    """Hold this process and all its children to the limits, for ever.

    Raises:
        OSError: the system refuses; then nothing may be run.
    """
    _libc().prctl(_SIGNAL_WITH_PARENT, signal.SIGTERM, 0, 0, 0)
    os.nice(limits.nice)
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    _landlock(limits)


def _landlock(limits: Limits) -> None:
    version = abi()
    if version < OLDEST_ABI:
        raise OSError(0, "no Landlock")
    libc = _libc()
    every = (1 << (16 if version >= _ABI_OF_IOCTL else 15)) - 1
    attributes = struct.pack("=QQQ", every, 0, _SCOPES if version >= _ABI_OF_SCOPES else 0)
    rules = _checked(
        libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    )
    for paths, access in (
        (limits.readable, _EXECUTE | _READ | _LIST),
        (limits.writable, every & ~_EXECUTE),
        (limits.listable, _LIST),
    ):
        for path in paths:
            _allow(rules, path, access & every)
    _checked(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(libc.syscall(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0)))
    os.close(rules)


def _allow(rules: int, path: str, access: int) -> None:
    if not Path(path).exists():
        return
    if not Path(path).is_dir():
        access &= _ON_FILES
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    beneath = struct.pack("=Qi", access, place)
    try:
        _checked(
            _libc().syscall(
                _ADD, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), beneath, ctypes.c_uint32(0)
            )
        )
    finally:
        os.close(place)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def main(spec: str) -> None:
    """Narrow this process, then run the program in its place."""
    told = json.loads(spec)
    narrow(Limits(**told["limits"]))
    program = told["program"]
    os.execv(program[0], program)  # noqa: S606 our own command


if __name__ == "__main__":
    main(sys.argv[1])
