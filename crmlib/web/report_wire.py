"""How the server and a report's process speak: ASGI messages over a local socket, one call each."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger(__name__)
# What a message may weigh: a chart's data, a file to take along.
MOST_BYTES = 256 * 1024 * 1024
_LENGTH = 4
_PASSED = ("type", "asgi", "http_version", "scheme", "method", "path", "raw_path", "query_string",
           "root_path", "headers", "client", "server", "subprotocols", "user", "meta")  # fmt: skip
DONE, FAILED = "done", "failed"  # how a call ended
_PIECE = 65_536
CLOSE = "close"  # end a notebook session instead of a call


class Broken(ConnectionError):
    """The other side went away in the middle of a call."""


async def read(reader: asyncio.StreamReader) -> Any:
    """Return the next message, None at the end."""
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
        if length > MOST_BYTES:
            return None
        return msgspec.msgpack.decode(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def write(writer: asyncio.StreamWriter, message: Mapping[str, Any]) -> None:
    """Send a message; nothing if the other side is gone."""
    packed = msgspec.msgpack.encode(message)
    with contextlib.suppress(ConnectionError):
        writer.write(len(packed).to_bytes(_LENGTH, "big") + packed)
        await writer.drain()


async def call(socket: Path, scope: Scope, receive: Receive, send: Send) -> None:
    """Have a call answered at the other end of a socket.

    Raises:
        Broken: nobody is there, or the answer broke off.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError as fault:
        raise Broken from fault
    await write(writer, {name: scope[name] for name in _PASSED if name in scope})
    asking = asyncio.create_task(_forward(receive, writer))
    try:
        while (message := await read(reader)) is not None and message["type"] != FAILED:
            if message["type"] == DONE:
                return
            await send(message)
        raise Broken
    finally:
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        writer.close()


async def _forward(receive: Receive, writer: asyncio.StreamWriter) -> None:
    while True:
        message = await receive()
        await write(writer, message)
        if message["type"] in {"http.disconnect", "websocket.disconnect"}:
            return


async def answer(
    app: ASGIApp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scope: Any
) -> None:
    """Let an application answer a call that came over a socket."""

    async def receive() -> Message:
        message = await read(reader)
        if message is None:
            is_socket = scope["type"] == "websocket"
            return {"type": "websocket.disconnect", "code": 1006} if is_socket else _GONE
        found: Message = message
        return found

    async def send(message: Message) -> None:
        await write(writer, _plain(message))

    scope["headers"] = [tuple(pair) for pair in scope["headers"]]
    for name in ("client", "server"):
        scope[name] = tuple(scope[name]) if scope.get(name) else None
    try:
        await app(scope, receive, send)
        ended = DONE
    except Exception:
        LOG.exception("a call of %s failed", scope["path"])
        ended = FAILED
    await write(writer, {"type": ended})
    # The other end closes: what it still sends into a closed socket would break off its reading.
    while await reader.read(_PIECE):
        pass


_GONE: Message = {"type": "http.disconnect"}


def _plain(message: Message) -> Message:
    # Starlette hands bodies out as views of memory.
    return {k: bytes(v) if isinstance(v, memoryview) else v for k, v in message.items()}
