"""Sign-in: sessions whose secret is in the browser's cookie and whose hash is in the database."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import Lock

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session as Database

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import leads
from crmlib.access.grants import Permission, Role
from crmlib.errors import Invalid, NotAllowed, SignInFailed
from crmlib.people import rules
from crmlib.people.model import LoginSession, Office, Person
from crmlib.people.passwords import check_new_password, hash_password, is_password
from crmlib.settings import settings
from crmlib.store import log
from crmlib.store.engine import reading, writing

# Sliding expiry writes at most this often.
TOUCH = timedelta(minutes=1)
ENTITY = LoginSession.__tablename__
FAILED = "sign_in_failed"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a browser gets: the cookie's secret and the token its forms carry."""

    secret: str
    csrf: str
    person_id: int
    must_change: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A living sign-in and the person behind it."""

    key: str  # hash of the secret
    person_id: int
    login: str
    name: str
    role: Role
    office: str
    must_change: bool
    csrf: str
    seen_at: datetime
    has_subordinates: bool = False


def key_of(secret: str) -> str:
    """Return the hash under which a secret is known to the database."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_in(tenant: str, login: str, password: str) -> SignIn:
    """Open a session.

    Raises:
        SignInFailed: some part is wrong (not saying which), locked, or deactivated.
    """
    login = login.strip().lower()
    with reading() as session:
        known = session.scalar(select(Person.password_hash).where(Person.login == login))
    # The slow hash runs for strangers too and outside the writing transaction.
    right = is_password(known or _nobodys_hash(), password) and known is not None
    right &= tenant.strip().casefold() == settings().tenant.casefold()
    with writing() as session, session.begin():
        session.info[log.ACTION] = "sign_in"
        person = session.scalar(select(Person).where(Person.login == login).with_for_update())
        if person is None:
            refusal: str | None = _strangers.failed(login)
            if refusal != rules.LOCKED:
                note(session, None, {"event": FAILED, "login": login[:40]})
        else:
            refusal = _verdict(session, person, right=right)
        if person is not None and refusal is None:
            return _open(session, person)
    raise SignInFailed(refusal)


def sign_out(secret: str) -> None:
    """End the session of this secret; unknown ones are ignored."""
    with writing() as session, session.begin():
        row = session.get(LoginSession, key_of(secret))
        if row is not None and row.ended_at is None:
            session.info.update({log.PERSON: row.person_id, log.ACTION: "sign_out"})
            end_sessions(session, row.person_id, LoginSession.secret_hash == row.secret_hash)


def session_of(secret: str, *, touch: bool = True) -> Session | None:
    """Return the living session of a secret; use prolongs it unless ``touch`` is off."""
    key = key_of(secret)
    found = living({key}).get(key)
    now = clock.now()
    if found is not None and touch and found.seen_at < now - TOUCH:
        _prolong(key, now)
    return found


def living(keys: Collection[str]) -> dict[str, Session]:
    """Return those of the sessions (by hash) that still live."""
    query = _SESSIONS.where(_is_alive(clock.now()), LoginSession.secret_hash.in_(keys))
    with reading() as session:
        return {row.secret_hash: Session(*tuple(row)) for row in session.execute(query)}


def set_first_password(secret: str, password: str, again: str) -> None:
    """Set a person's own password in place of the initial one.

    Raises:
        Invalid: weak, unchanged, or typed differently twice.
        NotAllowed: no living session, or the password is his own already.
    """
    found = session_of(secret)
    if found is None or not found.must_change:
        raise NotAllowed
    with writing() as session, session.begin():
        session.info.update({log.PERSON: found.person_id, log.ACTION: "set_first_password"})
        _replace_password(session, found.person_id, password, again, keep=found.key)


@action(Permission.PASSWORD_CHANGE)
def change_password(work: Work, old: str, password: str, again: str, *, keep: str = "") -> None:
    """Change one's own password and end all other sessions; ``keep`` is the secret of this one.

    Raises:
        Invalid: the old one is wrong, or the new one is weak, unchanged or typed differently.
    """
    person = work.session.get_one(Person, work.actor.person_id)
    if not is_password(person.password_hash, old):
        raise Invalid({"old": "原密码错误"})
    _replace_password(work.session, person.id, password, again, keep=key_of(keep))


def end_sessions(session: Database, person_id: int, *which: ColumnElement[bool]) -> None:
    """End a person's sessions (all of them, or those that meet the conditions)."""
    ended = session.scalars(
        update(LoginSession)
        .where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None), *which)
        .values(ended_at=clock.now())
        .returning(LoginSession.person_id)
        .execution_options(synchronize_session=False)
    ).all()
    if ended:
        note(session, person_id, {"event": "sign_out", "sessions": len(ended)})


