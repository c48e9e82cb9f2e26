"""Who a cookie belongs to, remembered for two seconds so that a page asks the database once."""

import time

from anyio import to_thread

from crmlib.people.sessions import Session, key_of, session_of

MEMORY = 2.0  # seconds; a session that ended elsewhere is refused at the latest after this
MOST = 10_000


class Logins:
    """The living sign-ins this process has seen lately."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, Session]] = {}
        self._forgotten = 0

    async def of(self, secret: str, *, touch: bool = True) -> Session | None:
        """Return the living session of a cookie's secret."""
        if not secret:
            return None
        key, now = key_of(secret), time.monotonic()
        known = self._seen.get(key)
        if known is not None and now - known[0] < MEMORY:
            return known[1]
        asked = self._forgotten
        found = await to_thread.run_sync(lambda: session_of(secret, touch=touch))
        if found is None:
            self._seen.pop(key, None)
            return None
        if len(self._seen) >= MOST:
            self._seen.clear()
        if asked == self._forgotten:  # else somebody signed out while we asked
            self._seen[key] = now, found
        return found

    def forget(self) -> None:
        """Ask the database again for everybody."""
        self._forgotten += 1
        self._seen.clear()
