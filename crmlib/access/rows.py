"""Which rows a scope covers, as a SQL condition; no scope means no rows."""

from collections.abc import Mapping
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
    parts = _parts(actor, rows)
    return or_(false(), *(parts[scope] for scope in sorted(held)))


def _parts(actor: Actor, rows: Ownership) -> Mapping[Scope, ColumnElement[bool]]:
    me = actor.person_id
    return {
        Scope.OWN: or_(rows.owner == me, rows.registrant == me),
        Scope.SHARED: false() if rows.shared is None else rows.key.in_(rows.shared),
        Scope.COLLABORATE: false() if rows.collaborate is None else rows.key.in_(rows.collaborate),
        Scope.DEPARTMENT: rows.office == actor.office_id,
        Scope.TREE: or_(is_person_below(actor, rows.owner), rows.office.in_(offices_headed(me))),
    }
