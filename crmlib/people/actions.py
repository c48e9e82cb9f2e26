"""Accounts: add, edit, deactivate people, and give them a new first password."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.action import Work, action, expect_version
from crmlib.access.grants import Permission, Role
from crmlib.errors import Invalid, Refused
from crmlib.people import rules
from crmlib.people.codes import take_code
from crmlib.people.holdings import held_by
from crmlib.people.model import Office, OfficePrefix, Person
from crmlib.people.passwords import hash_password, initial_password
from crmlib.people.rows import reporting_line, visible_people
from crmlib.people.rules import PersonDraft, departure_fault, login_fault, person_faults
from crmlib.people.sessions import end_sessions, note, store_password
from crmlib.store.numbers import take
from crmlib.store.text import clean, half_width


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is told once: the first password is stored nowhere but as a hash."""

    person_id: int
    login: str
    seller_code: str | None
    password: str


@dataclass(frozen=True, slots=True)
class PersonSaved:
    """The person as saved."""

    person_id: int
    seller_code: str | None


# Without a token, on purpose: the answer to a token is kept, and this one holds a password.
@action(Permission.PERSON_MANAGE)
def add_person(work: Work, login: str, draft: PersonDraft) -> NewAccount:
    """Open an account with the next 编号 of its office and a password to be replaced.

    Raises:
        Invalid: all faults at once, a full 编号 prefix among them.
    """
    login, draft = half_width(login).lower(), _cleaned(draft)
    faults = person_faults(draft)
    if fault := login_fault(login):
        faults["login"] = fault
    elif work.session.scalar(select(Person.id).where(Person.login == login)) is not None:
        faults["login"] = rules.LOGIN_TAKEN
    faults |= _relation_faults(work.session, draft, person_id=None)
    if faults:
        raise Invalid(faults)
    password = initial_password()
    person = Person(
        login=login,
        password_hash=hash_password(password),
        seller_code=_code(work.session, draft),
        joined_on=clock.today(),
        **_columns(draft),
    )
    work.session.add(person)
    work.session.flush()
    return NewAccount(person.id, login, person.seller_code, password)


@action(Permission.PERSON_MANAGE)
def edit_person(
    work: Work,
    person_id: int,
    draft: PersonDraft,
    *,
    version: int | None = None,
    token: str | None = None,
) -> PersonSaved:
    """Save a person's data; a new role or office ends his sessions, the 编号 stays his.

    Raises:
        Invalid: all faults at once; ``reports_to_id`` when the tree would loop.
        Stale: somebody saved him meanwhile.
    """
    person = _fetch(work, person_id)
    expect_version(person, version)
    draft = _cleaned(draft)
    faults = person_faults(draft) | _relation_faults(work.session, draft, person_id=person_id)
    if person_id == work.actor.person_id and draft.role != person.role:
        faults["role"] = "不能修改本人的角色"
    if faults:
        raise Invalid(faults)
    has_new_duty = (person.role, person.office_id) != (draft.role, draft.office_id)
    for name, value in _columns(draft).items():
        setattr(person, name, value)
    if person.seller_code is None:
        person.seller_code = _code(work.session, draft)
    if has_new_duty:
        end_sessions(work.session, person_id)
    return PersonSaved(person_id, person.seller_code)


@action(Permission.PERSON_MANAGE)
def deactivate_person(
    work: Work, person_id: int, *, version: int | None = None, token: str | None = None
) -> PersonSaved:
    """Close an account; the row and its history stay.

    Raises:
        Refused: it is the actor's own, or the person still holds work to hand over.
    """
    person = _fetch(work, person_id)
    expect_version(person, version)
    if person_id == work.actor.person_id:
        message = "不能停用本人的帐号"
        raise Refused(message)
    if fault := departure_fault(person.name, held_by(work.session, person_id)):
        raise Refused(fault)
    person.active, person.left_on = False, clock.today()
    end_sessions(work.session, person_id)
    return PersonSaved(person_id, person.seller_code)


@action(Permission.PERSON_MANAGE)
def reset_password(work: Work, person_id: int) -> NewAccount:
    """Give a person who forgot his password a new first one; ends his sessions and any lock."""
    person = _fetch(work, person_id)
    password = initial_password()
    store_password(work.session, person_id, password, must_change=True)
    end_sessions(work.session, person_id)
    note(work.session, person_id, {"event": "password_reset"})
    return NewAccount(person_id, person.login, person.seller_code, password)


@action(Permission.PERSON_MANAGE)
def add_prefix(work: Work, office_id: int, prefix: str, *, token: str | None = None) -> None:
    """Give an office another 编号 prefix, for when its numbers are used up.

    Raises:
        Invalid: not two capital letters and two digits, or taken.
    """
    prefix = half_width(prefix).upper()
    if not rules.is_prefix(prefix):
        raise Invalid({"prefix": "前缀由两个字母加两个数字组成"})
    if work.session.scalar(select(OfficePrefix.id).where(OfficePrefix.prefix == prefix)):
        raise Invalid({"prefix": "前缀已被使用"})
    if work.session.get(Office, office_id) is None:
        raise Invalid({"office_id": "部门不存在"})
    work.session.add(OfficePrefix(prefix=prefix, office_id=office_id))


def _fetch(work: Work, person_id: int) -> Person:
    return work.fetch(Person, person_id, visible_people(work.actor, Permission.PERSON_MANAGE))


def _cleaned(draft: PersonDraft) -> PersonDraft:
    return replace(
        draft,
        name=clean(draft.name),
        mobile=half_width(draft.mobile),
        email=half_width(draft.email),
    )


def _columns(draft: PersonDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "role": Role(draft.role),
        "office_id": draft.office_id,
        "reports_to_id": draft.reports_to_id,
        "mobile": draft.mobile or None,
        "email": draft.email or None,
    }


def _relation_faults(
    session: Session, draft: PersonDraft, *, person_id: int | None
) -> dict[str, str]:
    faults: dict[str, str] = {}
    if draft.office_id is not None and session.get(Office, draft.office_id) is None:
        faults["office_id"] = "部门不存在"
    if draft.reports_to_id is None:
        return faults
    # Two administrators who change the tree at once could close a loop: one after the other.
    take(session, "reporting_tree", 1)
    if person_id and _is_below(session, draft.reports_to_id, person_id):
        faults["reports_to_id"] = rules.OWN_SUPERIOR
    superior = session.get(Person, draft.reports_to_id)
    if superior is None or not superior.active:
        faults["reports_to_id"] = "上级不存在或已停用"
    return faults


def _is_below(session: Session, other_id: int, person_id: int) -> bool:
    return other_id in session.scalars(reporting_line(person_id)).all()


def _code(session: Session, draft: PersonDraft) -> str | None:
    code = take_code(session, draft.office_id or 0)
    if code is None and draft.role == Role.SALES:
        raise Invalid({"office_id": rules.NO_PREFIX})
    return code
