"""One version of 销售阶段定义, and one stage, as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.model import Stage, StageAct, StageSet, StageSetStatus
from crmlib.opportunities.stage_edits import is_known
from crmlib.opportunities.stage_queries import Act, acts_of, require_signer, stage_rows
from crmlib.opportunities.stage_rules import StageDraft
from crmlib.opportunities.stage_sets import OPEN, title_of
from crmlib.opportunities.stage_signers import party_for, signed_by
from crmlib.opportunities.stage_switch import deals_to_switch
from crmlib.store.engine import reading


@dataclass(frozen=True, slots=True)
class Signing:
    """How far the 会签 of a version is, and what the actor may do about it."""

    missing: tuple[str, ...]  # 综合部 …
    cannot_sign: str  # why the actor can't; empty: he may
    may_return: bool
    cannot_force: str  # why it can't come into force yet; empty: it may


@dataclass(frozen=True, slots=True)
class Switching:
    """A stage in which open deals stand, and where they go by themselves (code), if they do."""

    code: str
    name: str
    count: int
    target: str | None


@dataclass(frozen=True, slots=True)
class SetCard:
    """A version as its page shows it."""

    id: int
    version: int
    title: str
    code: str
    name: str
    number: int
    round: int
    status: StageSetStatus
    note: str
    effective_on: date | None
    stages: pl.DataFrame  # STAGES
    acts: tuple[Act, ...]  # oldest first
    may_define: bool
    unfinished: str  # the version that is being made already, if so
    signing: Signing
    switching: tuple[Switching, ...]  # of a version that is being made

    def people(self, act: str) -> list[str]:
        """Return who did this to the version, agreements of the present round only."""
        return [
            a.person
            for a in self.acts
            if a.act == act and (a.act is not StageAct.AGREED or a.round == self.round)
        ]


@dataclass(frozen=True, slots=True)
class StageCard:
    """A stage as its form opens it."""

    id: int
    set_id: int
    set_title: str
    version: int  # of the set
    is_draft: bool
    is_code_fixed: bool
    draft: StageDraft


def set_card(actor: Actor, stage_set_id: int) -> SetCard:
    """Return a version for its page.

    Raises:
        NotAllowed: no such version, or the definition is not the actor's to see.
    """
    require_signer(actor)
    with reading() as session:
        one = session.get(StageSet, stage_set_id)
        if one is None:
            raise NotAllowed
        siblings = session.scalars(select(StageSet).where(StageSet.code == one.code)).all()
        making = next((s for s in siblings if s.status in OPEN), None)
        return SetCard(
            id=one.id,
            version=one.version,
            title=title_of(one),
            code=one.code,
            name=one.name,
            number=one.number,
            round=one.round,
            status=one.status,
            note=one.note or "",
            effective_on=one.effective_on,
            stages=stage_rows(session, one),
            acts=tuple(acts_of(session, [one.id])[one.id]),
            may_define=actor.may(Permission.STAGE_DEFINE),
            unfinished=title_of(making) if making else "",
            signing=_signing(session, actor, one),
            switching=_switching(session, siblings, one) if one.status in OPEN else (),
        )


def _signing(session: Session, actor: Actor, one: StageSet) -> Signing:
    signed = signed_by(session, one)
    parties = {party for party, _ in signed}
    is_signing = one.status is StageSetStatus.SIGNING
    party = party_for(session, actor.person_id)
    already = actor.person_id in {person for _, person in signed}
    cannot_sign = (
        rules.sign_refusal(party, parties, is_signing=is_signing, already=already) or ""
        if party
        else "由综合部、信息部、区域经理会签"
    )
    return Signing(
        missing=tuple(rules.PARTY_NAMES[p] for p in rules.missing(parties)),
        cannot_sign=cannot_sign,
        may_return=is_signing and party is not None,
        cannot_force=rules.force_refusal(parties, is_signing=is_signing) or "",
    )


def _switching(
    session: Session, siblings: Sequence[StageSet], one: StageSet
) -> tuple[Switching, ...]:
    deals = deals_to_switch(session, siblings, one)
    return tuple(
        Switching(s.code, s.name, s.count, rules.default_target(s, deals.targets))
        for s in deals.sources
    )


def stage_card(actor: Actor, stage_id: int) -> StageCard:
    """Return a stage for its form.

    Raises:
        NotAllowed: no such stage, or the definition is not the actor's to see.
    """
    require_signer(actor)
    with reading() as session:
        row = session.execute(
            select(Stage, StageSet)
            .join(StageSet, StageSet.id == Stage.stage_set_id)
            .where(Stage.id == stage_id)
        ).one_or_none()
        if row is None:
            raise NotAllowed
        stage, its_set = row
        return StageCard(
            stage.id,
            its_set.id,
            title_of(its_set),
            its_set.version,
            its_set.status is StageSetStatus.DRAFT,
            is_known(session, its_set, stage.code),
            StageDraft(
                stage.code,
                stage.name,
                stage.position,
                stage.probability,
                stage.standard_days,
                "\n".join(str(item) for item in stage.checklist),
                stage.note or "",
                stage.disabled,
            ),
        )


def next_position(actor: Actor, stage_set_id: int) -> int:
    """Return the 顺序 after the last stage of a version."""
    require_signer(actor)
    with reading() as session:
        last = session.scalar(
            select(func.max(Stage.position)).where(Stage.stage_set_id == stage_set_id)
        )
        return ((last or 0) // rules.STEP + 1) * rules.STEP
