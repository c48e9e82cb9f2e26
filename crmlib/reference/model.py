"""Dictionaries and the region tree that people choose from, and settings that people change."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.reference.kinds import DayKind
from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import choice


class DictItem(Record):
    """One row of a dictionary (客户级别, 行业 …); built-in rows can be disabled, never deleted."""

    __tablename__ = "dict_item"
    kind: Mapped[str] = mapped_column(String(30))
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    parent: Mapped[str | None] = mapped_column(String(30))
    sort: Mapped[int]
    builtin: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (UniqueConstraint("kind", "code"),)


class Region(Record):
    """A sales region (华南) or, below it, a province (广东)."""

    __tablename__ = "region"
    name: Mapped[str] = mapped_column(String(30), unique=True)
    parent_id: Mapped[int | None] = references("region")
    sort: Mapped[int]
    builtin: Mapped[bool] = mapped_column(default=False)


class Setting(Versioned):
    """A group of settings changed on a screen; without a row the defaults of ``data.yaml`` hold."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(String(40), unique=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(255))  # of the last change


class DayOff(Record):
    """A day of which the firm says something else than the published holidays do."""

    __tablename__ = "day_off"
    day: Mapped[date] = mapped_column(unique=True)
    kind: Mapped[DayKind] = mapped_column(choice(DayKind))
    name: Mapped[str] = mapped_column(String(40))
