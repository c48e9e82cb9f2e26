"""绩效指标: each figure as rows with a numerator and a denominator, so that any group adds up.

Pure Polars. 目标达成率 alone has its denominator from the targets, which do not add up by
themselves: ``aims`` says what a person, an office or the whole is to reach.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from crmlib.access.grants import Permission
from crmlib.insight import kpi_rows
from crmlib.insight.aims import Aims, By, Period
from crmlib.insight.kpi_source import Source
from crmlib.insight.spans import Span
from crmlib.insight.units import Part

Unit = Literal["number", "money", "percent", "days"]
Opens = Literal["customer", "opportunity", "activity", "ticket", "pair", "report"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure: Σ num ÷ Σ den where it is a share, the median of num for days, else Σ num.

    ``opens`` says what its rows are; ``has_past`` whether it can be told for earlier periods;
    who lacks the permission does not see the figure.
    """

    label: str
    unit: Unit
    what: str  # numerator and denominator in words
    rows: Callable[[Source, Span], pl.LazyFrame]
    opens: Opens
    good: Literal["up", "down", "neither"] = "up"
    has_past: bool = True
    permission: Permission = Permission.FUNNEL_VIEW


_TICKETS = "投诉工单，归受理人"
KPIS: dict[str, Kpi] = {
    "new": Kpi("新增潜在数", "number", "期间内登记的客户数", kpi_rows.new_potential, "customer"),
    "converted": Kpi(
        "转交易数", "number", "期间内通过转交易的客户数", kpi_rows.conversions, "customer"
    ),
    "conversion": Kpi(
        "转交易率",
        "percent",
        "期间内转交易的客户 ÷（转交易的客户 + 期末潜在客户）",
        kpi_rows.conversion_rate,
        "customer",
    ),
    "conversion_days": Kpi(
        "转交易审批时长",
        "days",
        "从申请到通过的工作日，取中位数",
        kpi_rows.conversion_days,
        "customer",
        "down",
    ),
    "duplicates": Kpi(
        "重复率",
        "percent",
        "期末待审的重复候选 ÷ 期末客户数（候选归登记较晚的客户）",
        kpi_rows.duplicates,
        "pair",
        "down",
        permission=Permission.DUPLICATE_VIEW,
    ),
    "visits": Kpi(
        "有效拜访数", "number", "期间内已完成的上门拜访与约见", kpi_rows.visits, "activity"
    ),
    "on_time": Kpi(
        "活动按时完成率",
        "percent",
        "计划当天或之前完成的活动 ÷ 计划在期间内到期的活动",
        kpi_rows.on_time,
        "activity",
    ),
    "reports": Kpi(
        "报告提交率",
        "percent",
        "已交的周计划与日总结 ÷ 期间内应交（按工作日，入职前不计）",
        kpi_rows.handed_in,
        "report",
        permission=Permission.REPORT_BOARD,
    ),
    "reports_in_time": Kpi(
        "报告及时率",
        "percent",
        "按时交的周计划与日总结 ÷ 期间内应交（按工作日，入职前不计）",
        kpi_rows.handed_in_time,
        "report",
        permission=Permission.REPORT_BOARD,
    ),
    "open": Kpi(
        "在手商机数", "number", "期末未输赢、未关闭的商机", kpi_rows.open_count, "opportunity"
    ),
    "amount": Kpi(
        "在手金额", "money", "期末在手商机的预计金额之和", kpi_rows.open_amount, "opportunity"
    ),
    "weighted": Kpi(
        "加权金额",
        "money",
        "期末在手商机的预计金额 × 赢率之和",
        kpi_rows.open_weighted,
        "opportunity",
    ),
    "stay": Kpi(
        "阶段停留天数",
        "days",
        "期间内离开的各销售阶段的停留天数，取中位数；分阶段见下表",
        kpi_rows.stage_days,
        "opportunity",
        "down",
    ),
    "passage": Kpi(
        "阶段转化率",
        "percent",
        "期间内离开的阶段中进入了更后阶段或赢单的 ÷ 期间内离开的阶段；分阶段见下表",
        kpi_rows.stage_passage,
        "opportunity",
    ),
    "win": Kpi(
        "赢单率（数）",
        "percent",
        "期间内赢单数 ÷（赢单数 + 输单数）",
        kpi_rows.win_rate,
        "opportunity",
    ),
    "win_amount": Kpi(
        "赢单率（额）",
        "percent",
        "期间内成交金额 ÷（成交金额 + 输单的预计金额）",
        kpi_rows.win_rate_amount,
        "opportunity",
    ),
    "attained": Kpi(
        "目标达成率",
        "percent",
        "期间内成交金额 ÷ 已下达的销售额目标（整期）",
        kpi_rows.won_amount,
        "opportunity",
        permission=Permission.TARGET_VIEW,
    ),
    "active": Kpi(
        "活跃客户占比",
        "percent",
        f"{kpi_rows.CONTACT_DAYS} 天内有接触或 {kpi_rows.TRADE_DAYS} 天内有交易的客户 ÷ 客户数（截至今天）",
        kpi_rows.active_customers,
        "customer",
        has_past=False,
    ),
    "reply": Kpi(
        "投诉首响及时率",
        "percent",
        f"按时首次回复 ÷ 期间内应回复（{_TICKETS}）",
        kpi_rows.reply_in_time,
        "ticket",
        permission=Permission.TICKET_VIEW,
    ),
    "solve": Kpi(
        "投诉解决及时率",
        "percent",
        f"按时解决 ÷ 期间内应解决（{_TICKETS}）",
        kpi_rows.solved_in_time,
        "ticket",
        permission=Permission.TICKET_VIEW,
    ),
    "score": Kpi(
        "满意度均分",
        "number",
        "期间内回访的评分之和 ÷ 评分数（1–5 分）",
        kpi_rows.satisfaction,
        "ticket",
        permission=Permission.TICKET_VIEW,
    ),
}
ATTAINED = "attained"
_AVERAGED = frozenset({"score"})
_BY = {"owner_id": By.PERSON, "office_id": By.OFFICE, "area_id": By.AREA}


