"""转交易看板: customers that are due for conversion, what each still lacks, how fast we answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union
from sqlalchemy.orm import aliased

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.conversion import rules
from crmlib.conversion.facts import UNDECIDED
from crmlib.conversion.model import ConversionRequest, RequestStatus
from crmlib.conversion.rules import Facts
from crmlib.customers.model import LIVE, Contact, Customer, CustomerStatus
from crmlib.customers.rows import visible_customers
from crmlib.customers.rules import NONE_TICKS, REQUIRED, missing_fields
from crmlib.duplicates.model import DuplicatePair
from crmlib.duplicates.names import parse
from crmlib.errors import NotAllowed
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.orders.model import ContractReview, OrderStatus, ReviewStatus, SalesOrder
from crmlib.people.model import Office, Person
from crmlib.people.workdays import workdays_between
from crmlib.reference.model import Region
from crmlib.store.engine import reading

DECIDED_DAYS = 90  # decisions the board looks back on
# Working days a request waits: low and high of a band; the high is not part of it.
AGES = ((0, 2), (2, rules.DUE_DAYS + 1), (rules.DUE_DAYS + 1, 6), (6, None))
LATE, IN_TIME, UNASKED = "late", "due", "none"
WAITS = {LATE: "已逾期", IN_TIME: "未逾期", UNASKED: "未申请"}
LACKS = {
    rules.FIELDS: "客户资料",
    rules.CONTACTS: "主联系人",
    rules.DUPLICATES: "重复候选待审",
    rules.EVIDENCE: "交易依据",
    rules.LEGAL_NAME: "法定全称",
}
_TEXT, _INT, _MOMENT = pl.String(), pl.Int64(), pl.Datetime("us", "Asia/Shanghai")
_PLACE = {
    "region_id": _INT,  # the top one
    "region": _TEXT,
    "office_id": _INT,
    "office": _TEXT,
    "owner_id": _INT,
    "owner": _TEXT,
}
BOARD = pl.Schema(
    {
        "customer_id": _INT,
        "code": _TEXT,
        "name": _TEXT,
        **_PLACE,
        "request_id": _INT,
        "applicant": _TEXT,
        "requested_at": _MOMENT,
        "age_days": _INT,  # working days; null: nobody asked
        "overdue": pl.Boolean(),
        "won_deals": _INT,
        "lacks": pl.List(pl.String()),  # keys of the check list
        "lacking": _TEXT,
    }
)
DECIDED = pl.Schema(
    {
        "customer_id": _INT,
        "code": _TEXT,
        "name": _TEXT,
        **_PLACE,
        "applicant": _TEXT,
        "requested_at": _MOMENT,
        "status": _TEXT,  # RequestStatus
        "decided_by": _TEXT,
        "decided_at": _MOMENT,
        "note": _TEXT,
        "age_days": _INT,  # working days to the decision
        "direct": pl.Boolean(),  # 综合部 converted without being asked
    }
)
GROUPS = ("region", "office", "owner")


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures at the head of the board."""

    pending: int
    late: int
    ready: int
    one: int
    approved: int
    refused: int
    median_days: float | None  # working days from request to answer


def due_customers(actor: Actor, only: Collection[int] | None = None) -> pl.DataFrame:
    """Return visible 潜在客户 with a won deal, order, approved review or pending request (BOARD).

    ``only`` looks at these customers alone.

    Raises:
        NotAllowed: the board is not for this actor.
    """
    statement = _due_statement().where(_seen(actor), Customer.status == CustomerStatus.POTENTIAL)
    if only is not None:
        statement = statement.where(Customer.id.in_(only))
    with reading() as session:
        rows = session.execute(statement).all()
        tops = _tops(session.execute(select(Region.id, Region.name, Region.parent_id)).all())
    records = [_due(row, tops) for row in rows]
    frame = pl.DataFrame(records, schema=BOARD, orient="row")
    return frame.sort("requested_at", "customer_id", nulls_last=True)


def decisions(actor: Actor) -> pl.DataFrame:
    """Return the decisions of the last days on visible customers (columns: DECIDED).

    Raises:
        NotAllowed: the board is not for this actor.
    """
    since = clock.now() - timedelta(days=DECIDED_DAYS)
    applicant, decider, owner = aliased(Person), aliased(Person), aliased(Person)
    request = ConversionRequest
    answered = request.status.in_((RequestStatus.APPROVED, RequestStatus.REFUSED))
    statement = (
        select(
            *(request.customer_id, request.requested_at, request.decided_at, request.status),
            *(request.applicant_id, request.decided_by_id, request.decision_note),
            *(request.override_reason, request.undo_reason),
            *(Customer.code, Customer.name, Customer.region_id),
            *(Customer.office_id, Office.name.label("office")),
            *(Customer.owner_id, owner.name.label("owner")),
            *(applicant.name.label("applicant"), decider.name.label("decided_by")),
        )
        .join(Customer, Customer.id == request.customer_id)
        .join(applicant, applicant.id == request.applicant_id)
        .outerjoin(decider, decider.id == request.decided_by_id)
        .outerjoin(owner, owner.id == Customer.owner_id)
        .outerjoin(Office, Office.id == Customer.office_id)
        .where(_seen(actor), answered, request.decided_at >= since)
        .order_by(request.decided_at.desc(), request.id.desc())
    )
    with reading() as session:
        tops = _tops(session.execute(select(Region.id, Region.name, Region.parent_id)).all())
        records = [_decided(row, tops) for row in session.execute(statement)]
    return pl.DataFrame(records, schema=DECIDED, orient="row")


def _seen(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.CONVERSION_BOARD):
        raise NotAllowed
    return visible_customers(actor, Permission.CONVERSION_BOARD)


