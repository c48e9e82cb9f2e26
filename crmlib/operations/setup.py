"""Make a database ready for work: schema, dictionaries, offices, stages."""

from sqlalchemy import select

from crmlib.analysis import views
from crmlib.demo.people import CAST, PASSWORD
from crmlib.opportunities.setup import load_stages
from crmlib.people.model import Person
from crmlib.people.setup import load_offices
from crmlib.reference.load import load
from crmlib.settings import settings
from crmlib.store.engine import reading, writing
from crmlib.store.migrate import migrate


def prepare() -> None:
    """Migrate and add what is missing of the reference data; doing it again changes nothing."""
    had_views = views.set_aside()
    migrate()
    if had_views:
        views.put_back()
    with writing() as session, session.begin():
        load(session)
        load_offices(session)
        load_stages(session)


def greeting(host: str, port: int) -> str:
    """Return what an operator reads at the start: the address and, if they exist, demo accounts."""
    lines = [f"榫卯 CRM：http://{host}:{port}/   单位简称 {settings().tenant}"]
    logins = [login for login, *_ in CAST]
    with reading() as session:
        known = session.execute(
            select(Person.login, Person.name).where(
                Person.login.in_(logins), Person.active.is_(True)
            )
        ).all()
    if known:
        names = dict(known)
        shown = "、".join(f"{names[login]} {login}" for login in logins if login in names)
        lines.append(f"演示帐号：{shown}；密码 {PASSWORD}")
    return "\n".join(lines)
