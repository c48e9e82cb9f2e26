"""Tokens of programs: given by 信息部, revoked at any time, dead with their person."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import polars as pl
from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from crmlib import clock
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor, load_actor
from crmlib.access.grants import Permission
from crmlib.api import rules
from crmlib.api.model import ApiCall, ApiToken
from crmlib.api.rules import TokenDraft
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.notices import notify
from crmlib.people.model import Office, Person
from crmlib.store.engine import reading, writing
from crmlib.store.text import clean

PREFIX = "sunmao_"
HINT = len(PREFIX) + 6
# When it was last used is written at most this often.
TOUCH = timedelta(minutes=1)
CALLS_KEPT = timedelta(days=180)
_MOMENT = pl.Datetime("us", "Asia/Shanghai")
STATES = {"ok": "有效", "expired": "已过期", "revoked": "已吊销", "left": "人员已停用"}
TOKENS = pl.Schema(
    {
        "id": pl.Int64(),
        "name": pl.String(),
        "person": pl.String(),
        "office": pl.String(),
        "rights": pl.String(),
        "hint": pl.String(),
        "created_by": pl.String(),
        "created_at": _MOMENT,
        "expires_at": _MOMENT,
        "last_used_at": _MOMENT,
        "state": pl.String(),
    }
)
CALLS = pl.Schema(
    {
        "id": pl.Int64(),
        "at": _MOMENT,
        "token": pl.String(),
        "person": pl.String(),
        "method": pl.String(),
        "path": pl.String(),
        "status": pl.Int64(),
        "milliseconds": pl.Int64(),
    }
)


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is told once: the secret is stored nowhere but as a hash."""

    token_id: int
    name: str
    person: str
    secret: str


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """A token that works no more."""

    token_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that showed a living token, and the person whose rights it has."""

    token_id: int
    name: str
    may_write: bool
    expires_at: datetime
    actor: Actor


@dataclass(frozen=True, slots=True)
class Calls:
    """One page of calls (columns: CALLS) and how many there are in all."""

    rows: pl.DataFrame
    total: int


# Without a token of its own: the answer to one is kept, and this one holds a secret.
@action(Permission.API_MANAGE)
def issue_token(work: Work, draft: TokenDraft) -> NewToken:
    """Give a program the rights of a person until the end of a day; the person is told.

    Raises:
        Invalid: all faults at once.
    """
    draft = replace(draft, name=clean(draft.name))
    faults = rules.token_faults(draft, clock.today())
    person = chosen_person(work.session, draft.person_id, faults)
    if faults or person is None or draft.expires_on is None:
        raise Invalid(faults)
    secret = PREFIX + secrets.token_urlsafe(32)
    end = datetime.combine(draft.expires_on + timedelta(days=1), time(), tzinfo=clock.SHANGHAI)
    token = ApiToken(
        name=draft.name,
        person_id=person.id,
        may_write=draft.may_write,
        secret_hash=rules.token_key(secret),
        hint=secret[:HINT],
        created_by_id=work.actor.person_id,
        created_at=clock.now(),
        expires_at=end,
    )
    work.session.add(token)
    work.session.flush()
    if person.id != work.actor.person_id:
        can = "查询和修改" if draft.may_write else "查询"
        body = f"{work.actor.name} 为程序「{token.name}」开通了接口令牌，它可以按您的权限{can}数据，有效期至 {draft.expires_on}。"
        notify(work.session, [person.id], "接口令牌已开通", body)
    return NewToken(token.id, token.name, person.name, secret)


@action(Permission.API_MANAGE)
def revoke_token(work: Work, token_id: int, *, token: str | None = None) -> TokenRevoked:
    """End a token at once.

    Raises:
        Refused: it is revoked already.
    """
    row = work.session.get(ApiToken, token_id, with_for_update=True)
    if row is None:
        raise NotAllowed
    if row.revoked_at is not None:
        message = f"令牌「{row.name}」已经吊销"
        raise Refused(message)
    row.revoked_at = clock.now()
    return TokenRevoked(row.id, row.name)


def chosen_person(session: Session, person_id: int | None, faults: dict[str, str]) -> Person | None:
    """Return the active person whose rights are lent, or note the fault."""
    person = session.get(Person, person_id) if person_id is not None else None
    if person_id is not None and (person is None or not person.active):
        faults["person_id"] = rules.NOT_THERE
        return None
    if person is not None and person.must_change:
        faults["person_id"] = f"{person.name} 尚未设置登录密码，请先完成首次登录"
    return person


def caller_of(secret: str) -> Caller | None:
    """Return who calls with a secret; None for an unknown, ended or orphaned token."""
    now = clock.now()
    with reading() as session:
        row = session.scalar(
            select(ApiToken).where(
                ApiToken.secret_hash == rules.token_key(secret),
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_at > now,
            )
        )
        if row is None:
            return None
        try:
            actor = load_actor(session, row.person_id)
        except NotAllowed:
            return None
        return Caller(row.id, row.name, row.may_write, row.expires_at, actor)


def note_call(caller: Caller, method: str, path: str, status: int, milliseconds: int) -> None:
    """Keep who called what with which outcome."""
    now = clock.now()
    with writing() as session, session.begin():
        session.execute(
            insert(ApiCall).values(
                token_id=caller.token_id,
                at=now,
                method=method[:10],
                path=path[:120],
                status=status,
                milliseconds=milliseconds,
            )
        )
        is_old = ApiToken.last_used_at.is_(None) | (ApiToken.last_used_at < now - TOUCH)
        session.execute(
            update(ApiToken)
            .where(ApiToken.id == caller.token_id, is_old)
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )


def forget_calls() -> None:
    """Delete calls that are too old to matter."""
    with writing() as session, session.begin():
        session.execute(delete(ApiCall).where(ApiCall.at < clock.now() - CALLS_KEPT))


def tokens_frame(actor: Actor) -> pl.DataFrame:
    """Return all tokens, the living first, then the newest (columns: TOKENS)."""
    _require(actor)
    creator, now = aliased(Person), clock.now()
    state = case(
        (ApiToken.revoked_at.is_not(None), "revoked"),
        (Person.active.is_(False), "left"),
        (ApiToken.expires_at <= now, "expired"),
        else_="ok",
    )
    query = (
        select(ApiToken, Person.name, Office.name, creator.name, state)
        .join(Person, Person.id == ApiToken.person_id)
        .join(Office, Office.id == Person.office_id)
        .join(creator, creator.id == ApiToken.created_by_id)
        .order_by(state != "ok", ApiToken.id.desc())
    )
    with reading() as session:
        rows = [_token_line(*row) for row in session.execute(query)]
    return pl.DataFrame(rows, schema=TOKENS, orient="row")


def _token_line(
    token: ApiToken, person: str, office: str, creator: str, state: str
) -> tuple[object, ...]:
    return (
        token.id,
        token.name,
        person,
        office,
        "读写" if token.may_write else "只读",
        f"{token.hint}…",
        creator,
        clock.local(token.created_at),
        clock.local(token.expires_at),
        token.last_used_at and clock.local(token.last_used_at),
        STATES[state],
    )


def calls_page(actor: Actor, page: int = 1, size: int = 50, token_id: int | None = None) -> Calls:
    """Return calls of programs, newest first; of one token if one is named."""
    _require(actor)
    where: Sequence[object] = () if token_id is None else (ApiCall.token_id == token_id,)
    query = (
        select(
            ApiCall.id,
            ApiCall.at,
            ApiToken.name,
            Person.name,
            ApiCall.method,
            ApiCall.path,
            ApiCall.status,
            ApiCall.milliseconds,
        )
        .join(ApiToken, ApiToken.id == ApiCall.token_id)
        .join(Person, Person.id == ApiToken.person_id)
        .where(*where)  # type: ignore[arg-type]
        .order_by(ApiCall.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    with reading() as session:
        rows = [(row[0], clock.local(row[1]), *row[2:]) for row in session.execute(query)]
        count = select(func.count(ApiCall.id)).where(*where)  # type: ignore[arg-type]
        total = session.scalar(count) or 0
    return Calls(pl.DataFrame(rows, schema=CALLS, orient="row"), total)


def _require(actor: Actor) -> None:
    if not actor.may(Permission.API_MANAGE):
        raise NotAllowed
