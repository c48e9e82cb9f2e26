"""Start the real server in a process of its own, for tests that attack or drive it."""

import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx2

HOME = Path(__file__).parent.parent
LOGS: list[Path] = []  # of the servers that run now; a failed test shows their ends
# Seconds until the server answers; the imports of marimo take most of it.
PATIENCE = max(60, int(os.environ.get("CRM_PATIENCE", "0")) // 1000)
# Servers are forked off a process that has read the product once: a run starts fifty of them.
_READY = multiprocessing.get_context("forkserver")
_READY.set_forkserver_preload(["tests.preloaded"])


@contextmanager
def running_server(
    database_url: str,
    *,
    notebooks: Path | None = None,
    port: int | None = None,
    **environment: str,
) -> Iterator[str]:
    """Serve the product (or other notebooks) on a free port and yield http://127.0.0.1:PORT."""
    with tempfile.TemporaryDirectory() as folder:
        port = port or _free_port()
        log = Path(folder) / "server.log"
        log.touch()
        # Of some eighty pages a test opens a few.
        apart = {"CRM_DATABASE_URL": database_url, "CRM_VAR_DIR": folder, "CRM_WARM": "0"}
        process = _READY.Process(
            target=_serve,
            args=(
                port,
                notebooks or HOME / "notebooks",
                {**os.environ, **apart, **environment},
                log,
            ),
        )
        process.start()
        LOGS.append(log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url, log)
            yield url
        finally:
            LOGS.remove(log)
            process.terminate()
            process.join(15)
            if process.exitcode is None:
                process.kill()
                process.join()
                raise AssertionError("the server did not stop")


def _serve(port: int, notebooks: Path, environment: dict[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(HOME)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    from crmlib.web.serve import serve  # the tests themselves need none of it

    serve("127.0.0.1", port, notebooks)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: BaseProcess, url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.exitcode is not None:
            break
        try:
            if httpx2.get(f"{url}/healthz", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    msg = f"the server did not start:\n{log.read_text(errors='replace')[-4000:]}"
    raise AssertionError(msg)
