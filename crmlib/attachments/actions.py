"""Give a record a file, take it away, bring it back, and hand a file out."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, select

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.grants import Permission
from crmlib.attachments import rules, shelf
from crmlib.attachments.holders import holder
from crmlib.attachments.model import Attachment
from crmlib.errors import Invalid, NotAllowed, Refused

MOST_FILES = 200  # of one record
TOO_MANY = f"每条记录最多 {MOST_FILES} 个附件"
ALREADY_THERE = "已有同名且内容相同的附件"
LOST = "文件内容不在服务器上，请联系信息部"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a record after a change."""

    id: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Handed:
    """A file to be sent: its name for the person, its place on the disk."""

    name: str
    path: Path
    size: int


@action(Permission.ATTACHMENT_CHANGE)
def expect_attachable(work: Work, entity: str, key: int, name: str, size: int) -> None:
    """Refuse a file before it is sent: no right to the record, wrong kind, too big.

    Raises:
        Invalid: the file itself is refused.
        NotAllowed: no such record, or not the actor's to change.
        Refused: the record takes no (more) files.
    """
    holder(entity).fetch(work, key)
    if fault := rules.name_fault(name):
        raise Invalid({"file": fault})
    if size > rules.MOST_BYTES:
        raise Invalid({"file": rules.TOO_BIG})
    if len(_present(work, entity, key)) >= MOST_FILES:
        raise Refused(TOO_MANY)


@action(Permission.ATTACHMENT_CHANGE)
def attach_file(work: Work, entity: str, key: int, name: str, content: shelf.Incoming) -> Attached:
    """Add a file whose content has arrived; the content is kept only if all is well.

    Raises:
        Invalid: the content is not what the name says, empty or too big, or there already.
        NotAllowed: no such record, or not the actor's to change.
        Refused: the record takes no (more) files.
    """
    holder(entity).fetch(work, key)
    name = rules.clean_name(name)
    fault = rules.name_fault(name) or rules.content_fault(name, content.head, content.size)
    present = _present(work, entity, key)
    if not fault and (name, content.sha256) in present:
        fault = ALREADY_THERE
    if fault:
        raise Invalid({"file": fault})
    if len(present) >= MOST_FILES:
        raise Refused(TOO_MANY)
    row = Attachment(
        entity_type=entity,
        entity_id=key,
        name=name,
        size=content.size,
        kind=rules.kind_of(name),
        sha256=content.sha256,
        uploaded_by_id=work.actor.person_id,
        uploaded_at=clock.now(),
    )
    work.session.add(row)
    work.session.flush()
    content.keep()
    return Attached(row.id, row.name, row.size)


@action(Permission.ATTACHMENT_CHANGE)
def remove_attachment(work: Work, attachment_id: int, *, token: str | None = None) -> Attached:
    """Take a file from its record; it can be brought back."""
    row = _changeable(work, attachment_id)
    if row.removed_at is None:
        row.removed_at, row.removed_by_id = clock.now(), work.actor.person_id
    return Attached(row.id, row.name, row.size)


@action(Permission.ATTACHMENT_CHANGE)
def restore_attachment(work: Work, attachment_id: int, *, token: str | None = None) -> Attached:
    """Bring a removed file back.

    Raises:
        Refused: the same file was added again meanwhile.
    """
    row = _changeable(work, attachment_id)
    if row.removed_at is not None:
        if (row.name, row.sha256) in _present(work, row.entity_type, row.entity_id):
            raise Refused(ALREADY_THERE)
        row.removed_at = row.removed_by_id = None
    return Attached(row.id, row.name, row.size)


@action(Permission.ATTACHMENT_VIEW)
def hand_out(work: Work, attachment_id: int) -> Handed:
    """Return a file of a record the actor sees, and note that he took it.

    Raises:
        NotAllowed: no such file, removed, or of a record he may not see.
        Refused: the content is gone from the disk.
    """
    row = work.session.get(Attachment, attachment_id)
    if row is None or row.removed_at is not None:
        raise NotAllowed
    held = holder(row.entity_type)
    seen: ColumnElement[bool] = held.visible(work.actor)
    if (
        work.session.scalar(select(held.model.id).where(held.model.id == row.entity_id, seen))
        is None
    ):
        raise NotAllowed
    path = shelf.path_of(row.sha256)
    if not path.is_file():
        raise Refused(LOST)
    work.note(Attachment.__tablename__, row.id, {"event": "download", "name": row.name})
    return Handed(row.name, path, row.size)


def _changeable(work: Work, attachment_id: int) -> Attachment:
    row = work.session.get(Attachment, attachment_id, with_for_update=True)
    if row is None:
        raise NotAllowed
    holder(row.entity_type).fetch(work, row.entity_id)
    return row


def _present(work: Work, entity: str, key: int) -> set[tuple[str, str]]:
    rows = work.session.execute(
        select(Attachment.name, Attachment.sha256).where(
            Attachment.entity_type == entity,
            Attachment.entity_id == key,
            Attachment.removed_at.is_(None),
        )
    )
    return {(row.name, row.sha256) for row in rows}
