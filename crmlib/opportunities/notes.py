"""竞争分析, 处理过程, 项目总结, 参与方: what is written down about a deal until it is closed."""

from dataclasses import asdict, dataclass, replace

from sqlalchemy import select

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.opportunities import note_rules, outcome_rules
from crmlib.opportunities.model import (
    CompetitorEntry,
    Opportunity,
    OpportunityParty,
    PartyRole,
    ProcessLog,
    Threat,
)
from crmlib.opportunities.note_rules import CompetitorDraft, PartyDraft
from crmlib.opportunities.rows import visible_opportunities
from crmlib.opportunities.rules import state_refusal
from crmlib.reference.kinds import DictKind
from crmlib.reference.queries import labels
from crmlib.store.text import clean, clean_lines


@dataclass(frozen=True, slots=True)
class Noted:
    """Something written about a deal; ``label`` names it."""

    opportunity_id: int
    note_id: int
    label: str


@action(Permission.OPPORTUNITY_NOTE)
def add_competitor(
    work: Work, opportunity_id: int, draft: CompetitorDraft, *, token: str | None = None
) -> Noted:
    """Register a competitor with what he offers and how to meet it."""
    deal = note_deal(work, opportunity_id)
    draft, name = _checked(work, deal, draft)
    entry = CompetitorEntry(
        opportunity_id=deal.id,
        entered_by_id=work.actor.person_id,
        entered_at=clock.now(),
        **_columns(draft),
    )
    work.session.add(entry)
    work.session.flush()
    return Noted(deal.id, entry.id, name)


@action(Permission.OPPORTUNITY_NOTE)
def edit_competitor(
    work: Work,
    entry_id: int,
    draft: CompetitorDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Noted:
    """Change what is known of a competitor."""
    entry, deal = _competitor(work, entry_id)
    expect_version(entry, version)
    draft, name = _checked(work, deal, draft, entry)
    for column, value in _columns(draft).items():
        setattr(entry, column, value)
    return Noted(deal.id, entry.id, name)


@action(Permission.OPPORTUNITY_NOTE)
def remove_competitor(work: Work, entry_id: int, *, token: str | None = None) -> Noted:
    """Take a competitor out of the deal; the log keeps what was written."""
    entry, deal = _competitor(work, entry_id)
    name = labels(work.session, DictKind.COMPETITOR).get(entry.competitor, entry.competitor)
    work.session.delete(entry)
    return Noted(deal.id, entry.id, name)


@action(Permission.OPPORTUNITY_NOTE)
def log_process(
    work: Work, opportunity_id: int, content: str, *, token: str | None = None
) -> Noted:
    """Write an entry into the diary of a deal."""
    deal = note_deal(work, opportunity_id)
    content = _content(content)
    entry = ProcessLog(
        opportunity_id=deal.id,
        written_at=clock.now(),
        written_by_id=work.actor.person_id,
        content=content,
    )
    work.session.add(entry)
    work.session.flush()
    return Noted(deal.id, entry.id, content[:20])


@action(Permission.OPPORTUNITY_NOTE)
def edit_process(
    work: Work,
    entry_id: int,
    content: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Noted:
    """Correct an entry of one's own; day and writer stay."""
    mine = ProcessLog.written_by_id == work.actor.person_id
    entry = work.fetch(ProcessLog, entry_id, mine)
    deal = note_deal(work, entry.opportunity_id)
    expect_version(entry, version)
    entry.content = _content(content)
    return Noted(deal.id, entry.id, entry.content[:20])


@action(Permission.OPPORTUNITY_NOTE)
def write_summary(
    work: Work,
    opportunity_id: int,
    summary: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> Noted:
    """Write the 项目总结: what was learned from the deal."""
    deal = note_deal(work, opportunity_id)
    expect_version(deal, version)
    summary = clean_lines(summary)
    fault = outcome_rules.too_long(summary, "project_summary", outcome_rules.SUMMARY_LENGTH)
    if fault:
        raise Invalid({"summary": fault})
    deal.project_summary = summary or None
    return Noted(deal.id, deal.id, deal.subject)


@action(Permission.OPPORTUNITY_NOTE)
def add_party(
    work: Work, opportunity_id: int, draft: PartyDraft, *, token: str | None = None
) -> Noted:
    """Register a company that has a part in the building project."""
    deal = note_deal(work, opportunity_id)
    draft = PartyDraft(clean(draft.company), draft.role or "", clean(draft.note))
    held = work.session.execute(
        select(OpportunityParty.company, OpportunityParty.role).where(
            OpportunityParty.opportunity_id == deal.id
        )
    )
    if found := note_rules.party_faults(draft, {(c, r.value) for c, r in held}):
        raise Invalid(found)
    party = OpportunityParty(
        opportunity_id=deal.id,
        company=draft.company,
        role=PartyRole(draft.role),
        note=draft.note or None,
    )
    work.session.add(party)
    work.session.flush()
    return Noted(deal.id, party.id, party.company)


@action(Permission.OPPORTUNITY_NOTE)
def remove_party(work: Work, party_id: int, *, token: str | None = None) -> Noted:
    """Take a company out of the project."""
    party = work.session.get(OpportunityParty, party_id)
    if party is None:
        raise NotAllowed
    deal = note_deal(work, party.opportunity_id)
    work.session.delete(party)
    return Noted(deal.id, party.id, party.company)


def note_deal(work: Work, opportunity_id: int) -> Opportunity:
    """Return a deal whose papers the actor may write.

    Raises:
        NotAllowed: not his to write about.
        Refused: it is closed.
    """
    allowed = visible_opportunities(work.actor, Permission.OPPORTUNITY_NOTE)
    deal = work.fetch(Opportunity, opportunity_id, allowed)
    # What was learned is often written down after the end; only a closed deal is read only.
    if refusal := state_refusal(deal.number, closed=deal.closed, decided=False):
        raise Refused(refusal)
    return deal


def _competitor(work: Work, entry_id: int) -> tuple[CompetitorEntry, Opportunity]:
    entry = work.session.get(CompetitorEntry, entry_id)
    if entry is None:
        raise NotAllowed
    return entry, note_deal(work, entry.opportunity_id)


def _checked(
    work: Work, deal: Opportunity, draft: CompetitorDraft, entry: CompetitorEntry | None = None
) -> tuple[CompetitorDraft, str]:
    texts = {field: clean(getattr(draft, field)) for field in note_rules.LENGTHS}
    draft = replace(draft, **texts, competitor=draft.competitor or "", threat=draft.threat or "")
    known = labels(work.session, DictKind.COMPETITOR)
    others = select(CompetitorEntry.competitor).where(
        CompetitorEntry.opportunity_id == deal.id,
        CompetitorEntry.id != (entry.id if entry else 0),
    )
    taken = set(work.session.scalars(others))
    if found := note_rules.competitor_faults(draft, known, taken):
        raise Invalid(found)
    return draft, known[draft.competitor]


def _columns(draft: CompetitorDraft) -> dict[str, object]:
    values = {name: value or None for name, value in asdict(draft).items()}
    return values | {"threat": Threat(draft.threat)}


def _content(content: str) -> str:
    content = clean_lines(content)
    if found := note_rules.content_faults(content):
        raise Invalid(found)
    return content
