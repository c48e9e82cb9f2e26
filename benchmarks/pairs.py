"""Time and memory of the duplicate scan on records from a Parquet file, or on invented ones.

Usage: python benchmarks/pairs.py [--rows 20000] [--records FILE.parquet]
Of the invented records every tenth is a mistyped copy of another; how many are found is printed.
"""

import argparse
import random
import resource
import time
from pathlib import Path

import polars as pl
from search import invented, mistyped

from crmlib.duplicates.pairs import find_pairs


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


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=20_000)
    asked.add_argument("--records", type=Path)
    asked.add_argument("--seed", type=int, default=7)
    options = asked.parse_args()
    truth: set[tuple[int, int]] = set()
    if options.records:
        table = pl.read_parquet(options.records).head(options.rows)
    else:
        table, truth = with_copies(options.rows, options.seed)
    begun = time.perf_counter()
    pairs = find_pairs(table)
    wall = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    same = set(pairs.filter(pl.col("prob") >= 0.5).select("id1", "id2").iter_rows())
    print(f"rows {len(table):,}: {wall:.1f} s, peak {peak:.0f} MB, {len(pairs):,} pairs", end=", ")
    print(f"{len(same):,} of them the same")
    if truth:
        print(f"copies found {len(truth & same) / len(truth):.3f}")


if __name__ == "__main__":
    main()
