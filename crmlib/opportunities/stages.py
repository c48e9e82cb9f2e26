"""Read the stages (销售阶段定义) as the rules want them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib.opportunities.model import Stage, StageSet, StageSetStatus
from crmlib.opportunities.rules import Step


def steps_beside(session: Session, stage_id: int) -> list[Step]:
    """Return all stages of the set a stage belongs to, in order."""
    beside = select(Stage.stage_set_id).where(Stage.id == stage_id).scalar_subquery()
    return _steps(session, beside)


def first_step(session: Session, set_code: str) -> Step | None:
    """Return where a new deal begins: the first stage of the newest set in force."""
    newest = (
        select(StageSet.id)
        .where(StageSet.code == set_code, StageSet.status == StageSetStatus.ACTIVE)
        .order_by(StageSet.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return next((s for s in _steps(session, newest) if not s.disabled), None)


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
