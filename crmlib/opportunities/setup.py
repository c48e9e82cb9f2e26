"""Load the two stage sets of the reference data: 项目销售 and 零星采购."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.opportunities.model import Stage, StageSet, StageSetStatus
from crmlib.reference.load import data

PROJECT, SMALL = "project", "small"


def load_stages(session: Session) -> None:
    """Add the stage sets if the database has none."""
    if session.scalar(select(StageSet.id).limit(1)):
        return
    stages = data()["stage_set_project"]
    small = [s for s in stages if s["code"] in data()["stage_set_small"]]
    for code, name, rows in ((PROJECT, "项目销售", stages), (SMALL, "零星采购", small)):
        made = StageSet(
            code=code, name=name, status=StageSetStatus.ACTIVE, effective_on=clock.today()
        )
        session.add(made)
        session.flush()  # the stages need its number
        session.add_all(
            Stage(
                stage_set_id=made.id,
                code=s["code"],
                name=s["name"],
                position=s["order"],
                probability=s["prob"],
                standard_days=s["days"],
                checklist=s["checklist"],
            )
            for s in rows
        )
