"""Records messages point at: who may open them is known to the floors above, which say it here."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Role

OPEN = "打开"


@dataclass(frozen=True, slots=True)
class Related:
    """A record a message leads to: the page that opens it, its id and its name."""

    page: str
    id: int
    label: str


Opener = Callable[[Session, Actor, int], Related | None]
Stepper = Callable[[Session, Actor, int], str | None]
_openers: dict[str, Opener] = {}
_steppers: dict[tuple[str, str], Stepper] = {}


def open_with(kind: str, opener: Opener) -> None:
    """Say how records of a type (a table's name) are opened; None from it means: not visible."""
    _openers[kind] = opener


def step_with(kind: str, key: str, stepper: Stepper) -> None:
    """Let a folder name the step that waits at a record (分配, 处理 …); None: nothing waits."""
    _steppers[(kind, key)] = stepper


def related_record(session: Session, actor: Actor, kind: str, key: int) -> Related | None:
    """Return the record if its type is known and the actor may see it.

    Analysts have no page that opens single records.
    """
    opener = None if actor.role is Role.ANALYST else _openers.get(kind)
    return opener(session, actor, key) if opener else None


def step_at(session: Session, actor: Actor, kind: str, key: int) -> str:
    """Return the one word for what the actor does next at a record he may see."""
    for (of_kind, _), stepper in tuple(_steppers.items()):
        if of_kind == kind and (step := stepper(session, actor, key)):
            return step
    return OPEN
