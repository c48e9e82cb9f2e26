"""Stages of a draft of 销售阶段定义: added, edited, put in order, disabled, taken out again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, attributes

from crmlib.access.action import Work, action
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.model import Opportunity, Stage, StageSet
from crmlib.opportunities.stage_rules import Other, StageDraft
from crmlib.opportunities.stage_sets import locked_draft, stages_of
from crmlib.opportunities.stage_switch import is_open
from crmlib.reference.ordering import moved

CODE_STAYS = "代码 已在以前的版本中使用，报表按代码连接各版本，不能修改"


@dataclass(frozen=True, slots=True)
class StageSaved:
    """A stage as saved; ``version`` is that of its draft."""

    stage_id: int
    stage_set_id: int
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class StagesChanged:
    """What a step did to some stages of a draft."""

    stage_set_id: int
    count: int
    text: str


@action(Permission.STAGE_DEFINE)
def add_stage(
    work: Work,
    stage_set_id: int,
    draft: StageDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> StageSaved:
    """Add a stage to a draft.

    Raises:
        Invalid: all faults at once; a 代码, 名称 or 顺序 that is taken among them.
        Refused: the version is no draft.
    """
    stage_set = locked_draft(work, stage_set_id, version)
    draft = _checked(work.session, stage_set, draft)
    stage = Stage(stage_set_id=stage_set.id)
    _fill(stage, draft)
    work.session.add(stage)
    return _saved(work.session, stage_set, stage)


@action(Permission.STAGE_DEFINE)
def edit_stage(
    work: Work,
    stage_id: int,
    draft: StageDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> StageSaved:
    """Change a stage of a draft; the 代码 only while no other version has it.

    Raises:
        Invalid: all faults at once.
        Refused: the version is no draft.
    """
    session = work.session
    (stage,), stage_set = _stages(work, [stage_id], version)
    draft = _checked(session, stage_set, draft, stage)
    _fill(stage, draft)
    return _saved(session, stage_set, stage)


@action(Permission.STAGE_DEFINE)
def remove_stages(work: Work, stage_ids: Sequence[int]) -> StagesChanged:
    """Take stages out of a draft; none in which open deals stand.

    Raises:
        Refused: open deals stand in one of them: it can only be disabled.
    """
    session = work.session
    stages, stage_set = _stages(work, stage_ids)
    counts = open_deals_by_code(session, stage_set.code)
    used = [f"「{s.name}」有 {counts[s.code]} 个" for s in stages if counts.get(s.code)]
    if used:
        raise Refused(
            f"{'、'.join(used)}进行中的商机，不能删除；可以停用，生效时再选择商机转到哪个阶段"
        )
    for stage in stages:
        session.delete(stage)
    return _changed(session, stage_set, len(stages), f"已删除 {len(stages)} 个阶段")


@action(Permission.STAGE_DEFINE)
def disable_stages(work: Work, stage_ids: Sequence[int]) -> StagesChanged:
    """停用: no deal moves there any more; those in it are asked about when it comes into force."""
    return _switch(work, stage_ids, disabled=True)


@action(Permission.STAGE_DEFINE)
def enable_stages(work: Work, stage_ids: Sequence[int]) -> StagesChanged:
    """Let deals move there again."""
    return _switch(work, stage_ids, disabled=False)


@action(Permission.STAGE_DEFINE)
def move_stages(work: Work, stage_ids: Sequence[int], by: int) -> StagesChanged:
    """Put stages one place earlier (``by`` -1) or later (1); all are numbered 10, 20, 30 … anew."""
    session = work.session
    chosen, stage_set = _stages(work, stage_ids)
    stages = stages_of(session, stage_set.id)
    order = moved([s.code for s in stages], {s.code for s in chosen}, by)
    _number(session, stages, order)
    return _changed(session, stage_set, len(chosen), "顺序已调整")


def open_deals_by_code(session: Session, set_code: str) -> dict[str, int]:
    """Return how many open deals stand in the stages of a kind of selling, by stage code."""
    rows = session.execute(
        select(Stage.code, func.count())
        .join(StageSet, StageSet.id == Stage.stage_set_id)
        .join(Opportunity, Opportunity.stage_id == Stage.id)
        .where(StageSet.code == set_code, is_open())
        .group_by(Stage.code)
    )
    return dict(rows.all())


def _stages(
    work: Work, stage_ids: Collection[int], version: int | None = None
) -> tuple[Sequence[Stage], StageSet]:
    """Return stages and the one draft they belong to, held until the end."""
    wanted = select(Stage).where(Stage.id.in_(stage_ids)).order_by(Stage.position)
    sets = {s.stage_set_id for s in work.session.scalars(wanted)}
    if len(sets) != 1:
        raise NotAllowed
    stage_set = locked_draft(work, sets.pop(), version)
    # Read again: somebody may have changed them while this waited for the draft.
    found = work.session.scalars(wanted.execution_options(populate_existing=True)).all()
    if len(found) != len(set(stage_ids)):
        raise NotAllowed
    return found, stage_set


def _checked(
    session: Session, stage_set: StageSet, draft: StageDraft, stage: Stage | None = None
) -> StageDraft:
    draft = rules.cleaned(draft)
    others = [
        Other(s.code, s.name, s.position) for s in stages_of(session, stage_set.id) if s != stage
    ]
    faults = rules.stage_faults(draft, others)
    if stage is not None and draft.code != stage.code and is_known(session, stage_set, stage.code):
        faults["code"] = CODE_STAYS
    if faults:
        raise Invalid(faults)
    return draft


def is_known(session: Session, stage_set: StageSet, code: str) -> bool:
    """Say whether another version of this kind of selling has a stage of this code."""
    return bool(
        session.scalar(
            select(func.count())
            .select_from(Stage)
            .join(StageSet, StageSet.id == Stage.stage_set_id)
            .where(StageSet.code == stage_set.code, StageSet.id != stage_set.id, Stage.code == code)
        )
    )


def _fill(stage: Stage, draft: StageDraft) -> None:
    stage.code, stage.name, stage.disabled = draft.code, draft.name, draft.disabled
    for field in rules.RANGES:
        setattr(stage, field, getattr(draft, field))
    stage.checklist = draft.checklist.splitlines()
    stage.note = draft.note or None


def _switch(work: Work, stage_ids: Sequence[int], *, disabled: bool) -> StagesChanged:
    stages, stage_set = _stages(work, stage_ids)
    changing = [stage for stage in stages if stage.disabled != disabled]
    for stage in changing:
        stage.disabled = disabled
    word = "停用" if disabled else "启用"
    text = f"已{word} {len(changing)} 个阶段"
    if disabled:
        counts = open_deals_by_code(work.session, stage_set.code)
        waiting = sum(counts.get(stage.code, 0) for stage in changing)
        text += f"；其中 {waiting} 个进行中商机，生效时须选择去向" if waiting else ""
    return _changed(work.session, stage_set, len(changing), text)


def _number(session: Session, stages: Sequence[Stage], order: Sequence[str]) -> None:
    positions = rules.renumbered(order)
    changing = [stage for stage in stages if stage.position != positions[stage.code]]
    # Two stages never share a place, not even while they change places.
    session.execute(
        update(Stage)
        .where(Stage.id.in_([stage.id for stage in changing]))
        .values(position=-Stage.position)
        .execution_options(synchronize_session=False)
    )
    for stage in changing:
        stage.position = positions[stage.code]


def _changed(session: Session, stage_set: StageSet, count: int, text: str) -> StagesChanged:
    _touch(session, stage_set)
    return StagesChanged(stage_set.id, count, text)


def _saved(session: Session, stage_set: StageSet, stage: Stage) -> StageSaved:
    _touch(session, stage_set)
    return StageSaved(stage.id, stage_set.id, stage.name, stage_set.version)


def _touch(session: Session, stage_set: StageSet) -> None:
    # A draft whose stages changed has changed: who signs or sends it must see it anew.
    attributes.flag_modified(stage_set, "name")
    session.flush()
