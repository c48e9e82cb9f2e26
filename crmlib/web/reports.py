"""Finished reports at /reports/NAME/, each in a process of its own: clerks do not wait for them."""

import asyncio
import logging
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from crmlib.access.grants import REPORTS
from crmlib.analysis import catalogue
from crmlib.analysis.catalogue import Report
from crmlib.web import render, report_wire
from crmlib.web.report_worker import TOO_LONG

LOG = logging.getLogger(__name__)
STARTS_WITHIN = 120.0  # seconds
# Close codes the frame of the page knows; marimo's page does not come back after this reason.
STOPPED, FAILED = 4408, 4500
FOR_GOOD = "MARIMO_SHUTDOWN"
NAME_PLACE = 2  # of a path's parts: "", "reports", NAME


class _Running:
    """A report's process and its socket."""

    def __init__(self, process: Process, socket: Path) -> None:
        self.process, self.socket = process, socket


class Reports:
    """Starts the process of a report at its first call and passes calls on to it."""

    def __init__(self, folder: Path = catalogue.FOLDER) -> None:
        self.folder = folder
        self._running: dict[str, _Running] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._sockets = tempfile.TemporaryDirectory(prefix="crm-reports-")
        self._number = 0
        self._closing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call the guard let pass."""
        name = scope["path"].split("/")[NAME_PLACE]
        report = catalogue.report(name, self.folder)
        fault = self._fault(report)
        if report is None or fault is not None:
            await _refuse(fault or _missing(), scope, receive, send)
            return
        try:
            running = await self._started(report)
        except (OSError, TimeoutError):
            LOG.exception("report %s does not start", name)
            await _refuse(_broken(report, "报表进程未能启动"), scope, receive, send)
            return
        begun = _Begun(send)
        try:
            await report_wire.call(running.socket, scope, receive, begun.send)
        except report_wire.Broken:
            await self._tell_end(report, running, begun, scope, receive)

    def close(self, workspace: str, page: str) -> None:
        """End a notebook session nobody may come back to."""
        running = self._running.get(workspace.partition("/")[2])
        if running is not None and running.process.returncode is None:
            task = asyncio.get_running_loop().create_task(_end_session(running.socket, page))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def stop(self) -> None:
        """End all processes."""
        for running in self._running.values():
            if running.process.returncode is None:
                running.process.kill()
                await running.process.wait()
        self._sockets.cleanup()

    def _fault(self, report: Report | None) -> Response | None:
        if report is None:
            return _missing()
        return _broken(report, report.fault) if report.fault else None

    async def _started(self, report: Report) -> _Running:
        async with self._locks.setdefault(report.name, asyncio.Lock()):
            running = self._running.get(report.name)
            if running is None or running.process.returncode is not None:
                running = self._running[report.name] = await self._start(report)
            return running

    async def _start(self, report: Report) -> _Running:
        self._number += 1
        socket = Path(self._sockets.name) / f"{self._number}.sock"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "crmlib.web.report_worker",
            report.name, str(report.file), str(socket),
            stdin=PIPE, stdout=PIPE,  # its input ends with this process
        )  # fmt: skip
        is_ready = False
        try:
            if process.stdout is not None:
                is_ready = bool(await asyncio.wait_for(process.stdout.readline(), STARTS_WITHIN))
        finally:
            if not is_ready and process.returncode is None:
                process.kill()
        if not is_ready:
            raise OSError(report.name)
        return _Running(process, socket)

    async def _tell_end(
        self, report: Report, running: _Running, begun: "_Begun", scope: Scope, receive: Receive
    ) -> None:
        code = await _code(running.process)
        LOG.warning("report %s ended with %s", report.name, code)
        if scope["type"] == "websocket":
            told = STOPPED if code == TOO_LONG else FAILED
            await begun.send({"type": "websocket.close", "code": told, "reason": FOR_GOOD})
        elif not begun.is_begun:
            await _broken(report, "运行已停止，请重新打开")(scope, receive, begun.send)


class _Begun:
    """Remembers whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send, self.is_begun = send, False

    async def send(self, message: Message) -> None:
        """Send a message on."""
        self.is_begun = True
        await self._send(message)


async def _end_session(socket: Path, page: str) -> None:
    try:
        _reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return
    await report_wire.write(writer, {report_wire.CLOSE: page})
    writer.close()


async def _code(process: Process) -> int | None:
    try:
        return await asyncio.wait_for(process.wait(), 2)
    except TimeoutError:
        return None


async def _refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": FAILED, "reason": FOR_GOOD})
    else:
        await answer(scope, receive, send)


def _missing() -> Response:
    return render.message("没有此报表，可能已被移除", status=404)


def _broken(report: Report, fault: str) -> Response:
    return render.message(f"报表“{report.title}”无法打开：{fault}。请联系分析员", status=500)


def workspace(name: str) -> str:
    """Return the workspace a report is for the guard."""
    return f"{REPORTS}/{name}"
