"""Start the real server in a process of its own, for tests that attack or drive it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

HOME = Path(__file__).parent.parent
LOGS: list[Path] = []  # of the servers that run now; a failed test shows their ends
# Seconds until the server answers; the imports of marimo take most of it.
PATIENCE = max(60, int(os.environ.get("CRM_PATIENCE", "0")) // 1000)
START = "import sys, pathlib; from crmlib.web.serve import serve; serve('127.0.0.1', int(sys.argv[1]), pathlib.Path(sys.argv[2]))"


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
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", START, str(port), str(notebooks or HOME / "notebooks")],
                cwd=HOME,
                env=os.environ
                # Of some eighty pages a test opens a few.
                | {"CRM_DATABASE_URL": database_url, "CRM_VAR_DIR": folder, "CRM_WARM": "0"}
                | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        LOGS.append(log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url, log)
            yield url
        finally:
            LOGS.remove(log)
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx2.get(f"{url}/healthz", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    msg = f"the server did not start:\n{log.read_text(errors='replace')[-4000:]}"
    raise AssertionError(msg)
