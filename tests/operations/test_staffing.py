"""People are added from the command line under the rules of the page."""

import pytest
from sqlalchemy import delete, update

from crmlib.access.actor import Actor
from crmlib.access.grants import Role
from crmlib.errors import CrmError, Invalid
from crmlib.operations.staffing import actor_named, add_colleague
from crmlib.people.model import Office, Person
from crmlib.people.passwords import is_password
from crmlib.store.engine import writing
from tests import make


def test_a_colleague_gets_a_code_and_a_password_to_be_changed(cast: dict[str, Actor]) -> None:
    added = add_colleague(
        login="linmei", name="林梅", role=Role.SALES, office="广州", reports_to="zhangwei"
    )
    person = make.fetch(Person, added.person_id)
    assert (person.seller_code or "").startswith("GD01")
    assert person.must_change
    assert person.reports_to_id == cast["zhangwei"].person_id
    assert is_password(person.password_hash, added.password)


def test_all_faults_are_told_at_once(cast: dict[str, Actor]) -> None:
    with pytest.raises(Invalid) as refusal:
        add_colleague(login="x", name="林梅", role=Role.SALES, office="火星", reports_to="nobody")
    assert set(refusal.value.faults) == {"office_id", "reports_to_id"}


def test_the_first_account_is_of_the_it_department(sqlite_database: str) -> None:
    with writing() as session, session.begin():
        session.execute(update(Office).values(head_id=None))
        session.execute(update(Person).values(reports_to_id=None))
        session.execute(delete(Person))
    with pytest.raises(Invalid, match="信息部"):
        add_colleague(login="linmei", name="林梅", role=Role.SALES, office="广州")
    added = add_colleague(login="linmei", name="林梅", role=Role.ADMIN, office="信息部")
    assert make.fetch(Person, added.person_id).must_change


def test_an_unknown_login_acts_for_nobody(sqlite_database: str) -> None:
    assert actor_named(None).login == "zhaolei"
    with pytest.raises(CrmError, match="没有此登录名"):
        actor_named("nobody")
