"""Save a sheet of targets, and issue those that are drafts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.notices import notify
from crmlib.people.model import Office, Person
from crmlib.targets import rules
from crmlib.targets.kinds import Measure, TargetKind, TargetStatus
from crmlib.targets.labels import TARGET_KINDS
from crmlib.targets.model import Target
from crmlib.targets.rows import target_offices, target_people
from crmlib.targets.rules import SheetDraft

NOTHING_TO_ISSUE = "没有待下达的目标"
Subject = tuple[str, int]
Place = tuple[str, int]  # subject as text, number of the period


@dataclass(frozen=True, slots=True)
class TargetsSaved:
    """How many targets were set or changed, and how many taken away."""

    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class TargetsIssued:
    """How many targets were issued, and to how many people and offices."""

    targets: int
    subjects: int


@action(Permission.TARGET_SET)
def save_targets(
    work: Work, draft: SheetDraft, *, seen: Mapping[Place, int], token: str | None = None
) -> TargetsSaved:
    """Write what was changed on a sheet; ``seen`` has the versions it was opened with.

    A cell of sales left blank takes its target away. What is issued stays issued.

    Raises:
        Invalid: all faults at once, as ``rows.0.p3``; ``year``.
        Stale: a cell to change was changed by somebody else.
    """
    if fault := rules.year_fault(draft.year, clock.today()):
        raise Invalid({"year": fault})
    subjects = _subjects(work, (row.subject for row in draft.rows))
    known = _targets(work, draft.year, draft.kind, subjects)
    faults: dict[str, str] = {}
    changes: list[tuple[Place, Decimal | None]] = []
    for at, row in enumerate(draft.rows):
        for number, value in zip(rules.periods(draft.kind), row.values, strict=True):
            place = (row.subject, number)
            before = known.get(place)
            if value == (before and _typed(before, draft.measure)):
                continue
            if fault := _fault(draft.measure, value, before):
                faults[f"rows.{at}.p{number}"] = fault
            elif (before.version if before else 0) != seen.get(place, 0):
                raise Stale
            changes.append((place, value))
    if faults:
        raise Invalid(faults)
    for place, value in changes:
        _write(work, draft, place, value, known.get(place))
    removed = sum(v is None and draft.measure is Measure.SALES for _, v in changes)
    return TargetsSaved(len(changes) - removed, removed)


@action(Permission.TARGET_SET)
def issue_targets(
    work: Work,
    year: int,
    kind: TargetKind,
    subjects: Collection[str],
    *,
    token: str | None = None,
) -> TargetsIssued:
    """Issue the drafts of these people and offices for a year, and tell them.

    Raises:
        Refused: there is no draft among them.
    """
    wanted = _subjects(work, subjects)
    drafts = [
        target
        for target in _targets(work, year, kind, wanted).values()
        if target.status is TargetStatus.DRAFT
    ]
    if not drafts:
        raise Refused(NOTHING_TO_ISSUE)
    for target in drafts:
        target.status = TargetStatus.ISSUED
        target.issued_by_id, target.issued_at = work.actor.person_id, clock.now()
    people = {t.person_id for t in drafts if t.person_id}
    offices = {t.office_id for t in drafts if t.office_id}
    heads = work.session.scalars(select(Office.head_id).where(Office.id.in_(offices)))
    notify(
        work.session,
        (people | {head for head in heads if head}) - {work.actor.person_id},
        f"{year} 年{TARGET_KINDS[kind]}目标已下达",
        f"{work.actor.name} 已下达 {year} 年{TARGET_KINDS[kind]}目标，可在「目标达成」中查看。",
    )
    return TargetsIssued(len(drafts), len(people) + len(offices))


def _subjects(work: Work, told: Iterable[str]) -> set[Subject]:
    """Return whose targets these are.

    Raises:
        NotAllowed: one of them is nobody whose targets the actor sets.
    """
    found = [rules.subject_of(text) for text in told]
    if not all(found):
        raise NotAllowed
    wanted = {subject for subject in found if subject}
    allowed: set[Subject] = set()
    for kind, model, mine in (
        (rules.PERSON, Person, target_people(work.actor, Permission.TARGET_SET)),
        (rules.OFFICE, Office, target_offices(work.actor, Permission.TARGET_SET)),
    ):
        keys = [key for each, key in wanted if each == kind]
        ids: Any = select(model.id).where(model.id.in_(keys), mine)
        allowed |= {(kind, key) for key in work.session.scalars(ids)}
    if wanted - allowed:
        raise NotAllowed
    return wanted


def _targets(
    work: Work, year: int, kind: TargetKind, subjects: set[Subject]
) -> dict[Place, Target]:
    people = [key for each, key in subjects if each == rules.PERSON]
    offices = [key for each, key in subjects if each == rules.OFFICE]
    rows = work.session.scalars(
        select(Target)
        .where(
            Target.kind == kind,
            Target.starts_on.between(date(year, 1, 1), date(year, 12, 31)),
            Target.person_id.in_(people) | Target.office_id.in_(offices),
        )
        .with_for_update()
    )
    return {(_subject(row), rules.number_of(kind, row.starts_on)): row for row in rows}


def _subject(target: Target) -> str:
    if target.person_id:
        return f"{rules.PERSON}:{target.person_id}"
    return f"{rules.OFFICE}:{target.office_id}"


def _typed(target: Target, measure: Measure) -> Decimal | None:
    return rules.typed(measure, getattr(target, measure))


def _fault(measure: Measure, value: Decimal | None, before: Target | None) -> str:
    state = ""
    if before is not None:
        state = rules.state(before.status, before.kind, before.starts_on, clock.today()).value
    return rules.change_fault(measure, value, state)


def _write(
    work: Work, draft: SheetDraft, place: Place, value: Decimal | None, target: Target | None
) -> None:
    text, number = place
    if target is None:
        subject, key = rules.subject_of(text) or ("", 0)
        target = Target(
            person_id=key if subject == rules.PERSON else None,
            office_id=key if subject == rules.OFFICE else None,
            kind=draft.kind,
            starts_on=rules.starts_on(draft.year, draft.kind, number),
            status=TargetStatus.DRAFT,
        )
        work.session.add(target)
    elif value is None and draft.measure is Measure.SALES:
        work.session.delete(target)
        return
    setattr(target, draft.measure, rules.stored(draft.measure, value))
