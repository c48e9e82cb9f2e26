"""过滤方案: how a person wants a list, kept under a name; managers and 综合部 publish theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from crmlib.access.action import Work, action
from crmlib.access.actor import Actor, load_actor, people_below
from crmlib.access.grants import Permission, Scope
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.people.model import ChosenScheme, FilterScheme, Person
from crmlib.store.engine import reading
from crmlib.store.text import clean
from crmlib.ui.schemes import SYSTEM, SYSTEM_NAME, SchemeKeeper, SchemeLine, SchemeShelf

NAME_LENGTH = 40
MOST = 50  # of one person for one list
SYSTEM_STAYS = "系统默认方案不能删除"
# What is kept of a query; which page was shown is nobody's wish.
_KEPT = ("filters", "sort", "down", "find", "text", "cols", "size")


@dataclass(frozen=True, slots=True)
class SchemeSaved:
    """A 方案 after a change."""

    id: int
    name: str


def keeper(actor: Actor, list_key: str) -> SchemeKeeper:
    """Return the keeper of a list's 方案 for its table."""

    def save(name: str, content: Mapping[str, Any], number: int | None, token: str) -> int:
        return save_scheme(actor, list_key, name, content, number, token=token).id

    return SchemeKeeper(
        shelf=lambda: shelf(actor, list_key),
        save=save,
        delete=lambda number: delete_scheme(actor, number),
        choose=lambda number: choose_scheme(actor, list_key, number),
        publish=lambda number, is_on: publish_scheme(actor, number, is_on),
    )


def shelf(actor: Actor, list_key: str) -> SchemeShelf:
    """Return the 方案 of a list a person may use: his own, and those published to him."""
    with reading() as session:
        found = _visible(session, actor, FilterScheme.list_key == list_key)
        chosen = session.scalar(_choice(actor, list_key))
    lines = tuple(
        SchemeLine(
            id=scheme.id,
            name=scheme.name,
            content=scheme.content,
            is_own=scheme.owner_id == actor.person_id,
            is_published=scheme.published,
            by="" if scheme.owner_id == actor.person_id else owner,
        )
        for scheme, owner in found
    )
    # One that was deleted or is published no more: the system's own again.
    is_there = any(line.id == chosen for line in lines)
    return SchemeShelf(
        lines, chosen if chosen and is_there else SYSTEM, actor.may(Permission.SCHEME_PUBLISH)
    )


def _choice(actor: Actor, list_key: str) -> Any:
    return select(ChosenScheme.scheme_id).where(
        ChosenScheme.person_id == actor.person_id, ChosenScheme.list_key == list_key
    )


def _visible(
    session: Session, actor: Actor, where: ColumnElement[bool]
) -> list[tuple[FilterScheme, str]]:
    rows = session.execute(
        select(FilterScheme, Person.name)
        .join(Person, Person.id == FilterScheme.owner_id)
        .where(where, or_(FilterScheme.owner_id == actor.person_id, FilterScheme.published))
        .order_by(FilterScheme.owner_id != actor.person_id, FilterScheme.name, FilterScheme.id)
    ).all()
    reaching = {
        owner: owner == actor.person_id or _reaches(session, owner, actor)
        for owner in {scheme.owner_id for scheme, _ in rows}
    }
    return [(scheme, name) for scheme, name in rows if reaching[scheme.owner_id]]


def _reaches(session: Session, publisher: int, actor: Actor) -> bool:
    """Say whether what somebody publishes is for this person."""
    try:
        held = load_actor(session, publisher).scopes(Permission.SCHEME_PUBLISH)
    except NotAllowed:  # he has left
        return False
    if Scope.ALL in held:
        return True
    below = Person.id.in_(people_below(publisher))
    is_below = session.scalar(select(Person.id).where(Person.id == actor.person_id, below))
    return Scope.TREE in held and is_below is not None


