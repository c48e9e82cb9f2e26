"""The feed misses nothing, also when a lower number commits later."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.reference.model import DictItem
from crmlib.store import log
from crmlib.store.engine import engine, writing
from crmlib.store.feed import Feed


def add(session: Session, code: str) -> None:
    session.add(DictItem(kind="test", code=code, name=code, sort=1))
    session.flush()


def test_poll_returns_each_committed_change_once(database: str) -> None:
    feed = Feed()
    with writing() as session, session.begin():
        add(session, "a")
    assert [(c.entity, c.kind) for c in feed.poll()] == [("dict_item", "insert")]
    assert feed.poll() == []


def test_late_commit_of_a_lower_number_is_seen(database: str) -> None:
    if engine().dialect.name == "sqlite":
        return  # writers queue there: no lower number can commit later
    feed = Feed()
    with writing() as early:
        add(early, "early")
        with writing() as late, late.begin():
            add(late, "late")
        assert [c.after["code"] for c in feed.poll()] == ["late"]
        early.commit()
    assert [c.after["code"] for c in feed.poll()] == ["early"]
    assert feed.poll() == []


def test_rolled_back_change_is_never_seen(database: str) -> None:
    feed = Feed()
    with writing() as session:
        add(session, "gone")
        session.rollback()
    assert feed.poll() == []


def test_update_logs_only_changed_fields(database: str) -> None:
    with writing() as session, session.begin():
        session.execute(
            insert(DictItem).values(
                kind="test", code="x", name="旧", sort=1, builtin=False, disabled=False
            )
        )
    feed = Feed()
    with writing() as session, session.begin():
        session.info[log.ACTION] = "rename"
        session.query(DictItem).filter_by(code="x").one().name = "新"
    (change,) = feed.poll()
    assert (change.kind, change.after) == ("update", {"name": "新"})
    assert clock.now().tzinfo is not None
