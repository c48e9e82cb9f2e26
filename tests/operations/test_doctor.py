"""The doctor finds what would hurt in production."""

import pytest
from sqlalchemy import update

from crmlib.access.actor import Actor
from crmlib.operations.doctor import BROKEN, WARNING, WELL, Finding, examine, is_fit
from crmlib.people.model import Person
from crmlib.people.passwords import hash_password
from crmlib.store.engine import writing


def found(what: str) -> Finding:
    return next(f for f in examine() if f.what == what)


def test_a_sound_installation_is_fit(cast: dict[str, Actor]) -> None:
    findings = examine()
    assert is_fit(findings)
    assert {f.what for f in findings} >= {
        "Python",
        "数据库",
        "表结构",
        "人员",
        "撞单索引",
        "磁盘空间",
    }


def test_demo_passwords_that_still_work_are_named(cast: dict[str, Actor]) -> None:
    finding = found("演示密码")
    assert finding.state == WARNING
    assert "limin" in finding.detail
    with writing() as session, session.begin():
        session.execute(update(Person).values(password_hash=hash_password("another-Secret-1")))
    assert found("演示密码").state == WELL


def test_a_database_without_tables_is_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("CRM_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    assert found("表结构").state == BROKEN
    assert not is_fit(examine())


def test_an_unreachable_database_is_said_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "postgresql+psycopg://crm:secret@127.0.0.1:1/none?connect_timeout=1"
    monkeypatch.setenv("CRM_DATABASE_URL", url)
    finding = found("数据库")
    assert finding.state == BROKEN
    assert "secret" not in finding.detail
