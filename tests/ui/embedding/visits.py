"""Serve the shell, visit it, and print how many kernels and widgets are left when all have gone.

Run: python -m tests.ui.embedding.visits COUNT
"""

import gc
import sys
import threading
import time
from pathlib import Path

import marimo
import uvicorn
from ipywidgets.widgets import widget
from marimo._runtime.runtime import Kernel
from websockets.sync.client import connect

PATIENCE = 60  # seconds until marimo has closed the sessions nobody is at
# The collector may hold the last ones a while, and the first stays with the modules it imported.
ALLOWED = 4


def serve() -> int:
    app = marimo.create_asgi_app(quiet=True, include_code=False, session_ttl=1)
    built = app.with_app(path="", root=str(Path(__file__).parent / "shell.py")).build()
    server = uvicorn.Server(uvicorn.Config(built, host="127.0.0.1", port=0, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return int(server.servers[0].sockets[0].getsockname()[1])


def visit(port: int, number: int) -> None:
    with connect(
        f"ws://127.0.0.1:{port}/ws?session_id=s_{number:06}", max_size=None, proxy=None
    ) as socket:
        while '"completed-run"' not in str(socket.recv(PATIENCE)):
            pass
    # The embedded widget was there, else there would be nothing to let go.
    assert widget._instances


def left() -> tuple[int, int]:
    for _ in range(3):  # finalizers let go of more
        gc.collect()
    kernels = sum(type(thing) is Kernel for thing in gc.get_objects())
    return kernels, len(widget._instances)


if __name__ == "__main__":
    address = serve()
    for number in range(int(sys.argv[1])):
        visit(address, number)
    deadline = time.monotonic() + PATIENCE
    while (sum(left()) > ALLOWED) and time.monotonic() < deadline:
        time.sleep(0.2)
    sys.stdout.write(" ".join(map(str, left())))
