"""The steps of a ticket on its page; each only where the ticket and the rights allow it."""

from collections.abc import Callable
from typing import Any

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed
from crmlib.orders.queries import of_customer as orders_of
from crmlib.service import actions, rules
from crmlib.service import terms as service_terms
from crmlib.service.handlers import handler_options
from crmlib.service.queries import TicketCard
from crmlib.service.rules import RevisitDraft
from crmlib.ui.actions import Action
from crmlib.ui.fields import Field
from crmlib.ui.options import Option
from crmlib.ui.reply import Reply, saved
from crmlib.ui.route import link


def ticket_steps(actor: Actor, card: TicketCard) -> list[Action]:
    """Return what the actor may do with a ticket."""
    makers: dict[str, Callable[[Actor, TicketCard], Action]] = {
        rules.ACCEPT: _accept,
        rules.START: _start,
        rules.SOLVE: _solve,
        rules.REVISIT: _revisit,
        rules.CLOSE: _close,
        rules.REOPEN: _reopen,
        rules.ASSIGN: _assign,
    }
    return [make(actor, card) for step, make in makers.items() if step in card.steps]


def new_ticket(actor: Actor, customer_id: int, order_id: int | None = None) -> list[Action]:
    """Return the way to the form of a new ticket of a customer."""
    if not actor.may(Permission.TICKET_REGISTER):
        return []
    way = link("ticket_new", customer=customer_id, order=order_id)
    return [Action(label="登记工单", href=way, kind="primary")]


def order_options(actor: Actor, customer_id: int) -> list[Option]:
    """Return the visible orders of a customer, for a ticket to name."""
    if not customer_id:
        return []
    rows = orders_of(actor, customer_id).to_dicts()
    return [Option(row["id"], row["number"], f"{row['ordered_on']:%Y-%m-%d}") for row in rows]


def handlers_of(actor: Actor, customer_id: int) -> list[Option]:
    """Return who may handle a ticket of a customer; nobody for one that is not visible."""
    try:
        return handler_options(actor, customer_id)
    except NotAllowed:
        return []


def _told(done: actions.TicketSaved) -> Reply:
    return saved(f"工单 {done.number}：{service_terms.TICKET_STATUS[done.status]}")


def _accept(actor: Actor, card: TicketCard) -> Action:
    def call() -> Reply:
        return _told(actions.accept_ticket(actor, card.id, version=card.version))

    return Action(label=rules.STEP_NAMES[rules.ACCEPT], kind="primary", call=call)


def _start(actor: Actor, card: TicketCard) -> Action:
    def call() -> Reply:
        return _told(actions.start_ticket(actor, card.id, version=card.version))

    return Action(label=rules.STEP_NAMES[rules.START], call=call)


def _text(name: str, *, required: bool = True, most: int = rules.TEXT_LENGTH) -> Field:
    label = service_terms.TICKET[name]
    return Field(name=name, label=label, kind="textarea", required=required, max_length=most)


def _solve(actor: Actor, card: TicketCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        text, version = values["solution"], card.version
        return _told(actions.solve_ticket(actor, card.id, text, version=version, token=token))

    return Action(
        label=rules.STEP_NAMES[rules.SOLVE],
        kind="primary",
        title=f"解决工单 {card.number}",
        fields=[_text("solution")],
        values={"solution": card.solution or ""},
        on_submit=save,
    )


def _revisit(actor: Actor, card: TicketCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        draft, version = RevisitDraft(**values), card.version
        return _told(actions.revisit_ticket(actor, card.id, draft, version=version, token=token))

    label = service_terms.TICKET
    return Action(
        label=rules.STEP_NAMES[rules.REVISIT],
        kind="primary",
        title=f"回访：{card.customer}",
        fields=[
            Field(
                name="score",
                label=label["score"],
                kind="select",
                options=list(rules.SCORES.items()),
                required=True,
            ),
            Field(
                name="revisited_on",
                label=label["revisited_on"],
                kind="date",
                default=clock.today(),
                required=True,
            ),
            _text("revisit"),
        ],
        on_submit=save,
    )


def _close(actor: Actor, card: TicketCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        text, version = values["improvement"], card.version
        return _told(actions.close_ticket(actor, card.id, text, version=version, token=token))

    is_low = card.score is not None and card.score <= rules.LOW_SCORE
    return Action(
        label=rules.STEP_NAMES[rules.CLOSE],
        kind="primary",
        title=f"关闭工单 {card.number}",
        note="客户不满意，请写明改进措施。" if is_low else "",
        fields=[_text("improvement", required=is_low)],
        on_submit=save,
    )


def _reopen(actor: Actor, card: TicketCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        text, version = values["reopen_reason"], card.version
        return _told(actions.reopen_ticket(actor, card.id, text, version=version, token=token))

    return Action(
        label=rules.STEP_NAMES[rules.REOPEN],
        kind="danger",
        title=f"重开工单 {card.number}",
        fields=[_text("reopen_reason", most=rules.REASON_LENGTH)],
        on_submit=save,
    )


def _assign(actor: Actor, card: TicketCard) -> Action:
    def save(values: dict[str, Any], token: str) -> Reply:
        who, version = values["handler_id"], card.version
        return _told(actions.assign_ticket(actor, card.id, who, version=version, token=token))

    return Action(
        label=rules.STEP_NAMES[rules.ASSIGN],
        title=f"指派工单 {card.number}",
        fields=[
            Field(
                name="handler_id",
                label=service_terms.TICKET["handler"],
                kind="picker",
                options=handlers_of(actor, card.customer_id),
                required=True,
            )
        ],
        values={"handler_id": card.handler_id} if card.handler_id else {},
        on_submit=save,
    )
