"""Why a person sees a row: every path of the rights that leads him there, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.access.actor import OFFICE, PERSON, Actor
from crmlib.access.grants import Permission, Scope


@dataclass(frozen=True, slots=True)
class Given:
    """A share of the row with the person, in words; ``works``: more than reading."""

    text: str
    works: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Whose a row is."""

    owner_id: int | None
    registrant_id: int | None
    office_id: int | None
    shares: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """One way to a row: its kind (本人, 共享 …) and the way itself."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Staff:
    names: Mapping[int, str]
    bosses: Mapping[int, int | None]
    offices: Mapping[int, int]  # of people


@dataclass(frozen=True, slots=True)
class _Houses:
    names: Mapping[int, str]
    above: Mapping[int, int | None]
    heads: Mapping[int, int | None]


def paths(session: Session, person: Actor, permission: Permission, row: Held) -> tuple[Path, ...]:
    """Return every way by which a person holds a permission for a row; empty: he does not."""
    held, found = person.scopes(permission), list[Path]()
    if Scope.ALL in held:
        found.append(Path("全部", "角色可查看全部记录"))
    if Scope.MASKED in held:
        found.append(Path("全部", "角色可查看全部记录，联系方式隐去"))
    if Scope.OWN in held:
        found += _own(person.person_id, row)
    if Scope.TREE in held:
        found += _below(session, person, row)
    if Scope.DEPARTMENT in held and row.office_id is not None and row.office_id == person.office_id:
        found.append(Path("部门", f"同部门：{person.office}"))
    if held & {Scope.SHARED, Scope.COLLABORATE}:
        given = row.shares if Scope.SHARED in held else [s for s in row.shares if s.works]
        found += [Path("共享", share.text) for share in given]
    return tuple(dict.fromkeys(found))


def _own(person_id: int, row: Held) -> list[Path]:
    found = [Path("本人", "负责人")] if row.owner_id == person_id else []
    return found + ([Path("本人", "登记人")] if row.registrant_id == person_id else [])


def _below(session: Session, person: Actor, row: Held) -> list[Path]:
    staff, houses = _staff(session), _houses(session)
    me, owner, found = person.person_id, row.owner_id, list[Path]()
    if owner is not None:
        line = _line(staff.bosses, owner, me)
        if len(line) > 1:
            chain = " → ".join(staff.names[i] for i in line)
            found.append(Path("下属", f"{chain}（负责人）"))
        elif line:  # somebody is the first of his own subtree
            found.append(Path("本人", "负责人"))
        if chain := _headed(houses, staff.offices.get(owner), me):
            found.append(Path("主管部门", f"{chain}（负责人 {staff.names[owner]} 的部门）"))
    if chain := _headed(houses, row.office_id, me):
        found.append(Path("主管部门", f"{chain}（负责部门）"))
    return found


def _line(bosses: Mapping[int, int | None], below: int, boss: int) -> list[int]:
    """Return the people from a boss down to somebody below; empty: he is not below."""
    line: list[int] = []
    at: int | None = below
    while at is not None and at not in line:
        line.insert(0, at)
        if at == boss:
            return line
        at = bosses.get(at)
    return []


def _headed(houses: _Houses, office_id: int | None, head: int) -> str:
    """Return the offices from one a person heads down to an office; empty: he heads none above."""
    line: list[int] = []
    at = office_id
    while at is not None and at not in line:
        line.insert(0, at)
        if houses.heads.get(at) == head:
            return " → ".join(houses.names[i] for i in line)
        at = houses.above.get(at)
    return ""


def _staff(session: Session) -> _Staff:
    rows: Sequence[Any] = session.execute(
        select(PERSON.c.id, PERSON.c.name, PERSON.c.reports_to_id, PERSON.c.office_id)
    ).all()
    return _Staff(
        {r.id: r.name for r in rows},
        {r.id: r.reports_to_id for r in rows},
        {r.id: r.office_id for r in rows},
    )


def _houses(session: Session) -> _Houses:
    rows: Sequence[Any] = session.execute(
        select(OFFICE.c.id, OFFICE.c.name, OFFICE.c.parent_id, OFFICE.c.head_id)
    ).all()
    return _Houses(
        {r.id: r.name for r in rows},
        {r.id: r.parent_id for r in rows},
        {r.id: r.head_id for r in rows},
    )
