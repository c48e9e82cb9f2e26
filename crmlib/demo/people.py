"""The people of the invented firm: the cast of the scenarios and their colleagues."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.grants import Role
from crmlib.demo import wording
from crmlib.demo.bulk import insert_rows
from crmlib.demo.geography import City, cities, city_named
from crmlib.demo.sizes import Size
from crmlib.people.model import Office, OfficePrefix, Person
from crmlib.people.passwords import hash_password
from crmlib.reference.model import Region

PASSWORD = "Sunmao-2026"  # noqa: S105 the contract prints it; `crm doctor` warns while it works
_HOME = ["广州", "上海", "深圳", "北京", "成都", "武汉"]  # a small firm sells here
# login, name, role, office, reports to, 编号
CAST = (
    ("liuyang", "刘洋", Role.MANAGER, "华南区", None, None),
    ("zhangwei", "张伟", Role.MANAGER, "广州", "liuyang", "GD0101"),
    ("limin", "李敏", Role.CLERK, "广州", "zhangwei", "GD0102"),
    ("wangqiang", "王强", Role.SALES, "广州", "zhangwei", "GD0107"),
    ("newhire", "林晨", Role.SALES, "广州", "zhangwei", "GD0108"),
    ("chengang", "陈刚", Role.SALES, "上海", None, "SH0103"),
    ("zhouting", "周婷", Role.GENERAL_OFFICE, "综合部", None, None),
    ("zhaolei", "赵磊", Role.ADMIN, "信息部", None, None),
    ("sunyue", "孙悦", Role.ANALYST, "经营分析部", None, None),
)
_NEW_HIRE = "newhire"
_CENTRAL = (
    (Role.GENERAL_OFFICE, "综合部"),
    (Role.ADMIN, "信息部"),
    (Role.ANALYST, "经营分析部"),
)
_MOST_SALES = 80  # of an office; a prefix has 99 numbers


@dataclass(slots=True)
class Branch:
    """An office that sells: its city, its people and the colleague who registers for it."""

    office_id: int
    city: City
    head: int
    clerk: int
    sales: list[int]


@dataclass(frozen=True, slots=True)
class _Site:
    office_id: int
    parent_id: int | None
    city: City
    prefix: str


@dataclass(slots=True)
class Staff:
    """Everybody, ready to own customers."""

    branches: list[Branch]
    by_login: dict[str, int]


class _Roster:
    """Collects rows of people; numbers and logins are given in order."""

    def __init__(self, chance: Random, password_hash: str) -> None:
        self.chance = chance
        self.rows: list[dict[str, Any]] = []
        self.by_login: dict[str, int] = {}
        self._hash = password_hash
        self._codes: set[str] = {c for *_, c in CAST if c}

    def add(
        self, role: Role, office_id: int, boss: int | None, prefix: str | None = None, **fixed: Any
    ) -> int:
        """Add a person and return the id he will have."""
        name, pinyin = wording.person(self.chance)
        login = fixed.get("login") or self._free_login(pinyin)
        key = len(self.rows) + 1
        self.by_login[login] = key
        mobile = f"1{self.chance.choice((38, 39, 36, 35, 86, 87, 58, 77))}{self.chance.randrange(10**8):08d}"
        row = {
            "id": key,
            "version": 1,
            "seller_code": self._code(prefix) if prefix else None,
            "name": name,
            "login": login,
            "password_hash": self._hash,
            "role": role,
            "office_id": office_id,
            "reports_to_id": boss,
            "mobile": mobile,
            "email": None,
            "joined_on": clock.today() - timedelta(days=self.chance.randrange(60, 4000)),
            "active": True,
            "must_change": login == _NEW_HIRE,
            "failed_logins": 0,
        }
        self.rows.append(row | fixed)
        return key

    def _free_login(self, pinyin: str) -> str:
        taken = {login for login, *_ in CAST} | self.by_login.keys()
        number, login = 1, pinyin
        while login in taken:
            number += 1
            login = f"{pinyin}{number}"
        return login

    def _code(self, prefix: str) -> str:
        code = next(c for n in range(1, 100) if (c := f"{prefix}{n:02d}") not in self._codes)
        self._codes.add(code)
        return code

    def last_number(self, prefix: str) -> int:
        """Return the highest number given under a prefix."""
        return max((int(c[4:]) for c in self._codes if c.startswith(prefix)), default=0)


def hire(session: Session, size: Size, chance: Random) -> Staff:
    """Write all people of a size and make the heads of offices known."""
    roster = _Roster(chance, hash_password(PASSWORD))
    sites = _sites(session, size)
    heads = _central(session, roster, size)
    branches = [_branch(roster, site, heads) for site in sites]
    _fill_up(roster, list(zip(branches, sites, strict=True)), size)
    insert_rows(session, Person, roster.rows)
    _write_heads(session, heads, branches)
    _write_prefixes(session, roster)
    return Staff(branches, roster.by_login)


def _sites(session: Session, size: Size) -> list[_Site]:
    """Return the offices that sell; a big firm opens further ones, city by city."""
    rows = session.execute(
        select(Office, OfficePrefix.prefix)
        .join(OfficePrefix, OfficePrefix.office_id == Office.id)
        .order_by(OfficePrefix.id)
    ).all()
    known = {
        office.name: _Site(office.id, office.parent_id, city_named(office.name), prefix)
        for office, prefix in rows
    }
    sites = [known.pop(name) for name in _HOME] + list(known.values())
    taken = {site.city.name for site in sites}
    others = [city for city in cities() if city.name not in taken]
    sites += [_open_site(session, city) for city in others[: max(0, size.offices - len(sites))]]
    return sites[: size.offices]


def _open_site(session: Session, city: City) -> _Site:
    """Open an office in another city, under the region of its province."""
    province, region = aliased(Region), aliased(Region)
    found = session.execute(
        select(region.id, Office.id)
        .select_from(province)
        .join(region, region.id == province.parent_id)
        .outerjoin(Office, Office.name == region.name + "区")
        .where(province.name == city.province)
    ).one()
    office = Office(name=city.name, region_id=found[0], parent_id=found[1])
    session.add(office)
    session.flush()  # its prefix needs its number
    used = session.scalar(select(func.count()).where(OfficePrefix.prefix.like(f"{city.letters}%")))
    prefix = f"{city.letters}{(used or 0) + 1:02d}"
    session.add(OfficePrefix(prefix=prefix, office_id=office.id))
    session.flush()  # the next office of the province counts it
    return _Site(office.id, office.parent_id, city, prefix)


def _central(session: Session, roster: _Roster, size: Size) -> dict[int, int]:
    """Add regional managers and the central departments; return office → head."""
    rows = session.execute(select(Office.name, Office.id).order_by(Office.id))
    offices: dict[str, int] = {name: key for name, key in rows}  # noqa: C416 rows are no pairs
    heads: dict[int, int] = {}
    for login, name, role, office, _, code in CAST:
        if code is None:
            heads[offices[office]] = roster.add(role, offices[office], None, login=login, name=name)
    for name, key in offices.items():
        if name.endswith("区") and key not in heads:
            heads[key] = roster.add(Role.MANAGER, key, None)
    for role, office in _CENTRAL:
        for _ in range(max(1, size.people // 200)):
            roster.add(role, offices[office], heads[offices[office]])
    return heads


def _branch(roster: _Roster, site: _Site, heads: dict[int, int]) -> Branch:
    boss = heads.get(site.parent_id) if site.parent_id else None
    name = site.city.name
    if name == "广州":
        head = _cast(roster, "zhangwei", site, boss)
        clerk = _cast(roster, "limin", site, head)
        sales = [_cast(roster, "wangqiang", site, head)]
        _cast(roster, _NEW_HIRE, site, head)  # has no customers yet
        return Branch(site.office_id, site.city, head, clerk, sales)
    head = roster.add(Role.MANAGER, site.office_id, boss, site.prefix)
    clerk = roster.add(Role.CLERK, site.office_id, head, site.prefix)
    sales = [_cast(roster, "chengang", site, head)] if name == "上海" else []
    return Branch(site.office_id, site.city, head, clerk, sales)


def _cast(roster: _Roster, login: str, site: _Site, boss: int | None) -> int:
    name, role, code = next((n, r, c) for x, n, r, _, _, c in CAST if x == login)
    return roster.add(role, site.office_id, boss, login=login, name=name, seller_code=code)


def _fill_up(roster: _Roster, branches: list[tuple[Branch, _Site]], size: Size) -> None:
    """Hire until the firm has its size; big markets get more, no prefix passes its 99."""
    weights = [site.city.weight for _, site in branches]
    while len(roster.rows) < size.people:
        starving = [pair for pair in branches if len(pair[0].sales) < 2]
        branch, site = starving[0] if starving else roster.chance.choices(branches, weights)[0]
        if len(branch.sales) >= _MOST_SALES:
            continue
        wants_clerk = len(branch.sales) % 12 == 11 and roster.chance.random() < 0.5
        role = Role.CLERK if wants_clerk else Role.SALES
        key = roster.add(role, site.office_id, branch.head, site.prefix)
        if role is Role.SALES:
            branch.sales.append(key)


def _write_heads(session: Session, heads: dict[int, int], branches: list[Branch]) -> None:
    for office_id, head in heads.items() | {(b.office_id, b.head) for b in branches}:
        session.execute(update(Office).where(Office.id == office_id).values(head_id=head))


def _write_prefixes(session: Session, roster: _Roster) -> None:
    for row in session.scalars(select(OfficePrefix)):
        row.last_number = roster.last_number(row.prefix)
