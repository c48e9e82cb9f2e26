"""The dictionaries and their entries, as those who keep them see them."""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Integer, func, select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.audit.labels import CHOICES
from crmlib.dictionaries import rules
from crmlib.dictionaries.uses import is_shipped, uses
from crmlib.errors import NotAllowed
from crmlib.reference.kinds import DictKind
from crmlib.reference.model import DictItem
from crmlib.reference.queries import Option
from crmlib.store.engine import reading

NAMES = CHOICES[(DictItem.__tablename__, "kind")]
CUSTOMER_SIDE, OTHER_SIDE = "客户类", "业务类"
LISTS = pl.Schema(
    {
        "id": pl.String(),  # kind
        "name": pl.String(),
        "side": pl.String(),
        "entries": pl.Int64(),
        "disabled": pl.Int64(),
    }
)
ENTRIES = pl.Schema(
    {
        "id": pl.Int64(),
        "code": pl.String(),
        "name": pl.String(),
        "group": pl.String(),  # the entry it stands below
        "used": pl.Int64(),
        "origin": pl.String(),
        "disabled": pl.Boolean(),
    }
)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A dictionary as its page shows it."""

    kind: DictKind
    name: str
    is_grouped: bool
    groups: tuple[Option, ...]  # entries that others may stand below
    entries: pl.DataFrame  # ENTRIES, in order


def dictionaries_frame(actor: Actor) -> pl.DataFrame:
    """Return the dictionaries the actor keeps (columns: LISTS)."""
    kinds = _kinds(actor)
    with reading() as session:
        rows = session.execute(
            select(DictItem.kind, func.count(), func.sum(DictItem.disabled.cast(Integer)))
            .where(DictItem.kind.in_(kinds))
            .group_by(DictItem.kind)
        )
        counts = {kind: (total, disabled) for kind, total, disabled in rows}
    order = sorted(kinds, key=lambda kind: (kind not in rules.CUSTOMER_KINDS, NAMES[kind]))
    told = [
        (
            kind.value,
            NAMES[kind],
            CUSTOMER_SIDE if kind in rules.CUSTOMER_KINDS else OTHER_SIDE,
            *counts.get(kind, (0, 0)),
        )
        for kind in order
    ]
    return pl.DataFrame(told, schema=LISTS, orient="row")


def dictionary(actor: Actor, kind: str) -> Dictionary:
    """Return one dictionary.

    Raises:
        NotAllowed: no such dictionary, or not the actor's to keep.
    """
    found = next((k for k in _kinds(actor) if k == kind), None)
    if found is None:
        raise NotAllowed
    with reading() as session:
        items = session.scalars(
            select(DictItem).where(DictItem.kind == found).order_by(DictItem.sort, DictItem.id)
        ).all()
        counts = uses(session, found)
    names = {item.code: item.name for item in items}
    rows = [
        (
            item.id,
            item.code,
            item.name,
            names.get(item.parent or ""),
            counts.get(item.code, 0),
            "系统内置" if is_shipped(item) else "本公司添加",
            item.disabled,
        )
        for item in items
    ]
    tops = [i for i in items if i.parent is None and found in rules.GROUPED]
    return Dictionary(
        found,
        NAMES[found],
        found in rules.GROUPED,
        tuple(Option(i.code, i.name) for i in tops),
        pl.DataFrame(rows, schema=ENTRIES, orient="row"),
    )


def _kinds(actor: Actor) -> frozenset[DictKind]:
    if not actor.may(Permission.DICTIONARY_EDIT):
        raise NotAllowed
    return rules.kinds_of(actor.role)
