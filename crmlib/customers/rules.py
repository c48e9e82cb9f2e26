"""What a customer and its contacts must look like, and who may change which field."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from crmlib import words
from crmlib.access.grants import Role
from crmlib.customers import formats
from crmlib.store.text import clean, clean_lines, half_width

CONTACT_PREFIX = "contact_"
REQUIRED = ("name", "level", "industry", "region", "country", "phone", "address")
REQUIRED_QUICK = ("name", "industry", "region", "phone")
REQUIRED_CONTACT = ("name", "role", "mobile")
# Required unless 无 is ticked beside them.
NONE_TICKS = {"fax": "no_fax", "email": "no_email", "website": "no_website"}
LOCKED_WHEN_TRADING = frozenset({"name", "uscc", "level"})
CLERK_AFTER_ASSIGNMENT = frozenset({"phone", "fax", "no_fax", "address", "website", "no_website"})
USEFUL = ("uscc", "short_name", "customer_type", "size", "source")
_LENGTHS = {
    "code": 30,
    "name": 120,
    "short_name": 40,
    "phone": 60,
    "fax": 60,
    "email": 120,
    "website": 200,
    "address": 200,
    "remark": 2000,
}
_CONTACT_LENGTHS = {
    "name": 40,
    "title": 40,
    "department": 40,
    "phone": 40,
    "email": 120,
    "wechat": 60,
    "remark": 2000,
}


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A contact as typed; ``role`` is a code of 人员角色."""

    name: str = ""
    role: str = ""
    mobile: str = ""
    is_primary: bool = False
    title: str = ""
    department: str = ""
    phone: str = ""
    email: str = ""
    wechat: str = ""
    birthday: date | None = None
    active: bool = True
    remark: str = ""


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """A customer and its first contact as typed; region and owner are ids, the rest codes."""

    name: str = ""
    code: str = ""
    level: str = ""
    owner: int | None = None
    email: str = ""
    no_email: bool = False
    phone: str = ""
    fax: str = ""
    no_fax: bool = False
    country: str = ""
    industry: str = ""
    region: int | None = None
    website: str = ""
    no_website: bool = False
    address: str = ""
    short_name: str = ""
    uscc: str = ""
    customer_type: str = ""
    source: str = ""
    size: str = ""
    remark: str = ""
    contact_name: str = ""
    contact_role: str = ""
    contact_mobile: str = ""
    contact_title: str = ""
    contact_department: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    contact_wechat: str = ""

    def contact(self) -> ContactDraft:
        """Return the first contact; it becomes the 主联系人."""
        own = {
            name.removeprefix(CONTACT_PREFIX): value
            for name, value in asdict(self).items()
            if name.startswith(CONTACT_PREFIX)
        }
        return ContactDraft(**own, is_primary=True)


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What the duplicate engine makes of a name; stored beside it."""

    name_key: str
    core_key: str
    brand: str
    pinyin: str
    initials: str


EDITABLE = frozenset(
    f.name for f in fields(CustomerDraft) if not f.name.startswith(CONTACT_PREFIX)
) - {"code", "owner"}
CONTACT_EDITABLE = frozenset(f.name for f in fields(ContactDraft))


def customer_draft(values: Mapping[str, Any]) -> CustomerDraft:
    """Return the draft of a form's values; unknown keys are left out."""
    return normalised(CustomerDraft(**_known(CustomerDraft, values)))


def contact_draft(values: Mapping[str, Any]) -> ContactDraft:
    """Return the draft of a contact form's values; unknown keys are left out."""
    return normalised_contact(ContactDraft(**_known(ContactDraft, values)))


def _known(kind: type[CustomerDraft | ContactDraft], values: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: values[f.name] for f in fields(kind) if values.get(f.name) is not None}


def normalised(draft: CustomerDraft) -> CustomerDraft:
    """Return the draft as stored: trimmed, digits half-width, what 无 denies emptied."""
    contact = normalised_contact(draft.contact())
    made = {
        f.name: clean(getattr(draft, f.name)) for f in fields(CustomerDraft) if f.type is str
    } | {f"{CONTACT_PREFIX}{name}": getattr(contact, name) for name in _first_contact_fields()}
    made |= {
        name: half_width(getattr(draft, name)) for name in ("phone", "email", "website", "fax")
    }
    made |= {
        "uscc": half_width(draft.uscc).replace(" ", "").upper(),
        "remark": clean_lines(draft.remark),
        "code": half_width(draft.code),
    }
    made |= {name: "" for name, tick in NONE_TICKS.items() if getattr(draft, tick)}
    return replace(
        draft,
        **made,
        no_fax=bool(draft.no_fax),
        no_email=bool(draft.no_email),
        no_website=bool(draft.no_website),
        region=_number(draft.region),
        owner=_number(draft.owner),
    )


def _first_contact_fields() -> list[str]:
    return [
        f.name.removeprefix(CONTACT_PREFIX)
        for f in fields(CustomerDraft)
        if f.name.startswith(CONTACT_PREFIX)
    ]


def _number(value: object) -> int | None:
    # A select box of a page sends its value as text.
    text = half_width(value)
    return int(text) if text.isascii() and text.isdigit() else None


