"""Time and memory of the duplicate scan on records from a Parquet file, or on invented ones.

Usage: python benchmarks/pairs.py [--rows 20000] [--records FILE.parquet] [--changes 1000]
Afterwards as many customers are taken as changed, and their pairs looked for alone.
Of the invented records every tenth is a mistyped copy of another; how many are found is printed.
"""

import argparse
import os
import random
import resource
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from search import invented, mistyped

from crmlib.duplicates.changed import changed_pairs
from crmlib.duplicates.crew import crew
from crmlib.duplicates.keystore import KeyStore, store_of
from crmlib.duplicates.pairs import find_pairs, read_base


def with_copies(rows: int, seed: int) -> tuple[pl.DataFrame, set[tuple[int, int]]]:
    """Invented records with phones, some of them copies, and the pairs that are one customer."""
    chance = random.Random(seed)
    originals = rows * 10 // 11
    records = [
        {"id": i, "name": name, "phone": f"0{chance.randrange(20, 99)}-8{i:07}"}
        for i, name in invented(originals, seed).iter_rows()
    ]
    truth = set()
    for number in range(originals, rows):
        source = chance.choice(records[:originals])
        phone = source["phone"] if chance.random() < 0.5 else ""
        records.append({"id": number, "name": mistyped(source["name"], chance), "phone": phone})
        truth.add((source["id"], number))
    return pl.DataFrame(records), truth


def spent() -> float:
    """CPU seconds of this process and of those it started."""
    return sum(os.times()[:4])


def follow(table: pl.DataFrame, changes: int, seed: int) -> None:
    """Print what the pairs of a few changed customers cost when all keys are on disk."""
    ids = table["id"].to_numpy()
    changed = np.sort(np.random.default_rng(seed).choice(ids, changes, replace=False))

    def read(wanted: Iterable[int]) -> pl.DataFrame:
        return table.filter(pl.col("id").is_in(list(wanted)))

    with TemporaryDirectory() as folder:
        place = Path(folder) / "keys"
        with crew(len(table)) as hands:
            store_of(read_base(table, hands), "0").save(place)
        size = sum(path.stat().st_size for path in place.iterdir()) / 2**20
        begun, used = time.perf_counter(), spent()
        store = KeyStore.load(place)
        assert store is not None
        found = changed_pairs(store, changed, changed, read)
        wall = time.perf_counter() - begun
        print(f"{changes:,} changes: {wall:.1f} s, {spent() - used:.1f} s CPU", end=", ")
        print(f"{len(found):,} pairs, keys {size:.0f} MB on disk")


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=20_000)
    asked.add_argument("--changes", type=int, default=1000)
    asked.add_argument("--records", type=Path)
    asked.add_argument("--seed", type=int, default=7)
    options = asked.parse_args()
    truth: set[tuple[int, int]] = set()
    if options.records:
        table = pl.read_parquet(options.records).head(options.rows)
    else:
        table, truth = with_copies(options.rows, options.seed)
    begun, used = time.perf_counter(), spent()
    pairs = find_pairs(table)
    wall, used = time.perf_counter() - begun, spent() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    hands = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    same = set(pairs.filter(pl.col("prob") >= 0.5).select("id1", "id2").iter_rows())
    print(f"rows {len(table):,}: {wall:.1f} s, {used:.1f} s CPU", end=", ")
    print(f"peak {peak:.0f} MB and {hands:.0f} MB per helping process", end=", ")
    print(f"{len(pairs):,} pairs, {len(same):,} of them the same")
    if truth:
        right = len(truth & same)
        print(f"copies found {right / len(truth):.3f}, precision {right / max(1, len(same)):.3f}")
    follow(table, min(options.changes, len(table)), options.seed)


if __name__ == "__main__":
    main()