@action(Permission.SCHEME_USE)
def save_scheme(
    work: Work,
    list_key: str,
    name: str,
    content: Mapping[str, Any],
    scheme_id: int | None = None,
    *,
    token: str | None = None,
) -> SchemeSaved:
    """Keep how a list is shown; ``scheme_id`` replaces an own 方案.

    Raises:
        Invalid: ``name``.
        Refused: he has too many.
    """
    me, session = work.actor.person_id, work.session
    held = {
        scheme.name: scheme
        for scheme in session.scalars(
            select(FilterScheme).where(
                FilterScheme.owner_id == me, FilterScheme.list_key == list_key
            )
        )
    }
    name = clean(name)
    if fault := _name_fault(name, held, scheme_id):
        raise Invalid({"name": fault})
    kept = {key: content[key] for key in _KEPT if key in content}
    if scheme_id is not None:
        scheme = _own(work, scheme_id)
        scheme.name, scheme.content = name, kept
    else:
        if len(held) >= MOST:
            message = f"每个列表最多保存 {MOST} 个方案，请先删除不用的方案"
            raise Refused(message)
        scheme = FilterScheme(list_key=list_key, owner_id=me, name=name, content=kept)
        session.add(scheme)
    session.flush()
    return SchemeSaved(scheme.id, scheme.name)


def _name_fault(name: str, held: Mapping[str, FilterScheme], scheme_id: int | None) -> str:
    if not name:
        return "方案名称 为必录项"
    if len(name) > NAME_LENGTH:
        return f"方案名称 不能超过 {NAME_LENGTH} 个字"
    if name == SYSTEM_NAME:
        return f"「{SYSTEM_NAME}」是系统方案的名称，请换一个名称"
    if name in held and held[name].id != scheme_id:
        return f"已有名为「{name}」的方案"
    return ""


def _own(work: Work, scheme_id: int) -> FilterScheme:
    return work.fetch(FilterScheme, scheme_id, FilterScheme.owner_id == work.actor.person_id)


@action(Permission.SCHEME_USE)
def delete_scheme(work: Work, scheme_id: int, *, token: str | None = None) -> SchemeSaved:
    """Delete an own 方案; lists that opened with it open with the system's again."""
    if scheme_id == SYSTEM:
        raise Refused(SYSTEM_STAYS)
    scheme = _own(work, scheme_id)
    for choice in work.session.scalars(
        select(ChosenScheme).where(ChosenScheme.scheme_id == scheme.id)
    ):
        work.session.delete(choice)
    work.session.flush()
    work.session.delete(scheme)
    return SchemeSaved(scheme.id, scheme.name)


@action(Permission.SCHEME_USE)
def choose_scheme(
    work: Work, list_key: str, scheme_id: int, *, token: str | None = None
) -> SchemeSaved:
    """设为默认: let a list open with a 方案; number 0 is the system's own (恢复默认)."""
    session, me = work.session, work.actor.person_id
    choice = session.scalar(
        select(ChosenScheme).where(ChosenScheme.person_id == me, ChosenScheme.list_key == list_key)
    )
    if scheme_id == SYSTEM:
        if choice is not None:
            session.delete(choice)
        return SchemeSaved(SYSTEM, SYSTEM_NAME)
    wanted = (FilterScheme.id == scheme_id) & (FilterScheme.list_key == list_key)
    found = _visible(session, work.actor, wanted)
    if not found:
        raise NotAllowed
    if choice is None:
        choice = ChosenScheme(person_id=me, list_key=list_key)
        session.add(choice)
    choice.scheme_id = scheme_id
    return SchemeSaved(scheme_id, found[0][0].name)


@action(Permission.SCHEME_PUBLISH)
def publish_scheme(
    work: Work, scheme_id: int, is_on: bool, *, token: str | None = None
) -> SchemeSaved:
    """发布: let one's people (综合部, 信息部: everybody) use an own 方案, or end that."""
    scheme = _own(work, scheme_id)
    scheme.published = is_on
    return SchemeSaved(scheme.id, scheme.name)
