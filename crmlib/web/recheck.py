"""Open sockets of people who may no longer be there are cut, at the latest after five seconds."""

import asyncio
import logging

from anyio import to_thread

from crmlib.access.grants import may_enter
from crmlib.people.sessions import Session, living
from crmlib.store.feed import Change
from crmlib.web.logins import Logins
from crmlib.web.sockets import Sockets

LOG = logging.getLogger(__name__)
EVERY = 5.0  # seconds
_OF_INTEREST = frozenset({"person", "login_session"})


class Recheck:
    """Asks the database whether the sign-ins behind open sockets still live."""

    def __init__(self, logins: Logins, sockets: Sockets) -> None:
        self._logins, self._sockets = logins, sockets
        self._wanted = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def hear(self, changes: list[Change]) -> None:
        """Look at once when an account or a sign-in changed; called in a worker thread."""
        if self._loop and any(c.entity in _OF_INTEREST for c in changes):
            self._loop.call_soon_threadsafe(self._wanted.set)

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                await asyncio.wait_for(self._wanted.wait(), EVERY)
            except TimeoutError:
                pass
            else:
                self._logins.forget()
            self._wanted.clear()
            try:
                await self.look()
            except Exception:
                LOG.exception("open sockets could not be checked")

    async def look(self) -> None:
        """Cut the sockets whose sign-in ended or whose person lost the workspace."""
        keys = self._sockets.keys()
        if not keys:
            return
        found = await to_thread.run_sync(living, keys)

        def is_lost(session: Session, workspace: str) -> bool:
            if session.key not in keys:
                return False  # opened while we asked
            now = found.get(session.key)
            if now is None or now.must_change:
                return True
            return not may_enter(now.role, workspace, has_subordinates=now.has_subordinates)

        await self._sockets.end(is_lost)
