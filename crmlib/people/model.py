"""Offices, people and their sign-in sessions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.access.grants import Role
from crmlib.store.schema import Base, Record, Versioned, references
from crmlib.store.types import choice


class Office(Record):
    """办事处 or 部门; offices form a tree and have a head."""

    __tablename__ = "office"
    name: Mapped[str] = mapped_column(String(40), unique=True)
    parent_id: Mapped[int | None] = references("office")
    region_id: Mapped[int | None] = references("region")
    # Written after the people exist, hence no way to demand it.
    head_id: Mapped[int | None] = references("person", use_alter=True)


class OfficePrefix(Record):
    """The four characters (GD01) all 编号 of an office begin with; a full one is followed by another."""

    __tablename__ = "office_prefix"
    prefix: Mapped[str] = mapped_column(String(4), unique=True)
    office_id: Mapped[int] = references("office")
    # Highest two-digit number given; numbers are never reused.
    last_number: Mapped[int] = mapped_column(default=0)


class Person(Versioned):
    """A named account; deactivated people keep their rows."""

    __tablename__ = "person"
    secret = frozenset({"password_hash"})
    seller_code: Mapped[str | None] = mapped_column(String(6), unique=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(choice(Role))
    office_id: Mapped[int] = references("office")
    reports_to_id: Mapped[int | None] = references("person")
    mobile: Mapped[str | None] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(120))
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
    must_change: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class LoginSession(Base):
    """A sign-in; the cookie holds the secret, the database only its hash."""

    __tablename__ = "login_session"
    logged = False
    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = references("person")
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class FilterScheme(Record):
    """A 方案 of a list: its conditions, order and columns under a name of its owner's."""

    __tablename__ = "filter_scheme"
    list_key: Mapped[str] = mapped_column(String(30))
    owner_id: Mapped[int] = references("person")
    name: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    published: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (UniqueConstraint("owner_id", "list_key", "name"),)


class ChosenScheme(Record):
    """The 方案 with which a list opens for a person; without a row, the system's 默认方案."""

    __tablename__ = "chosen_scheme"
    person_id: Mapped[int] = references("person", index=False)
    list_key: Mapped[str] = mapped_column(String(30))
    scheme_id: Mapped[int] = references("filter_scheme")
    __table_args__ = (UniqueConstraint("person_id", "list_key"),)
