"""Build, memory and latency of the 撞单 index on names from a Parquet file, or on invented ones.

Usage: python benchmarks/search.py [--rows 100000] [--names FILE.parquet] [--queries 500]
The file needs a column name; queries are names from it with a character changed.
"""

import argparse
import random
import time
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from crmlib.duplicates import storing
from crmlib.duplicates.search import SearchIndex

AREAS = [
    "广州市",
    "佛山",
    "宁波",
    "成都市",
    "长沙",
    "武汉",
    "重庆",
    "郑州",
    "太原",
    "合肥",
    "福州",
    "南宁",
    "昆明",
    "西安市",
    "沈阳",
]
TRADES = [
    "门窗",
    "幕墙工程",
    "装饰设计",
    "建筑安装工程",
    "房地产开发",
    "五金制品",
    "玻璃",
    "贸易",
    "智能科技",
    "物流",
]
SYLLABLES = "云栖谷青溪远帆鼎曜松岚砚禾磐泽椰屿澜庭朔原珠湾煤岭景华瑞丰嘉和安盛恒业新德"


def invented(rows: int, seed: int) -> pl.DataFrame:
    """Names that no company is known by, as many as asked for."""
    chance = random.Random(seed)
    brands = ["".join(parts) for parts in product(SYLLABLES, repeat=3)]
    names = [
        f"{chance.choice(AREAS)}{chance.choice(brands)}{chance.choice(TRADES)}有限公司"
        for _ in range(rows)
    ]
    return pl.DataFrame({"id": range(rows), "name": names})


def mistyped(name: str, chance: random.Random) -> str:
    """Name with one character replaced."""
    place = chance.randrange(len(name))
    return name[:place] + chance.choice(SYLLABLES) + name[place + 1 :]


def resident() -> float:
    """Memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--names", type=Path)
    asked.add_argument("--queries", type=int, default=500)
    asked.add_argument("--seed", type=int, default=7)
    options = asked.parse_args()
    table = (
        pl.read_parquet(options.names).head(options.rows)
        if options.names
        else invented(options.rows, options.seed)
    )
    before, started = resident(), time.perf_counter()
    index = SearchIndex()
    index.build(table)
    print(f"rows {len(table):,}: build {time.perf_counter() - started:.1f} s", end=", ")
    print(f"memory {resident() - before:.0f} MB")
    chance = random.Random(options.seed)
    sample = table.sample(min(options.queries, len(table)), seed=options.seed)
    spent, first = [], 0
    for number, name in sample.select("id", "name").iter_rows():
        begun = time.process_time()
        found = index.search(mistyped(name, chance), 5)
        spent.append((time.process_time() - begun) * 1000)
        first += bool(found) and found[0][0] == number
    spent.sort()
    print(f"one character wrong: first {first / len(spent):.3f}", end=", ")
    print(f"CPU p50 {spent[len(spent) // 2]:.2f} ms, p95 {spent[int(len(spent) * 0.95)]:.2f} ms")
    with TemporaryDirectory() as folder:
        begun = time.perf_counter()
        storing.write(Path(folder) / "index.npz", index, {})
        saved = time.perf_counter()
        storing.read(Path(folder) / "index.npz")
        print(f"save {saved - begun:.1f} s, load {time.perf_counter() - saved:.1f} s")
    begun = time.perf_counter()
    for number in range(1000):
        index.put(-1 - number, {"name": mistyped("佛山云栖谷门窗有限公司", chance)})
    print(f"1,000 changes {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
