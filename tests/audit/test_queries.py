"""操作日志: who reads what of it, how it is narrowed, how it is paged."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from crmlib import clock, words
from crmlib.access.actor import Actor
from crmlib.audit.queries import (
    KIND_CHOICES,
    MOST_COUNTED,
    AuditPage,
    AuditQuery,
    AuditReader,
    audit_entry,
    audit_people,
    table_choices,
)
from crmlib.customers.actions import add_contact
from crmlib.customers.model import ShareLevel
from crmlib.customers.rules import ContactDraft
from crmlib.customers.seen import note_contacts_seen
from crmlib.customers.sharing import share_customer, unshare_customer
from crmlib.duplicates.entry import edit_customer
from crmlib.errors import NotAllowed, SignInFailed
from crmlib.inbox.actions import send_message
from crmlib.people.sessions import sign_in
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make

Cast = dict[str, Actor]


def read(actor: Actor, **wanted: object) -> AuditPage:
    return AuditReader(actor).page(AuditQuery(**wanted))  # type: ignore[arg-type]


def steps(actor: Actor, **wanted: object) -> list[str]:
    """Return what people did; the builders of tests are the system."""
    found = read(actor, **wanted).entries
    return [f"{e.person} {e.step}" for e in found if e.person != words.SYSTEM_SENDER]


def test_only_its_readers_open_the_log(cast: Cast) -> None:
    for login in ("limin", "wangqiang", "zhangwei", "sunyue"):
        for ask in (read, audit_people, lambda a: audit_entry(a, 1)):
            with pytest.raises(NotAllowed):
                ask(cast[login])


def test_admin_reads_all_and_the_general_office_its_own(cast: Cast) -> None:
    key = make.customer()
    edit_customer(cast["wangqiang"], key, {"address": "天河路8号"}, None)
    edit_customer(cast["zhouting"], key, {"address": "天河路9号"}, None)
    assert steps(cast["zhaolei"]) == ["周婷 修改客户", "王强 修改客户"]
    assert steps(cast["zhouting"]) == ["周婷 修改客户"]
    others = read(cast["zhaolei"], person_id=cast["wangqiang"].person_id).entries[0]
    with pytest.raises(NotAllowed):
        audit_entry(cast["zhouting"], others.id)
    assert audit_entry(cast["zhaolei"], others.id) == others
    assert len(audit_people(cast["zhaolei"])) == len(make.PEOPLE)
    assert audit_people(cast["zhouting"]) == [(cast["zhouting"].person_id, "周婷")]


def test_sign_ins_failures_looks_and_refusals_stand_in_it(cast: Cast) -> None:
    key = make.customer()
    sign_in("sunmao", "limin", make.PASSWORD)
    with pytest.raises(SignInFailed):
        sign_in("sunmao", "limin", "falsch")
    with pytest.raises(SignInFailed):
        sign_in("sunmao", "nobody-at-all", "falsch")
    note_contacts_seen(cast["wangqiang"], key)
    with pytest.raises(NotAllowed):
        edit_customer(cast["chengang"], key, {"address": "外滩1号"}, None)
    admin = cast["zhaolei"]
    assert steps(admin, kind="sign_in") == ["李敏 登录"]
    failed = read(admin, kind="failed").entries
    assert [(e.person, e.record, e.note) for e in failed] == [
        ("系统", "—", "登录名：nobody-at-all"),
        ("李敏", "李敏", ""),
    ]
    assert steps(admin, kind="view") == ["王强 查看联系方式"]
    (refused,) = read(admin, kind="refused").entries
    assert (refused.person, refused.step) == ("陈刚", "被拒绝：修改客户")
    assert "没有权限" in refused.note
    assert "falsch" not in repr(read(admin).entries)


def test_a_look_is_noted_once_a_day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    key = make.customer()
    now = clock.now()
    for days, noted in ((0, 1), (0, 1), (1, 2), (1, 2)):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        note_contacts_seen(cast["wangqiang"], key)
        assert len(make.rows(ChangeLog, entity="contact_view")) == noted
    note_contacts_seen(cast["zhangwei"], key)
    assert len(make.rows(ChangeLog, entity="contact_view")) == 3


def test_the_log_is_narrowed_by_kind_table_person_record_and_day(cast: Cast) -> None:
    key, other = make.customer("天河测试幕墙有限公司"), make.customer("海珠测试幕墙有限公司")
    me, admin = cast["wangqiang"], cast["zhaolei"]
    edit_customer(me, key, {"address": "天河路8号"}, None)
    edit_customer(me, other, {"address": "天河路9号"}, None)
    share_customer(me, key, cast["chengang"].person_id, ShareLevel.READ, None)
    unshare_customer(me, key, cast["chengang"].person_id)
    add_contact(cast["zhangwei"], key, ContactDraft(name="林工", role="01", mobile="13900001111"))
    assert steps(admin, kind="update") == ["王强 修改客户"] * 2
    assert steps(admin, kind="delete") == ["王强 取消共享"]
    assert steps(admin, table="contact") == ["张伟 添加联系人"]
    assert steps(admin, person_id=cast["zhangwei"].person_id, kind="insert")[0] == "张伟 添加联系人"
    assert steps(admin, record=f"customer:{key}") == ["王强 修改客户"]
    assert steps(admin, text="天河测试") == ["王强 修改客户"]
    assert steps(admin, text="林工") == ["张伟 添加联系人"]
    today = clock.today()
    yesterday = today - timedelta(days=1)  # the cast may be older than midnight
    assert read(admin, since=yesterday, until=today).total == read(admin).total
    assert read(admin, since=today + timedelta(days=1)).total == 0
    assert read(admin, until=yesterday - timedelta(days=1)).total == 0
    for wrong in ({"kind": "x"}, {"record": "customer:x"}, {"record": "x"}, {"text": "没有这个"}):
        assert read(admin, **wrong).total == 0


def test_every_offered_choice_can_be_asked(cast: Cast) -> None:
    for kind in KIND_CHOICES:
        read(cast["zhaolei"], kind=kind)
    for table, label in table_choices():
        assert label
        read(cast["zhaolei"], table=table)


def fill(count: int, days: int = 1) -> None:
    at = clock.now() - timedelta(days=days)
    rows = [
        {"at": at, "person_id": None, "action": "scan", "entity": "demo", "kind": "event"}
        for _ in range(count)
    ]
    with writing() as session, session.begin():
        session.execute(insert(ChangeLog), rows)


def test_pages_follow_each_other_without_gaps_also_while_others_write(cast: Cast) -> None:

    def of(page: int) -> AuditQuery:
        return AuditQuery(page=page, size=10, table="demo")

    fill(25)  # all of one moment: the number decides
    reader = AuditReader(cast["zhaolei"])
    first = reader.page(of(1))
    fill(3, days=0)
    pages = [first, *(reader.page(of(p)) for p in (2, 3))]
    ids = [e.id for page in pages for e in page.entries]
    assert len(ids) == len(set(ids)) == 25
    assert ids == sorted(ids, reverse=True)
    assert reader.page(of(2)).entries == pages[1].entries
    # Straight to a page nobody walked to, and back to the start where the new rows stand.
    assert AuditReader(cast["zhaolei"]).page(of(3)).entries[-1].id == ids[-1]
    assert reader.page(of(1)).entries[0].id > max(ids)


def test_counting_stops_and_the_way_on_stays_open(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmlib.audit.queries.MOST_COUNTED", 20)
    fill(45)
    reader = AuditReader(cast["zhaolei"])
    seen = []
    for page in range(1, 7):
        found = reader.page(AuditQuery(page=page, size=10, table="demo"))
        assert found.is_more
        seen += [e.id for e in found.entries]
        if page < 5:
            assert found.total > page * 10
    assert len(set(seen)) == 45
    assert MOST_COUNTED == 10_000


def test_letters_of_others_stay_closed(cast: Cast) -> None:
    send_message(cast["wangqiang"], [cast["limin"].person_id], [], "悄悄话", "只给你看")
    entry = read(cast["zhaolei"], table="message").entries[0]
    assert "悄悄话" not in repr(entry)
    assert "只给你看" not in repr(entry)
