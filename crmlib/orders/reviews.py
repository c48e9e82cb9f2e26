"""转合同评审: asked by who owns the deal, entered and decided by 信息部 as OA says."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission, Role
from crmlib.errors import Invalid, Refused
from crmlib.inbox.notices import notify, people_of_role
from crmlib.opportunities.model import Opportunity, OpportunityProduct, Outcome, Stage
from crmlib.opportunities.rows import visible_opportunities
from crmlib.opportunities.rules import state_refusal
from crmlib.orders import rules
from crmlib.orders import terms as order_terms
from crmlib.orders.model import ContractReview, ReviewStatus
from crmlib.orders.rules import DealFacts, ReviewEntry
from crmlib.store.text import clean

KNOWN_NUMBER = "OA单号 已存在"
ASKED = "请录入合同评审：{number}"
ASKED_BODY = "{person} 提出将商机 {number} {subject} 转合同评审，请在 OA 发起后录入 OA单号。"
REVIEW = ContractReview.__tablename__
P = Permission


@dataclass(frozen=True, slots=True)
class ReviewSaved:
    """A contract review after a step."""

    review_id: int
    opportunity_id: int
    status: str
    version: int


@action(Permission.REVIEW_REQUEST)
def request_review(
    work: Work, opportunity_id: int, remark: str = "", *, token: str | None = None
) -> ReviewSaved:
    """转合同评审: ask 信息部 to take an own deal to 合同评审.

    Raises:
        Refused: the deal is closed or decided, too early, or has a review already.
        Invalid: ``remark`` is too long.
    """
    deal = work.fetch(
        Opportunity, opportunity_id, visible_opportunities(work.actor, P.REVIEW_REQUEST)
    )
    review = _begin(work, deal, remark)
    body = ASKED_BODY.format(person=work.actor.name, number=deal.number, subject=deal.subject)
    body += f"\n{order_terms.REVIEW['remark']}：{review.remark}" if review.remark else ""
    title = ASKED.format(number=deal.number)
    admins = people_of_role(work.session, Role.ADMIN)
    notify(work.session, admins, title, body, (REVIEW, review.id))
    return _saved(review)


@action(Permission.ORDER_MANAGE)
def enter_review(
    work: Work, opportunity_id: int, entry: ReviewEntry, *, token: str | None = None
) -> ReviewSaved:
    """Enter a review that runs in OA already, though nobody asked for it here."""
    deal = work.fetch(Opportunity, opportunity_id, visible_opportunities(work.actor))
    review = _begin(work, deal, "")
    _step(work, review, ReviewStatus.SUBMITTED, entry)
    return _saved(review)


@action(Permission.ORDER_MANAGE)
def advance_review(
    work: Work,
    review_id: int,
    wanted: ReviewStatus,
    entry: ReviewEntry,
    *,
    version: int | None = None,
    token: str | None = None,
) -> ReviewSaved:
    """Bring a review on: 已提交OA, 通过, 驳回 (it may be submitted again) or 作废.

    Raises:
        Refused: it can't come there from where it stands.
        Invalid: all faults at once.
    """
    review = work.fetch(ContractReview, review_id, ContractReview.id == review_id)
    expect_version(review, version)
    _step(work, review, ReviewStatus(wanted), entry)
    _tell(work, review)
    return _saved(review)


def _begin(work: Work, deal: Opportunity, remark: str) -> ContractReview:
    decided = deal.outcome is Outcome.LOST
    refusal = state_refusal(deal.number, closed=deal.closed, decided=decided)
    refusal = refusal or rules.request_refusal(deal_facts(work.session, deal))
    if refusal:
        raise Refused(refusal)
    text = clean(remark)
    if len(text) > rules.NOTE_LENGTH:
        message = f"{order_terms.REVIEW['remark']} 不能超过 {rules.NOTE_LENGTH} 个字"
        raise Invalid({"remark": message})
    review = ContractReview(
        opportunity_id=deal.id,
        amount=deal.amount,
        asked_by_id=work.actor.person_id,
        asked_at=clock.now(),
        remark=text or None,
    )
    work.session.add(review)
    work.session.flush()
    return review


def deal_facts(session: Session, deal: Opportunity) -> DealFacts:
    """Return what 转合同评审 looks at."""
    here = session.get_one(Stage, deal.stage_id)
    steps = session.scalars(
        select(Stage).where(Stage.stage_set_id == here.stage_set_id).order_by(Stage.position)
    ).all()
    # A set that knows no 商务谈判 lets the last stage do.
    needed = next((step for step in steps if step.code == rules.STAGE_FROM), steps[-1])
    products = select(func.count(OpportunityProduct.id)).where(
        OpportunityProduct.opportunity_id == deal.id
    )
    reviews = session.scalars(
        select(ContractReview.status).where(ContractReview.opportunity_id == deal.id)
    )
    return DealFacts(
        amount=deal.amount,
        products=session.scalar(products) or 0,
        position=here.position,
        needed_position=needed.position,
        needed_stage=needed.name,
        reviews=frozenset(status.value for status in reviews),
    )


def _step(work: Work, review: ContractReview, wanted: ReviewStatus, entry: ReviewEntry) -> None:
    if refusal := rules.review_refusal(review.status.value, wanted.value):
        raise Refused(refusal)
    entry = ReviewEntry(
        number=clean(entry.number).upper(),
        day=entry.day,
        file_name=clean(entry.file_name),
        note=clean(entry.note),
    )
    found = rules.review_faults(entry, wanted.value, clock.today())
    if entry.number and _is_taken(work.session, entry.number, review.id):
        found["number"] = KNOWN_NUMBER
    if found:
        raise Invalid(found)
    review.status, review.note = wanted, entry.note or None
    review.number = entry.number or review.number
    review.file_name = entry.file_name or review.file_name
    if wanted is ReviewStatus.SUBMITTED:
        deal = work.session.get_one(Opportunity, review.opportunity_id)
        review.submitted_on, review.decided_on, review.amount = entry.day, None, deal.amount
    else:
        review.decided_on = entry.day
    work.session.flush()


def _is_taken(session: Session, number: str, review_id: int) -> bool:
    other = select(ContractReview.id).where(
        ContractReview.number == number, ContractReview.id != review_id
    )
    return session.scalar(other) is not None


def _tell(work: Work, review: ContractReview) -> None:
    deal = work.session.get_one(Opportunity, review.opportunity_id)
    state = order_terms.REVIEW_STATUS[review.status.value]
    body = f"商机 {deal.number} {deal.subject} 的合同评审（{review.number or '未编号'}）：{state}"
    body += f"。{order_terms.REVIEW['note']}：{review.note}" if review.note else ""
    told = {deal.owner_id, review.asked_by_id} - {work.actor.person_id}
    notify(work.session, told, f"合同评审{state}：{deal.number}", body, (REVIEW, review.id))


def _saved(review: ContractReview) -> ReviewSaved:
    return ReviewSaved(review.id, review.opportunity_id, review.status.value, review.version)
