"""The tab 附件 of a card."""

from crmlib.access.actor import Actor
from crmlib.attachments import rules
from crmlib.attachments.actions import remove_attachment, restore_attachment
from crmlib.attachments.queries import FileLine, files_of
from crmlib.ui import format as shown
from crmlib.ui.files import FileList, FilePage, FileRow, size_text
from crmlib.ui.reply import Reply, saved


def files_panel(actor: Actor, entity: str, key: int) -> FileList:
    """Return the files of a customer or opportunity as a widget; see ``files_of``.

    Raises:
        NotAllowed: the record, or its files, are not the actor's to see.
    """

    def fetch() -> FilePage:
        found = files_of(actor, entity, key)
        return FilePage(
            files=[_present(line) for line in found.files],
            removed=[_removed(line) for line in found.removed],
            may_change=found.may_change,
        )

    def remove(file_id: int) -> Reply:
        return saved(f"已删除「{remove_attachment(actor, file_id).name}」，可在下方恢复")

    def restore(file_id: int) -> Reply:
        return saved(f"已恢复「{restore_attachment(actor, file_id).name}」")

    return FileList(
        (entity, key),
        fetch,
        remove=remove,
        restore=restore,
        kinds=rules.KINDS,
        most_bytes=rules.MOST_BYTES,
        too_big=rules.TOO_BIG,
        unknown_kind=rules.UNKNOWN_KIND,
    )


def _present(line: FileLine) -> FileRow:
    return FileRow(
        id=line.id,
        name=line.name,
        size=size_text(line.size),
        by=line.uploaded_by,
        at=shown.moment(line.uploaded_at),
    )


def _removed(line: FileLine) -> FileRow:
    return FileRow(
        id=line.id,
        name=line.name,
        size=size_text(line.size),
        by=line.removed_by or "",
        at=shown.moment(line.removed_at),
    )
