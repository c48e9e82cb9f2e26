"""撞单 as people ask it: within limits, so that nobody copies the base out, and noted."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.rows import sees_every_customer
from crmlib.duplicates import asked
from crmlib.duplicates.asked import Asked, Usage
from crmlib.duplicates.collision import Collision, Question, collide, collide_all
from crmlib.duplicates.model import Channel
from crmlib.duplicates.verdicts import Verdict
from crmlib.errors import Refused
from crmlib.settings import settings

TOO_FAST = "查询过于频繁，请稍后再试"
HIDDEN = "今日撞单查询已达上限（{limit} 个名称），他人的客户不再显示；如有需要请联系综合部"
HIDDEN_SHORT = "今日撞单查询已达上限，详情请联系综合部"


def ask(actor: Actor, name: str, phone: str | None = None) -> Collision:
    """Answer one name on the screen (see ``collide``).

    Raises:
        Invalid: no name.
        Refused: too many answers within a minute.
    """
    spent = _spent(actor)
    _require_patience(actor, spent, name, Channel.SCREEN)
    found = collide(actor, name, phone)
    if _is_spent(spent, asked.key(name)):
        found = _hidden(found)
    if found.verdict is not Verdict.LOADING:  # it is asked again by itself
        asked.note(_entry(actor, name, found, Channel.SCREEN, with_phone=bool(phone)))
    return found


def ask_all(actor: Actor, questions: Sequence[Question]) -> list[Collision]:
    """Answer the names of a list; those beyond the day's limit without others' customers.

    Raises:
        Refused: too many answers within a minute.
    """
    spent = _spent(actor)
    if questions:
        _require_patience(actor, spent, questions[0].name, Channel.LIST)
    answers = collide_all(actor, questions)
    told: list[Collision] = []
    entries: list[Asked] = []
    for question, found in zip(questions, answers, strict=True):
        name = asked.key(question.name)
        told.append(_hidden(found) if _is_spent(spent, name) else found)
        if spent is not None:
            spent = Usage(spent.answers, spent.names | {name})
        entry = _entry(actor, name, told[-1], Channel.LIST, with_phone=bool(question.phone))
        entries.append(replace(entry, answers=0 if entries else 1))
    if not any(found.loading for found in answers):
        asked.note(*entries)
    return told


def note_save(actor: Actor, question: Question, verdict: Verdict, hits: int) -> None:
    """Note that a save asked."""
    asked.note(
        Asked(
            actor.person_id,
            asked.key(question.name),
            bool(question.phone),
            verdict.value,
            hits,
            Channel.SAVE,
            clock.now(),
            answers=0,
        )
    )


def is_discreet(session: Session, actor: Actor, name: str) -> bool:
    """Say whether a refused save may no longer tell whose customer stands in its way."""
    spent = None if sees_every_customer(actor) else asked.usage_within(session, actor.person_id)
    return _is_spent(spent, asked.key(name))


def _spent(actor: Actor) -> Usage | None:
    """Return what the actor has asked; None for those who may list every customer anyway."""
    if sees_every_customer(actor):
        return None
    return asked.usage(actor.person_id)


def _is_spent(spent: Usage | None, name: str) -> bool:
    """Say whether the day's names are used up; one asked before today costs nothing again."""
    limit = settings().collisions_per_day
    return spent is not None and len(spent.names) >= limit and name not in spent.names


def _require_patience(actor: Actor, spent: Usage | None, name: str, channel: Channel) -> None:
    if spent is None or spent.answers < settings().collisions_per_minute:
        return
    refused = Asked(
        actor.person_id,
        asked.key(name),
        False,
        asked.REFUSED,
        0,
        channel,
        clock.now(),
        answers=0,
        limited=True,
    )
    asked.note(refused)
    raise Refused(TOO_FAST)


def _hidden(found: Collision) -> Collision:
    own = tuple(hit for hit in found.hits if hit.may_open)
    note = HIDDEN.format(limit=settings().collisions_per_day)
    return replace(found, hits=own, note=note)


def _entry(
    actor: Actor, name: str, found: Collision, channel: Channel, *, with_phone: bool
) -> Asked:
    return Asked(
        actor.person_id,
        asked.key(name),
        with_phone,
        found.verdict.value,
        len(found.hits),
        channel,
        clock.now(),
        limited=bool(found.note),
    )
