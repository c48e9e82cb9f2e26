"""Import a customer list: checked row by row, then everything that may come in, or nothing.

Reading, checking and the search for similar names happen before the one writing transaction;
in it names and codes are looked up once more, so that what came in meanwhile is not doubled.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Select, select

from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import Customer
from crmlib.customers.records import assign
from crmlib.errors import NotAllowed
from crmlib.exchange.checking import Accepted, check_all
from crmlib.exchange.columns import lines
from crmlib.exchange.lookups import Lookups
from crmlib.exchange.matching import Plan, fills, make_plan
from crmlib.exchange.report import write_report
from crmlib.exchange.rows import insert_customers, insert_pairs
from crmlib.exchange.sheets import read_rows
from crmlib.exchange.similar import Similar, find_similar
from crmlib.store.engine import reading

_LOADED = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``errors`` rows stayed out, ``similar`` pairs wait for 综合部."""

    rows: int
    created: int
    updated: int
    duplicates: int
    similar: int
    errors: int

    def counts(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Written:
    """What the writing transaction did, and the plan it followed."""

    plan: Plan
    updated: int
    similar: int


def import_file(
    actor: Actor, path: Path, *, dry_run: bool = False, report: Path | None = None
) -> Imported:
    """Import a workbook or CSV; ``dry_run`` only counts, ``report`` names the error workbook.

    Raises:
        Invalid: the file itself cannot be read, or the report not be written.
        NotAllowed: the actor may not import.
    """
    if not actor.may(Permission.CUSTOMER_IMPORT):
        raise NotAllowed
    found = list(lines(read_rows(path)))
    with reading() as session:
        accepted, rejected = check_all(found, Lookups(session))
        plan = make_plan(session, accepted)
        pairs = find_similar(session, plan.created)
        updated = 0
        for start in range(0, len(plan.known) if dry_run else 0, _LOADED):
            part = plan.known[start : start + _LOADED]
            rows = {c.id: c for c in session.scalars(_customers([k.customer_id for k in part]))}
            updated += sum(bool(fills(rows[k.customer_id], k.row)) for k in part)
    done = (
        Written(plan, updated, len(pairs)) if dry_run else import_customers(actor, accepted, pairs)
    )
    rejected = sorted([*rejected, *done.plan.rejected], key=lambda row: row.number)
    if report is not None:
        write_report(report, rejected, done.plan.already_there(), found)
    created = len(done.plan.created)
    duplicates = len(found) - len(rejected) - created - done.updated
    return Imported(len(found), created, done.updated, duplicates, done.similar, len(rejected))


@action(Permission.CUSTOMER_IMPORT)
def import_customers(work: Work, accepted: list[Accepted], pairs: list[Similar]) -> Written:
    """Write checked rows: new customers, gaps filled in known ones, similar pairs queued."""
    plan = make_plan(work.session, accepted)
    ids = insert_customers(work, plan.created)
    similar = insert_pairs(work, pairs, ids)
    updated = _fill_gaps(work, plan)
    after = {"created": len(ids), "updated": updated, "similar": similar}
    work.note("import", None, after)
    return Written(plan, updated, similar)


def _fill_gaps(work: Work, plan: Plan) -> int:
    updated = set()
    for start in range(0, len(plan.known), _LOADED):
        part = plan.known[start : start + _LOADED]
        rows = {c.id: c for c in work.session.scalars(_customers([k.customer_id for k in part]))}
        for known in part:
            if values := fills(rows[known.customer_id], known.row):
                assign(rows[known.customer_id], values)
                updated.add(known.row.number)
        work.session.flush()
    return len(updated)


def _customers(ids: list[int]) -> Select[Customer]:
    return select(Customer).where(Customer.id.in_(ids))
