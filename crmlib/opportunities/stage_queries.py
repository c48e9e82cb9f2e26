"""What people see of 销售阶段定义: stages in force, versions, one version, what waits for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed
from crmlib.inbox.queries import Pending, count_pending
from crmlib.inbox.related import Related, open_with, step_with
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.model import Stage, StageAct, StageSet, StageSetStatus, StageSignature
from crmlib.opportunities.setup import PROJECT
from crmlib.opportunities.stage_edits import open_deals_by_code
from crmlib.opportunities.stage_rules import Party
from crmlib.opportunities.stage_sets import stages_of, title_of
from crmlib.opportunities.stage_signers import party_for, signed_by
from crmlib.people.model import Person
from crmlib.reference.queries import Option
from crmlib.store.engine import reading

PAGE, LIST_PAGE = "stage_set", "stage_sets"
_SHOWN = (StageAct.DRAFTED, StageAct.AGREED, StageAct.APPROVED)
STAGES = pl.Schema(
    {
        "id": pl.Int64(),
        "flow": pl.String(),  # 销售流程
        "set_id": pl.Int64(),
        "code": pl.String(),
        "name": pl.String(),
        "position": pl.Int64(),
        "probability": pl.Int64(),
        "standard_days": pl.Int64(),
        "checklist": pl.String(),
        "note": pl.String(),
        "disabled": pl.Boolean(),
        "deals": pl.Int64(),  # open ones, whoever owns them
    }
)
SETS = pl.Schema(
    {
        "id": pl.Int64(),
        "name": pl.String(),
        "number": pl.Int64(),
        "status": pl.String(),
        "stages": pl.Int64(),  # not disabled
        "effective_on": pl.Date(),
        "drafted": pl.String(),
        "agreed": pl.String(),
        "approved": pl.String(),
        "note": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Flow:
    """A kind of selling one may choose for a new deal, with the stages it passes."""

    code: str
    name: str
    first: str
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what to a version, and what he said."""

    act: StageAct
    round: int
    person: str
    party: str  # 综合部 …; empty: for nobody
    comment: str
    at: datetime


def stages_frame(actor: Actor) -> pl.DataFrame:
    """Return the stages in force of every kind of selling, in order (columns: STAGES)."""
    require_signer(actor)
    with reading() as session:
        sets = session.scalars(
            select(StageSet)
            .where(StageSet.status == StageSetStatus.ACTIVE)
            .order_by(StageSet.code != PROJECT, StageSet.code)
        ).all()
        return pl.concat([stage_rows(session, one) for one in sets] or [STAGES.to_frame()])


def sets_frame(actor: Actor) -> pl.DataFrame:
    """Return all versions, the newest of each kind first (columns: SETS)."""
    require_signer(actor)
    with reading() as session:
        sets = session.scalars(
            select(StageSet).order_by(
                StageSet.code != PROJECT, StageSet.code, StageSet.number.desc()
            )
        ).all()
        acts = acts_of(session, [s.id for s in sets])
        enabled = select(Stage.stage_set_id, func.count()).where(Stage.disabled.is_(False))
        counts = dict(session.execute(enabled.group_by(Stage.stage_set_id)).all())
    rows = [
        (
            s.id,
            s.name,
            s.number,
            s.status.value,
            counts.get(s.id, 0),
            s.effective_on,
            *(_names(acts[s.id], s.round, act) for act in _SHOWN),
            s.note,
        )
        for s in sets
    ]
    return pl.DataFrame(rows, schema=SETS, orient="row")


def flows(session: Session) -> list[Flow]:
    """Return the kinds of selling in force, 项目销售 first."""
    rows = session.execute(
        select(StageSet.code, StageSet.name, Stage.name)
        .join(Stage, Stage.stage_set_id == StageSet.id)
        .where(StageSet.status == StageSetStatus.ACTIVE, Stage.disabled.is_(False))
        .order_by(StageSet.code != PROJECT, StageSet.code, Stage.position)
    )
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, name, stage in rows:
        found[code, name].append(stage)
    return [Flow(code, name, names[0], tuple(names)) for (code, name), names in found.items()]


