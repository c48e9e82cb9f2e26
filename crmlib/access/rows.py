"""Which rows a scope covers, as a SQL condition; no scope means no rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, or_, true

from crmlib.access.actor import Actor, is_person_below, offices_headed
from crmlib.access.grants import Permission, Scope


@dataclass(frozen=True, slots=True)
class Ownership:
    """The columns by which rows of a table belong to people.

    ``shared`` selects the ids shared with the actor; with ``collaborate`` only those to work on.
    """

    key: Any
    owner: Any
    registrant: Any
    office: Any
    shared: Select[Any] | CompoundSelect[Any] | None = None
    collaborate: Select[Any] | CompoundSelect[Any] | None = None


def condition(actor: Actor, permission: Permission, rows: Ownership) -> ColumnElement[bool]:
    """Return the condition that the actor holds the permission for a row."""
    held = actor.scopes(permission)
    if Scope.ALL in held or Scope.MASKED in held:
        return true()
    return or_(false(), *(_covered(scope, actor, rows) for scope in sorted(held)))


def _covered(scope: Scope, actor: Actor, rows: Ownership) -> ColumnElement[bool]:
    me = actor.person_id
    match scope:
        case Scope.OWN:
            return or_(rows.owner == me, rows.registrant == me)
        case Scope.SHARED:
            return false() if rows.shared is None else rows.key.in_(rows.shared)
        case Scope.COLLABORATE:
            return false() if rows.collaborate is None else rows.key.in_(rows.collaborate)
        case Scope.DEPARTMENT:
            return or_(rows.office == actor.office_id)
        case Scope.TREE:
            in_offices = rows.office.in_(offices_headed(me))
            return or_(is_person_below(actor, rows.owner), in_offices)
        case _:
            return false()
