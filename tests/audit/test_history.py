"""历史 of a record: all that happened to it, for those who see it, as they may read it."""

import pytest

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity
from crmlib.attachments.actions import attach_file
from crmlib.attachments.shelf import Incoming
from crmlib.audit.entries import Entry
from crmlib.audit.history import history_of
from crmlib.audit.view import history_tab
from crmlib.customers.actions import add_contact, assign_customer, edit_contact
from crmlib.customers.model import Contact, CustomerShare, ShareLevel
from crmlib.customers.rules import ContactDraft
from crmlib.customers.seen import note_contacts_seen
from crmlib.customers.sharing import share_customer, unshare_customer
from crmlib.duplicates.entry import edit_customer
from crmlib.duplicates.merging import merge
from crmlib.errors import NotAllowed
from crmlib.opportunities.actions import edit_opportunity
from tests import make
from tests.duplicates.build import save

Cast = dict[str, Actor]


def told(entries: tuple[Entry, ...]) -> list[str]:
    return [f"{e.person} {e.step} {e.record}" for e in entries]


def of(actor: Actor, key: int, entity: str = "customer") -> tuple[Entry, ...]:
    """Return what people did; the builders of tests are the system."""
    found = history_of(actor, entity, key).entries
    return tuple(e for e in found if e.person != words.SYSTEM_SENDER)


def test_a_change_tells_field_before_and_after_in_words(cast: Cast) -> None:
    key = make.customer("长城测试门窗有限公司", level="B", phone="020-81112222")
    edit_customer(cast["wangqiang"], key, {"level": "A", "phone": "020-83334444"}, None)
    (entry,) = of(cast["wangqiang"], key)
    assert (entry.person, entry.step, entry.record) == ("王强", "修改客户", "长城测试门窗有限公司")
    assert entry.link == ("customer", key)
    changes = {c.label: (c.before, c.after) for c in entry.changes}
    assert set(changes) == {"客户级别", "电话"}
    assert changes["电话"] == ("020-81112222", "020-83334444")
    assert not {"A", "B"} & set(changes["客户级别"])


def test_ids_are_told_by_names(cast: Cast) -> None:
    key = make.customer()
    assign_customer(cast["zhaolei"], key, cast["chengang"].person_id, None)
    entry = of(cast["zhaolei"], key)[0]
    changes = {c.label: (c.before, c.after) for c in entry.changes}
    assert changes["负责人"] == ("王强", "陈刚")
    assert changes["负责部门"] == ("广州", "上海")


def test_a_former_name_is_in_the_history(cast: Cast) -> None:
    key = make.customer("旧名测试五金有限公司")
    edit_customer(cast["wangqiang"], key, {"name": "新名测试五金有限公司"}, None)
    found = of(cast["wangqiang"], key)
    assert any(
        c.label == "客户名称"
        and (c.before, c.after) == ("旧名测试五金有限公司", "新名测试五金有限公司")
        for e in found
        for c in e.changes
    )
    alias = next(e for e in found if e.entity == "customer_alias")
    assert ("类型", "曾用名") in {(c.label, c.after) for c in alias.changes}


def test_parts_tell_too_also_when_they_are_gone(cast: Cast) -> None:
    key = make.customer()
    me = cast["wangqiang"]
    add_contact(me, key, ContactDraft(name="林工", role="01", mobile="13900001111"))
    share_customer(me, key, cast["chengang"].person_id, ShareLevel.READ, None)
    unshare_customer(me, key, cast["chengang"].person_id)
    steps = [e.step for e in of(me, key)]
    assert steps == ["取消共享", "共享客户", "添加联系人"]
    gone = of(me, key)[0]
    assert ("人员", "陈刚") in {(c.label, c.before) for c in gone.changes}


def test_a_number_given_again_brings_no_strangers_past(cast: Cast) -> None:
    # SQLite gives the number of the last deleted row to the next one.
    one, other = make.customer(), make.customer()
    me, friend = cast["wangqiang"], cast["chengang"].person_id
    share_customer(me, one, friend, ShareLevel.READ, None)
    unshare_customer(me, one, friend)
    share_customer(me, other, friend, ShareLevel.COLLABORATE, None)
    assert [e.step for e in of(me, other)] == ["共享客户"]
    assert [e.step for e in of(me, one)] == ["取消共享", "共享客户"]
    assert len(make.rows(CustomerShare)) == 1


def test_whoever_may_not_see_the_record_may_not_read_its_history(cast: Cast) -> None:
    key = make.customer()
    deal = make.opportunity(key)
    contact = make.rows(Contact, customer_id=key)[0].id
    for entity, number in (("customer", key), ("opportunity", deal), ("contact", contact)):
        assert history_of(cast["wangqiang"], entity, number).total
        with pytest.raises(NotAllowed):
            history_of(cast["chengang"], entity, number)
        with pytest.raises(NotAllowed):
            history_of(cast["wangqiang"], entity, 10**9)
    with pytest.raises(NotAllowed):
        history_of(cast["zhaolei"], "person", cast["wangqiang"].person_id)


