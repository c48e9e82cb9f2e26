"""Keep the dictionaries: add, rename, put in order, disable, and delete what nothing uses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.access.action import Work, action
from crmlib.access.grants import Permission
from crmlib.dictionaries import rules
from crmlib.dictionaries.rules import Known
from crmlib.dictionaries.uses import is_shipped, uses
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem
from crmlib.reference.ordering import moved
from crmlib.store.text import clean

GROUP_STEP = 1000  # room for the entries below one


@dataclass(frozen=True, slots=True)
class EntrySaved:
    """An entry as saved."""

    entry_id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class EntriesChanged:
    """What a step did to some entries."""

    count: int
    text: str


@action(Permission.DICTIONARY_EDIT)
def add_entry(
    work: Work,
    kind: DictKind,
    name: str,
    parent: str | None = None,
    *,
    token: str | None = None,
) -> EntrySaved:
    """Add an entry at the end of a dictionary, or of its group.

    Raises:
        Invalid: all faults at once.
        NotAllowed: the dictionary is not the actor's to keep.
    """
    session = work.session
    entries = _entries(work, kind)
    known, name, parent = _known(entries), clean(name), parent or None
    faults = {
        "name": rules.name_fault(kind, name, parent, known),
        "parent": rules.parent_fault(kind, parent, known),
    }
    if any(faults.values()):
        raise Invalid({field: fault for field, fault in faults.items() if fault})
    entry = DictItem(
        kind=kind,
        code=rules.next_code({e.code for e in entries}, parent),
        name=name,
        parent=parent,
        sort=0,
        builtin=False,
    )
    session.add(entry)
    _number([*entries, entry])
    session.flush()
    return EntrySaved(entry.id, entry.code, entry.name)


@action(Permission.DICTIONARY_EDIT)
def rename_entry(work: Work, entry_id: int, name: str, *, token: str | None = None) -> EntrySaved:
    """Call an entry otherwise, everywhere; its code stays.

    Raises:
        Invalid: ``name``.
    """
    (entry,), entries = _chosen(work, [entry_id])
    others = [k for k in _known(entries) if k.code != entry.code]
    name = clean(name)
    if fault := rules.name_fault(DictKind(entry.kind), name, entry.parent, others):
        raise Invalid({"name": fault})
    entry.name = name
    return EntrySaved(entry.id, entry.code, entry.name)


@action(Permission.DICTIONARY_EDIT)
def move_entries(work: Work, entry_ids: Sequence[int], by: int) -> EntriesChanged:
    """Put entries one place earlier (``by`` -1) or later (1) among those of their group."""
    chosen, entries = _chosen(work, entry_ids)
    codes = {entry.code for entry in chosen}
    by_code = {entry.code: entry for entry in entries}
    ordered: list[DictItem] = []
    for group in dict.fromkeys(entry.parent for entry in entries):
        order = [entry.code for entry in entries if entry.parent == group]
        ordered += [by_code[code] for code in moved(order, codes, by)]
    _number(ordered)
    return EntriesChanged(len(chosen), "顺序已调整")


@action(Permission.DICTIONARY_EDIT)
def disable_entries(work: Work, entry_ids: Sequence[int]) -> EntriesChanged:
    """停用: nobody chooses them any more, records that have them keep them.

    What stands below a disabled entry is disabled with it.

    Raises:
        Refused: nothing would be left to choose.
    """
    chosen, entries = _chosen(work, entry_ids)
    codes = {entry.code for entry in chosen}
    changing = [e for e in entries if not e.disabled and (e.code in codes or e.parent in codes)]
    for entry in changing:
        entry.disabled = True
    if all(entry.disabled for entry in entries):
        raise Refused(rules.LAST_ONE)
    return EntriesChanged(len(changing), f"已停用 {len(changing)} 个条目")


@action(Permission.DICTIONARY_EDIT)
def enable_entries(work: Work, entry_ids: Sequence[int]) -> EntriesChanged:
    """Let people choose them again."""
    chosen, _ = _chosen(work, entry_ids)
    changing = [entry for entry in chosen if entry.disabled]
    for entry in changing:
        entry.disabled = False
    return EntriesChanged(len(changing), f"已启用 {len(changing)} 个条目")


@action(Permission.DICTIONARY_EDIT)
def delete_entries(work: Work, entry_ids: Sequence[int]) -> EntriesChanged:
    """Delete entries that were added here and that nothing uses.

    Raises:
        Refused: an entry comes with the product, is used, or others stand below it.
    """
    session = work.session
    chosen, entries = _chosen(work, entry_ids)
    counts = uses(session, DictKind(chosen[0].kind), [entry.code for entry in chosen])
    parents = {entry.parent for entry in entries if entry not in chosen}
    for entry in chosen:
        refusal = rules.delete_refusal(
            entry.name,
            shipped=is_shipped(entry),
            children=entry.code in parents,
            used=counts.get(entry.code, 0),
        )
        if refusal:
            raise Refused(refusal)
        session.delete(entry)
    return EntriesChanged(len(chosen), f"已删除 {len(chosen)} 个条目")


def _entries(work: Work, kind: DictKind) -> list[DictItem]:
    """Return a dictionary in order, held until the end; always locked in one order."""
    if kind not in rules.kinds_of(work.actor.role):
        raise NotAllowed
    found = work.session.scalars(
        select(DictItem).where(DictItem.kind == kind).order_by(DictItem.id).with_for_update()
    )
    return sorted(found, key=lambda entry: (entry.sort, entry.id))


def _chosen(work: Work, entry_ids: Collection[int]) -> tuple[list[DictItem], list[DictItem]]:
    """Return entries of one dictionary, and all of it."""
    kinds = _kinds(work.session, entry_ids)
    if len(kinds) != 1:
        raise NotAllowed
    entries = _entries(work, kinds.pop())
    chosen = [entry for entry in entries if entry.id in set(entry_ids)]
    if len(chosen) != len(set(entry_ids)):
        raise NotAllowed
    return chosen, entries


def _kinds(session: Session, entry_ids: Collection[int]) -> set[DictKind]:
    found = session.scalars(select(DictItem.kind).where(DictItem.id.in_(entry_ids)))
    return {DictKind(kind) for kind in found}


def _known(entries: Sequence[DictItem]) -> list[Known]:
    return [Known(entry.code, entry.name, entry.parent) for entry in entries]


def _number(entries: Sequence[DictItem]) -> None:
    """Number the entries in their order: groups first, each followed by what stands below it."""
    tops = [entry for entry in entries if entry.parent is None]
    grouped = any(entry.parent for entry in entries)
    for place, top in enumerate(tops, start=1):
        top.sort = place * GROUP_STEP if grouped else place
        below = [entry for entry in entries if entry.parent == top.code]
        for inner, entry in enumerate(below, start=1):
            entry.sort = top.sort + inner
