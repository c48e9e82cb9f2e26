"""The files of a record, for those who see the record."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.attachments.holders import holder
from crmlib.attachments.model import Attachment
from crmlib.errors import NotAllowed
from crmlib.people.model import Person
from crmlib.store.engine import reading


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a record; moments in Shanghai time, ``size`` in bytes."""

    id: int
    name: str
    size: int
    uploaded_by: str
    uploaded_at: datetime
    removed_by: str | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecordFiles:
    """Files of a record, newest first; removed ones only for those who may bring them back."""

    files: tuple[FileLine, ...]
    removed: tuple[FileLine, ...]
    may_change: bool


def files_of(actor: Actor, entity: str, key: int) -> RecordFiles:
    """Return the files of a visible customer or opportunity.

    Raises:
        NotAllowed: no such record, not visible, or no right to files at all.
    """
    held = holder(entity)
    if not actor.may(Permission.ATTACHMENT_VIEW):
        raise NotAllowed
    remover = aliased(Person)
    with reading() as session:
        found = session.execute(
            select(held.model.id, held.changeable(actor).label("changeable")).where(
                held.model.id == key, held.visible(actor)
            )
        ).one_or_none()
        if found is None:
            raise NotAllowed
        may_change = bool(found.changeable) and actor.may(Permission.ATTACHMENT_CHANGE)
        rows = session.execute(
            select(Attachment, Person.name, remover.name)
            .join(Person, Person.id == Attachment.uploaded_by_id)
            .outerjoin(remover, remover.id == Attachment.removed_by_id)
            .where(Attachment.entity_type == entity, Attachment.entity_id == key)
            .order_by(Attachment.id.desc())
        )
        lines = [_line(row, uploader, by) for row, uploader, by in rows]
    present = tuple(line for line in lines if line.removed_at is None)
    gone = tuple(line for line in lines if line.removed_at is not None)
    return RecordFiles(present, gone if may_change else (), may_change)


def count_files(actor: Actor, entity: str, key: int) -> int | None:
    """Return how many files a record holds, for a tab; None for those who may see none."""
    held = holder(entity)
    if not actor.may(Permission.ATTACHMENT_VIEW):
        return None
    seen = select(held.model.id).where(held.model.id == key, held.visible(actor))
    with reading() as session:
        return session.scalar(
            select(func.count(Attachment.id)).where(
                Attachment.entity_type == entity,
                Attachment.entity_id.in_(seen),
                Attachment.removed_at.is_(None),
            )
        )


def _line(row: Attachment, uploader: str, remover: str | None) -> FileLine:
    return FileLine(
        id=row.id,
        name=row.name,
        size=row.size,
        uploaded_by=uploader,
        uploaded_at=clock.local(row.uploaded_at),
        removed_by=remover,
        removed_at=clock.local(row.removed_at) if row.removed_at else None,
    )
