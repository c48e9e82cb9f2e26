"""Accounts are opened with the next 编号, edited without loops, closed when nothing is held."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from crmlib.access.actor import Actor, actor_of
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.people import rules
from crmlib.people.actions import (
    add_person,
    add_prefix,
    deactivate_person,
    edit_person,
    reset_password,
)
from crmlib.people.model import Office, OfficePrefix, Person
from crmlib.people.rules import PersonDraft
from crmlib.people.sessions import session_of, set_first_password, sign_in
from crmlib.store.engine import reading, writing
from crmlib.store.schema import ChangeLog
from tests import make


def office(name: str) -> int:
    with reading() as session:
        found = session.scalar(select(Office.id).where(Office.name == name))
    assert found
    return found


def draft(
    name: str = "林晨", role: str = "sales", where: str = "广州", **more: object
) -> PersonDraft:
    return replace(PersonDraft(name, role, office(where)), **more)  # type: ignore[arg-type]


def faults(call: object, *args: object, **kwargs: object) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        call(*args, **kwargs)  # type: ignore[operator]
    return caught.value.faults


def test_new_person_gets_the_next_code_and_signs_in_once_printed(cast: dict[str, Actor]) -> None:
    made = add_person(cast["zhaolei"], "LinChen", draft(reports_to_id=cast["zhangwei"].person_id))
    assert (made.login, made.seller_code) == ("linchen", "GD0108")
    first = sign_in("sunmao", "linchen", made.password)
    assert first.must_change
    set_first_password(first.secret, "Eigenes-1", "Eigenes-1")
    assert actor_of(made.person_id).name == "林晨"
    assert made.password not in str([r.after for r in make.rows(ChangeLog)])


def test_codes_follow_each_other_and_are_never_reused(cast: dict[str, Actor]) -> None:
    first = add_person(cast["zhaolei"], "a1", draft())
    deactivate_person(cast["zhaolei"], first.person_id)
    assert add_person(cast["zhaolei"], "a2", draft()).seller_code == "GD0109"
    with writing() as session, session.begin():
        session.execute(update(Person).where(Person.login == "a2").values(seller_code=None))
    assert add_person(cast["zhaolei"], "a3", draft()).seller_code == "GD0110"


def test_full_prefix_asks_for_another_which_then_serves(cast: dict[str, Actor]) -> None:
    with writing() as session, session.begin():
        session.execute(
            update(OfficePrefix).where(OfficePrefix.prefix == "GD01").values(last_number=98)
        )
    assert add_person(cast["zhaolei"], "a1", draft()).seller_code == "GD0199"
    assert faults(add_person, cast["zhaolei"], "a2", draft()) == {"office_id": rules.PREFIX_FULL}
    add_prefix(cast["zhaolei"], office("广州"), "gd09")
    assert add_person(cast["zhaolei"], "a2", draft()).seller_code == "GD0901"


@pytest.mark.parametrize("prefix", ["", "GD0", "GDX1", "0101", "GD01", "GD011"])
def test_strange_or_taken_prefix_is_refused(cast: dict[str, Actor], prefix: str) -> None:
    assert faults(add_prefix, cast["zhaolei"], office("广州"), prefix).keys() == {"prefix"}


def test_central_department_has_no_code_and_sells_not(cast: dict[str, Actor]) -> None:
    made = add_person(cast["zhaolei"], "a1", draft(role="general_office", where="综合部"))
    assert made.seller_code is None
    assert faults(add_person, cast["zhaolei"], "a2", draft(where="综合部")) == {
        "office_id": rules.NO_PREFIX
    }


def test_all_faults_of_a_new_person_come_at_once(cast: dict[str, Actor]) -> None:
    wrong = PersonDraft("", "sales", 99_999, reports_to_id=99_999, mobile="x")
    assert faults(add_person, cast["zhaolei"], "limin", wrong).keys() == {
        "name",
        "login",
        "office_id",
        "reports_to_id",
        "mobile",
    }


@pytest.mark.parametrize("login", ["limin", "zhouting", "zhangwei", "sunyue"])
def test_only_administrators_manage_people(cast: dict[str, Actor], login: str) -> None:
    me = cast[login]
    with pytest.raises(NotAllowed):
        add_person(me, "a1", draft())
    with pytest.raises(NotAllowed):
        edit_person(me, me.person_id, draft(role="admin"))
    with pytest.raises(NotAllowed):
        deactivate_person(me, cast["chengang"].person_id)
    with pytest.raises(NotAllowed):
        reset_password(me, cast["zhaolei"].person_id)


def test_superior_is_never_oneself_or_below_at_any_depth(cast: dict[str, Actor]) -> None:
    boss, admin = cast["zhangwei"].person_id, cast["zhaolei"]
    last = boss
    for level in range(8):
        last = add_person(admin, f"level{level}", draft(reports_to_id=last)).person_id
    for below in (boss, last, cast["wangqiang"].person_id):
        moved = draft("张伟", "manager", reports_to_id=below)
        assert faults(edit_person, admin, boss, moved) == {"reports_to_id": rules.OWN_SUPERIOR}
    edit_person(admin, boss, draft("张伟", "manager", reports_to_id=cast["liuyang"].person_id))


def test_new_superior_sees_the_person_at_once(cast: dict[str, Actor]) -> None:
    from crmlib.people.queries import people_frame

    chen = cast["chengang"].person_id
    assert chen not in people_frame(cast["liuyang"])["id"]
    changed = draft("陈刚", where="上海", reports_to_id=cast["liuyang"].person_id)
    edit_person(cast["zhaolei"], chen, changed)
    assert chen in people_frame(cast["liuyang"])["id"]


def test_new_role_or_office_ends_sessions_a_new_name_does_not(cast: dict[str, Actor]) -> None:
    admin, wang = cast["zhaolei"], cast["wangqiang"].person_id
    boss = cast["zhangwei"].person_id
    made = sign_in("sunmao", "wangqiang", make.PASSWORD)
    edit_person(admin, wang, draft("王强强", reports_to_id=boss, mobile="138 0000 8888"))
    assert session_of(made.secret) is not None
    saved = edit_person(admin, wang, draft("王强强", where="上海"))
    assert saved.seller_code == "GD0107"
    assert session_of(made.secret) is None
    made = sign_in("sunmao", "wangqiang", make.PASSWORD)
    edit_person(admin, wang, draft("王强强", role="clerk", where="上海"))
    assert session_of(made.secret) is None


def test_stale_form_is_refused(cast: dict[str, Actor]) -> None:
    admin, wang = cast["zhaolei"], cast["wangqiang"].person_id
    version = make.fetch(Person, wang).version
    edit_person(admin, wang, draft("王强二"), version=version)
    with pytest.raises(Stale):
        edit_person(admin, wang, draft("王强三"), version=version)


def test_administrator_cannot_lock_himself_out(cast: dict[str, Actor]) -> None:
    me = cast["zhaolei"]
    with pytest.raises(Refused):
        deactivate_person(me, me.person_id)
    own = draft("赵磊", role="clerk", where="信息部")
    assert faults(edit_person, me, me.person_id, own) == {"role": "不能修改本人的角色"}


def test_departure_is_refused_while_something_is_held(cast: dict[str, Actor]) -> None:
    customer = make.customer()
    make.opportunity(customer)
    with pytest.raises(Refused) as caught:
        deactivate_person(cast["zhaolei"], cast["wangqiang"].person_id)
    assert caught.value.message == "王强名下还有 1 个客户、1 个进行中商机，请先移交"
    with pytest.raises(Refused) as caught:
        deactivate_person(cast["zhaolei"], cast["zhangwei"].person_id)
    assert caught.value.message == "张伟名下还有 2 名下属，请先移交"


def test_deactivated_person_is_out_and_keeps_his_row(cast: dict[str, Actor]) -> None:
    made = sign_in("sunmao", "chengang", make.PASSWORD)
    deactivate_person(cast["zhaolei"], cast["chengang"].person_id)
    assert session_of(made.secret) is None
    row = make.fetch(Person, cast["chengang"].person_id)
    assert (row.active, row.seller_code, row.left_on is not None) == (False, "SH0103", True)
    with pytest.raises(NotAllowed):
        actor_of(row.id)


def test_reset_password_ends_sessions_and_must_be_replaced(cast: dict[str, Actor]) -> None:
    made = sign_in("sunmao", "chengang", make.PASSWORD)
    new = reset_password(cast["zhaolei"], cast["chengang"].person_id)
    assert session_of(made.secret) is None
    assert sign_in("sunmao", "chengang", new.password).must_change
