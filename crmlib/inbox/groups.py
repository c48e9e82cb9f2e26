"""Groups a person may write to: by post, by office, by who works for whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor, offices_headed, people_below
from crmlib.access.grants import Role
from crmlib.inbox.notices import people_of_role
from crmlib.inbox.rules import GROUPS
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading

EVERYBODY, OWN_OFFICE, TEAM = "everybody", "own_office", "team"
_OFFICE = "office-{}"
# They write to the whole firm; others to their own office and to those below them.
_FIRM_WIDE = frozenset({Role.GENERAL_OFFICE, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Group:
    """One choice of 接收人; the writer himself never counts."""

    key: str
    name: str
    people: frozenset[int]


def groups_of(actor: Actor) -> list[Group]:
    """Return the groups the actor may write to, without empty ones."""
    with reading() as session:
        return [group for group in _groups(session, actor) if group.people]


def members(session: Session, actor: Actor, keys: Collection[str]) -> dict[str, frozenset[int]]:
    """Return the people of those of the groups that the actor may write to."""
    if set(keys) <= GROUPS.keys():  # no need to look through the whole firm
        me = {actor.person_id}
        return {key: frozenset(people_of_role(session, Role(key))) - me for key in keys}
    return {group.key: group.people for group in _groups(session, actor) if group.key in keys}


def _groups(session: Session, actor: Actor) -> list[Group]:
    rows = session.execute(
        select(Person.id, Person.role, Person.office_id).where(
            Person.active.is_(True), Person.id != actor.person_id
        )
    ).all()
    found = [
        Group(key, name, frozenset(row.id for row in rows if row.role == key))
        for key, name in GROUPS.items()
    ]
    own = frozenset(row.id for row in rows if row.office_id == actor.office_id)
    found.append(Group(OWN_OFFICE, f"本部门：{actor.office}", own))
    everybody = frozenset(row.id for row in rows)
    if actor.has_subordinates:
        below = {row[0] for row in session.execute(people_below(actor.person_id))}
        found.append(Group(TEAM, "我的下属", everybody & below))
    if actor.role in _FIRM_WIDE:
        found.append(Group(EVERYBODY, "全体人员", everybody))
    by_office: dict[int, set[int]] = {}
    for row in rows:
        by_office.setdefault(row.office_id, set()).add(row.id)
    return found + _offices(session, actor, by_office)


def _offices(session: Session, actor: Actor, people: dict[int, set[int]]) -> list[Group]:
    tree = session.execute(
        select(Office.id, Office.name, Office.parent_id).order_by(Office.id)
    ).all()
    if actor.role in _FIRM_WIDE:
        offered = {row.id for row in tree}
    else:
        offered = set(session.scalars(offices_headed(actor.person_id)))
    below: dict[int | None, list[int]] = {}
    for row in tree:
        below.setdefault(row.parent_id, []).append(row.id)
    return [
        Group(
            _OFFICE.format(row.id),
            f"{row.name}（含下级部门）" if row.id in below else f"{row.name}全体",
            frozenset().union(*(people.get(key, ()) for key in _subtree(row.id, below))),
        )
        for row in tree
        if row.id in offered
    ]


def _subtree(root: int, below: dict[int | None, list[int]]) -> Iterable[int]:
    waiting, seen = [root], set[int]()
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += below.get(key, [])
    return seen
