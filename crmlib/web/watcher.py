"""One task per process reads the change feed and tells whoever waits."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable

from anyio import to_thread

from crmlib.store.feed import Change, Feed
from crmlib.store.schema import Base

LOG = logging.getLogger(__name__)
Listener = Callable[[list[Change]], None]
EVERY = 0.5  # seconds
AFTER_FAULT = 5.0
REMEMBERED = 2000  # batches
# Sign-ins, refusals and looks change nothing that a page shows.
UNSEEN = frozenset({"login_session", "permission", "contact_view"})


class Watcher:
    """The version counts batches of changes; a reader asks for the topics since his own."""

    def __init__(self) -> None:
        self.version = 0
        # Version before and after each batch, and its topics.
        self._batches: deque[tuple[int, int, frozenset[str]]] = deque(maxlen=REMEMBERED)
        self._listeners: list[Listener] = []
        self._changed = asyncio.Condition()
        self._stopping = False

    def subscribe(self, listener: Listener) -> None:
        """Hand every batch of changes to a function, called in a worker thread."""
        self._listeners.append(listener)

    async def run(self) -> None:
        """Read the feed until stopped; a database that is away is asked again later."""
        feed: Feed | None = None
        while not self._stopping:
            try:
                if feed is None:
                    feed = await to_thread.run_sync(Feed)
                changes = await to_thread.run_sync(feed.poll)
                if changes:
                    await to_thread.run_sync(self._tell_listeners, changes)
                    await self.publish(changes)
            except Exception:
                LOG.exception("the change feed cannot be read")
                await asyncio.sleep(AFTER_FAULT)
            await asyncio.sleep(EVERY)

    async def publish(self, changes: Iterable[Change]) -> None:
        """Count one batch and wake those who wait, if a page could show it."""
        changes = list(changes)
        topics = frozenset(c.entity for c in changes) - UNSEEN
        if not topics:
            return
        async with self._changed:
            # Ids of the log survive a restart, so a page's old version stays behind ours.
            before, self.version = self.version, max(self.version + 1, *(c.id for c in changes))
            self._batches.append((before, self.version, topics))
            self._changed.notify_all()

    async def wait(self, since: int, seconds: float) -> None:
        """Return when something changed after ``since``, or after so many seconds."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.version != since or self._stopping)
        except TimeoutError:
            return

    def topics(self, since: int) -> list[str]:
        """Return what changed after ``since``; everything, if that is too long ago."""
        if since == self.version:
            return []
        if not self._batches or not self._batches[0][0] <= since < self.version:
            return sorted(Base.metadata.tables)
        return sorted(frozenset().union(*(t for _, v, t in self._batches if v > since)))

    async def stop(self) -> None:
        """Answer everybody who waits and read no more."""
        self._stopping = True
        async with self._changed:
            self._changed.notify_all()

    def _tell_listeners(self, changes: list[Change]) -> None:
        for listener in self._listeners:
            try:
                listener(changes)
            except Exception:
                LOG.exception("a listener of the change feed failed")
