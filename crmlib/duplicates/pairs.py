"""Duplicates within a table: blocking, then names and all other evidence together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from crmlib.duplicates import judging, keys
from crmlib.duplicates.chains import with_chains
from crmlib.duplicates.columns import parse_names
from crmlib.duplicates.crew import Crew, crew
from crmlib.duplicates.judging import Base, codes_of
from crmlib.duplicates.keys import Kind
from crmlib.duplicates.keystore import entries_of, homes_of
from crmlib.duplicates.reach import read_reach
from crmlib.duplicates.reasons import Reason
from crmlib.duplicates.weighing import Rows, rarity_of

FORMER = "former"  # column that marks further rows of an id: names it had before
FORMER_SAME, FORMER_NEAR = "曾用名相同", "曾用名相近"
_SAME_NAME = "名称相同"


def find_pairs(records: pl.DataFrame) -> pl.DataFrame:
    """Pairs that may be one customer (prob) or related, with reasons; prob is P(same).

    Rows with a true ``former`` give further names of the id: former ones, or of merged customers.
    """
    return weighted_pairs(records).drop("weights")


def weighted_pairs(records: pl.DataFrame) -> pl.DataFrame:
    """Pairs as ``find_pairs`` gives them, and beside each reason its weight (log-odds)."""
    with crew(len(records)) as hands:
        base = read_base(records, hands)
        entries = ((kind, *keys.sorted_keys(*found)) for kind, found in entries_of(base))
        return judged_pairs(base, candidates(base, entries), hands)


def judged_pairs(base: Base, packed: keys.Keys, hands: Crew) -> pl.DataFrame:
    """Judge the candidates, join what a third record joins, and name the customers."""
    judged = judging.judge(base, *ordered(base, *keys.unpack(packed)), hands)
    return _by_id(base, with_chains(base, judged, hands))


def ordered(base: Base, a: Rows, b: Rows) -> tuple[Rows, Rows]:
    """Put the customer with the lower number first: reasons read the same however it was found."""
    first, second = base.ids[base.owner[a]], base.ids[base.owner[b]]
    return np.where(first < second, a, b), np.where(first < second, b, a)


def read_base(records: pl.DataFrame, hands: Crew) -> Base:
    """Read all records once."""
    own, further = records, records.clear()
    if FORMER in records.columns:
        is_former = pl.col(FORMER).fill_null(value=False)
        own, further = records.filter(~is_former), records.filter(is_former)
    ids = own["id"].cast(pl.Int64).to_numpy()
    index = pl.DataFrame({"id": own["id"], "row": np.arange(len(own))})
    further = further.join(index, on="id", maintain_order="left")
    texts = pl.concat([own["name"], further["name"]]).cast(pl.String).fill_null("")
    names = parse_names(texts, hands)
    reach = read_reach(own)
    owner = np.concatenate([np.arange(len(own)), further["row"].cast(pl.Int64).to_numpy()])
    former = np.arange(len(owner)) >= len(own)
    nothing = np.zeros(len(owner), np.int32)
    base = Base(
        ids=ids,
        names=names,
        owner=owner,
        former=former,
        reach=reach,
        rarity=rarity_of(reach),
        spread=nothing,
        outlets=nothing,
        size=len(own),
    )
    return _counts_of_names(base)


def candidates(base: Base, entries: Iterable[tuple[Kind, keys.Keys, keys.Owners]]) -> keys.Keys:
    """Pairs of names that share a key, from keys in order."""
    named, contacts = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for kind, hashes, rows in entries:
        found = named if kind in keys.NAME_KINDS else contacts
        found.append(keys.pairs_of(hashes, rows, keys.MOST[kind]))
    by_name = keys.unique(np.concatenate(named))
    agreed = keys.without_conflicts(by_name, base.names, codes_of(base.names))
    return keys.unique(np.concatenate([_of_two(base, agreed), *contacts]))


def _of_two(base: Base, packed: keys.Keys) -> keys.Keys:
    """Pairs of two customers of which at least one bears the name today."""
    low, high = keys.unpack(packed)
    kept = (base.owner[low] != base.owner[high]) & ~(base.former[low] & base.former[high])
    chosen: keys.Keys = packed[kept]
    return chosen


def _counts_of_names(base: Base) -> Base:
    """Count the places each brand and trade is at home in, and the branches of each head office."""
    table = pl.DataFrame(
        {
            "core": keys.home_keys(base.names),
            "home": homes_of(base),
            "head": keys.outlet_keys(base.names),
            "out": (base.names["branch"] != ""),
        }
    ).select(
        spread=pl.col("home").n_unique().over("core").cast(pl.Int32),
        outlets=pl.col("out").sum().over("head").cast(pl.Int32),
    )
    return replace(base, spread=table["spread"].to_numpy(), outlets=table["outlets"].to_numpy())


def _by_id(base: Base, judged: pl.DataFrame) -> pl.DataFrame:
    """Pairs of customers from pairs of names: the best counts."""
    a, b = judged["a"].to_numpy(), judged["b"].to_numpy()
    first, second = base.ids[base.owner[a]], base.ids[base.owner[b]]
    former = pl.Series("former", base.former[a] | base.former[b], dtype=pl.Boolean)
    found = judged.select(
        pl.Series("id1", np.minimum(first, second), dtype=pl.Int64),
        pl.Series("id2", np.maximum(first, second), dtype=pl.Int64),
        "prob",
        "related",
        _said_of_former(former),
        "weights",
    ).filter(pl.col("id1") != pl.col("id2"))
    best = found.sort("prob", "related", descending=True, maintain_order=True)
    return best.unique(["id1", "id2"], keep="first", maintain_order=True).sort("id1", "id2")


def _said_of_former(former: pl.Series) -> pl.Expr:
    """Say of a former name that it is one."""
    told = pl.col("reasons")
    same = told.list.eval(pl.element().replace(_SAME_NAME, FORMER_SAME))
    named = pl.when(told.list.contains(_SAME_NAME)).then(same).otherwise(told)
    return pl.when(pl.lit(former)).then(named).otherwise(told).alias("reasons")


def pair_verdict(
    a: Mapping[str, Any], b: Mapping[str, Any]
) -> tuple[float, float, tuple[Reason, ...]]:
    """P(same), P(related) and the reasons for one pair of records, the weightiest first."""
    rows = [{**row, "id": number} for number, row in enumerate((a, b))]
    records = pl.DataFrame(rows, infer_schema_length=None, strict=False)
    # What both leave empty has no type of its own.
    records = records.with_columns(pl.selectors.by_dtype(pl.Null).cast(pl.String))
    with crew(0) as hands:
        base = read_base(records, hands)
        (verdict,) = judging.judge(
            base, np.array([0]), np.array([1]), hands, worth_a_look=False
        ).iter_rows(named=True)
    told = zip(verdict["reasons"], verdict["weights"], strict=True)
    reasons = tuple(Reason(text, weight) for text, weight in told)
    return verdict["prob"], verdict["related"], reasons
