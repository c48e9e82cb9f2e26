"""Questions asked from the command line; they wait for the search index instead of doing without."""

from dataclasses import dataclass

from crmlib.duplicates import live
from crmlib.duplicates.collision import Question, candidates, collide, worst
from crmlib.duplicates.verdicts import VERDICT_TEXTS
from crmlib.operations.staffing import actor_named
from crmlib.store.engine import reading

_PATIENCE = 600.0  # seconds; a million customers take some minutes


@dataclass(frozen=True, slots=True)
class Collider:
    """A customer that may be the one asked for: P(same), P(related), reasons."""

    code: str
    name: str
    same: float
    related: float
    reasons: tuple[str, ...]


def ask_collision(name: str, phone: str | None = None) -> tuple[str, list[Collider]]:
    """Return the verdict in words and the customers found, the likeliest first.

    Raises:
        Invalid: no name.
    """
    actor = actor_named(None)
    live.start()
    live.wait(_PATIENCE)
    collide(actor, name, phone, limit=1)
    with reading() as session:
        found = candidates(session, actor, Question(name, phone), live.index())
    rows = [
        Collider(c.code, c.name, c.same, c.related, tuple(r.text for r in c.reasons if r.text))
        for c in found
    ]
    return VERDICT_TEXTS[worst(found)], rows
