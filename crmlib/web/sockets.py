"""Open sockets and whose notebook sessions they drive; they can be cut at any moment."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import Message, Send

from crmlib.people.sessions import Session
from crmlib.settings import settings

SIGNED_OUT = 4401
TOO_MANY = 4429
MOST_PER_PERSON = 20
# A page left behind keeps its kernel for a while, so that a lost connection loses nothing;
# of one person only so many, for each F5 leaves one.
MOST_LEFT = 10
# Marimo drops a session after its own time to live; only later may its id be anybody's.
GRACE = 600
_EXECUTION = '{"op": "execution"'


def without_code(message: Message) -> Message:
    """Return the message without the source that marimo tells of the cells of an embedded page."""
    text = message.get("text")
    if not text or not text.startswith(_EXECUTION):
        return message
    told = json.loads(text)
    told["data"]["code"] = None
    return {**message, "text": json.dumps(told)}


@dataclass(eq=False)
class Socket:
    """One open socket; after ``cut`` nothing the notebook sends gets out."""

    session: Session
    workspace: str
    page: str  # marimo's session id
    send: Send
    is_cut: bool = field(default=False)

    async def forward(self, message: Message) -> None:
        """Send what the notebook sends, without its code, unless the socket was cut."""
        if not self.is_cut:
            await self.send(without_code(message))

    async def cut(self) -> None:
        """Close from our side; the notebook then reads a disconnect."""
        if self.is_cut:
            return
        self.is_cut = True
        await self.send({"type": "websocket.close", "code": SIGNED_OUT, "reason": "signed out"})


@dataclass
class _Owner:
    session: Session
    sockets: int = 0
    left_at: float = 0.0


Page = tuple[str, str]  # workspace, marimo's session id
Close = Callable[[str, str], None]
Which = Callable[[Session, str], bool]


class Sockets:
    """All sockets of this process, and the login each notebook session is bound to.

    ``close`` ends a notebook session (workspace, id) that nobody may come back to.
    """

    def __init__(
        self,
        close: Close = lambda _workspace, _page: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open: set[Socket] = set()
        self._owners: dict[Page, _Owner] = {}
        self._close, self._clock = close, clock

    def may_open(self, session: Session, workspace: str, page: str) -> bool:
        """Say whether this login may open a socket to the notebook session."""
        owner = self._owners.get((workspace, page))
        return owner is None or owner.session.key == session.key

    def has_room(self, session: Session) -> bool:
        """Say whether the person may open one more socket."""
        mine = sum(1 for s in self._open if s.session.person_id == session.person_id)
        return mine < MOST_PER_PERSON

    def owns(self, session: Session, workspace: str, page: str) -> bool:
        """Say whether this login opened the notebook session."""
        owner = self._owners.get((workspace, page))
        return owner is not None and owner.session.key == session.key

    def open(self, socket: Socket) -> None:
        """Bind the notebook session to the login and keep the socket in reach."""
        self._forget_old()
        owner = self._owners.setdefault((socket.workspace, socket.page), _Owner(socket.session))
        owner.sockets += 1
        self._open.add(socket)

    def closed(self, socket: Socket) -> None:
        """Let go of a socket; its notebook session stays bound for who may come back."""
        self._open.discard(socket)
        page = socket.workspace, socket.page
        owner = self._owners[page]
        owner.sockets -= 1
        owner.left_at = self._clock()
        if socket.is_cut and not owner.sockets:
            self._end_page(page)
        else:
            self._end_most_left(socket.session.person_id)

    def keys(self) -> set[str]:
        """Return the logins that have notebook sessions."""
        return {o.session.key for o in self._owners.values()}

    async def end(self, which: Which) -> None:
        """Cut the sockets and end the notebook sessions of logins (and workspaces) that ended."""
        for socket in [s for s in self._open if which(s.session, s.workspace)]:
            await socket.cut()
        for page, owner in list(self._owners.items()):
            if not owner.sockets and which(owner.session, page[0]):
                self._end_page(page)

    def _end_most_left(self, person_id: int) -> None:
        left = [
            (owner.left_at, page)
            for page, owner in self._owners.items()
            if owner.session.person_id == person_id and not owner.sockets
        ]
        for _left_at, page in sorted(left)[:-MOST_LEFT]:
            self._end_page(page)

    def _end_page(self, page: Page) -> None:
        del self._owners[page]
        self._close(*page)

    def _forget_old(self) -> None:
        limit = self._clock() - settings().page_ttl - GRACE
        gone = [k for k, o in self._owners.items() if not o.sockets and o.left_at < limit]
        for page in gone:
            del self._owners[page]
