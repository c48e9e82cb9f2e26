"""A firm of any size in a database of its own, written in bulk with invented names."""

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from crmlib import clock
from crmlib.access.grants import Role
from crmlib.customers.model import Contact, Customer
from crmlib.duplicates import names
from crmlib.opportunities.model import Opportunity, OpportunityProduct, Stage, StageHistory
from crmlib.people.model import Office, Person
from crmlib.reference.model import DictItem, Region
from crmlib.store.engine import engine, reading
from crmlib.store.migrate import migrate
from tests import make

SYLLABLES = "恒晟嘉信达沪申新盈锦辰秦岭楚天苏工远航瑞丰鼎固华筑中明兴邦宏宇金桥博雅联盛安泰凯旋东岳"
TRADES = ("幕墙工程", "门窗", "建筑装饰", "建设工程", "玻璃", "铝业", "置业", "钢结构")
CITIES = ("广州", "深圳", "上海", "南京", "杭州", "北京", "成都", "武汉", "西安", "沈阳")
CHUNK = 20_000


@contextmanager
def firm(customers: int, opportunities: int, sellers: int = 400) -> Iterator[Path]:
    """Fill a temporary SQLite database and use it; BENCH_DB names a file to keep."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(os.environ.get("BENCH_DB") or Path(folder) / "crm.db")
        os.environ["CRM_DATABASE_URL"] = f"sqlite:///{path}"
        if not path.exists():
            migrate()
            make.firm()
            _fill(customers, opportunities, sellers)
        yield path
        engine().dispose()


def _fill(customers: int, opportunities: int, sellers: int) -> None:
    chance = random.Random(7)
    with reading() as session:
        offices = list(session.scalars(select(Office.id).where(Office.region_id.is_not(None))))
        provinces = list(session.scalars(select(Region.id).where(Region.parent_id.is_not(None))))
        stages = list(session.scalars(select(Stage).order_by(Stage.id)))[:8]
        products = list(session.scalars(select(DictItem.code).where(DictItem.parent.is_not(None))))
    with engine().begin() as connection:
        write = connection.execute
        write(insert(Person), [_seller(i, chance.choice(offices)) for i in range(sellers)])
        first = make.people_ids()["sunyue"] + 1
        home = dict(write(select(Person.id, Person.office_id)).all())
        owners = list(range(first, first + sellers))
        for start in range(0, customers, CHUNK):
            rows = [
                _customer(i, chance, owners, home, provinces)
                for i in range(start, min(start + CHUNK, customers))
            ]
            write(insert(Customer), rows)
            write(insert(Contact), [_contact(row["id"]) for row in rows])
        for start in range(0, opportunities, CHUNK):
            ids = range(start + 1, min(start + CHUNK, opportunities) + 1)
            deals = [_deal(i, chance, customers, owners, home, stages) for i in ids]
            write(insert(Opportunity), deals)
            write(insert(StageHistory), [m for d in deals for m in _moves(d, chance, stages)])
            wanted = [
                {"opportunity_id": i, "product": p}
                for i in ids
                for p in chance.sample(products, chance.randint(1, 3))
            ]
            write(insert(OpportunityProduct), wanted)
        connection.exec_driver_sql("ANALYZE")


def _seller(number: int, office: int) -> dict[str, object]:
    return {
        "name": f"销售{number:04d}",
        "login": f"seller{number:04d}",
        "password_hash": "-",
        "role": Role.SALES,
        "office_id": office,
        "active": True,
        "must_change": False,
    }


def company_name(number: int, chance: random.Random) -> str:
    """Return an invented company name, unlike all others."""
    brand = "".join(chance.choices(SYLLABLES, k=3))
    return f"{chance.choice(CITIES)}{brand}{chance.choice(TRADES)}第{number}有限公司"


def _customer(
    number: int, chance: random.Random, owners: list[int], home: dict[int, int], places: list[int]
) -> dict[str, object]:
    name = company_name(number, chance)
    parsed = names.parse(name)
    owner = chance.choice(owners)
    return {
        "id": number + 1,
        "code": f"KH2501{number:06d}",
        "name": name,
        "name_key": parsed.key,
        "core_key": names.core_key(name),
        "brand": parsed.brand,
        "level": chance.choice("ABC"),
        "industry": f"{chance.randint(1, 9):02d}",
        "region_id": chance.choice(places),
        "owner_id": owner,
        "office_id": home[owner],
        "registered_by_id": owner,
        "registered_at": clock.now() - timedelta(days=chance.randint(0, 900)),
        "phone": f"020-{number:08d}",
        "phone_key": f"020{number:08d}",
    }


def _contact(customer_id: int) -> dict[str, object]:
    return {
        "customer_id": customer_id,
        "name": "何经理",
        "role": "01",
        "mobile": f"138{customer_id:08d}",
        "is_primary": True,
    }


def _deal(
    number: int,
    chance: random.Random,
    customers: int,
    owners: list[int],
    home: dict[int, int],
    stages: list[Stage],
) -> dict[str, object]:
    owner, stage = chance.choice(owners), chance.choice(stages)
    since = clock.now() - timedelta(days=chance.randint(0, 60))
    outcome = chance.choices(("open", "won", "lost"), (60, 25, 15))[0]
    decided: date | None = None if outcome == "open" else clock.today()
    return {
        "id": number,
        "number": f"SJ2501{number:06d}",
        "subject": f"客户{number}-执手-报价",
        "customer_id": chance.randint(1, customers),
        "project_name": f"项目{number}",
        "sales_task": "03",
        "amount": chance.randint(10_000, 5_000_000),
        "expected_close": clock.today() + timedelta(days=chance.randint(-90, 270)),
        "owner_id": owner,
        "office_id": home[owner],
        "stage_id": stage.id,
        "stage_since": since,
        "probability": stage.probability,
        "outcome": outcome,
        "decided_on": decided,
        "registered_by_id": owner,
        "registered_at": since - timedelta(days=chance.randint(30, 300)),
    }


def _moves(
    deal: dict[str, object], chance: random.Random, stages: list[Stage]
) -> Iterator[dict[str, object]]:
    passed = [s for s in stages if s.id <= deal["stage_id"]]  # type: ignore[operator]
    before = None
    for place, stage in enumerate(passed):
        step = (deal["stage_since"] - deal["registered_at"]) * place / max(len(passed) - 1, 1)  # type: ignore[operator]
        yield {
            "opportunity_id": deal["id"],
            "from_stage_id": before,
            "to_stage_id": stage.id,
            "moved_at": deal["registered_at"] + step,
            "moved_by_id": deal["owner_id"],
            "days": chance.randint(1, 40) if before else 0,
        }
        before = stage.id


def timed(task: Callable[[], object], rounds: int = 30) -> tuple[float, float, float]:
    """Return wall p50, wall p95 and CPU p50 of a task in milliseconds."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        task()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    walls.sort()
    return walls[rounds // 2], walls[min(int(rounds * 0.95), rounds - 1)], sorted(cpus)[rounds // 2]


def show(title: str, rows: list[tuple[str, tuple[float, float, float]]]) -> None:
    """Print a small table of figures."""
    print(f"\n{title}\n{'what':<48}{'p50 ms':>10}{'p95 ms':>10}{'CPU ms':>10}")
    for what, (middle, high, cpu) in rows:
        print(f"{what:<48}{middle:>10.2f}{high:>10.2f}{cpu:>10.2f}")
