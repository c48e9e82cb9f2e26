"""What part of the queue somebody wants: as values, as an address, as conditions and an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.customers.model import LIVE, Customer
from crmlib.duplicates import clusters
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.review import is_waiting
from crmlib.people.model import Person
from crmlib.reference.model import Region
from crmlib.reference.queries import region_subtree

KEY = "q"  # the list's name in the address; the desk follows the same words
KIND_FLOOR = 0.5  # from here on a pair is 重复, below it 关联
A, B = aliased(Customer), aliased(Customer)
OWNER_A, OWNER_B = aliased(Person), aliased(Person)
REGION_A = aliased(Region)
Member = TypeVar("Member", bound=StrEnum)


class Kind(StrEnum):
    """What the engine thinks of a pair."""

    SAME = "same"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What part of the queue is wanted; empty filters leave everything in.

    Ages are whole days since the pair was found: at least ``min_age``, less than ``max_age``.
    """

    page: int = 1
    size: int = 20
    sort: str = "same"
    descending: bool = True
    statuses: tuple[PairStatus, ...] = (PairStatus.OPEN,)
    min_same: float = 0.0
    region_id: int | None = None
    sources: tuple[PairSource, ...] = ()
    text: str = ""  # part of a name or code of either side
    max_same: float | None = None  # below it
    kind: Kind | None = None
    owner_id: int | None = None
    office_id: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    min_cluster: int = 0

    @property
    def needs_clusters(self) -> bool:
        """Say whether clusters must be known to answer."""
        return self.sort == "cluster" or self.min_cluster > clusters.PAIR_SIZE


def query_of(params: Mapping[str, object]) -> QueueQuery:
    """Read a query out of an address; what makes no sense there is left out."""
    start = f"{KEY}."
    mine = {k.removeprefix(start): str(v) for k, v in params.items() if k.startswith(start)}
    given = {k.removeprefix("f."): v for k, v in mine.items() if k.startswith("f.")}
    return asked(
        given | {"status": given.get("status", PairStatus.OPEN.value)},
        sort=mine.get("sort", "same"),
        descending=mine.get("down", "1") == "1",
        text=mine.get("text", ""),
    )


def asked(
    filters: Mapping[str, str],
    *,
    sort: str = "same",
    descending: bool = True,
    text: str = "",
    page: int = 1,
    size: int = 20,
) -> QueueQuery:
    """Return the query of a list's filters, all of them texts."""
    status = _member(PairStatus, filters.get("status"))
    source = _member(PairSource, filters.get("source"))
    youngest, oldest = _days(filters.get("age"))
    return QueueQuery(
        page=page,
        size=size,
        sort=sort if sort in SORTS else "same",
        descending=descending,
        statuses=(status,) if status else (),
        min_same=_share(filters.get("min")) or 0.0,
        max_same=_share(filters.get("max")),
        region_id=_whole(filters.get("region")),
        sources=(source,) if source else (),
        text=text,
        kind=_member(Kind, filters.get("kind")),
        owner_id=_whole(filters.get("owner")),
        office_id=_whole(filters.get("office")),
        min_age=youngest,
        max_age=oldest,
        min_cluster=_whole(filters.get("cluster")) or 0,
    )


def _member(kind: type[Member], text: str | None) -> Member | None:
    return kind(text) if text in set(kind) else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 12 else None


