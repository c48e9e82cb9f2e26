"""What the programs' interface answers and takes: the English keys of the drafts, spelled out.

Codes stand under their own keys, what people read under ``texts``. Moments carry their zone,
money is text, numbers of contacts are masked as on the screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from crmlib.customers.model import CustomerStatus
from crmlib.customers.rules import CustomerDraft
from crmlib.opportunities.model import Outcome, StageEvent

Texts = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Me:
    """Whose rights the token lends, and how far."""

    token: str
    may_write: bool
    expires_at: datetime
    person_id: int
    person: str
    role: str
    office: str


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A customer in a list."""

    id: int
    code: str
    name: str
    phone: str | None
    status: CustomerStatus
    trading: bool
    incomplete: bool
    registered_at: datetime
    registered_by: str | None
    last_contact_on: date | None
    texts: Texts


@dataclass(frozen=True, slots=True)
class CustomerList:
    """One page of customers and how many there are in all."""

    rows: tuple[CustomerLine, ...]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact of a customer."""

    id: int
    customer_id: int
    version: int
    name: str
    role: str
    mobile: str
    is_primary: bool
    title: str
    department: str
    phone: str
    email: str
    wechat: str
    birthday: date | None
    active: bool
    remark: str
    texts: Texts


@dataclass(frozen=True, slots=True)
class ContactList:
    """All contacts of a customer, the 主联系人 first."""

    rows: tuple[Contact, ...]
    total: int


@dataclass(frozen=True, slots=True)
class MergedInto:
    """The customer a merged one went into."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with its contacts; ``editable`` names what this person may change."""

    id: int
    version: int
    code: str
    name: str
    status: CustomerStatus
    trading: bool
    owner: int | None
    office_id: int | None
    level: str
    email: str
    no_email: bool
    phone: str
    fax: str
    no_fax: bool
    country: str
    industry: str
    region: int | None
    website: str
    no_website: bool
    address: str
    short_name: str
    uscc: str
    customer_type: str
    source: str
    size: str
    remark: str
    erp_code: str | None
    value_score: int | None
    registered_at: datetime
    registered_by: str | None
    last_contact_on: date | None
    last_trade_on: date | None
    completeness: int
    former_names: tuple[str, ...]
    merged_into: MergedInto | None
    contacts: tuple[Contact, ...]
    editable: tuple[str, ...]
    texts: Texts


@dataclass(frozen=True, slots=True)
class NewCustomer(CustomerDraft):
    """A customer to enter; ``reason`` is asked when similar ones exist, ``quick`` is for 销售."""

    reason: str = ""
    quick: bool = False


@dataclass(frozen=True, slots=True)
class OpportunityLine:
    """An opportunity in a list; the amount is null where the person may not see it."""

    id: int
    number: str
    subject: str
    customer_id: int
    customer: str
    project_name: str
    owner: str
    office: str
    region: str | None
    stage: str
    probability: int
    amount: Decimal | None
    expected_close: date
    outcome: Outcome
    closed: bool
    days: int
    stalled: bool
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class OpportunityList:
    """One page of opportunities and how many there are in all."""

    rows: tuple[OpportunityLine, ...]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class StageStep:
    """A stage a deal may be in."""

    id: int
    code: str
    name: str
    position: int
    probability: int
    standard_days: int
    checklist: tuple[str, ...]
    disabled: bool


@dataclass(frozen=True, slots=True)
class StageMove:
    """A move between stages, or the end of a deal; ``days`` passed since the row before."""

    moved_at: datetime
    moved_by: str
    from_stage: str | None
    to_stage: str
    days: int
    reason: str | None
    event: StageEvent


@dataclass(frozen=True, slots=True)
class Opportunity:
    """An opportunity with its stages and their history."""

    id: int
    version: int
    number: str
    subject: str
    customer_id: int
    customer: str
    customer_code: str
    contact_id: int | None
    contact: str | None
    contact_mobile: str | None
    project_name: str
    project_type: str | None
    site_address: str | None
    products: tuple[str, ...]
    sales_task: str
    amount: Decimal | None
    expected_close: date
    probability: int
    source: str | None
    owner_id: int
    owner: str
    office: str
    outcome: Outcome
    closed: bool
    decided_on: date | None
    registered_by: str
    registered_at: datetime
    stage_id: int
    stage_since: datetime
    days: int
    stalled: bool
    next_stage_id: int | None
    may_advance: bool
    stages: tuple[StageStep, ...]
    history: tuple[StageMove, ...]
    editable: tuple[str, ...]
    texts: Texts


@dataclass(frozen=True, slots=True)
class OpportunityFields:
    """What can be said of an opportunity; an empty subject is composed."""

    contact_id: int | None = None
    project_name: str = ""
    project_type: str | None = None
    site_address: str | None = None
    products: tuple[str, ...] = ()
    sales_task: str = ""
    amount: str | None = None
    expected_close: str | None = None
    source: str | None = None
    subject: str = ""
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewOpportunity(OpportunityFields):
    """An opportunity to open; ``confirm`` answers the question about a similar one."""

    customer_id: int | None = None
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class OpportunityChange(OpportunityFields):
    """Fields of an opportunity to change; the probability only by managers."""

    probability: int = 0


@dataclass(frozen=True, slots=True)
class Advance:
    """A move to another stage; without ``to_stage_id`` to the next."""

    to_stage_id: int | None = None
    reason: str = ""
    ticked: tuple[str, ...] = ()
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """An activity in a list."""

    id: int
    number: str
    subject: str
    activity_type: str
    status: str
    customer_id: int
    customer: str
    opportunity_id: int | None
    contact: str | None
    planned_start: datetime | None
    planned_end: datetime | None
    ended_at: datetime | None
    result: str | None
    owner: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class ActivityList:
    """One page of activities and how many there are in all."""

    rows: tuple[ActivityLine, ...]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class CollisionQuestion:
    """The name (a code, a tax number or a phone will do as well) and a phone to look for."""

    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a dictionary or a person to choose; ``parent`` is what it stands below."""

    code: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What fields may hold: field → choices; regions and owners by their id as text."""

    fields: Mapping[str, tuple[Choice, ...]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a call failed; ``faults`` are keyed by the fields that were sent."""

    error: str
    message: str
    faults: Mapping[str, str]