def _value(key: str) -> pl.Expr:
    kpi = KPIS[key]
    if kpi.unit == "days":
        return pl.col("num").median()
    if key != ATTAINED and (kpi.unit == "percent" or key in _AVERAGED):
        whole = pl.col("den").sum()
        return pl.when(whole > 0).then(pl.col("num").sum() / whole)
    return pl.col("num").sum()


def behind(source: Source, part: Part, span: Span, key: str) -> pl.DataFrame:
    """Return the records of a figure (columns: kpi_source.ROWS), those that count first."""
    found = KPIS[key].rows(source, span).filter(part.condition(), pl.col("id").is_not_null())
    return found.sort("num", "id", descending=True).collect()


def figures(source: Source, part: Part, span: Span) -> dict[str, float | None]:
    """Return every figure of a part of the firm; None where there is nothing to divide by."""
    wanted = [
        KPIS[key].rows(source, span).filter(part.condition()).select(_value(key))
        for key in source.keys
    ]
    frames = pl.collect_all(wanted)
    found = {key: frame.item() for key, frame in zip(source.keys, frames, strict=True)}
    if ATTAINED in found:
        found[ATTAINED] = _share(found[ATTAINED], aimed(source, part, span).get(ATTAINED))
    return found


def figures_before(source: Source, part: Part, earlier: Span) -> dict[str, float | None]:
    """Return the figures of an earlier period; None for what is known of today alone."""
    found = figures(source, part, earlier)
    return {key: value if KPIS[key].has_past else None for key, value in found.items()}


def aimed(source: Source, part: Part, span: Span) -> dict[str, float]:
    """Return what the figures of a part are to reach in the whole period, as far as it was set.

    ``attained`` is the amount in yuan.
    """
    aims, period = _aims(source, part), Period.of(span)
    if aims is None or period is None:
        return {}
    sales, customers = aims.whole(period)
    told = {ATTAINED: sales, "new": customers, "score": aims.score(period)}
    return {key: float(value) for key, value in told.items() if value is not None}


def _aims(source: Source, part: Part) -> Aims | None:
    board = source.board
    if board is None:
        return None
    return Aims(board.targets, board.customers.names, replace(part, reach=board.part.reach))


def _share(reached: float, target: float | None) -> float | None:
    return reached / target if target else None


def grouped(
    source: Source, part: Part, span: Span, by: str, places: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the figures per owner_id, office_id or area_id (``places``: units.AREAS).

    Columns: ``by`` and one per figure; what belongs to nobody is left out.
    """
    wanted = []
    for key in source.keys:
        rows = KPIS[key].rows(source, span).filter(part.condition())
        if places is not None:
            rows = rows.join(places.lazy(), on="office_id", how="left")
        named = rows.filter(pl.col(by).is_not_null())
        wanted.append(named.group_by(by).agg(_value(key).alias(key)))
    frames = pl.collect_all(wanted)
    if ATTAINED in source.keys:
        at = source.keys.index(ATTAINED)
        frames[at] = _attained(source, part, span, by, frames[at])
    found = frames[0]
    for frame in frames[1:]:
        found = found.join(frame, on=by, how="full", coalesce=True)
    counts = [
        key for key in source.keys if KPIS[key].unit in {"number", "money"} and key not in _AVERAGED
    ]
    return found.with_columns(pl.col(counts).fill_null(0)).sort(by)


def _attained(
    source: Source, part: Part, span: Span, by: str, reached: pl.DataFrame
) -> pl.DataFrame:
    """Put the targets of people, offices or areas under what they reached."""
    aims, period = _aims(source, part), Period.of(span)
    told = aims.of(_BY[by], period) if aims and period else {}
    rows = [(key, float(sales)) for key, (sales, _) in told.items() if sales]
    targets = pl.DataFrame(rows, schema={by: pl.Int64(), "target": pl.Float64()}, orient="row")
    share = (pl.col(ATTAINED).fill_null(0) / pl.col("target")).alias(ATTAINED)
    return targets.join(reached, on=by, how="left").select(by, share)


def by_month(source: Source, part: Part, spans: Sequence[tuple[str, Span]]) -> pl.DataFrame:
    """Return the figures of each month: month (2026-11) and one column per figure."""
    rows = [
        {"month": name, **(figures if at == 0 else figures_before)(source, part, span)}
        for at, (name, span) in enumerate(spans)
    ]
    kinds = {"month": pl.String(), **dict.fromkeys(source.keys, pl.Float64())}
    return pl.DataFrame(rows, schema=kinds)
