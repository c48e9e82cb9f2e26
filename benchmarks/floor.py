"""The floor of page figures: marimo with one table and nothing of ours."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

APP = """import marimo
app = marimo.App(width="full")


@app.cell
def _():
    import marimo as mo
    import polars as pl
    mo.ui.table(pl.DataFrame({"id": range(20), "name": ["行"] * 20}))
    return
"""


@contextlib.contextmanager
def empty_app(folder: Path) -> Iterator[str]:
    """Run the app and yield its address."""
    (folder / "floor.py").write_text(APP, "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "run", str(folder / "floor.py"), "--headless",
               "--no-token", "--host", "127.0.0.1", "--port", str(port)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:  # noqa: S603
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address)
            yield address
        finally:
            running.terminate()


def _wait(address: str) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=1)  # noqa: S310 our own server
            return
        time.sleep(0.5)
    raise TimeoutError(address)
