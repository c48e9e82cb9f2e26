"""Add people from the command line, where names stand for numbers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock, words
from crmlib.access.actor import Actor, actor_of
from crmlib.access.grants import GRANTS, Permission, Role
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.people.actions import NewAccount, add_person
from crmlib.people.model import Office, Person
from crmlib.people.passwords import hash_password, initial_password
from crmlib.people.rules import PersonDraft, login_fault, person_faults
from crmlib.store import log
from crmlib.store.engine import reading, writing


def actor_named(login: str | None) -> Actor:
    """Return the person of a login, or the first of 信息部 that works here.

    Raises:
        Refused: there is no such person.
    """
    wanted = Person.login == login if login else Person.role == Role.ADMIN
    with reading() as session:
        key = _first(session, wanted)
    if key is None:
        message = f"没有此登录名：{login}" if login else "没有信息部人员，请先 crm person add"
        raise Refused(message)
    return actor_of(key)


def actor_who_may(permission: Permission, login: str | None) -> Actor:
    """Return the person of a login, or the first whose role holds a permission.

    Raises:
        NotAllowed: the role of this person does not.
        Refused: there is no such person.
    """
    if login is None:
        with reading() as session:
            key = _first(session, Person.role.in_(GRANTS[permission]))
        if key is None:
            message = f"没有{'、'.join(words.ROLES[role] for role in GRANTS[permission])}人员"
            raise Refused(message)
        return actor_of(key)
    actor = actor_named(login)
    if not actor.may(permission):
        raise NotAllowed
    return actor


def add_colleague(
    *, login: str, name: str, role: Role, office: str, reports_to: str | None = None
) -> NewAccount:
    """Open an account in the name of 信息部; the very first must be one of 信息部.

    Raises:
        Invalid: all faults at once.
    """
    faults: dict[str, str] = {}
    with reading() as session:
        office_id = session.scalar(select(Office.id).where(Office.name == office))
        if office_id is None:
            faults["office_id"] = f"没有此部门：{office}"
        boss = _first(session, Person.login == reports_to) if reports_to else None
        if reports_to and boss is None:
            faults["reports_to_id"] = f"没有此登录名：{reports_to}"
        nobody = session.scalar(select(Person.id).limit(1)) is None
    draft = PersonDraft(name, role.value, office_id, boss)
    if nobody:
        return _open_first(login, draft, faults)
    if faults:
        raise Invalid(faults)
    return add_person(actor_named(None), login, draft)


def _open_first(login: str, draft: PersonDraft, faults: dict[str, str]) -> NewAccount:
    faults |= person_faults(draft)
    if fault := login_fault(login):
        faults["login"] = fault
    if draft.role != Role.ADMIN:
        faults["role"] = "第一个帐号的角色须为 admin（信息部）"
    if faults or draft.office_id is None:
        raise Invalid(faults)
    password = initial_password()
    with writing() as session, session.begin():
        session.info[log.ACTION] = "open_first_account"
        person = Person(
            login=login,
            name=draft.name,
            role=Role.ADMIN,
            office_id=draft.office_id,
            password_hash=hash_password(password),
            joined_on=clock.today(),
        )
        session.add(person)
        session.flush()  # the answer names it
        return NewAccount(person.id, login, None, password)


def _first(session: Session, wanted: object) -> int | None:
    active = select(Person.id).where(wanted, Person.active.is_(True))  # type: ignore[arg-type]
    return session.scalar(active.order_by(Person.id).limit(1))
