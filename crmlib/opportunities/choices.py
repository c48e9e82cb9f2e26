"""The stages that pages offer to choose from."""

from sqlalchemy import select

from crmlib.opportunities.model import Stage, StageSet, StageSetStatus
from crmlib.opportunities.setup import PROJECT
from crmlib.reference.queries import Option
from crmlib.store.engine import reading


def stage_choices() -> list[Option]:
    """Return the stages in force, each code once, in order."""
    with reading() as session:
        rows = session.execute(
            select(Stage.code, Stage.name, Stage.position)
            .join(StageSet, StageSet.id == Stage.stage_set_id)
            .where(StageSet.status == StageSetStatus.ACTIVE, Stage.disabled.is_(False))
            .order_by(StageSet.code == PROJECT, Stage.position)
        )
        # 项目销售 comes last, so that a code both kinds of selling have is called as there.
        named = {code: (position, name) for code, name, position in rows}
        ordered = sorted(named.items(), key=lambda item: item[1])
        return [Option(code, name) for code, (_, name) in ordered]
