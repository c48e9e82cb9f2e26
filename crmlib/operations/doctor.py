"""Look whether an installation is fit for work."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from crmlib.customers.model import LIVE, Customer
from crmlib.demo.people import CAST, PASSWORD
from crmlib.people.model import Person
from crmlib.people.passwords import is_password
from crmlib.settings import settings
from crmlib.store.engine import engine, reading
from crmlib.store.migrate import config

_LEAST_FREE = 1 << 30
_MEGABYTE = 1 << 20
_FIXED_PARSER = {(3, 11): 8, (3, 12): 1}  # minor version: first release without the fault


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: well, worth a warning, or broken."""

    what: str
    state: str  # 正常, 警告, 故障
    detail: str


WELL, WARNING, BROKEN = "正常", "警告", "故障"


def examine() -> list[Finding]:
    """Return the findings; once the database is broken, what needs it is left out."""
    findings = [_python(), _disk(), _database()]
    if findings[-1].state != BROKEN:
        findings.append(_schema())
    if findings[-1].state == WELL:
        findings += [check() for check in _DATA_CHECKS]
    return findings


def _python() -> Finding:
    version = sys.version_info
    first_good = _FIXED_PARSER.get(version[:2], 0)
    shown = f"{version.major}.{version.minor}.{version.micro}"
    if version.micro < first_good:
        detail = f"{shown} 的 ast.parse 有多线程缺陷，页面打开会稍慢；建议升级"
        return Finding("Python", WARNING, detail)
    return Finding("Python", WELL, shown)


def _disk() -> Finding:
    folder = settings().var_dir
    free = shutil.disk_usage(folder if folder.exists() else folder.absolute().parent).free
    state = WELL if free >= _LEAST_FREE else WARNING
    return Finding("磁盘空间", state, f"可用 {free // _MEGABYTE} MB")


def _database() -> Finding:
    shown = engine().url.render_as_string(hide_password=True)
    try:
        with engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as fault:
        return Finding("数据库", BROKEN, f"{shown} 无法连接：{str(fault).splitlines()[0]}")
    return Finding("数据库", WELL, shown)


def _schema() -> Finding:
    head = ScriptDirectory.from_config(config()).get_current_head()
    with engine().connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return Finding("表结构", WELL, f"版本 {current}")
    return Finding("表结构", BROKEN, f"版本 {current or '无'}，应为 {head}；请运行 crm migrate")


def _demo_passwords() -> Finding:
    with reading() as session:
        rows = session.execute(
            select(Person.login, Person.password_hash).where(
                Person.active.is_(True), Person.login.in_([login for login, *_ in CAST])
            )
        )
        open_doors = [login for login, stored in rows if is_password(stored, PASSWORD)]
    if open_doors:
        return Finding("演示密码", WARNING, f"仍可登录：{'、'.join(sorted(open_doors))}")
    return Finding("演示密码", WELL, "无")


def _people() -> Finding:
    with reading() as session:
        count = session.scalar(select(func.count(Person.id)).where(Person.active.is_(True)))
    if not count:
        return Finding("人员", WARNING, "还没有人员；请用 crm person add 添加")
    return Finding("人员", WELL, f"{count} 人")


def _index() -> Finding:
    """Say whether every live customer carries the keys the duplicate index is built from."""
    with reading() as session:
        count = session.scalar(select(func.count(Customer.id)).where(Customer.status.in_(LIVE)))
        bare = session.scalar(select(func.count(Customer.id)).where(Customer.name_key == ""))
    if bare:
        return Finding("撞单索引", BROKEN, f"{bare} 个客户缺少名称索引键")
    return Finding("撞单索引", WELL, f"{count} 个客户可查")


_DATA_CHECKS: tuple[Callable[[], Finding], ...] = (_people, _demo_passwords, _index)


def is_fit(findings: list[Finding]) -> bool:
    """Say whether nothing is broken; warnings do not stop anybody."""
    return all(finding.state != BROKEN for finding in findings)
