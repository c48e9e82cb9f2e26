"""Analysts' frames: the words of the UI, the rights of who reads, one way to get them.

    data = reader()          # once, in the notebook's first cell
    deals = data.opportunities()
    titled(deals)            # the same with Chinese titles

In the product a report reads with the rights of the person in front of it. In the editor
(``crm analyst``) the same calls read the masked copy, where nothing can be written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, FromClause, Integer, Select, cast, extract, func, select

from crmlib import clock
from crmlib.access.actor import Actor, actor_of
from crmlib.access.grants import Permission
from crmlib.analysis import masked
from crmlib.analysis.fields import MONEY_TYPE, SUBJECTS, TYPES, Field, Kind, Subject
from crmlib.analysis.rights import rights_of
from crmlib.analysis.statements import STATEMENTS
from crmlib.errors import NotAllowed
from crmlib.store.engine import reading
from crmlib.ui.identity import person_id

DAY_SECONDS = 86_400
SHANGHAI_SECONDS = 8 * 3600  # no summer time there since 1991
FEN = "_fen"  # how a column of money ends in the database
_SECONDS = frozenset({Kind.DATE, Kind.DAY, Kind.MOMENT})


@dataclass(frozen=True, slots=True)
class Frames:
    """What one reader may read; ``actor`` is None in the editor, which reads the masked copy."""

    actor: Actor | None

    def customers(self) -> pl.DataFrame:
        """Return one row per customer (columns: fields.CUSTOMERS)."""
        return self._read("customers")

    def contacts(self) -> pl.DataFrame:
        """Return one row per contact (columns: fields.CONTACTS)."""
        return self._read("contacts")

    def opportunities(self) -> pl.DataFrame:
        """Return one row per opportunity (columns: fields.OPPORTUNITIES); amounts in yuan."""
        deals = self._read("opportunities")
        weighted = pl.col("amount").cast(pl.Decimal(20, 4)) * pl.col("probability") / 100
        is_open = (pl.col("outcome").cast(pl.String) == "进行中") & ~pl.col("closed")
        return _declared(
            deals.with_columns(
                weighted=weighted.cast(MONEY_TYPE),
                is_open=is_open,
                days=(pl.lit(clock.today()) - pl.col("stage_since")).dt.total_days(),
            ).with_columns(stalled=is_open & (pl.col("days") > pl.col("standard_days"))),
            SUBJECTS["opportunities"],
        )

    def opportunity_products(self) -> pl.DataFrame:
        """Return one row per product an opportunity is about (columns: fields.PRODUCTS)."""
        return self._read("opportunity_products")

    def stage_stays(self) -> pl.DataFrame:
        """Return one row per stay of an opportunity in a stage (columns: fields.STAYS)."""
        stays = self._read("stage_stays")
        left = pl.coalesce("next_on", "decided_on")
        stays = stays.with_columns(left_on=left, days=(left - pl.col("entered_on")).dt.total_days())
        return _declared(stays, SUBJECTS["stage_stays"])

    def activities(self, since: date | None = None) -> pl.DataFrame:
        """Return one row per activity (columns: fields.ACTIVITIES), of late years if asked."""
        return self._read("activities", since)

    def orders(self) -> pl.DataFrame:
        """Return one row per order of the ERP (columns: fields.ORDERS); amounts in yuan."""
        return self._read("orders")

    def quotes(self) -> pl.DataFrame:
        """Return one row per version of a quotation (columns: fields.QUOTES); amounts in yuan."""
        return self._read("quotes")

    def targets(self) -> pl.DataFrame:
        """Return one row per issued target (columns: fields.TARGETS); amounts in yuan."""
        return self._read("targets")

    def duplicates(self) -> pl.DataFrame:
        """Return one row per pair of customers that may be one (columns: fields.DUPLICATES)."""
        return self._read("duplicates")

    def people(self) -> pl.DataFrame:
        """Return one row per account (columns: fields.PEOPLE)."""
        return self._read("people")

    def offices(self) -> pl.DataFrame:
        """Return one row per office (columns: fields.OFFICES)."""
        return self._read("offices")

    def stages(self) -> pl.DataFrame:
        """Return one row per stage of a stage set (columns: fields.STAGES)."""
        return self._read("stages")

    def _read(self, name: str, since: date | None = None) -> pl.DataFrame:
        subject = SUBJECTS[name]
        if self.actor is None:
            with masked.connection() as connection:
                return _read(connection, masked.relation(subject), subject, since)
        actor = actor_of(self.actor.person_id)  # he may have lost his rights meanwhile
        if not actor.may(Permission.ANALYSIS_RUN):
            raise NotAllowed
        rows = STATEMENTS[name](rights_of(actor)).subquery()
        with reading() as session:
            return _read(session.connection(), rows, subject, since)


def reader(actor: Actor | None = None) -> Frames:
    """Return the frames for who reads: the person in front of the page, or the editor's copy.

    Call it once, in the notebook's first cell: callbacks of widgets do not know who is there.

    Raises:
        NotAllowed: nobody is signed in, or he may not run reports.
    """
    if actor is None and masked.is_here():
        return Frames(None)
    actor = actor or actor_of(person_id())
    if not actor.may(Permission.ANALYSIS_RUN):
        raise NotAllowed
    return Frames(actor)


def columns_zh(frame: str) -> Mapping[str, str]:
    """Return column → Chinese title of a frame, by its name (``customers`` …)."""
    return SUBJECTS[frame].titles


def titled(frame: pl.DataFrame, like: str | None = None) -> pl.DataFrame:
    """Return a frame with Chinese titles; ``like`` names the frame whose titles go first."""
    known: dict[str, str] = {}
    for subject in SUBJECTS.values():
        known = subject.titles | known
    if like is not None:
        known |= SUBJECTS[like].titles
    fresh = {name: known[name] for name in frame.columns if name in known}
    # Two columns of one title (负责人) would be refused: the later one keeps its own name.
    taken: set[str] = set(frame.columns)
    chosen = {}
    for name, title in fresh.items():
        if title not in taken:
            chosen[name] = title
            taken.add(title)
    return frame.rename(chosen)


def _read(connection: Any, rows: FromClause, subject: Subject, since: date | None) -> pl.DataFrame:
    stored = [field for field in subject.fields if not field.computed]
    statement: Select[Any] = select(*(_plain(rows, field) for field in stored))
    if since is not None:
        begin = datetime.combine(since, time(), clock.SHANGHAI)
        seconds = func.coalesce(_seconds(rows.c.created_on), 0)
        statement = statement.where(seconds >= int(begin.timestamp()))
    # The driver's own tuples: no Python work per value, which is most of the time here.
    found = connection.execute(statement).cursor.fetchall()
    raw = pl.DataFrame(found, schema={f.name: _raw_type(f.kind) for f in stored}, orient="row")
    frame = raw.with_columns(_made(field) for field in stored)
    return frame if any(f.computed for f in subject.fields) else _declared(frame, subject)


def _plain(rows: FromClause, field: Field) -> Any:
    """Return a column as both drivers give it alike: texts and whole numbers."""
    if field.kind is Kind.MONEY:
        return cast(rows.c[field.name + FEN], BigInteger)
    column = rows.c[field.name]
    if field.kind in _SECONDS:
        return _seconds(column)
    return cast(column, Integer) if field.kind is Kind.BOOL else column


def _seconds(moment: Any) -> Any:
    return cast(extract("epoch", moment), BigInteger)


def _raw_type(kind: Kind) -> pl.DataType:
    if kind is Kind.FLOAT:
        return pl.Float64()
    return pl.String() if kind in {Kind.TEXT, Kind.NAME} else pl.Int64()


def _made(field: Field) -> pl.Expr:
    raw = pl.col(field.name)
    if field.kind is Kind.MONEY:
        return (raw.cast(pl.Decimal(20, 4)) / 100).cast(MONEY_TYPE).alias(field.name)
    if field.kind is Kind.DATE:
        return (raw // DAY_SECONDS).cast(pl.Int32).cast(pl.Date)
    if field.kind is Kind.DAY:
        return ((raw + SHANGHAI_SECONDS) // DAY_SECONDS).cast(pl.Int32).cast(pl.Date)
    if field.kind is Kind.MOMENT:
        return pl.from_epoch(raw + SHANGHAI_SECONDS).cast(TYPES[Kind.MOMENT])
    return raw.cast(TYPES[field.kind])


def _declared(frame: pl.DataFrame, subject: Subject) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in subject.schema.items())
