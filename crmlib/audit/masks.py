"""Fields of the log an actor may not read in clear: contact data, amounts, others' messages."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.activities.model import Activity
from crmlib.customers.formats import mask_email, mask_phone
from crmlib.customers.model import AliasKind, Contact, Customer, CustomerAlias
from crmlib.customers.rows import visible_customers
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.opportunities.model import Opportunity
from crmlib.opportunities.rows import visible_opportunities
from crmlib.store.schema import ChangeLog

CONCEALED = "****"
_PHONES = {
    ("activity", "phone"),
    ("contact", "mobile"),
    ("contact", "phone"),
    ("customer", "fax"),
    ("customer", "phone"),
}
_EMAILS = {("contact", "email"), ("customer", "email")}
_PRIVATE = {("contact", "birthday"), ("contact", "wechat")}
_AMOUNTS = {("opportunity", "amount"), ("opportunity", "won_amount")}
# Quotations need no mask: who may not read them is told of none (``rights.GUARDED``).
_SUMMARY = ("opportunity", "project_summary")
_LETTERS = {("message", "body"), ("message", "title")}
_OF_CUSTOMER: dict[str, Any] = {
    "activity": Activity,
    "contact": Contact,
    "customer_alias": CustomerAlias,
}


class Masks:
    """Decides for the rows of one page, with a few questions to the database for all of them."""

    def __init__(self, session: Session, actor: Actor, rows: Iterable[ChangeLog]) -> None:
        rows = list(rows)
        self._session, self._actor = session, actor
        phones, amounts = Permission.CONTACT_PHONE, Permission.OPPORTUNITY_AMOUNT
        self._owners = self._customers_of(rows)
        self._callable = self._allowed(
            phones, Customer, set(self._owners.values()), visible_customers
        )
        deals = {r.entity_id for r in rows if r.entity == Opportunity.__tablename__}
        self._priced = self._allowed(amounts, Opportunity, deals, visible_opportunities)
        self._letters = self._own_letters(rows)

    def shown(self, row: ChangeLog, column: str, value: Any) -> Any:
        """Return a value as the actor may read it."""
        if value is None or value == "":
            return value
        field = (row.entity, column)
        if field in _AMOUNTS and not _holds(self._priced, row.entity_id):
            return CONCEALED
        if field == _SUMMARY and not self._actor.may(Permission.OPPORTUNITY_PAPERS):
            return CONCEALED
        if field in _LETTERS and row.entity_id not in self._letters:
            return CONCEALED
        conceal = _concealer(row, column)
        if conceal is None or _holds(self._callable, self._owners.get((row.entity, row.entity_id))):
            return value
        return conceal(str(value))

    def _customers_of(self, rows: list[ChangeLog]) -> dict[tuple[str, int | None], int]:
        table = Customer.__tablename__
        found = {(table, r.entity_id): r.entity_id for r in rows if r.entity == table}
        for name, model in _OF_CUSTOMER.items():
            ids = {r.entity_id for r in rows if r.entity == name}
            if not ids:
                continue
            for row in rows:  # a row that is gone tells itself whose it was
                image = row.after or row.before or {}
                if row.entity == name and image.get("customer_id"):
                    found[(name, row.entity_id)] = image["customer_id"]
            here = select(model.id, model.customer_id).where(model.id.in_(ids))
            for key, customer_id in self._session.execute(here):
                found[(name, key)] = customer_id
        return {key: owner for key, owner in found.items() if owner is not None}

    def _allowed(
        self,
        permission: Permission,
        model: Any,
        ids: set[Any],
        visible: Callable[[Actor, Permission], Any],
    ) -> set[int] | None:
        """Return those of the ids the permission covers; None means whichever."""
        if Scope.ALL in self._actor.scopes(permission):
            return None
        if not ids:
            return set()
        condition = visible(self._actor, permission)
        return set(self._session.scalars(select(model.id).where(model.id.in_(ids), condition)))

    def _own_letters(self, rows: list[ChangeLog]) -> set[int]:
        ids = {r.entity_id for r in rows if r.entity == Message.__tablename__}
        if not ids:
            return set()
        me = self._actor.person_id
        got = select(MessageRecipient.message_id).where(MessageRecipient.person_id == me)
        mine = (Message.sender_id == me) | Message.id.in_(got)
        return set(self._session.scalars(select(Message.id).where(Message.id.in_(ids), mine)))


def _holds(allowed: set[int] | None, key: int | None) -> bool:
    return allowed is None or key in allowed


def _concealer(row: ChangeLog, column: str) -> Callable[[str], str | None] | None:
    field = (row.entity, column)
    if field in _PHONES:
        return mask_phone
    if field in _EMAILS:
        return mask_email
    if field in _PRIVATE:
        return lambda _text: CONCEALED
    image = row.after or row.before or {}
    is_number = image.get("kind") in (AliasKind.PHONE.value, None)
    if field == (CustomerAlias.__tablename__, "value") and is_number:
        return mask_phone if any(c.isdigit() for c in str(image.get("value", ""))) else None
    return None
