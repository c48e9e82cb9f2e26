"""A private PostgreSQL cluster on a socket, started once per test run where the programs exist."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=200 -c max_wal_size=256MB"
)
# A database per test is copied twice as fast in memory; it takes some 100 MB there.
MEMORY, ROOM = Path("/dev/shm"), 2 * 10**9  # noqa: S108 a folder of its own is made there


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, the newest version first."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return versions[0].parent if versions else None


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster and yield the folder of its socket."""
    bin_dir = programs()
    assert bin_dir is not None, "PostgreSQL's programs are missing (Debian: postgresql)"
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    home = Path(tempfile.mkdtemp(prefix="crm-pg-", dir=MEMORY if has_room else "/tmp"))  # noqa: S108
    as_user = _other_user(home)
    data = home / "data"
    try:
        _run(
            [
                *as_user,
                bin_dir / "initdb",
                "-D",
                data,
                "-U",
                "crm",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ]
        )
        _run(
            [
                *as_user,
                bin_dir / "pg_ctl",
                "-D",
                data,
                "-w",
                "-l",
                home / "log",
                "-o",
                f"-k {home} {SETTINGS}",
                "start",
            ]
        )
        yield str(home)
    finally:
        subprocess.run(
            [*as_user, bin_dir / "pg_ctl", "-D", data, "-m", "immediate", "stop"],
            check=False,
            capture_output=True,
        )
        shutil.rmtree(home, ignore_errors=True)


def _other_user(home: Path) -> list[str]:
    # initdb refuses root.
    if os.geteuid() != 0:
        return []
    name = "postgres" if "postgres" in {p.pw_name for p in pwd.getpwall()} else "nobody"
    shutil.chown(home, name)
    return ["runuser", "-u", name, "--"]


def _run(command: list[object]) -> None:
    done = subprocess.run(
        [str(c) for c in command],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
