"""One action = permission + one transaction + its change log + its token."""

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar, cast, get_type_hints

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from crmlib import clock
from crmlib.access.actor import Actor, load_actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed, Refused, Stale
from crmlib.store import log
from crmlib.store.engine import writing
from crmlib.store.schema import Record, Submission, Versioned

RowT = TypeVar("RowT", bound=Record)
P = ParamSpec("P")
R = TypeVar("R")
TRIES = 3


@dataclass(frozen=True, slots=True)
class Work:
    """What an action works with: the session of its transaction and the actor as read in it."""

    session: Session
    actor: Actor

    def fetch(self, model: type[RowT], key: int, allowed: ColumnElement[bool]) -> RowT:
        """Return the row if the condition holds for it.

        Raises:
            NotAllowed: no such row, or not for this actor; the two look alike on purpose.
        """
        row = self.session.scalar(
            select(model).where(model.id == key, allowed).with_for_update(of=model)
        )
        if row is None:
            raise NotAllowed
        return row

    def note(self, entity: str, entity_id: int | None, after: dict[str, Any]) -> None:
        """Log an event that changes no column of a logged table."""
        self.session.flush()
        log.write(
            self.session,
            [
                {
                    "entity": entity,
                    "entity_id": entity_id,
                    "kind": "event",
                    "before": None,
                    "after": after,
                }
            ],
        )


def expect_version(record: Versioned, version: int | None) -> None:
    """Refuse a form that was opened before somebody else's change.

    Raises:
        Stale: the record has moved on.
    """
    if version is not None and record.version != version:
        raise Stale


def action(
    permission: Permission,
) -> Callable[[Callable[Concatenate[Work, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a use case of a function that takes ``Work``; callers pass the actor instead.

    A keyword ``token`` (declared by the function, unused in it) makes the use case run once:
    the same token gives the first answer again. Such a function returns a flat dataclass.
    """

    def wrap(body: Callable[Concatenate[Work, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @functools.wraps(body)
        def run(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            token = cast("str | None", kwargs.get("token"))
            attempt = functools.partial(_attempt, permission, body, actor, token, args, kwargs)
            try:
                return cast("R", _retrying(attempt))
            except NotAllowed as refusal:
                _log_refusal(actor, permission, body.__name__, refusal)
                raise

        run.permission = permission  # type: ignore[attr-defined]
        return run

    return wrap


def _retrying(attempt: Callable[[], object]) -> object:
    # Two savers of one name or number: the second try sees what the first one committed.
    for left in range(TRIES - 1, -1, -1):
        try:
            return attempt()
        except StaleDataError as fault:
            raise Stale from fault
        except (IntegrityError, OperationalError) as fault:
            if not left:
                message = "同一数据正在被他人保存，请稍后重试"
                raise Refused(message) from fault
    raise AssertionError


def _attempt(
    permission: Permission,
    body: Callable[..., object],
    actor: Actor,
    token: str | None,
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> object:
    with writing() as session, session.begin():
        session.info[log.PERSON], session.info[log.ACTION] = actor.person_id, body.__name__
        work = Work(session, load_actor(session, actor.person_id))
        if not work.actor.may(permission):
            raise NotAllowed
        if token and (done := session.get(Submission, token)):
            if (done.person_id, done.action) != (actor.person_id, body.__name__):
                raise NotAllowed
            returned = get_type_hints(body)["return"]
            return returned(**done.result) if done.result is not None else None
        result = body(work, *args, **kwargs)
        if token:
            session.execute(
                insert(Submission).values(
                    token=token,
                    person_id=actor.person_id,
                    action=body.__name__,
                    at=clock.now(),
                    result=dataclasses.asdict(cast("Any", result)) if result is not None else None,
                )
            )
        return result


def _log_refusal(actor: Actor, permission: Permission, name: str, refusal: NotAllowed) -> None:
    with writing() as session, session.begin():
        session.info[log.PERSON], session.info[log.ACTION] = actor.person_id, name
        log.write(
            session,
            [
                {
                    "entity": "permission",
                    "entity_id": None,
                    "kind": "refused",
                    "before": None,
                    "after": {"permission": permission.value, "message": refusal.message},
                }
            ],
        )
