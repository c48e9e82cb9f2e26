"""Sign-in, its lock, first and changed passwords, and how long a session lives."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.errors import Invalid, NotAllowed, SignInFailed
from crmlib.people import rules
from crmlib.people.model import LoginSession, Person
from crmlib.people.sessions import (
    SignIn,
    change_password,
    key_of,
    session_of,
    set_first_password,
    sign_in,
    sign_out,
)
from crmlib.store.engine import reading, writing
from crmlib.store.schema import ChangeLog
from tests import make

WRONG = SignInFailed.message
NEW = "Neues-Haus-7"


def opened(login: str = "wangqiang") -> SignIn:
    return sign_in("sunmao", login, make.PASSWORD)


def refusal(login: str = "wangqiang", password: str = WRONG, tenant: str = "sunmao") -> str:
    with pytest.raises(SignInFailed) as caught:
        sign_in(tenant, login, password)
    return caught.value.message


def only_session() -> LoginSession:
    with reading() as session:
        return session.scalars(select(LoginSession)).one()


def change(login: str, **values: object) -> None:
    with writing() as session, session.begin():
        session.execute(update(Person).where(Person.login == login).values(**values))


def test_cookie_secret_is_nowhere_in_the_database(cast: dict[str, Actor]) -> None:
    made = opened()
    row = only_session()
    assert row.secret_hash == key_of(made.secret) != made.secret
    found = session_of(made.secret)
    assert found is not None
    assert (found.person_id, found.name, found.office) == (made.person_id, "王强", "广州")


def test_tenant_and_login_do_not_mind_case(cast: dict[str, Actor]) -> None:
    assert sign_in(" SunMao ", " WangQiang ", make.PASSWORD).person_id


@pytest.mark.parametrize(
    ("tenant", "login", "password"),
    [
        ("other", "wangqiang", make.PASSWORD),
        ("sunmao", "nobody", make.PASSWORD),
        ("sunmao", "wangqiang", "wrong"),
        ("sunmao", "wangqiang", ""),
        ("sunmao", "wangqiang", make.PASSWORD.lower()),
    ],
)
def test_no_refusal_says_which_part_was_wrong(
    cast: dict[str, Actor], tenant: str, login: str, password: str
) -> None:
    assert refusal(login, password, tenant) == WRONG


@pytest.mark.parametrize("is_known", [True, False])
def test_fifth_failure_locks_known_and_unknown_alike(
    cast: dict[str, Actor], *, is_known: bool
) -> None:
    login = "wangqiang" if is_known else secrets.token_hex(8)
    assert [refusal(login) for _ in range(6)] == [WRONG] * 4 + [rules.LOCKED] * 2


def test_lock_holds_against_the_right_password_and_ends(cast: dict[str, Actor]) -> None:
    for _ in range(5):
        refusal()
    assert refusal(password=make.PASSWORD) == rules.LOCKED
    change("wangqiang", locked_until=clock.now() - timedelta(seconds=1))
    assert opened().secret


def test_success_forgets_earlier_failures(cast: dict[str, Actor]) -> None:
    for _ in range(4):
        refusal()
    opened()
    assert refusal() == WRONG


def test_deactivated_is_told_only_to_who_knows_the_password(cast: dict[str, Actor]) -> None:
    change("wangqiang", active=False)
    assert refusal() == WRONG
    assert refusal(password=make.PASSWORD) == "帐号已停用"


def test_failed_guess_does_not_make_a_form_stale(cast: dict[str, Actor]) -> None:
    before = make.fetch(Person, cast["wangqiang"].person_id).version
    refusal()
    assert make.fetch(Person, cast["wangqiang"].person_id).version == before


def test_sign_ins_and_sign_outs_are_logged_without_secrets(cast: dict[str, Actor]) -> None:
    refusal()
    made = opened()
    sign_out(made.secret)
    sign_out(made.secret)
    log = make.rows(ChangeLog, entity="login_session")
    assert [(r.action, r.after["event"]) for r in log] == [
        ("sign_in", "sign_in_failed"),
        ("sign_in", "sign_in"),
        ("sign_out", "sign_out"),
    ]
    assert {r.person_id for r in log} == {cast["wangqiang"].person_id}
    assert made.secret not in str([r.after for r in log])


def test_session_ends_at_sign_out_deactivation_and_expiry(cast: dict[str, Actor]) -> None:
    one, two = opened(), opened()
    sign_out(one.secret)
    assert session_of(one.secret) is None
    assert session_of(two.secret) is not None
    change("wangqiang", active=False)
    assert session_of(two.secret) is None
    three = opened("limin")
    with writing() as session, session.begin():
        session.execute(update(LoginSession).values(expires_at=clock.now()))
    assert session_of(three.secret) is None


def test_use_prolongs_a_session_and_mere_polling_does_not(cast: dict[str, Actor]) -> None:
    made = opened()
    long_ago = clock.now() - timedelta(hours=2)
    with writing() as session, session.begin():
        session.execute(update(LoginSession).values(seen_at=long_ago))
    session_of(made.secret, touch=False)
    row = only_session()
    assert row.seen_at == long_ago
    session_of(made.secret)
    row = only_session()
    assert row.seen_at > long_ago
    assert row.expires_at - row.seen_at == timedelta(hours=12)


def test_unknown_secret_is_no_session(cast: dict[str, Actor]) -> None:
    assert session_of("") is None
    assert session_of("guess") is None


def test_first_password_is_set_once_and_opens_the_way(cast: dict[str, Actor]) -> None:
    change("wangqiang", must_change=True)
    made, elsewhere = opened(), opened()
    assert made.must_change
    set_first_password(made.secret, NEW, NEW)
    found = session_of(made.secret)
    assert found is not None
    assert not found.must_change
    assert session_of(elsewhere.secret) is None
    with pytest.raises(NotAllowed):
        set_first_password(made.secret, NEW + "1", NEW + "1")
    assert refusal(password=make.PASSWORD) == WRONG
    assert sign_in("sunmao", "wangqiang", NEW)


@pytest.mark.parametrize(
    ("password", "again", "fault"),
    [
        ("short1", "short1", "password"),
        ("12345678", "12345678", "password"),
        ("onlyletters", "onlyletters", "password"),
        ("wangqiang2026", "wangqiang2026", "password"),
        (make.PASSWORD, make.PASSWORD, "password"),
        (NEW, NEW + " ", "again"),
    ],
)
def test_weak_or_unequal_first_password_is_refused(
    cast: dict[str, Actor], password: str, again: str, fault: str
) -> None:
    change("wangqiang", must_change=True)
    made = opened()
    with pytest.raises(Invalid) as caught:
        set_first_password(made.secret, password, again)
    assert caught.value.faults.keys() == {fault}
    found = session_of(made.secret)
    assert found is not None
    assert found.must_change


def test_changed_password_ends_the_other_sessions(cast: dict[str, Actor]) -> None:
    here, there = opened(), opened()
    change_password(cast["wangqiang"], make.PASSWORD, NEW, NEW, keep=here.secret)
    assert session_of(here.secret) is not None
    assert session_of(there.secret) is None
    assert sign_in("sunmao", "wangqiang", NEW)


def test_wrong_old_password_changes_nothing(cast: dict[str, Actor]) -> None:
    with pytest.raises(Invalid) as caught:
        change_password(cast["wangqiang"], "guess", NEW, NEW)
    assert caught.value.faults == {"old": "原密码错误"}
    assert opened().secret


def test_no_password_hash_reaches_the_change_log(cast: dict[str, Actor]) -> None:
    here = opened()
    change_password(cast["wangqiang"], make.PASSWORD, NEW, NEW, keep=here.secret)
    with writing() as session:
        log = session.execute(select(ChangeLog.before, ChangeLog.after)).all()
    assert "argon2" not in str(log)