def _due_statement() -> Any:
    won, waiting, applicant = _won(), aliased(ConversionRequest), aliased(Person)
    is_pending = waiting.status == RequestStatus.PENDING
    due = union(
        select(Opportunity.customer_id).where(Opportunity.outcome == Outcome.WON),
        select(waiting.customer_id).where(is_pending),
        _ordering(),
        _reviewed(),
    )
    fields = {name: getattr(Customer, _column(name)) for name in (*REQUIRED, *_ticked())}
    primary = exists().where(
        Contact.customer_id == Customer.id, Contact.active.is_(True), Contact.is_primary.is_(True)
    )
    return (
        select(
            *(Customer.id, Customer.code, Customer.office_id, Customer.owner_id),
            *(column.label(name) for name, column in fields.items()),
            *(Person.name.label("owner"), Office.name.label("office")),
            *(waiting.id.label("request_id"), waiting.requested_at),
            applicant.name.label("applicant"),
            won.c.won_deals,
            Customer.id.in_(_ordering()).label("has_order"),
            Customer.id.in_(_reviewed()).label("has_review"),
            primary.label("has_primary"),
            _has_open_pair().label("has_open_pair"),
        )
        .outerjoin(won, won.c.customer_id == Customer.id)
        .outerjoin(waiting, and_(is_pending, waiting.customer_id == Customer.id))
        .outerjoin(applicant, applicant.id == waiting.applicant_id)
        .outerjoin(Person, Person.id == Customer.owner_id)
        .outerjoin(Office, Office.id == Customer.office_id)
        .where(Customer.id.in_(due))
    )


def _ticked() -> tuple[str, ...]:
    return tuple(name for pair in NONE_TICKS.items() for name in pair)


def _column(field: str) -> str:
    return "region_id" if field == "region" else field


def _won() -> Any:
    return (
        select(
            Opportunity.customer_id,
            func.count().label("won_deals"),
        )
        .where(Opportunity.outcome == Outcome.WON)
        .group_by(Opportunity.customer_id)
        .subquery()
    )


def _ordering() -> Any:
    return select(SalesOrder.customer_id).where(SalesOrder.status != OrderStatus.CANCELLED)


def _reviewed() -> Any:
    return (
        select(Opportunity.customer_id)
        .join(ContractReview, ContractReview.opportunity_id == Opportunity.id)
        .where(ContractReview.status == ReviewStatus.APPROVED)
    )


def _has_open_pair() -> ColumnElement[bool]:
    pair, other = DuplicatePair, aliased(Customer)
    sides = ((pair.a_id, pair.b_id), (pair.b_id, pair.a_id))
    return or_(
        *(
            exists()
            .where(own == Customer.id, pair.status.in_(UNDECIDED))
            .where(other.id == theirs, other.status.in_(LIVE))
            .correlate(Customer)
            for own, theirs in sides
        )
    )


def _tops(regions: Any) -> dict[int | None, tuple[int, str]]:
    names = {row.id: row.name for row in regions}
    return {
        row.id: (row.parent_id or row.id, names.get(row.parent_id or row.id, row.name))
        for row in regions
    }


@lru_cache(maxsize=200_000)
def _legal_form(name: str) -> str:
    return parse(name).form


def _due(row: Any, tops: Mapping[int | None, tuple[int, str]]) -> dict[str, Any]:
    facts = Facts(
        missing=missing_fields(row._mapping),
        contacts=int(row.has_primary),
        has_primary=bool(row.has_primary),
        open_pairs=[row.code] if row.has_open_pair else [],
        won_deals=[row.code] if row.won_deals else [],
        legal_form=_legal_form(row.name),
        orders=[row.code] if row.has_order else [],
        reviews=[row.code] if row.has_review else [],
    )
    lacks = [check.key for check in rules.checks(facts) if not check.ok]
    missing = "、".join(words.CUSTOMER.get(name, name) for name in facts.missing)
    told = [f"{LACKS[key]}（{missing}）" if key == rules.FIELDS else LACKS[key] for key in lacks]
    asked = clock.local(row.requested_at) if row.requested_at else None
    age = workdays_between(asked.date(), clock.today()) if asked else None
    return {
        "customer_id": row.id,
        "code": row.code,
        "name": row.name,
        **_place(row, tops, row.region),
        "request_id": row.request_id,
        "applicant": row.applicant,
        "requested_at": asked,
        "age_days": age,
        "overdue": age is not None and rules.is_overdue(age),
        "won_deals": row.won_deals or 0,
        "lacks": lacks,
        "lacking": "；".join(told),
    }


def _place(
    row: Any, tops: Mapping[int | None, tuple[int, str]], region_id: int | None
) -> dict[str, Any]:
    top = tops.get(region_id, (None, None))
    return {
        "region_id": top[0],
        "region": top[1],
        "office_id": row.office_id,
        "office": row.office,
        "owner_id": row.owner_id,
        "owner": row.owner or words.UNASSIGNED,
    }


def _decided(row: Any, tops: Mapping[int | None, tuple[int, str]]) -> dict[str, Any]:
    asked, answered = clock.local(row.requested_at), clock.local(row.decided_at)
    return {
        "customer_id": row.customer_id,
        "code": row.code,
        "name": row.name,
        **_place(row, tops, row.region_id),
        "applicant": row.applicant,
        "requested_at": asked,
        "status": row.status.value,
        "decided_by": row.decided_by,
        "decided_at": answered,
        "note": row.undo_reason or row.override_reason or row.decision_note or "",
        "age_days": workdays_between(asked.date(), answered.date()),
        "direct": row.applicant_id == row.decided_by_id,
    }