def test_contact_data_is_masked_as_on_the_card(cast: Cast) -> None:
    key = make.customer()
    contact = make.rows(Contact, customer_id=key)[0]
    changes = {"mobile": "13912345678", "email": "he@example.com", "wechat": "hejl"}
    edit_contact(cast["wangqiang"], contact.id, changes, None)
    edit_customer(cast["wangqiang"], key, {"phone": "020-83334444"}, None)

    def seen(login: str) -> str:
        return "；".join(e.summary for e in of(cast[login], key))

    assert "13912345678" in seen("wangqiang")
    for login in ("limin", "sunyue"):  # a colleague of the office; the analyst
        text = seen(login)
        assert "139****5678" in text
        assert "020****4444" in text
        for secret in ("13912345678", "020-83334444", "he@example.com", "hejl"):
            assert secret not in text
    assert "139****5678" in history_of(cast["limin"], "contact", contact.id).entries[0].summary


def test_amounts_are_hidden_from_those_who_may_not_see_them(cast: Cast) -> None:
    deal = make.opportunity(make.customer(), amount=100_000)
    edit_opportunity(cast["wangqiang"], deal, {"amount": 250_000, "products": ("P2",)})
    seen = {
        login: "".join(e.summary for e in of(cast[login], deal, "opportunity"))
        for login in ("wangqiang", "limin")
    }
    assert "¥100,000 → ¥250,000" in seen["wangqiang"]
    assert "250" not in seen["limin"]
    assert "预计金额：**** → ****" in seen["limin"]


def test_what_hangs_on_a_customer_keeps_its_own_rights(cast: Cast) -> None:
    key = make.customer()
    deal = make.opportunity(key)
    edit_opportunity(cast["wangqiang"], deal, {"project_name": "南沙体育馆", "products": ("P2",)})
    share_customer(cast["wangqiang"], key, cast["chengang"].person_id, ShareLevel.READ, None)
    assert "修改商机" in {e.step for e in of(cast["wangqiang"], key)}
    # The customer is shared, its deals are not.
    assert {e.step for e in of(cast["chengang"], key)} == {"共享客户"}


def test_files_and_activities_are_part_of_it(cast: Cast) -> None:
    key = make.customer()
    with Incoming() as content:
        content.write(b"%PDF-1.7")
        attach_file(cast["wangqiang"], "customer", key, "图纸.pdf", content)
    save(
        Activity(
            number="HD1", subject="拜访-初次", activity_type="01", customer_id=key,
            status="done", owner_id=cast["wangqiang"].person_id,
            office_id=cast["wangqiang"].office_id, created_at=make.clock.now(),
        )
    )  # fmt: skip
    assert "王强 上传附件 图纸.pdf" in told(of(cast["wangqiang"], key))
    seen = {e.entity for e in history_of(cast["wangqiang"], "customer", key).entries}
    assert {"activity", "attachment", "contact", "customer"} <= seen
    assert not any(e.entity == "attachment" for e in of(cast["sunyue"], key))


def test_a_merge_joins_the_histories_for_those_who_see_both(cast: Cast) -> None:
    kept, gone = make.customer(), make.customer(owner="chengang")
    edit_customer(cast["chengang"], gone, {"address": "外滩1号"}, None)
    merge(cast["zhouting"], kept, gone, {})
    assert "外滩1号" in "".join(e.summary for e in of(cast["zhouting"], kept))
    assert any(e.step == "合并客户" for e in of(cast["wangqiang"], kept))


def test_only_readers_of_the_log_see_who_looked(cast: Cast) -> None:
    key = make.customer()
    note_contacts_seen(cast["zhangwei"], key)
    assert told(of(cast["zhaolei"], key))[0].startswith("张伟 查看联系方式")
    assert not of(cast["wangqiang"], key)


def test_names_of_records_one_may_not_see_stay_hidden(cast: Cast) -> None:
    one, other = make.customer(), make.customer("隐藏测试建材有限公司", owner="chengang")
    merge(cast["zhouting"], other, one, {})
    shown = "".join(e.summary for e in of(cast["limin"], one))
    assert "隐藏测试" not in shown
    assert "（无权查看）" in shown


def test_pages_go_back_in_time(cast: Cast) -> None:
    key = make.customer()
    for number in range(7):
        edit_customer(cast["wangqiang"], key, {"address": f"天河路{number + 2}号"}, None)
    pages = [history_of(cast["wangqiang"], "customer", key, page=p, size=4) for p in (1, 2, 3, 4)]
    assert [len(p.entries) for p in pages] == [4, 4, 1, 0]
    assert {p.total for p in pages} == {9}
    ids = [e.id for p in pages for e in p.entries]
    assert ids == sorted(ids, reverse=True)
    assert "查看全部" not in history_tab(cast["wangqiang"], "customer", key).text


def test_text_of_users_is_no_markup(cast: Cast) -> None:
    key = make.customer()
    edit_customer(cast["wangqiang"], key, {"address": "<img src=x onerror=alert(1)>"}, None)
    text = history_tab(cast["wangqiang"], "customer", key).text
    assert "<img" not in text
    assert "&lt;img" in text
