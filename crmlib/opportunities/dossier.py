"""What was written down about a deal and with whom it is shared, for the tabs of its card."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import (
    CompetitorEntry,
    Opportunity,
    OpportunityParty,
    OpportunityShare,
    ProcessLog,
    Threat,
)
from crmlib.opportunities.note_rules import CompetitorDraft
from crmlib.opportunities.rows import visible_opportunities
from crmlib.people.model import Office, Person
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.engine import reading
from crmlib.words import PARTY_ROLES


@dataclass(frozen=True, slots=True)
class CompetitorLine:
    """A competitor in the deal."""

    id: int
    version: int
    name: str
    draft: CompetitorDraft
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the diary."""

    id: int
    version: int
    written_at: datetime
    written_by: str
    content: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A company in the project."""

    id: int
    company: str
    role: str
    note: str | None


@dataclass(frozen=True, slots=True)
class DealShareLine:
    """With whom the deal is shared; an ended share stays until it is taken back."""

    person_id: int
    person: str
    office: str
    ends_on: date | None
    ended: bool
    shared_by: str
    shared_at: datetime
    may_revoke: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """The papers of a deal; what is not ``readable`` for the actor is empty."""

    readable: bool  # 竞争分析, 处理过程
    competitors: tuple[CompetitorLine, ...]
    log: tuple[LogLine, ...]  # newest first
    parties: tuple[PartyLine, ...]
    shares: tuple[DealShareLine, ...]


def dossier(actor: Actor, opportunity_id: int) -> Dossier:
    """Return the papers of a visible deal.

    Raises:
        NotAllowed: no such deal, or not visible to the actor.
    """
    with reading() as session:
        here = Opportunity.id == opportunity_id
        visible = select(Opportunity.id).where(here, visible_opportunities(actor))
        if session.scalar(visible) is None:
            raise NotAllowed
        papers = visible_opportunities(actor, Permission.OPPORTUNITY_PAPERS)
        reads = session.scalar(select(Opportunity.id).where(here, papers))
        return Dossier(
            reads is not None,
            _competitors(session, opportunity_id) if reads else (),
            _log(session, actor, opportunity_id) if reads else (),
            _parties(session, opportunity_id),
            _shares(session, actor, opportunity_id),
        )


def _competitors(session: Session, key: int) -> tuple[CompetitorLine, ...]:
    names = labels(session, DictKind.COMPETITOR)
    danger = case({threat.value: place for place, threat in enumerate(Threat)},
                  value=CompetitorEntry.threat)  # fmt: skip
    rows = session.execute(
        select(CompetitorEntry, Person.name)
        .join(Person, Person.id == CompetitorEntry.entered_by_id)
        .where(CompetitorEntry.opportunity_id == key)
        .order_by(danger, CompetitorEntry.id)
    )
    return tuple(
        CompetitorLine(
            entry.id,
            entry.version,
            names.get(entry.competitor, entry.competitor),
            _draft(entry),
            by,
            clock.local(entry.entered_at),
        )
        for entry, by in rows
    )


def _draft(entry: CompetitorEntry) -> CompetitorDraft:
    fields = set(CompetitorDraft.__dataclass_fields__) - {"threat"}
    texts: dict[str, Any] = {name: getattr(entry, name) or "" for name in fields}
    return CompetitorDraft(**texts, threat=entry.threat.value)


def _log(session: Session, actor: Actor, key: int) -> tuple[LogLine, ...]:
    rows = session.execute(
        select(ProcessLog, Person.name)
        .join(Person, Person.id == ProcessLog.written_by_id)
        .where(ProcessLog.opportunity_id == key)
        .order_by(ProcessLog.id.desc())
    )
    return tuple(
        LogLine(
            entry.id,
            entry.version,
            clock.local(entry.written_at),
            by,
            entry.content,
            entry.written_by_id == actor.person_id,
        )
        for entry, by in rows
    )


def _parties(session: Session, key: int) -> tuple[PartyLine, ...]:
    order = {role: place for place, role in enumerate(PARTY_ROLES)}
    rows = session.scalars(select(OpportunityParty).where(OpportunityParty.opportunity_id == key))
    found = sorted(rows, key=lambda party: (order[party.role.value], party.id))
    return tuple(PartyLine(p.id, p.company, PARTY_ROLES[p.role.value], p.note) for p in found)


def _shares(session: Session, actor: Actor, key: int) -> tuple[DealShareLine, ...]:
    giver = aliased(Person)
    may_share = visible_opportunities(actor, Permission.OPPORTUNITY_SHARE)
    rows = session.execute(
        select(OpportunityShare, Person.name, Office.name, giver.name, may_share)
        .join(Opportunity, Opportunity.id == OpportunityShare.opportunity_id)
        .join(Person, Person.id == OpportunityShare.person_id)
        .join(Office, Office.id == Person.office_id)
        .join(giver, giver.id == OpportunityShare.shared_by_id)
        .where(OpportunityShare.opportunity_id == key)
        .order_by(OpportunityShare.id)
    )
    today = clock.today()
    return tuple(
        DealShareLine(
            share.person_id,
            person,
            office,
            share.ends_on,
            share.ends_on is not None and share.ends_on < today,
            by,
            clock.local(share.shared_at),
            bool(may) or share.shared_by_id == actor.person_id,
        )
        for share, person, office, by, may in rows
    )
