"""An action asks permission first, happens whole, and runs once per token."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import NotAllowed
from crmlib.people.model import Person
from crmlib.reference.model import DictItem
from crmlib.store.engine import writing
from crmlib.store.numbers import next_number
from crmlib.store.schema import ChangeLog
from tests import make


@dataclass(frozen=True)
class Made:
    number: str


@action(Permission.CONVERSION_DECIDE)
def add_item(work: Work, code: str, *, fail: bool = False, token: str | None = None) -> Made:
    work.session.add(DictItem(kind="test", code=code, name=code, sort=1))
    work.session.flush()
    if fail:
        msg = "half way"
        raise RuntimeError(msg)
    return Made(next_number(work.session, "XX"))


def codes() -> list[str]:
    return [r.code for r in make.rows(DictItem, kind="test")]


def test_refused_call_changes_nothing_and_is_logged(cast: dict[str, Actor]) -> None:
    with pytest.raises(NotAllowed):
        add_item(cast["limin"], "a")
    assert codes() == []
    (row,) = make.rows(ChangeLog, kind="refused")
    assert (row.person_id, row.action) == (cast["limin"].person_id, "add_item")


def test_token_runs_once_and_answers_the_same(cast: dict[str, Actor]) -> None:
    first = add_item(cast["zhouting"], "a", token="t1")
    assert add_item(cast["zhouting"], "a", token="t1") == first
    assert codes() == ["a"]


def test_anothers_token_is_refused(cast: dict[str, Actor]) -> None:
    add_item(cast["zhouting"], "a", token="t1")
    with writing() as session, session.begin():
        session.scalar(select(Person).where(Person.login == "chengang")).role = "general_office"
    with pytest.raises(NotAllowed):
        add_item(cast["chengang"], "b", token="t1")


def test_failure_half_way_leaves_nothing(cast: dict[str, Actor]) -> None:
    with pytest.raises(RuntimeError):
        add_item(cast["zhouting"], "a", fail=True, token="t2")
    assert codes() == []
    add_item(cast["zhouting"], "a", token="t2")
    assert codes() == ["a"]


def test_deactivated_person_is_refused_at_once(cast: dict[str, Actor]) -> None:
    with writing() as session, session.begin():
        session.get_one(Person, cast["zhouting"].person_id).active = False
    with pytest.raises(NotAllowed):
        add_item(cast["zhouting"], "a")


def test_change_log_names_who_and_why(cast: dict[str, Actor]) -> None:
    add_item(cast["zhouting"], "a")
    (row,) = make.rows(ChangeLog, entity="dict_item", action="add_item")
    assert row.person_id == cast["zhouting"].person_id
    assert row.after["code"] == "a"
