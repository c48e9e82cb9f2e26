"""What people may choose from."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem, Region
from crmlib.store.engine import reading


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: its code is stored, its name shown; ``parent`` groups it."""

    code: str
    name: str
    parent: str | None = None


def options(session: Session, kind: DictKind) -> list[Option]:
    """Return the choices of a dictionary that are in use, in order."""
    rows = session.execute(
        select(DictItem.code, DictItem.name, DictItem.parent)
        .where(DictItem.kind == kind, DictItem.disabled.is_(False))
        .order_by(DictItem.sort)
    )
    return [Option(*row) for row in rows]


def labels(session: Session, kind: DictKind) -> dict[str, str]:
    """Return code → name of a dictionary, disabled rows included."""
    return dict(
        session.execute(select(DictItem.code, DictItem.name).where(DictItem.kind == kind)).all()
    )


def regions(session: Session) -> list[Option]:
    """Return regions and provinces; the code is the id as text, provinces follow their region."""
    rows = session.execute(select(Region.id, Region.name, Region.parent_id).order_by(Region.sort))
    return [
        Option(str(i), name, None if parent is None else str(parent)) for i, name, parent in rows
    ]


def region_choices() -> list[Option]:
    """Return ``regions`` in a session of its own, for the filters of pages."""
    with reading() as session:
        return regions(session)


def region_names(session: Session) -> dict[int, str]:
    """Return region id → 华南 / 广东 as shown in lists."""
    rows = {r.id: r for r in session.scalars(select(Region))}
    return {
        i: r.name if r.parent_id is None else f"{rows[r.parent_id].name} / {r.name}"
        for i, r in rows.items()
    }


def region_subtree(session: Session, region_id: int) -> list[int]:
    """Return a region's id and its provinces' ids."""
    return [region_id, *session.scalars(select(Region.id).where(Region.parent_id == region_id))]
