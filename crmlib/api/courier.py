"""The errand of the server: read the feed, send what is due, forget what is old."""

import asyncio
import logging
import time

from anyio import CapacityLimiter, to_thread

from crmlib.api import deliveries, feeding, tokens

LOG = logging.getLogger(__name__)
EVERY = 1.0  # seconds
AFTER_FAULT = 10.0
AT_ONCE = 4  # receivers
SWEEP = 6 * 3600.0  # seconds


class Courier:
    """One per process; several share the work by taking different deliveries."""

    def __init__(self) -> None:
        self._busy: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Go on until cancelled; a database that is away is asked again later."""
        limiter = CapacityLimiter(AT_ONCE)
        swept = 0.0
        while True:
            pause = EVERY
            try:
                await self.round(limiter)
                if time.monotonic() - swept > SWEEP or not swept:
                    swept = time.monotonic()
                    await to_thread.run_sync(_sweep)
            except Exception:
                LOG.exception("webhooks cannot be served")
                pause = AFTER_FAULT
            await asyncio.sleep(pause)

    async def round(self, limiter: CapacityLimiter) -> None:
        """Queue what is new and start sending what is due; a slow receiver holds up nobody else."""
        self._busy = {hook: task for hook, task in self._busy.items() if not task.done()}
        await to_thread.run_sync(feeding.take_in)
        found = await to_thread.run_sync(deliveries.due, tuple(self._busy))
        for hook, letters in found.items():
            if letters:
                self._busy[hook] = asyncio.create_task(self._send(letters, limiter))

    async def _send(self, letters: list[deliveries.Letter], limiter: CapacityLimiter) -> None:
        try:
            await to_thread.run_sync(deliveries.deliver, letters, limiter=limiter)
        except Exception:
            LOG.exception("a webhook cannot be served")


def _sweep() -> None:
    tokens.forget_calls()
    deliveries.forget_old()
