"""服务工单: what a ticket needs, how long it may take, and from where each step is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crmlib import words
from crmlib.service import terms as service_terms
from crmlib.store.text import clean, clean_lines

TEXT_LENGTH, REASON_LENGTH = 2000, 255
NEW, ACCEPTED, WORKING, SOLVED, REVISITED, CLOSED = service_terms.TICKET_STATUS
UNDONE = (NEW, ACCEPTED, WORKING)
# Hours until the first reply and until the solution.
HOURS: Mapping[str, tuple[int, int]] = {"urgent": (4, 24), "normal": (24, 72), "minor": (48, 168)}
SCORES = {5: "5 非常满意", 4: "4 满意", 3: "3 一般", 2: "2 不满意", 1: "1 很不满意"}
LOW_SCORE = 2  # from which on the manager is told and something must be improved
REOPEN_DAYS = 30
ACCEPT, START, SOLVE, REVISIT, CLOSE, REOPEN, ASSIGN = (
    *("accept", "start", "solve", "revisit", "close", "reopen", "assign"),
)
STEP_NAMES = {
    ACCEPT: "受理",
    START: "开始处理",
    SOLVE: "解决",
    REVISIT: "回访",
    CLOSE: "关闭",
    REOPEN: "重开",
    ASSIGN: "指派",
}
# Step → from where it may be taken, and where it leads.
MOVES: Mapping[str, tuple[frozenset[str], str]] = {
    ACCEPT: (frozenset({NEW}), ACCEPTED),
    START: (frozenset({ACCEPTED}), WORKING),
    SOLVE: (frozenset({ACCEPTED, WORKING}), SOLVED),
    REVISIT: (frozenset({SOLVED}), REVISITED),
    CLOSE: (frozenset({REVISITED}), CLOSED),
    REOPEN: (frozenset({SOLVED, REVISITED, CLOSED}), WORKING),
}
NOT_NOW = "工单的状态是{state}，不能{step}"
NEEDS_REVISIT = "关闭前须先回访并登记满意度"
TOO_LATE = f"工单关闭已超过 {REOPEN_DAYS} 天，不能重开，请登记新工单"
NOT_A_HANDLER = "受理人 请从列表中选择"
ORDER_OF_OTHER = "订单 不属于所选客户"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """What is typed when a ticket is registered; no handler: the customer's owner."""

    customer_id: int | None = None
    kind: str = ""
    severity: str = "normal"
    order_id: int | None = None
    description: str = ""
    handler_id: int | None = None


def cleaned(draft: TicketDraft) -> TicketDraft:
    """Return the draft with its text cleaned."""
    return replace(draft, description=clean_lines(draft.description))


def ticket_faults(draft: TicketDraft) -> dict[str, str]:
    """Return field → message for everything wrong with a cleaned draft."""
    label, found = service_terms.TICKET, dict[str, str]()
    if draft.customer_id is None:
        found["customer_id"] = words.required(label["customer"])
    for name, choices in (
        ("kind", service_terms.TICKET_KIND),
        ("severity", service_terms.SEVERITY),
    ):
        value = getattr(draft, name)
        if not value:
            found[name] = words.required(label[name])
        elif value not in choices:
            found[name] = f"{label[name]} 请从列表中选择"
    return found | text_fault("description", draft.description, TEXT_LENGTH)


def text_fault(name: str, text: str, most: int) -> dict[str, str]:
    """Return what is wrong with a text that is required."""
    label = service_terms.TICKET[name]
    if not text:
        return {name: words.required(label)}
    return {name: f"{label} 不能超过 {most} 个字"} if len(text) > most else {}


def due(severity: str, since: datetime) -> tuple[datetime, datetime]:
    """Return until when the first reply and the solution are due."""
    reply, solve = HOURS[severity]
    return since + timedelta(hours=reply), since + timedelta(hours=solve)


def is_overdue(status: str, reply_due: datetime, solve_due: datetime, now: datetime) -> bool:
    """Say whether the first reply, or the solution, should have come by now."""
    return (status == NEW and reply_due < now) or (status in UNDONE and solve_due < now)


def step_refusal(status: str, step: str) -> str | None:
    """Return why a step can't be taken, or None."""
    if status in MOVES[step][0]:
        return None
    if step == CLOSE and status in {*UNDONE, SOLVED}:
        return NEEDS_REVISIT
    return NOT_NOW.format(state=service_terms.TICKET_STATUS[status], step=STEP_NAMES[step])


def reopen_refusal(closed_on: date | None, today: date) -> str | None:
    """Return why a closed ticket can't be opened again, or None."""
    late = closed_on is not None and (today - closed_on).days > REOPEN_DAYS
    return TOO_LATE if late else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitDraft:
    """What the customer said of the solution."""

    revisit: str = ""
    revisited_on: date | None = None
    score: int | None = None


def revisit_faults(draft: RevisitDraft, today: date) -> dict[str, str]:
    """Return what is wrong with a revisit."""
    label = service_terms.TICKET
    found = text_fault("revisit", clean(draft.revisit), TEXT_LENGTH)
    if draft.revisited_on is None:
        found["revisited_on"] = words.required(label["revisited_on"])
    elif draft.revisited_on > today:
        found["revisited_on"] = f"{label['revisited_on']} 不能晚于今天"
    if draft.score is None:
        found["score"] = words.required(label["score"])
    elif draft.score not in SCORES:
        found["score"] = f"{label['score']} 应为 1 到 5 分"
    return found


def close_faults(score: int | None, improvement: str) -> dict[str, str]:
    """Return what closing still needs: after a low score what will be improved."""
    if score is not None and score <= LOW_SCORE:
        return text_fault("improvement", improvement, TEXT_LENGTH)
    return text_fault("improvement", improvement, TEXT_LENGTH) if improvement else {}


def open_steps(status: str) -> list[str]:
    """Return the steps a ticket of this status may take."""
    return [step for step, (sources, _) in MOVES.items() if status in sources]
