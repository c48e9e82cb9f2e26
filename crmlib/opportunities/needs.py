"""需求与异议: what the customer wants, what we propose, what he objects to; owner and answer."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.queries import PersonOption
from crmlib.errors import Invalid, NotAllowed
from crmlib.inbox.notices import notify
from crmlib.opportunities import need_rules
from crmlib.opportunities.labels import NEED_KINDS
from crmlib.opportunities.model import CustomerNeed, NeedKind, Opportunity
from crmlib.opportunities.need_rules import NeedDraft
from crmlib.opportunities.notes import Noted, note_deal
from crmlib.opportunities.rows import visible_opportunities
from crmlib.opportunities.workers import workers
from crmlib.people.model import Person
from crmlib.store.engine import reading
from crmlib.store.text import clean_lines


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One entry as the tab shows it; the open ones come first."""

    id: int
    version: int
    kind: str
    content: str
    raised_on: date
    owner_id: int
    owner: str
    answer: str
    answered_by: str | None
    answered_at: datetime | None
    entered_by: str
    entered_at: datetime

    @property
    def is_open(self) -> bool:
        """Nobody answered it yet."""
        return not self.answer


@action(Permission.OPPORTUNITY_NOTE)
def add_need(
    work: Work, opportunity_id: int, draft: NeedDraft, *, token: str | None = None
) -> Noted:
    """Write down a wish, a proposal or an objection; its owner is told."""
    deal = note_deal(work, opportunity_id)
    draft = _checked(work, deal, draft)
    need = CustomerNeed(
        opportunity_id=deal.id,
        entered_by_id=work.actor.person_id,
        entered_at=clock.now(),
    )
    _fill(work, need, draft)
    work.session.add(need)
    work.session.flush()
    _tell_owner(work, deal, need)
    return _noted(deal, need)


@action(Permission.OPPORTUNITY_NOTE)
def edit_need(
    work: Work,
    need_id: int,
    draft: NeedDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Noted:
    """Change an entry, give it to somebody else, correct or take back its answer."""
    need, deal = _need(work, need_id)
    expect_version(need, version)
    draft = _checked(work, deal, draft, need.owner_id)
    is_new_owner = draft.owner_id != need.owner_id
    _fill(work, need, draft)
    work.session.flush()
    if is_new_owner:
        _tell_owner(work, deal, need)
    return _noted(deal, need)


@action(Permission.OPPORTUNITY_NOTE)
def answer_need(
    work: Work,
    need_id: int,
    answer: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Noted:
    """Answer an entry; whoever wrote it down is told."""
    need, deal = _need(work, need_id)
    expect_version(need, version)
    answer = clean_lines(answer)
    if found := need_rules.answer_faults(answer):
        raise Invalid(found)
    _answer(work, need, answer)
    kind, me = NEED_KINDS[need.kind.value], work.actor
    notify(
        work.session,
        {need.entered_by_id, need.owner_id} - {me.person_id},
        f"客户{kind}已答复：{deal.subject}",
        f"{me.name} 答复了{kind}「{need.content[:60]}」：{answer[:200]}",
        (Opportunity.__tablename__, deal.id),
    )
    return _noted(deal, need)


def needs_of(actor: Actor, opportunity_id: int) -> tuple[NeedLine, ...]:
    """Return what a deal's customer wants and objects to; nothing where papers are not readable."""
    owner, answerer, writer = aliased(Person), aliased(Person), aliased(Person)
    allowed = visible_opportunities(actor, Permission.OPPORTUNITY_PAPERS)
    statement = (
        select(CustomerNeed, owner.name, answerer.name, writer.name)
        .join(Opportunity, Opportunity.id == CustomerNeed.opportunity_id)
        .join(owner, owner.id == CustomerNeed.owner_id)
        .join(writer, writer.id == CustomerNeed.entered_by_id)
        .outerjoin(answerer, answerer.id == CustomerNeed.answered_by_id)
        .where(Opportunity.id == opportunity_id, allowed)
        .order_by(
            CustomerNeed.answered_at.is_not(None),
            CustomerNeed.raised_on.desc(),
            CustomerNeed.id.desc(),
        )
    )
    with reading() as session:
        return tuple(_line(*row) for row in session.execute(statement))


def need_owners(actor: Actor, opportunity_id: int) -> tuple[PersonOption, ...]:
    """Return who may be made 负责人 of an entry; nobody for those who may not write one."""
    allowed = visible_opportunities(actor, Permission.OPPORTUNITY_NOTE)
    with reading() as session:
        deal = session.scalar(select(Opportunity).where(Opportunity.id == opportunity_id, allowed))
        return _owners(session, deal, actor.person_id) if deal else ()


def _owners(session: Session, deal: Opportunity, actor_id: int) -> tuple[PersonOption, ...]:
    """Return the workers of a deal, the actor before all others."""
    return tuple(sorted(workers(session, deal), key=lambda person: person.id != actor_id))


def _need(work: Work, need_id: int) -> tuple[CustomerNeed, Opportunity]:
    need = work.session.get(CustomerNeed, need_id)
    if need is None:
        raise NotAllowed
    return need, note_deal(work, need.opportunity_id)


def _checked(
    work: Work, deal: Opportunity, draft: NeedDraft, former_owner: int | None = None
) -> NeedDraft:
    """Return the draft with its defaults; an owner who left may stay what he is."""
    today = clock.today()
    draft = replace(
        draft,
        content=clean_lines(draft.content),
        answer=clean_lines(draft.answer),
        raised_on=draft.raised_on or today,
        owner_id=draft.owner_id or former_owner or work.actor.person_id,
    )
    owners = {person.id for person in workers(work.session, deal)} | {work.actor.person_id}
    if former_owner is not None:
        owners.add(former_owner)
    if found := need_rules.need_faults(draft, owners, today):
        raise Invalid(found)
    return draft


def _fill(work: Work, need: CustomerNeed, draft: NeedDraft) -> None:
    need.kind, need.content = NeedKind(draft.kind), draft.content
    need.raised_on, need.owner_id = draft.raised_on or clock.today(), draft.owner_id or 0
    _answer(work, need, draft.answer)


def _answer(work: Work, need: CustomerNeed, answer: str) -> None:
    if answer == (need.answer or ""):
        return  # who answered stays
    need.answer = answer or None
    need.answered_by_id = work.actor.person_id if answer else None
    need.answered_at = clock.now() if answer else None


def _tell_owner(work: Work, deal: Opportunity, need: CustomerNeed) -> None:
    if need.answer:
        return
    kind = NEED_KINDS[need.kind.value]
    notify(
        work.session,
        {need.owner_id} - {work.actor.person_id},
        f"客户{kind}待答复：{deal.subject}",
        f"{work.actor.name} 请您答复商机 {deal.number} 的{kind}：{need.content[:200]}",
        (Opportunity.__tablename__, deal.id),
    )


def _noted(deal: Opportunity, need: CustomerNeed) -> Noted:
    return Noted(deal.id, need.id, NEED_KINDS[need.kind.value])


def _line(need: CustomerNeed, owner: str, answerer: str | None, writer: str) -> NeedLine:
    return NeedLine(
        need.id,
        need.version,
        need.kind.value,
        need.content,
        need.raised_on,
        need.owner_id,
        owner,
        need.answer or "",
        answerer,
        clock.local(need.answered_at) if need.answered_at else None,
        writer,
        clock.local(need.entered_at),
    )
