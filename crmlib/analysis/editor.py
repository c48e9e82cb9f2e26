"""An analyst's editor: marimo on his drafts, beside the product, with masked rows only."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from sqlalchemy import make_url

import crmlib
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.analysis import catalogue, confine, copying, masked, views
from crmlib.errors import Refused
from crmlib.settings import settings

HOME = Path(crmlib.__file__).parent.parent
STARTS_WITHIN = 120  # seconds
LOOK_EVERY = 5.0  # seconds between looks whether the copy is due
GRACE = 10
# Of the system only what programs need; settings of services lie elsewhere in /etc.
_SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/sbin", "/sys/devices/system/cpu", "/sys/fs/cgroup"),
    # Not the rest of /proc: other processes tell their settings there.
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/filesystems"),
    "/proc/self",
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
    *(
        f"/etc/{name}"
        for name in (
            *("localtime", "timezone", "passwd", "group", "hosts", "host.conf", "nsswitch.conf"),
            *("resolv.conf", "ld.so.cache", "alternatives", "ssl", "fonts", "mime.types"),
        )
    ),
)
_DEVICES = ("/dev/null", "/dev/shm", "/dev/tty", "/dev/ptmx", "/dev/pts")  # noqa: S108 shared memory
_KEPT = ("LANG", "LC_ALL", "PATH", "TZ")  # of the environment
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an editor is to be opened."""

    host: str = "127.0.0.1"
    port: int = 2719
    minutes: float = 10  # between copies
    memory_gb: float = 8
    cpu_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Opened:
    """Whose editor was opened."""

    login: str


@action(Permission.ANALYSIS_EDIT)
def open_editor(work: Work) -> Opened:
    """Note that somebody opens his editor; only analysts may."""
    work.note("analysis", None, {"event": "editor"})
    return Opened(work.actor.login)


def drafts(login: str) -> Path:
    """Return the folder of a person's drafts, with the template and the reports to start from."""
    place = copying.folder() / "drafts" / login
    (place / ".home").mkdir(parents=True, exist_ok=True)
    finished = [report.file for report in catalogue.reports()]
    for file in (catalogue.FOLDER / f"{catalogue.TEMPLATE}.py", *finished):
        target = place / f"{'模板' if file.stem == catalogue.TEMPLATE else file.stem}.py"
        if file.exists() and not target.exists():
            shutil.copyfile(file, target)
    return place


def run(actor: Actor, wishes: Wishes, tell: Tell) -> int:
    """Open the editor and look after it until it ends or this process is told to stop.

    Raises:
        NotAllowed: no analyst.
        Refused: this system cannot hold the editor in, or the port is taken.
    """
    if confine.abi() < confine.OLDEST_ABI:
        message = "此系统不能限制编辑器的权限（需要 Linux 6.2 或更新，启用 Landlock），未启动"
        raise Refused(message)
    expect_free(wishes)
    open_editor(actor)
    place = drafts(actor.login)
    if copying.is_sqlite():
        address = f"sqlite:///{copying.write_copy()}"
        freshness = copying.Freshness(wishes.minutes)
    else:
        address, freshness = views.address(), None
    token = secrets.token_urlsafe(24)
    signal.signal(signal.SIGTERM, _stop)  # so that the editor ends with this process
    process = start(place, address, token, wishes)
    try:
        _wait(process, wishes)
        tell(
            f"分析编辑器（{actor.name}）：http://{wishes.host}:{wishes.port}/?access_token={token}"
        )
        tell("地址含口令，只显示这一次；按 Ctrl+C 结束")
        while process.poll() is None:
            time.sleep(LOOK_EVERY)
            if freshness is not None and freshness.is_due():
                copying.write_copy()
                freshness.done()
    finally:
        _end(process)
    return process.returncode


def start(place: Path, address: str, token: str, wishes: Wishes) -> "subprocess.Popen[bytes]":
    """Start the editor's process in its limits."""
    program = [sys.executable, "-m", "marimo", "-q", "edit", str(place), "--headless"]
    program += ["--host", wishes.host, "--port", str(wishes.port), "--skip-update-check"]
    program += ["--no-sandbox", "--token-password-file", "-"]
    with (place / ".home" / "editor.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 our own program
            confine.command(limits(place, wishes), program),
            cwd=place,
            env=environment(place, address),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if process.stdin is not None:  # not in the command line, which everybody can read
        process.stdin.write(token.encode())
        process.stdin.close()
    return process


def environment(place: Path, address: str) -> dict[str, str]:
    """Return all the editor knows of this process's environment: nothing of the product's base."""
    own = place / ".home"
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        masked.ADDRESS: address,
        "HOME": str(own),
        "TMPDIR": str(own),
        "XDG_CONFIG_HOME": str(own / "config"),
        "XDG_CACHE_HOME": str(own / "cache"),
        "XDG_STATE_HOME": str(own / "state"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }


def limits(place: Path, wishes: Wishes) -> confine.Limits:
    """Return what the editor may touch and use.

    Raises:
        Refused: the product's base would be among what can be read.
    """
    code = (HOME / "crmlib", HOME / "notebooks", HOME / "pyproject.toml")
    readable = (*_SYSTEM, sys.prefix, sys.base_prefix, *(str(path) for path in code))
    copies = copying.copy_file().parent
    url = make_url(settings().database_url)
    if copying.is_sqlite() and url.database:
        base = Path(url.database).absolute()
        for path in (*readable, str(copies), str(place)):
            if base.is_relative_to(path) or base.resolve().is_relative_to(Path(path).resolve()):
                message = f"数据库文件位于编辑器可读的目录 {path} 内，请移到别处"
                raise Refused(message)
    return confine.Limits(
        readable=(*readable, str(copies)),
        writable=(*_DEVICES, str(place)),
        listable=(str(HOME),),
        memory=int(wishes.memory_gb * 2**30),
        seconds=wishes.cpu_minutes * 60,
        nice=5,
    )


def expect_free(wishes: Wishes) -> None:
    """Refuse a port on which something else answers already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((wishes.host, wishes.port))
        except OSError as fault:
            message = f"端口 {wishes.port} 已被占用，请用 --port 换一个"
            raise Refused(message) from fault


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _wait(process: "subprocess.Popen[bytes]", wishes: Wishes) -> None:
    direct = build_opener(ProxyHandler({}))  # whatever proxy the environment names
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            with direct.open(f"http://{wishes.host}:{wishes.port}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.3)
    message = f"编辑器未能启动，请检查端口 {wishes.port} 是否已被占用"
    raise Refused(message)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
