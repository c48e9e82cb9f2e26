"""What 绩效指标 tell besides single figures: each stage, and why deals were lost."""

import polars as pl

from crmlib.insight import win_loss
from crmlib.insight.kpi_rows import left_stages, lost_deals
from crmlib.insight.kpi_source import Source, rows_of
from crmlib.insight.spans import Span
from crmlib.insight.units import Part

STAGES = pl.Schema(
    {
        "stage_code": pl.String(),
        "stage": pl.String(),
        "left": pl.Int64(),  # stays that ended in the period
        "days": pl.Float64(),  # their median; null: none ended
        "passage": pl.Float64(),  # share of them that went on, each deal once
    }
)


def by_stage(source: Source, part: Part, span: Span) -> pl.DataFrame:
    """Return the stages in order (columns: STAGES)."""
    found = (
        left_stages(source, span)
        .filter(part.condition())
        .group_by("stage_code")
        .agg(
            left=pl.len(),
            days=pl.col("days").median(),
            passage=pl.col("advanced").filter("first").mean(),
        )
        .collect()
    )
    return (
        source.steps.join(found, on="stage_code", how="left", maintain_order="left")
        .with_columns(pl.col("left").fill_null(0))
        .select(pl.col(name).cast(kind) for name, kind in STAGES.items())
    )


def stage_deals(source: Source, part: Part, span: Span, stage: str) -> pl.DataFrame:
    """Return the deals that left a stage in the period (columns: kpi_source.ROWS).

    Those that were there longest come first.
    """
    is_there = pl.col("stage_code").cast(pl.String) == stage
    left = left_stages(source, span).filter(part.condition(), is_there)
    found = rows_of(left, "opportunity_id", pl.col("days"))
    return found.sort("num", "id", descending=True).collect()


def reasons(source: Source, part: Part, span: Span) -> pl.DataFrame:
    """Return why deals were lost, the most frequent reason first (columns: win_loss.REASONS)."""
    lost = lost_deals(source, span).filter(part.condition())
    return win_loss.pareto(lost.select("outcome", "reason", "amount").collect())


def lost_with(source: Source, part: Part, span: Span, reason: str) -> pl.DataFrame:
    """Return the deals lost for a reason of ``reasons`` (columns: frames.DEALS), latest first."""
    lost = lost_deals(source, span).filter(part.condition()).collect()
    found = win_loss.with_reasons(lost, [reason])
    return found.sort("decided_on", "opportunity_id", descending=True)
