"""销售阶段定义: a version is copied, put to 会签, sent back or agreed to, and comes into force."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission, Role
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.notices import notify, people_of_role
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.model import Stage, StageAct, StageSet, StageSetStatus, StageSignature
from crmlib.opportunities.stage_rules import PARTY_NAMES, Party, number_name
from crmlib.opportunities.stage_signers import party_for, signed_by, signers_of
from crmlib.opportunities.stage_switch import Switched, deals_to_switch, switch
from crmlib.store.text import clean
from crmlib.words import STAGE_SET, STAGE_SET_STATUS, required

OPEN = (StageSetStatus.DRAFT, StageSetStatus.SIGNING)
MAP = "to_"  # before the code of an old stage: the field of the form that says where it goes


@dataclass(frozen=True, slots=True)
class SetSaved:
    """A version after a step; ``text`` says how it went."""

    stage_set_id: int
    version: int
    text: str


@action(Permission.STAGE_DEFINE)
def copy_stage_set(
    work: Work, stage_set_id: int, note: str = "", *, token: str | None = None
) -> SetSaved:
    """Make a draft of the next version out of any version.

    Raises:
        Refused: there is a draft already, or one that is being signed.
    """
    session = work.session
    model, siblings = locked(work, stage_set_id)
    unfinished = next((s for s in siblings if s.status in OPEN), None)
    if unfinished:
        status = STAGE_SET_STATUS[unfinished.status]
        raise Refused(f"{title_of(unfinished)}还是「{status}」，请先完成或删除")
    fresh = StageSet(
        code=model.code,
        name=model.name,
        number=max(s.number for s in siblings) + 1,
        status=StageSetStatus.DRAFT,
        note=_note(note),
    )
    session.add(fresh)
    session.flush()  # the stages need its number
    columns = ("code", "name", "position", "probability", "standard_days", "note", "disabled")
    session.add_all(
        Stage(
            stage_set_id=fresh.id,
            checklist=list(stage.checklist),
            **{name: getattr(stage, name) for name in columns},
        )
        for stage in stages_of(session, model.id)
    )
    _sign(work, fresh, StageAct.DRAFTED)
    return SetSaved(fresh.id, fresh.version, f"已复制为{title_of(fresh)}草稿")


@action(Permission.STAGE_DEFINE)
def describe_stage_set(
    work: Work,
    stage_set_id: int,
    note: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> SetSaved:
    """Say what is new in a draft."""
    draft = locked_draft(work, stage_set_id, version)
    draft.note = _note(note)
    work.session.flush()
    return SetSaved(draft.id, draft.version, "变更说明已保存")


@action(Permission.STAGE_DEFINE)
def discard_stage_set(work: Work, stage_set_id: int, *, version: int | None = None) -> SetSaved:
    """Delete a draft; nothing but its own stages and signatures ever pointed at it."""
    session = work.session
    draft = locked_draft(work, stage_set_id, version)
    told = SetSaved(draft.id, draft.version, f"{title_of(draft)}草稿已删除")
    for row in session.scalars(
        select(StageSignature).where(StageSignature.stage_set_id == draft.id)
    ):
        session.delete(row)
    for stage in stages_of(session, draft.id):
        session.delete(stage)
    session.flush()  # before the draft they point at
    session.delete(draft)
    return told


@action(Permission.STAGE_DEFINE)
def submit_stage_set(
    work: Work, stage_set_id: int, *, version: int | None = None, token: str | None = None
) -> SetSaved:
    """提交会签: ask 综合部, 信息部 and the 区域经理.

    Raises:
        Refused: too few stages, or a department has nobody who could sign.
    """
    session = work.session
    draft = locked_draft(work, stage_set_id, version)
    if sum(not stage.disabled for stage in stages_of(session, draft.id)) < rules.FEWEST:
        raise Refused(rules.TOO_FEW)
    signers = signers_of(session)
    nobody = [PARTY_NAMES[party] for party, people in signers.items() if not people]
    if nobody:
        raise Refused(f"{'、'.join(nobody)}没有在用的人员，无法会签")
    draft.status, draft.round = StageSetStatus.SIGNING, draft.round + 1
    _sign(work, draft, StageAct.SUBMITTED)
    session.flush()  # the form needs the new version
    everybody = {person for people in signers.values() for person in people}
    body = f"{work.actor.name}提交了{title_of(draft)}，请会签" + _because(draft.note)
    _tell(work, everybody, "请会签销售阶段定义", body, draft)
    return SetSaved(draft.id, draft.version, "已提交会签")


@action(Permission.STAGE_SIGN)
def sign_stage_set(
    work: Work,
    stage_set_id: int,
    comment: str = "",
    *,
    version: int | None = None,
    token: str | None = None,
) -> SetSaved:
    """会签: agree for one's department, once.

    Raises:
        NotAllowed: a manager whose office is no region.
        Refused: it is not being signed, or he or his department has signed already.
    """
    stage_set, party, comment = _signing(work, stage_set_id, comment, version)
    signed = signed_by(work.session, stage_set)
    already = work.actor.person_id in {person for _, person in signed}
    parties = {p for p, _ in signed}
    refusal = rules.sign_refusal(
        party, parties, is_signing=stage_set.status is StageSetStatus.SIGNING, already=already
    )
    if refusal:
        raise Refused(refusal)
    _sign(work, stage_set, StageAct.AGREED, party, comment)
    left = rules.missing(parties | {party})
    if not left and rules.missing(parties):
        body = f"{title_of(stage_set)}会签已完成，可以生效"
        _tell(work, people_of_role(work.session, Role.ADMIN), "会签已完成", body, stage_set)
    more = f"，还缺：{'、'.join(PARTY_NAMES[p] for p in left)}" if left else "，会签已完成"
    return SetSaved(stage_set.id, stage_set.version, f"会签成功{more}")


@action(Permission.STAGE_SIGN)
def return_stage_set(
    work: Work,
    stage_set_id: int,
    reason: str,
    *,
    version: int | None = None,
    token: str | None = None,
) -> SetSaved:
    """退回: it is a draft again, and the next 会签 begins anew.

    Raises:
        Invalid: no reason.
        Refused: it is not being signed.
    """
    stage_set, party, reason = _signing(work, stage_set_id, reason, version)
    if stage_set.status is not StageSetStatus.SIGNING:
        raise Refused(rules.NOT_SIGNING)
    if not reason:
        raise Invalid({"comment": required("退回原因")})
    _sign(work, stage_set, StageAct.RETURNED, party, reason)
    stage_set.status = StageSetStatus.DRAFT
    work.session.flush()  # the form needs the new version
    body = f"{work.actor.name}退回了{title_of(stage_set)}：{reason}"
    _tell(work, people_of_role(work.session, Role.ADMIN), "销售阶段定义被退回", body, stage_set)
    return SetSaved(stage_set.id, stage_set.version, "已退回，重新成为草稿")


@action(Permission.STAGE_DEFINE)
def put_in_force(
    work: Work,
    stage_set_id: int,
    chosen: Mapping[str, str] | None = None,
    *,
    version: int | None = None,
    token: str | None = None,
) -> SetSaved:
    """生效: the version before it retires, and open deals stand on the new stages, all at once.

    ``chosen`` says old code → new code where the code alone does not.

    Raises:
        Refused: not everybody has signed.
        Invalid: a stage with open deals leads nowhere (``to_`` + code).
    """
    session = work.session
    fresh, siblings = locked(work, stage_set_id)
    expect_version(fresh, version)
    _refuse_unsigned(session, fresh)
    deals = deals_to_switch(session, siblings, fresh, hold=True)
    mapping, faults = rules.mapping_of(deals.sources, deals.targets, chosen or {})
    if faults:
        raise Invalid({MAP + code: fault for code, fault in faults.items()})
    for former in siblings:
        if former.status is StageSetStatus.ACTIVE:
            former.status = StageSetStatus.RETIRED
    session.flush()  # one version in force: the database holds it to that
    fresh.status, fresh.effective_on = StageSetStatus.ACTIVE, clock.today()
    fresh.mapping = mapping
    _sign(work, fresh, StageAct.APPROVED)
    switched = switch(work, deals, mapping, rules.in_force_reason(fresh.number))
    _announce(work, fresh, switched)
    return SetSaved(
        fresh.id, fresh.version, f"{title_of(fresh)}已生效，{switched.count} 个进行中商机已转入"
    )


def _refuse_unsigned(session: Session, fresh: StageSet) -> None:
    parties = {party for party, _ in signed_by(session, fresh)}
    refusal = rules.force_refusal(parties, is_signing=fresh.status is StageSetStatus.SIGNING)
    if refusal:
        raise Refused(refusal)


def _announce(work: Work, fresh: StageSet, switched: Switched) -> None:
    moves = "；".join(f"「{a}」→「{b}」{n} 个" for a, b, n in switched.moves)
    body = f"{title_of(fresh)}自 {fresh.effective_on} 起生效，{switched.count} 个进行中商机已转入"
    managers = set(people_of_role(work.session, Role.MANAGER))
    more = f"。阶段去向：{moves}" if moves else ""
    _tell(work, managers, "销售阶段定义生效", body + more, fresh)
    owners = switched.owners - managers
    if owners:
        _tell(work, owners, "商机阶段随新版本调整", f"{title_of(fresh)}生效：{moves}", None)


# --- shared with stage_edits -----------------------------------------------------------------


def locked(work: Work, stage_set_id: int) -> tuple[StageSet, Sequence[StageSet]]:
    """Return a version and all versions of its kind, held until the end; always in one order.

    Raises:
        NotAllowed: no such version.
    """
    code = select(StageSet.code).where(StageSet.id == stage_set_id).scalar_subquery()
    found = work.session.scalars(
        select(StageSet).where(StageSet.code == code).order_by(StageSet.id).with_for_update()
    ).all()
    wanted = next((s for s in found if s.id == stage_set_id), None)
    if wanted is None:
        raise NotAllowed
    return wanted, found


def locked_draft(work: Work, stage_set_id: int, version: int | None) -> StageSet:
    """Return a draft, held until the end.

    Raises:
        Refused: it is no draft any more.
    """
    stage_set, _ = locked(work, stage_set_id)
    if stage_set.status is not StageSetStatus.DRAFT:
        raise Refused(rules.NOT_A_DRAFT)
    expect_version(stage_set, version)
    return stage_set


def stages_of(session: Session, stage_set_id: int) -> Sequence[Stage]:
    """Return the stages of a version in order."""
    return session.scalars(
        select(Stage).where(Stage.stage_set_id == stage_set_id).order_by(Stage.position)
    ).all()


def title_of(stage_set: StageSet) -> str:
    """Return 项目销售第2版."""
    return f"{stage_set.name}{number_name(stage_set.number)}"


def _signing(
    work: Work, stage_set_id: int, comment: str, version: int | None
) -> tuple[StageSet, Party, str]:
    party = party_for(work.session, work.actor.person_id)
    if party is None:
        raise NotAllowed
    stage_set, _ = locked(work, stage_set_id)
    expect_version(stage_set, version)
    comment = clean(comment)
    if len(comment) > rules.NOTE_LENGTH:
        raise Invalid({"comment": f"意见 不能超过 {rules.NOTE_LENGTH} 个字"})
    return stage_set, party, comment


def _sign(
    work: Work,
    stage_set: StageSet,
    act: StageAct,
    party: Party | None = None,
    comment: str = "",
) -> None:
    work.session.add(
        StageSignature(
            stage_set_id=stage_set.id,
            round=stage_set.round,
            act=act,
            party=party.value if party else None,
            person_id=work.actor.person_id,
            comment=comment or None,
            at=clock.now(),
        )
    )


def _note(note: str) -> str | None:
    text = clean(note)
    if len(text) > rules.NOTE_LENGTH:
        raise Invalid({"note": f"{STAGE_SET['note']} 不能超过 {rules.NOTE_LENGTH} 个字"})
    return text or None


def _because(note: str | None) -> str:
    return f"。变更说明：{note}" if note else ""


def _tell(
    work: Work, people: Iterable[int], title: str, body: str, stage_set: StageSet | None
) -> None:
    others: Collection[int] = set(people) - {work.actor.person_id}
    related = (StageSet.__tablename__, stage_set.id) if stage_set else None
    notify(work.session, others, title, body, related)
