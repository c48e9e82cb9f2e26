"""Customers, their contacts, their other names and with whom they are shared."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crmlib.store.schema import Record, Versioned, references
from crmlib.store.types import choice


class CustomerStatus(StrEnum):
    """Where a customer stands; 交易客户 是/否 is derived from it."""

    POTENTIAL = "potential"
    TRADING = "trading"
    MERGED = "merged"
    RECYCLED = "recycled"


LIVE = (CustomerStatus.POTENTIAL, CustomerStatus.TRADING)
_IS_LIVE = text("status IN ('potential', 'trading')")


class ShareLevel(StrEnum):
    """What a share allows: 只读 or 协作."""

    READ = "read"
    COLLABORATE = "collaborate"


class AliasKind(StrEnum):
    """What else a customer is or was known by."""

    NAME = "name"
    CODE = "code"
    PHONE = "phone"


class Customer(Versioned):
    """A company we sell to, or want to."""

    __tablename__ = "customer"
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    # Parsed once on save by duplicates.names.
    name_key: Mapped[str] = mapped_column(String(120))
    core_key: Mapped[str] = mapped_column(String(120), index=True)
    brand: Mapped[str] = mapped_column(String(60), default="", index=True)
    pinyin: Mapped[str] = mapped_column(String(400), default="")
    initials: Mapped[str] = mapped_column(String(120), default="", index=True)
    short_name: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[CustomerStatus] = mapped_column(
        choice(CustomerStatus), default=CustomerStatus.POTENTIAL
    )
    level: Mapped[str | None] = mapped_column(String(30))
    customer_type: Mapped[str | None] = mapped_column(String(30))
    size: Mapped[str | None] = mapped_column(String(30))
    source: Mapped[str | None] = mapped_column(String(30))
    industry: Mapped[str | None] = mapped_column(String(30), index=True)
    region_id: Mapped[int | None] = references("region")
    country: Mapped[str | None] = mapped_column(String(30))
    owner_id: Mapped[int | None] = references("person")
    office_id: Mapped[int | None] = references("office")
    registered_by_id: Mapped[int | None] = references("person")
    registered_at: Mapped[datetime] = mapped_column(index=True)
    phone: Mapped[str | None] = mapped_column(String(60))
    phone_key: Mapped[str | None] = mapped_column(String(30), index=True)
    fax: Mapped[str | None] = mapped_column(String(60))
    email: Mapped[str | None] = mapped_column(String(120))
    website: Mapped[str | None] = mapped_column(String(200))
    # 无 ticked: the customer has none, which is not the same as not asked yet.
    no_fax: Mapped[bool] = mapped_column(default=False)
    no_email: Mapped[bool] = mapped_column(default=False)
    no_website: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str | None] = mapped_column(String(200))
    uscc: Mapped[str | None] = mapped_column(String(18), index=True)
    erp_code: Mapped[str | None] = mapped_column(String(30))
    value_score: Mapped[int | None]
    last_contact_on: Mapped[date | None]
    last_trade_on: Mapped[date | None]
    incomplete: Mapped[bool] = mapped_column(default=False)  # 待完善
    merged_into_id: Mapped[int | None] = references("customer")
    recycled_at: Mapped[datetime | None]
    remark: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        # Two clerks saving one name at once: the second meets this index.
        Index(
            "uq_customer_live_name",
            "name_key",
            unique=True,
            sqlite_where=_IS_LIVE,
            postgresql_where=_IS_LIVE,
        ),
        Index("ix_customer_status_registered_at", "status", "registered_at"),
        Index("ix_customer_name_key", "name_key"),
    )


class CustomerAlias(Record):
    """A former name, or a name, code or phone of a merged loser; stays searchable."""

    __tablename__ = "customer_alias"
    customer_id: Mapped[int] = references("customer")
    kind: Mapped[AliasKind] = mapped_column(choice(AliasKind))
    value: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(120), index=True)
    since: Mapped[datetime]


class Contact(Versioned):
    """A person at a customer; one of them is the 主联系人."""

    __tablename__ = "contact"
    customer_id: Mapped[int] = references("customer")
    name: Mapped[str] = mapped_column(String(40))
    role: Mapped[str | None] = mapped_column(String(30))
    mobile: Mapped[str | None] = mapped_column(String(30), index=True)
    is_primary: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str | None] = mapped_column(String(40))
    department: Mapped[str | None] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(120))
    wechat: Mapped[str | None] = mapped_column(String(60))
    birthday: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
    remark: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index(
            "uq_contact_primary",
            "customer_id",
            unique=True,
            sqlite_where=text("is_primary = 1"),
            postgresql_where=text("is_primary"),
            info={"clash": {"is_primary": False}},  # how a merged loser's row gives way
        ),
    )


class RecycledCustomer(Record):
    """Why and by whom a customer was put into the 回收站; the row goes when it comes back."""

    __tablename__ = "recycled_customer"
    customer_id: Mapped[int] = references("customer")
    reason: Mapped[str] = mapped_column(String(30))  # code of 回收原因
    note: Mapped[str | None] = mapped_column(String(255))
    recycled_by_id: Mapped[int] = references("person")


class CustomerShare(Record):
    """A customer opened to another person, to read or to work on, perhaps until a day.

    Its deals, activities and the numbers of its contacts come along as chosen.
    """

    __tablename__ = "customer_share"
    customer_id: Mapped[int] = references("customer")
    person_id: Mapped[int] = references("person")
    level: Mapped[ShareLevel] = mapped_column(choice(ShareLevel))
    with_contacts: Mapped[bool] = mapped_column(default=True)
    with_opportunities: Mapped[bool] = mapped_column(default=False)
    with_activities: Mapped[bool] = mapped_column(default=True)
    ends_on: Mapped[date | None]
    end_told: Mapped[bool] = mapped_column(default=False)
    shared_by_id: Mapped[int] = references("person")
    shared_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("customer_id", "person_id"),)
