"""Records messages point at: who may open them is known to the floors above, which say it here."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crmlib.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Related:
    """A record a message leads to: the page that opens it, its id and its name."""

    page: str
    id: int
    label: str


Opener = Callable[[Session, Actor, int], Related | None]
_openers: dict[str, Opener] = {}


def open_with(kind: str, opener: Opener) -> None:
    """Say how records of a type (a table's name) are opened; None from it means: not visible."""
    _openers[kind] = opener


def related_record(session: Session, actor: Actor, kind: str, key: int) -> Related | None:
    """Return the record if its type is known and the actor may see it."""
    opener = _openers.get(kind)
    return opener(session, actor, key) if opener else None