def flows_shown(actor: Actor) -> list[str]:
    """Return the names of the kinds of selling in force, for the filter of their list."""
    require_signer(actor)
    with reading() as session:
        return [flow.name for flow in flows(session)]


def flow_choices(found: Sequence[Flow]) -> list[Option]:
    """Return kinds of selling as a form offers them."""
    return [Option(flow.code, flow.name) for flow in found]


def require_signer(actor: Actor) -> None:
    """Refuse those who neither sign nor define.

    Raises:
        NotAllowed: the definition is not the actor's to see.
    """
    if not actor.may(Permission.STAGE_SIGN):
        raise NotAllowed


def stage_rows(session: Session, one: StageSet) -> pl.DataFrame:
    """Return the stages of a version in order (columns: STAGES)."""
    retired = one.status is StageSetStatus.RETIRED
    counts = {} if retired else open_deals_by_code(session, one.code)
    rows = [
        (
            s.id,
            one.name,
            one.id,
            s.code,
            s.name,
            s.position,
            s.probability,
            s.standard_days,
            "、".join(str(item) for item in s.checklist),
            s.note,
            s.disabled,
            counts.get(s.code, 0),
        )
        for s in stages_of(session, one.id)
    ]
    return pl.DataFrame(rows, schema=STAGES, orient="row")


def acts_of(session: Session, ids: Sequence[int]) -> dict[int, list[Act]]:
    """Return what was done to versions, the oldest first."""
    rows = session.execute(
        select(StageSignature, Person.name)
        .join(Person, Person.id == StageSignature.person_id)
        .where(StageSignature.stage_set_id.in_(ids))
        .order_by(StageSignature.id)
    )
    found: dict[int, list[Act]] = defaultdict(list)
    for row, name in rows:
        party = rules.PARTY_NAMES[Party(row.party)] if row.party else ""
        act = Act(row.act, row.round, name, party, row.comment or "", clock.local(row.at))
        found[row.stage_set_id].append(act)
    return found


def _names(acts: Sequence[Act], round_: int, wanted: StageAct) -> str:
    return "、".join(
        a.person
        for a in acts
        if a.act is wanted and (wanted is not StageAct.AGREED or a.round == round_)
    )


def _related(session: Session, actor: Actor, stage_set_id: int) -> Related | None:
    one = session.get(StageSet, stage_set_id)
    if one is None or not actor.may(Permission.STAGE_SIGN):
        return None
    return Related(PAGE, one.id, title_of(one))


def _waits_for(session: Session, actor: Actor, one: StageSet) -> bool:
    """Say whether a version waits for the actor's 会签.

    One 区域经理 is enough; the others may add theirs, but nothing waits for them.
    """
    party = party_for(session, actor.person_id) if actor.may(Permission.STAGE_SIGN) else None
    signed = {party for party, _ in signed_by(session, one)}
    return one.status is StageSetStatus.SIGNING and party is not None and party not in signed


def _waiting(session: Session, actor: Actor) -> Pending | None:
    if not actor.may(Permission.STAGE_SIGN):
        return None
    signing = session.scalars(select(StageSet).where(StageSet.status == StageSetStatus.SIGNING))
    return Pending("待会签", sum(_waits_for(session, actor, s) for s in signing.all()), LIST_PAGE)


def _step_at(session: Session, actor: Actor, stage_set_id: int) -> str | None:
    one = session.get(StageSet, stage_set_id)
    return "会签" if one is not None and _waits_for(session, actor, one) else None


step_with(StageSet.__tablename__, "sign", _step_at)
open_with(StageSet.__tablename__, _related)
count_pending("stage_sets", _waiting)
