"""Tokens of programs, the calls they made, and webhooks with what is to be delivered."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Base, Record, Versioned, references
from crmlib.store.types import Id, choice


class ApiToken(Record):
    """A program's key to the rights of one person; the secret is shown once, its hash kept."""

    __tablename__ = "api_token"
    secret = frozenset({"secret_hash"})
    name: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int] = references("person")
    may_write: Mapped[bool] = mapped_column(default=False)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))  # how the secret begins, to tell tokens apart
    created_by_id: Mapped[int] = references("person")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiCall(Record):
    """One call of a program; the path has no query, so no names stand here."""

    __tablename__ = "api_call"
    logged = False
    token_id: Mapped[int] = references("api_token")
    at: Mapped[datetime] = mapped_column(index=True)
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(120))
    status: Mapped[int]
    milliseconds: Mapped[int]


class Webhook(Versioned):
    """Where changes are told, and with whose eyes; the receiver checks them with the secret."""

    __tablename__ = "webhook"
    # Signing needs it as it is; it never leaves the table for a screen or the log.
    secret = frozenset({"signing_key", "failures", "failing_since", "succeeded_at"})
    name: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(String(500))
    person_id: Mapped[int] = references("person")
    events: Mapped[list[Any]] = mapped_column(JSON)
    signing_key: Mapped[str] = mapped_column(String(80))
    active: Mapped[bool] = mapped_column(default=True, index=True)
    stopped_because: Mapped[str | None] = mapped_column(String(255))
    created_by_id: Mapped[int] = references("person")
    created_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    failing_since: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]


class DeliveryStatus(StrEnum):
    """待投递, 已送达, 无权限, 已放弃."""

    WAITING = "waiting"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class WebhookDelivery(Record):
    """One change to be told to one webhook; what is told is read when it is sent."""

    __tablename__ = "webhook_delivery"
    logged = False
    webhook_id: Mapped[int] = references("webhook", index=False)
    event: Mapped[str] = mapped_column(String(40))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int] = mapped_column(Id)
    change_id: Mapped[int] = mapped_column(Id)
    changed_fields: Mapped[list[Any]] = mapped_column(JSON)
    occurred_at: Mapped[datetime]
    status: Mapped[DeliveryStatus] = mapped_column(choice(DeliveryStatus))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    answer: Mapped[int | None]  # HTTP status of the last attempt
    fault: Mapped[str | None] = mapped_column(String(255))
    milliseconds: Mapped[int | None]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_webhook_delivery_status_next_at", "status", "next_at"),
        Index("ix_webhook_delivery_webhook_id_id", "webhook_id", "id"),
    )


class WebhookPlace(Base):
    """How far the change feed has been turned into deliveries; one row."""

    __tablename__ = "webhook_place"
    logged = False
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    place: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