def _share(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _days(text: str | None) -> tuple[int | None, int | None]:
    """Read "7..30", where either side may be missing."""
    low, _, high = (text or "").partition("..")
    return _whole(low), _whole(high)


# A size is joined only when it is asked for (``joined``).
SORTS: dict[str, ColumnElement[Any]] = {
    "same": DuplicatePair.same.expression,
    "related": DuplicatePair.related.expression,
    "kind": case((DuplicatePair.same >= KIND_FLOOR, 1), else_=0),
    "found_at": DuplicatePair.found_at.expression,
    "age_days": DuplicatePair.found_at.expression,
    "status": DuplicatePair.status.expression,
    "source": DuplicatePair.source.expression,
    "a_name": A.name.expression,
    "b_name": B.name.expression,
    "a_region": func.coalesce(REGION_A.name, ""),
    "owners": func.coalesce(OWNER_A.name, ""),
    "cluster": literal(clusters.PAIR_SIZE),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """A query made ready for one session: its conditions, its order, and what to join."""

    query: QueueQuery
    sizes: Any = None  # the table of cluster sizes, when they are asked for

    @property
    def sort(self) -> ColumnElement[Any]:
        """Return what the queue is sorted by."""
        if self.query.sort == "cluster" and self.sizes is not None:
            return func.coalesce(self.sizes.c.size, clusters.PAIR_SIZE)
        return SORTS.get(self.query.sort, SORTS["same"])

    @property
    def falls(self) -> bool:
        """Say whether the order falls; the older a pair, the earlier it was found."""
        return self.query.descending != (self.query.sort == "age_days")

    def order(self) -> list[ColumnElement[Any]]:
        """Return the order; the number of the pair settles ties."""
        return [self.sort.desc() if self.falls else self.sort.asc(), DuplicatePair.id.asc()]

    def follows(self, value: Any, after_id: int) -> ColumnElement[bool]:
        """Return the condition that a pair comes after the one with this value."""
        later = self.sort < value if self.falls else self.sort > value
        return or_(later, and_(self.sort == value, DuplicatePair.id > after_id))

    def joined(self, statement: Select[Any]) -> Select[Any]:
        """Join to a pair what conditions, order and columns speak of."""
        whole = (
            statement.select_from(DuplicatePair)
            .join(A, A.id == DuplicatePair.a_id)
            .join(B, B.id == DuplicatePair.b_id)
            .outerjoin(OWNER_A, OWNER_A.id == A.owner_id)
            .outerjoin(OWNER_B, OWNER_B.id == B.owner_id)
            .outerjoin(REGION_A, REGION_A.id == A.region_id)
        )
        if self.sizes is None:
            return whole
        return whole.outerjoin(self.sizes, self.sizes.c.pair_id == DuplicatePair.id)

    def conditions(self, session: Session) -> list[ColumnElement[bool]]:
        """Return what the query asks of a pair."""
        query = self.query
        found = [*_scores(query), *_ages(query)]
        if query.statuses:
            found.append(has_status(query.statuses))
        if query.sources:
            found.append(DuplicatePair.source.in_(query.sources))
        if query.region_id is not None:
            regions = region_subtree(session, query.region_id)
            found.append(or_(A.region_id.in_(regions), B.region_id.in_(regions)))
        for column, wanted in (("owner_id", query.owner_id), ("office_id", query.office_id)):
            if wanted is not None:
                found.append(or_(getattr(A, column) == wanted, getattr(B, column) == wanted))
        if text := query.text.strip():
            columns = (A.name, A.code, B.name, B.code)
            found.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
        if query.min_cluster > clusters.PAIR_SIZE and self.sizes is not None:
            found.append(self.sizes.c.size >= query.min_cluster)
        return found


def selection(session: Session, query: QueueQuery) -> Selection:
    """Make a query ready; clusters are looked for only if it asks for them."""
    if not query.needs_clusters:
        return Selection(query)
    return Selection(query, clusters.size_table(session, clusters.sizes(session)))


def _scores(query: QueueQuery) -> list[ColumnElement[bool]]:
    found = []
    if query.min_same > 0:
        found.append(DuplicatePair.same >= query.min_same)
    if query.max_same is not None:
        found.append(DuplicatePair.same < query.max_same)
    if query.kind is Kind.SAME:
        found.append(DuplicatePair.same >= KIND_FLOOR)
    elif query.kind is Kind.RELATED:
        found.append(DuplicatePair.same < KIND_FLOOR)
    return found


def _ages(query: QueueQuery) -> list[ColumnElement[bool]]:
    found = []
    if query.min_age:
        found.append(DuplicatePair.found_at < _start_of_day(query.min_age - 1))
    if query.max_age is not None:
        found.append(DuplicatePair.found_at >= _start_of_day(query.max_age - 1))
    return found


def _start_of_day(days_ago: int) -> datetime:
    day = clock.today() - timedelta(days=days_ago)
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI).astimezone(UTC)


def has_status(statuses: Sequence[PairStatus]) -> ColumnElement[bool]:
    """Return the condition that a pair stands there; 待审 includes a 暂缓 that is due."""
    # A pair of a recycled or otherwise merged customer waits for nobody.
    live = and_(A.status.in_(LIVE), B.status.in_(LIVE))
    parts = []
    for status in statuses:
        if status is PairStatus.OPEN:
            parts.append(and_(is_waiting(), live))
        elif status is PairStatus.DEFERRED:
            later = DuplicatePair.snooze_until > clock.today()
            parts.append(and_(DuplicatePair.status == status, later))
        else:
            parts.append(DuplicatePair.status == status)
    return or_(*parts)