def note(session: Database, person_id: int | None, after: dict[str, object]) -> None:
    """Log what happened to a person's sign-in; secrets never get here."""
    # Failures have a kind of their own: they are looked for among millions of sign-ins.
    kind = "failed" if after.get("event") == FAILED else "event"
    log.write(session, [{"entity": ENTITY, "entity_id": person_id, "kind": kind, "after": after}])


_SESSIONS = (
    select(
        LoginSession.secret_hash,
        Person.id,
        Person.login,
        Person.name,
        Person.role,
        Office.name.label("office"),
        Person.must_change,
        LoginSession.csrf,
        LoginSession.seen_at,
        leads(Person.id.expression).label("leads"),
    )
    .join(Person, Person.id == LoginSession.person_id)
    .join(Office, Office.id == Person.office_id)
)


def _is_alive(now: datetime) -> ColumnElement[bool]:
    return (
        LoginSession.ended_at.is_(None) & (LoginSession.expires_at > now) & Person.active.is_(True)
    )


def _verdict(session: Database, person: Person, *, right: bool) -> str | None:
    # Decided under the row's lock: guesses sent at once cannot slip past the count.
    now = clock.now()
    session.info[log.PERSON] = person.id
    if rules.is_locked(person.locked_until, now):
        return rules.LOCKED
    if right:
        if person.failed_logins and person.active:
            _count(session, person.id, 0, None)
        return None if person.active else rules.DEACTIVATED
    failures, until = rules.after_failure(person.failed_logins, person.locked_until, now)
    _count(session, person.id, failures, until)
    note(session, person.id, {"event": FAILED, "locked": until is not None})
    return rules.LOCKED if until else SignInFailed.message


def _count(session: Database, person_id: int, failures: int, until: datetime | None) -> None:
    # Not by the ORM: a failed guess must not make an open form of this person stale.
    session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(failed_logins=failures, locked_until=until)
        .execution_options(synchronize_session=False)
    )


def _open(session: Database, person: Person) -> SignIn:
    now = clock.now()
    made = SignIn(secrets.token_hex(32), secrets.token_hex(16), person.id, person.must_change)
    session.add(
        LoginSession(
            secret_hash=key_of(made.secret),
            person_id=person.id,
            csrf=made.csrf,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=settings().session_hours),
        )
    )
    note(session, person.id, {"event": "sign_in"})
    return made


def _prolong(key: str, now: datetime) -> None:
    with writing() as session, session.begin():
        session.execute(
            update(LoginSession)
            .where(
                LoginSession.secret_hash == key,
                LoginSession.ended_at.is_(None),
                LoginSession.seen_at < now - TOUCH,
            )
            .values(seen_at=now, expires_at=now + timedelta(hours=settings().session_hours))
            .execution_options(synchronize_session=False)
        )


def _replace_password(
    session: Database, person_id: int, password: str, again: str, *, keep: str
) -> None:
    person = session.get_one(Person, person_id, with_for_update=True)
    check_new_password(password, again, login=person.login, old_hash=person.password_hash)
    store_password(session, person_id, password, must_change=False)
    note(session, person_id, {"event": "password_changed"})
    end_sessions(session, person_id, LoginSession.secret_hash != keep)


def store_password(session: Database, person_id: int, password: str, *, must_change: bool) -> None:
    """Store the hash past the ORM, so that it stays out of the change log."""
    session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(
            password_hash=hash_password(password),
            must_change=must_change,
            failed_logins=0,
            locked_until=None,
        )
        .execution_options(synchronize_session=False)
    )


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_hex(16))


class _Strangers:
    """Counts failures of logins nobody has, so that a lock does not tell who exists."""

    MOST = 10_000

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: OrderedDict[str, tuple[int, datetime | None]] = OrderedDict()

    def failed(self, login: str) -> str:
        """Count one more and return the message to show."""
        now = clock.now()
        with self._lock:
            failures, until = self._seen.pop(login, (0, None))
            if rules.is_locked(until, now):
                self._seen[login] = failures, until
                return rules.LOCKED
            self._seen[login] = rules.after_failure(failures, until, now)
            if len(self._seen) > self.MOST:
                self._seen.popitem(last=False)
            return rules.LOCKED if self._seen[login][1] else SignInFailed.message


_strangers = _Strangers()
