"""The rows a permission covers, as sets of keys: for lists that are kept in memory.

The twin of ``access.rows.condition``; tests hold the two to the same answer.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from crmlib.access.actor import Actor, offices_headed, people_below
from crmlib.access.grants import Permission, Scope
from crmlib.access.rows import Ownership

_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reach:
    """A row is covered when any of these names it; ``everything`` covers all rows."""

    everything: bool = False
    owners: frozenset[int] = _NONE
    registrants: frozenset[int] = _NONE
    offices: frozenset[int] = _NONE
    keys: frozenset[int] = _NONE


def reach(session: Session, actor: Actor, permission: Permission, rows: Ownership) -> Reach:
    """Read what the actor's scopes for a permission cover at this moment."""
    held = actor.scopes(permission)
    if held & {Scope.ALL, Scope.MASKED}:
        return Reach(everything=True)
    owners, registrants, offices, keys = set[int](), set[int](), set[int](), set[int]()
    if Scope.OWN in held:
        owners.add(actor.person_id)
        registrants.add(actor.person_id)
    for scope, shared in ((Scope.SHARED, rows.shared), (Scope.COLLABORATE, rows.collaborate)):
        if scope in held and shared is not None:
            keys.update(session.scalars(shared))
    if Scope.DEPARTMENT in held:
        offices.add(actor.office_id)
    if Scope.TREE in held:
        owners.update(session.scalars(people_below(actor.person_id)))
        offices.update(session.scalars(offices_headed(actor.person_id)))
    return Reach(
        owners=frozenset(owners),
        registrants=frozenset(registrants),
        offices=frozenset(offices),
        keys=frozenset(keys),
    )
