"""Read the stages (销售阶段定义) as the rules want them."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.opportunities.model import Stage, StageSet, StageSetStatus
from crmlib.opportunities.rules import Step


def steps_beside(session: Session, stage_id: int) -> list[Step]:
    """Return all stages of the set a stage belongs to, in order."""
    beside = select(Stage.stage_set_id).where(Stage.id == stage_id).scalar_subquery()
    return _steps(session, beside)


def days_in_stage(since: datetime, ended_on: date | None) -> int:
    """Return how long a deal stands in its stage, or stood there when it ended."""
    return max(((ended_on or clock.today()) - clock.local(since).date()).days, 0)


def first_step(session: Session, set_code: str, *, hold: bool = False) -> Step | None:
    """Return where a new deal begins: the first stage of the set in force.

    ``hold`` keeps the set in force until the transaction ends, so that no deal comes too late
    to change over with the others.
    """
    in_force = select(StageSet.id).where(
        StageSet.code == set_code, StageSet.status == StageSetStatus.ACTIVE
    )
    if hold:
        in_force = in_force.with_for_update(read=True)
    # While this waited for a version to come into force, the one it asked for retired.
    key = session.scalar(in_force) or session.scalar(in_force)
    return next((s for s in _steps(session, key) if not s.disabled), None)


def _steps(session: Session, stage_set: object) -> list[Step]:
    found = session.scalars(
        select(Stage).where(Stage.stage_set_id == stage_set).order_by(Stage.position)
    )
    return [
        Step(
            s.id,
            s.code,
            s.name,
            s.position,
            s.probability,
            s.standard_days,
            tuple(str(item) for item in s.checklist),
            s.disabled,
        )
        for s in found
    ]
