"""What 绩效指标 are computed from, with the reader's rights."""

from functools import lru_cache

import polars as pl

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission, Scope
from crmlib.insight import hand_ins, papers
from crmlib.insight.attainment import Board
from crmlib.insight.duplicates import PAIRS
from crmlib.insight.kpi import KPIS
from crmlib.insight.kpi_source import Reports, Source, no_reports
from crmlib.insight.live import activity_data, customer_data, funnel_data
from crmlib.insight.pairs import pair_data
from crmlib.insight.spans import Span
from crmlib.insight.units import Part, reach_of


def source_of(actor: Actor) -> Source:
    """Return what the actor may see, as of now."""
    deals, customers = funnel_data(actor), customer_data(actor)
    tickets = papers.tickets(actor)
    board = None
    if actor.may(Permission.TARGET_VIEW):
        part = Part(reach_of(actor, Permission.TARGET_VIEW))
        board = Board(deals, customers, papers.issued_targets(actor), part, tickets)
    return Source(
        customers=customers.rows,
        deals=deals.deals,
        stays=deals.stays,
        steps=deals.steps,
        activities=activity_data(actor).rows,
        conversions=papers.conversions(customers.rows),
        tickets=tickets,
        pairs=pair_data(actor).rows if actor.may(Permission.DUPLICATE_VIEW) else PAIRS.to_frame(),
        reports=_reports(actor),
        board=board,
        keys=tuple(key for key, kpi in KPIS.items() if actor.may(kpi.permission)),
        today=deals.day,
    )


def _reports(actor: Actor) -> Reports:
    """Return how the reports of a period are counted, each period once."""
    held = actor.scopes(Permission.REPORT_BOARD)
    if not held:
        return no_reports

    @lru_cache(maxsize=64)
    def reports(span: Span) -> pl.DataFrame:
        found = hand_ins.tally(actor, span.start, span.end)
        if Scope.MASKED in held:  # figures without names
            return found.with_columns(person_id=pl.lit(None, pl.Int64()))
        counts = pl.col(hand_ins.COUNTS).sum()
        return found.group_by("person_id", "office_id").agg(counts)

    return reports
