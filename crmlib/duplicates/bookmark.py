"""A place in the change log that outlives the process, and whether one may go on from there."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib.store.engine import engine
from crmlib.store.feed import Change, Feed
from crmlib.store.schema import ChangeLog

_FARTHEST = 200_000  # changes; beyond, building anew is quicker than following


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a reader stands, and the row by which the log is known again."""

    place: str
    row: int  # the last row then; 0 when the log was empty
    looks: str  # what that row says


def here(feed: Feed) -> Bookmark:
    """Bookmark of a reader."""
    with Session(engine()) as session:
        last = session.scalar(select(func.max(ChangeLog.id))) or 0
        return Bookmark(feed.place, last, _looks(session, last))


def follow(bookmark: Bookmark) -> "Follower | None":
    """A reader that goes on from there; None where the log is another one or has run far ahead."""
    with Session(engine()) as session:
        last = session.scalar(select(func.max(ChangeLog.id))) or 0
        known = last >= bookmark.row and _looks(session, bookmark.row) == bookmark.looks
        if not known or last - bookmark.row > _FARTHEST or not bookmark.place:
            return None
        later = set(session.scalars(select(ChangeLog.id).where(ChangeLog.id > bookmark.row)))
    feed = Follower(bookmark.place)
    # A restored PostgreSQL database counts its transactions otherwise: the snapshot would hide rows.
    return feed if later <= {change.id for change in feed.waiting} else None


class Follower(Feed):
    """A feed whose first answer was fetched when it was made."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.waiting: list[Change] = super().poll()

    def poll(self, limit: int | None = None) -> list[Change]:
        """Return what waited and what was committed since."""
        waiting, self.waiting = getattr(self, "waiting", []), []
        return [*waiting, *super().poll(limit)]


def _looks(session: Session, row: int) -> str:
    found = session.execute(
        select(ChangeLog.at, ChangeLog.entity, ChangeLog.entity_id, ChangeLog.kind).where(
            ChangeLog.id == row
        )
    ).first()
    return "" if found is None else "|".join(map(str, found))
