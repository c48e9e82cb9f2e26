"""The form of an activity: its fields, what follows from a choice, and how it is saved."""

from collections.abc import Mapping
from dataclasses import fields as fields_of
from datetime import datetime, timedelta
from typing import Any

from crmlib.access.actor import Actor
from crmlib.activities import choices, rules
from crmlib.activities.actions import create_activity, edit_activity
from crmlib.activities.card import ActivityCard
from crmlib.activities.choices import FormOptions
from crmlib.activities.rules import ActivityDraft
from crmlib.activities.states import ActivityStatus, Importance, Priority
from crmlib.ui.choices import by_code
from crmlib.ui.fields import Field, Kind
from crmlib.ui.options import Option
from crmlib.ui.reply import Reply
from crmlib.ui.route import link
from crmlib.ui.sheet import Ask
from crmlib.words import ACTIVITY, ACTIVITY_STATUS, IMPORTANCE, PRIORITY

AUTOMATIC = "保存时自动编号"
_IF_NEW = "未开始的活动必录"
USUAL_LENGTH = timedelta(hours=1)
_NEW, _STARTED, _DONE = ActivityStatus.NOT_STARTED, ActivityStatus.STARTED, ActivityStatus.DONE
_MOST = rules.LENGTHS | rules.LONG


def moment_text(moment: datetime | None) -> str:
    """Return a moment as the form holds it."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _field(name: str, kind: Kind = "text", **more: Any) -> Field:
    limit = _MOST.get(name)
    return Field(
        name=name, label=ACTIVITY[name.removesuffix("_id")], kind=kind, max_length=limit, **more
    )


def new_fields(options: FormOptions) -> list[Field]:
    """Return the fields of a new activity, in the order of the handbook."""
    return [
        _field("subject", required=True, hint="请录入简单明了的主题"),
        _field("number", "readonly", default=AUTOMATIC),
        _field("activity_type", "select", options=by_code(options.types), required=True),
        _field(
            "status",
            "select",
            options=list(ACTIVITY_STATUS.items()),
            required=True,
            default=_NEW.value,
        ),
        _field("customer_id", "picker", search="customers", fills="of_customer", required=True),
        *_people_and_plan(),
        _field("started_at", "datetime", show_when=("status", _STARTED.value), hint="留空为现在"),
        _field("ended_at", "datetime", show_when=("status", _DONE.value), hint="留空为现在"),
        _field("result", show_when=("status", _DONE.value), required=True),
        *_rest(options),
    ]


def _people_and_plan(*, is_new: bool = True) -> list[Field]:
    """Return deal, contact, weights and plan; of a new one the plan depends on its state."""
    when = ("status", _NEW.value) if is_new else None
    return [
        _field("opportunity_id", "picker", search="deals", fills="of_deal"),
        _field("stage", "readonly", hint="随商机自动带出"),
        _field("contact_id", "picker", search="contacts", fills="of_contact"),
        _field("phone", "tel"),
        *_weights(),
        _field("planned_start", "datetime", fills="of_start", marked=True, hint=_IF_NEW),
        _field("planned_end", "datetime", marked=True, hint=_IF_NEW),
        _field("remind", "checkbox", enable_when=when, hint="限未开始的活动，勾选后显示在信息中心"),
    ]


def _weights() -> list[Field]:
    usual = {"importance": Importance.NORMAL.value, "priority": Priority.MEDIUM.value}
    words = {"importance": IMPORTANCE, "priority": PRIORITY}
    return [
        _field(name, "select", options=list(words[name].items()), required=True, default=default)
        for name, default in usual.items()
    ]


def _rest(options: FormOptions) -> list[Field]:
    return [
        _field("place"),
        _field("owner_id", "picker", options=options.owners, hint="留空为客户的负责人或本人"),
        _field("description", "textarea"),
        _field("result_note", "textarea"),
    ]


def edit_fields(card: ActivityCard, options: FormOptions) -> list[Field]:
    """Return the fields of an activity that may still be changed, below what is fixed."""
    # What is shown masked must not be saved so.
    may = set(card.editable) - (set() if card.sees_phone else {"phone"})
    owners = options.owners
    if card.owner_id not in {option.value for option in owners}:
        owners = [*owners, Option(card.owner_id, card.owner)]
    offered = FormOptions(options.types, owners)
    codes = by_code(options.types)
    if card.activity_type not in {option.value for option in codes}:
        codes.append(Option(card.activity_type, card.activity_type_label))
    changing = [
        _field("subject", required=True),
        _field("activity_type", "select", options=codes, required=True),
        *_people_and_plan(is_new=False),
        *_rest(offered),
    ]
    fixed = [_field(name, "readonly") for name in ("number", "customer", "status")]
    return fixed + [field for field in changing if field.name in may | {"stage"}]


def card_values(card: ActivityCard) -> dict[str, object]:
    """Return an activity as its form holds it."""
    names = {field.name for field in fields_of(ActivityDraft)} | {"number", "customer", "stage"}
    values: dict[str, object] = {name: getattr(card, name) for name in names}
    values |= {name: moment_text(getattr(card, name)) for name in rules.MOMENTS}
    values["status"] = ACTIVITY_STATUS[card.status]
    values |= {name: getattr(card, name).value for name in ("importance", "priority")}
    for name in ("contact", "opportunity"):
        key = getattr(card, f"{name}_id")
        values[f"{name}_id"] = Option(key, getattr(card, name)) if key else None
    return values


def asks(actor: Actor, card: ActivityCard | None = None) -> dict[str, Ask]:
    """Return what the form asks while it is filled in; an edited one keeps its customer."""

    def customer(values: Mapping[str, object]) -> int | None:
        return card.customer_id if card else _key(values.get("customer_id"))

    def deal(values: Mapping[str, object]) -> int | None:
        return _key(values.get("opportunity_id"))

    def of_contact(_text: str, values: Mapping[str, object]) -> Reply:
        phone = choices.contact_phone(actor, _key(values.get("contact_id")), deal(values))
        return Reply(ok=True, values={"phone": phone} if phone else {})

    return {
        "customers": lambda text, _values: choices.customer_choices(actor, text),
        "deals": lambda text, values: choices.deal_choices(actor, text, customer(values)),
        "contacts": lambda _text, values: choices.contact_choices(
            actor, customer(values), deal(values)
        ),
        "of_customer": lambda _text, values: _of_customer(actor, customer(values), deal(values)),
        "of_deal": lambda _text, values: _of_deal(actor, deal(values), is_new=card is None),
        "of_contact": of_contact,
        "of_start": lambda _text, values: _of_start(values),
    }


def _of_customer(actor: Actor, customer_id: int | None, deal_id: int | None) -> Reply:
    found = choices.from_customer(actor, customer_id)
    values = {"contact_id": found.contact, "phone": found.phone}
    deal = choices.from_deal(actor, deal_id).customer if deal_id else None
    if deal is None or deal.value != customer_id:
        values |= {"opportunity_id": None, "stage": ""}
    return Reply(ok=True, values=values)


def _of_deal(actor: Actor, deal_id: int | None, *, is_new: bool) -> Reply:
    if deal_id is None:
        return Reply(ok=True, values={"stage": ""})
    values = choices.from_deal(actor, deal_id).values()
    wanted = values if is_new else {"stage": values["stage"]}
    return Reply(ok=True, values={n: v for n, v in wanted.items() if n != "opportunity_id"})


def _of_start(values: Mapping[str, object]) -> Reply:
    """Offer an end an hour after the start, unless a later one stands there."""
    start, end = (rules.read_moment(str(values.get(n) or "")) for n in ("planned_start", "planned_end"))  # fmt: skip
    if not isinstance(start, datetime) or (isinstance(end, datetime) and end > start):
        return Reply(ok=True, values={})
    return Reply(ok=True, values={"planned_end": moment_text(start + USUAL_LENGTH)})


def _key(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def save_new(actor: Actor, values: Mapping[str, Any], token: str, *, back: str = "") -> Reply:
    """Save what the form of a new activity holds; ``back`` is where to go on."""
    names = {field.name for field in fields_of(ActivityDraft)}
    own = {name: value for name, value in values.items() if name in names}
    kinds = (("status", ActivityStatus), ("importance", Importance), ("priority", Priority))
    own |= {name: kind(own[name]) for name, kind in kinds}
    own |= {name: _key(own.get(name)) for name in own if name.endswith("_id")}
    made = create_activity(actor, ActivityDraft(**own), token=token)
    way = link("activity", made.activity_id)
    message = f"保存成功，单据编号 {made.number}"
    return Reply(ok=True, message=message, link=("打开活动", way), next=back or way)


def save_changes(actor: Actor, card: ActivityCard, values: Mapping[str, Any], token: str) -> Reply:
    """Save what the form of an activity holds."""
    own = dict(values)
    own |= {name: _key(own[name]) for name in own if name.endswith("_id")}
    kinds = (("importance", Importance), ("priority", Priority))
    own |= {name: kind(own[name]) for name, kind in kinds if name in own}
    if own.get("owner_id", 0) is None:
        own["owner_id"] = card.owner_id
    edit_activity(actor, card.id, own, version=card.version, token=token)
    return Reply(ok=True, message="保存成功", next=link("activity", card.id))
