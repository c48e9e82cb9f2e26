"""Tokens: given once, dead when revoked, expired or when their person goes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.api.model import ApiCall, ApiToken
from crmlib.api.rules import TokenDraft
from crmlib.api.tokens import (
    caller_of,
    calls_page,
    forget_calls,
    issue_token,
    revoke_token,
    tokens_frame,
)
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.inbox.model import Message
from crmlib.people.model import Person
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.api.conftest import Program


def _draft(cast: dict[str, Actor], login: str = "wangqiang", **more: object) -> TokenDraft:
    values = {"expires_on": clock.today() + timedelta(days=90)} | more
    return TokenDraft("ERP 同步", cast[login].person_id, **values)  # type: ignore[arg-type]


def test_a_token_lends_the_rights_of_its_person(cast: dict[str, Actor]) -> None:
    made = issue_token(cast["zhaolei"], _draft(cast, may_write=True))
    caller = caller_of(made.secret)
    assert caller is not None
    assert (caller.actor, caller.name, caller.may_write) == (cast["wangqiang"], "ERP 同步", True)
    assert caller_of(made.secret + "x") is None
    assert caller_of("") is None


def test_the_secret_is_kept_nowhere(cast: dict[str, Actor]) -> None:
    made = issue_token(cast["zhaolei"], _draft(cast))
    (row,) = make.rows(ApiToken)
    kept = str(vars(row)) + "".join(str(vars(r)) for r in make.rows(ChangeLog))
    assert made.secret not in kept
    assert row.secret_hash not in "".join(str(vars(r)) for r in make.rows(ChangeLog))
    assert made.secret.startswith(row.hint)


def test_the_person_is_told(cast: dict[str, Actor]) -> None:
    issue_token(cast["zhaolei"], _draft(cast))
    assert [m.title for m in make.rows(Message)] == ["接口令牌已开通"]


@pytest.mark.parametrize("login", ["limin", "wangqiang", "zhangwei", "zhouting", "sunyue"])
def test_only_the_admin_gives_tokens(cast: dict[str, Actor], login: str) -> None:
    with pytest.raises(NotAllowed):
        issue_token(cast[login], _draft(cast))
    with pytest.raises(NotAllowed):
        tokens_frame(cast[login])
    with pytest.raises(NotAllowed):
        calls_page(cast[login])


def test_all_faults_are_told_at_once(cast: dict[str, Actor]) -> None:
    with pytest.raises(Invalid) as wrong:
        issue_token(cast["zhaolei"], TokenDraft("", None))
    assert set(wrong.value.faults) == {"name", "person_id", "expires_on"}
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(Invalid) as wrong:
        issue_token(cast["zhaolei"], TokenDraft("x" * 41, 10**6, expires_on=yesterday))
    assert set(wrong.value.faults) == {"name", "person_id", "expires_on"}


def test_a_revoked_token_is_dead(cast: dict[str, Actor]) -> None:
    made = issue_token(cast["zhaolei"], _draft(cast))
    revoke_token(cast["zhaolei"], made.token_id)
    assert caller_of(made.secret) is None
    with pytest.raises(Refused):
        revoke_token(cast["zhaolei"], made.token_id)
    assert tokens_frame(cast["zhaolei"])["state"].to_list() == ["已吊销"]


@pytest.mark.parametrize(
    ("change", "state"),
    [({"active": False}, "人员已停用"), ({"must_change": True}, "有效")],
)
def test_a_token_ends_with_its_person(
    cast: dict[str, Actor], change: dict[str, bool], state: str
) -> None:
    made = issue_token(cast["zhaolei"], _draft(cast, "limin"))
    with writing() as session, session.begin():
        session.execute(update(Person).where(Person.login == "limin").values(**change))
    assert caller_of(made.secret) is None
    assert tokens_frame(cast["zhaolei"])["state"].to_list() == [state]


def test_a_token_expires_after_its_last_day(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = issue_token(cast["zhaolei"], _draft(cast, expires_on=clock.today()))
    assert caller_of(made.secret) is not None
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert caller_of(made.secret) is None
    assert tokens_frame(cast["zhaolei"])["state"].to_list() == ["已过期"]


def test_every_call_is_kept_with_its_token(
    cast: dict[str, Actor], program: Callable[..., Program]
) -> None:
    mine = program("wangqiang")
    mine.get("/customers", find_text="机密")
    mine.get("/customers/424242")
    mine.post("/customers", {})
    found = calls_page(cast["zhaolei"]).rows
    assert found["path"].to_list() == ["/customers", "/customers/424242", "/customers"]
    assert found["status"].to_list() == [422, 404, 200]
    assert set(found["token"]) == {"程序 wangqiang"}
    assert make.rows(ApiToken)[0].last_used_at is not None


def test_old_calls_are_forgotten(cast: dict[str, Actor], program: Callable[..., Program]) -> None:
    program("wangqiang").get("/me")
    forget_calls()
    assert len(make.rows(ApiCall)) == 1
    with writing() as session, session.begin():
        session.execute(update(ApiCall).values(at=clock.now() - timedelta(days=400)))
    forget_calls()
    assert make.rows(ApiCall) == []


def test_the_log_names_the_token_of_a_change(
    cast: dict[str, Actor], program: Callable[..., Program]
) -> None:
    number = make.customer()
    answer = program("wangqiang").patch(f"/customers/{number}", {"remark": "改", "version": 1})
    assert answer.status_code == 200
    (row,) = [r for r in make.rows(ChangeLog, action="edit_customer") if r.entity == "customer"]
    assert (row.via, row.person_id) == ("程序 wangqiang", cast["wangqiang"].person_id)
    assert {r.via for r in make.rows(ChangeLog, action="issue_token")} == {None}
