"""Two records that both are a third one are one: found through what stands between them."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmlib.duplicates import judging
from crmlib.duplicates.crew import Crew
from crmlib.duplicates.judging import JUDGED, Base

SURE = 0.7  # links weaker than this carry nothing further
_MANY = 12  # a record with more twins than this is rather a bad name than a customer
_LEAST = 0.5
REASON = "都与「{}」相同"


def with_chains(base: Base, judged: pl.DataFrame, crew: Crew) -> pl.DataFrame:
    """Raise pairs that a third record joins, unless their names bar it."""
    joined = _joined(judged, base.ids[base.owner])
    if not len(joined):
        return judged
    known = judged.select("a", "b", "prob")
    open_ = joined.join(known, on=["a", "b"], how="left").filter(
        pl.col("prob").fill_null(0.0) < pl.col("through")
    )
    if not len(open_):
        return judged
    fresh = judging.judge(
        base, open_["a"].to_numpy(), open_["b"].to_numpy(), crew, worth_a_look=False
    ).filter(~pl.col("barred"))
    names = base.names["text"]
    raised = fresh.join(open_.select("a", "b", "by", "through"), on=["a", "b"])
    told = [REASON.format(names[by]) for by in raised["by"].to_list()]
    gain = np.log(raised["through"] / (1 - raised["through"]).clip(1e-4)) - np.log(
        raised["prob"].clip(1e-4) / (1 - raised["prob"]).clip(1e-4)
    )
    lifted = raised.with_columns(
        prob=pl.col("through").round(4),
        related=pl.col("related") * (1 - pl.col("through")),
        reasons=pl.concat_list(pl.Series(told, dtype=pl.String), "reasons"),
        weights=pl.concat_list(pl.Series(gain.round(2)), "weights"),
    ).select(*JUDGED)
    rest = judged.join(lifted.select("a", "b"), on=["a", "b"], how="anti")
    return pl.concat([rest, lifted]).sort("a", "b")


def _joined(judged: pl.DataFrame, ids: NDArray[np.int64]) -> pl.DataFrame:
    """Pairs (a, b) that both are ``by``, with the probability of the surest way."""
    sure = judged.filter((pl.col("prob") >= SURE) & ~pl.col("barred")).select("a", "b", "prob")
    both = pl.concat(
        [
            sure.select(by="a", other="b", prob="prob"),
            sure.select(by="b", other="a", prob="prob"),
        ]
    ).filter(pl.len().over("by") <= _MANY)
    both = both.with_columns(
        id=pl.Series(ids[both["other"].to_numpy()]), middle=pl.Series(ids[both["by"].to_numpy()])
    )
    ways = both.join(both, on="by", suffix="_b").filter(pl.col("id") < pl.col("id_b"))
    ways = ways.select(
        "by", "middle", a="other", b="other_b", through=pl.col("prob") * pl.col("prob_b")
    ).filter(pl.col("through") >= _LEAST)
    ways = ways.sort("through", "middle", descending=[True, False], maintain_order=True)
    return ways.unique(["a", "b"], keep="first", maintain_order=True)
