"""Import of a customer list: 10,000 rows with duplicate check into a base that has customers.

    .venv/bin/python benchmarks/importing.py [--rows 10000] [--demo small|office] [--url URL]

Prints the import, the same import again (nothing new), and as a floor the same rows by plain
INSERT through the driver, without checks, rights or log. One row in fifty names a customer
twice, one in a hundred is wrong.
"""

import argparse
import os
import sqlite3
import tempfile
import time
from pathlib import Path
from random import Random

import xlsxwriter

TITLES = ("客户名称", "客户级别", "负责人", "登记日期", "电话", "传真", "行业", "区域", "地址", "联系人", "移动电话")  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=10_000)
    arguments.add_argument("--demo", default="office", choices=("small", "office"))
    arguments.add_argument("--url", help="an empty database; default a temporary SQLite file")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CRM_DATABASE_URL"] = given.url or f"sqlite:///{folder}/crm.db"
        _measure(Path(folder), given.rows, given.demo)


def _measure(folder: Path, count: int, demo: str) -> None:
    from crmlib.demo.fill import fill
    from crmlib.exchange.importing import import_file
    from crmlib.operations.setup import prepare
    from crmlib.operations.staffing import actor_named

    prepare()
    base = fill(demo)
    rows = _invent(count)
    path = _workbook(folder, rows)
    actor = actor_named(None)
    print(f"{count:,} rows into a base of {base.customers:,} customers")
    for label in ("import", "the same again"):
        wall, cpu = time.perf_counter(), time.process_time()
        done = import_file(actor, path)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"  {label:<22} {wall:6.2f} s wall  {cpu:6.2f} s CPU   {done.counts()}")
    print(f"  {'plain INSERT (floor)':<22} {_floor(folder, rows):6.2f} s wall")


def _invent(count: int) -> list[tuple[str, ...]]:
    from crmlib.demo import wording
    from crmlib.demo.customers import mobile
    from crmlib.demo.geography import cities

    chance, rows = Random(5), []
    while len(rows) < count:
        if rows and len(rows) % 50 == 0:
            rows.append(rows[chance.randrange(len(rows))])
            continue
        city, industry = chance.choice(cities()), wording.industries()[wording.industry(chance)]
        name = f"{city.town}{wording.brand(chance)}{wording.trade(chance, industry)}{wording.legal_form(chance)}"
        day = f"20{chance.randrange(19, 26)}.{chance.randrange(1, 13)}.{chance.randrange(1, 29)}"
        phone = f"{city.trunk}-{chance.randrange(10**8):08d}"
        number = mobile(chance) if len(rows) % 100 != 7 else "1380013"
        address = city.address(chance.random(), chance.random(), chance.random())
        person = wording.person(chance)[0]
        rows.append((name, "B", "wangqiang", day, phone, "无", industry, city.province, address, person, number))  # fmt: skip
    return rows


def _workbook(folder: Path, rows: list[tuple[str, ...]]) -> Path:
    path = folder / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([TITLES, *rows]):
            sheet.write_row(place, 0, row)
    return path


def _floor(folder: Path, rows: list[tuple[str, ...]]) -> float:
    connection = sqlite3.connect(folder / "floor.db")
    columns = ", ".join(f"c{n} TEXT" for n in range(len(TITLES)))
    connection.execute(f"CREATE TABLE plain (id INTEGER PRIMARY KEY, {columns})")
    started = time.perf_counter()
    marks = ", ".join("?" * len(TITLES))
    names = ", ".join(f"c{n}" for n in range(len(TITLES)))
    connection.executemany(f"INSERT INTO plain ({names}) VALUES ({marks})", rows)
    connection.commit()
    connection.close()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