def normalised_contact(draft: ContactDraft) -> ContactDraft:
    """Return the contact as stored."""
    return replace(
        draft,
        **{name: clean(getattr(draft, name)) for name in ("name", "role", "title", "department")},
        mobile=formats.mobile_text(draft.mobile),
        phone=half_width(draft.phone),
        email=half_width(draft.email),
        wechat=clean(draft.wechat),
        remark=clean_lines(draft.remark),
        birthday=_day(draft.birthday),
        is_primary=bool(draft.is_primary),
        active=bool(draft.active),
    )


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def faults(draft: CustomerDraft, *, quick: bool, with_contact: bool = True) -> dict[str, str]:
    """Return every fault of a normalised draft; ``quick`` asks only what a salesperson must give."""
    found = {
        name: words.required(words.CUSTOMER[name])
        for name in missing_fields(asdict(draft), quick=quick)
    }
    checks: dict[str, Callable[[str], str | None]] = {
        "name": _name_fault,
        "phone": lambda text: formats.phone_fault(words.CUSTOMER["phone"], text),
        "fax": lambda text: formats.phone_fault(words.CUSTOMER["fax"], text),
        "email": formats.email_fault,
        "website": formats.url_fault,
        "uscc": formats.uscc_fault,
    }
    found |= _text_faults(draft, _LENGTHS, words.CUSTOMER, checks)
    if with_contact:
        own = contact_faults(draft.contact())
        found |= {f"{CONTACT_PREFIX}{name}": message for name, message in own.items()}
    return found


def contact_faults(draft: ContactDraft) -> dict[str, str]:
    """Return every fault of a normalised contact."""
    found = {
        name: words.required(words.CONTACT[name])
        for name in REQUIRED_CONTACT
        if not getattr(draft, name)
    }
    checks: dict[str, Callable[[str], str | None]] = {
        "mobile": formats.mobile_fault,
        "phone": lambda text: formats.phone_fault(words.CONTACT["phone"], text),
        "email": formats.email_fault,
    }
    return found | _text_faults(draft, _CONTACT_LENGTHS, words.CONTACT, checks)


def _text_faults(
    draft: CustomerDraft | ContactDraft,
    lengths: Mapping[str, int],
    labels: Mapping[str, str],
    checks: Mapping[str, Callable[[str], str | None]],
) -> dict[str, str]:
    found = {}
    for name in {**lengths, **checks}:
        text = getattr(draft, name)
        if not text:
            continue
        if len(text) > lengths.get(name, len(text)):
            found[name] = f"{labels[name]} 不能超过 {lengths[name]} 个字"
        elif name in checks and (fault := checks[name](text)):
            found[name] = fault
    return found


def _name_fault(text: str) -> str | None:
    label = words.CUSTOMER["name"]
    if not any(c.isalnum() for c in text):
        return f"{label} 不能只有标点符号"
    # A ligature may stand for several characters in the stored key.
    if len(half_width(text)) > _LENGTHS["name"]:
        return f"{label} 不能超过 {_LENGTHS['name']} 个字"
    return None


def missing_fields(values: Mapping[str, Any], *, quick: bool = False) -> list[str]:
    """Return required fields that are empty; all of them must stand before conversion."""
    missing = [name for name in (REQUIRED_QUICK if quick else REQUIRED) if not values.get(name)]
    if not quick:
        missing += [
            n for n, tick in NONE_TICKS.items() if not values.get(n) and not values.get(tick)
        ]
    return missing


def completeness(values: Mapping[str, Any]) -> int:
    """Return how much of a customer is filled in, in percent; a ticked 无 counts as filled."""
    asked = (*REQUIRED, *NONE_TICKS, *USEFUL)
    empty = missing_fields(values) + [name for name in USEFUL if not values.get(name)]
    return round(100 * (1 - len(empty) / len(asked)))


@dataclass(frozen=True, slots=True)
class EditFacts:
    """What decides who may change which field of one customer."""

    role: Role
    may_edit: bool
    manages: bool  # through the reporting tree, or as admin
    is_trading: bool
    is_assigned: bool  # to somebody other than the actor


def editable_fields(facts: EditFacts) -> frozenset[str]:
    """Return the fields the person may change; the owner changes only by assignment."""
    if not facts.may_edit:
        return frozenset()
    locked = LOCKED_WHEN_TRADING if facts.is_trading else frozenset()
    if facts.role is Role.GENERAL_OFFICE:
        return EDITABLE
    if facts.role is Role.ADMIN:
        return EDITABLE - locked | {"code"}
    if facts.role is Role.MANAGER and facts.manages:
        return EDITABLE - (locked - {"level"})
    if facts.role is Role.CLERK and not facts.manages and (facts.is_assigned or facts.is_trading):
        return CLERK_AFTER_ASSIGNMENT
    return EDITABLE - locked


_AUTOMATIC = {
    "code": "系统自动生成，录入后不能修改",
    "owner": "通过「分配」变更",
    "office": "随负责人的部门",
    "registered_by": "系统自动带出",
    "registered_at": "系统自动带出",
    "value_score": "系统自动计算",
    "last_contact_on": "系统自动记载",
    "last_trade_on": "系统自动记载",
    "trading": "由综合部转交易",
}
NO_RIGHT = "您没有修改此客户的权限"
LOCKED_BY_TRADE = "交易客户，只有综合部可以修改"
LEFT_TO_OWNER = "客户已分配，内勤只能修改电话、传真、地址和公司网址"


def lock_reasons(facts: EditFacts) -> dict[str, str]:
    """Return why the person may not change a field, for each field he may not."""
    free = editable_fields(facts)
    found = {name: why for name, why in _AUTOMATIC.items() if name not in free}
    for name in EDITABLE - free:
        if not facts.may_edit:
            found[name] = NO_RIGHT
        elif facts.is_trading and name in LOCKED_WHEN_TRADING:
            found[name] = LOCKED_BY_TRADE
        else:
            found[name] = LEFT_TO_OWNER
    return found
