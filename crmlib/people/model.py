"""Offices, people and their sign-in sessions."""

from datetime import date, datetime

from sqlalchemy import String
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
