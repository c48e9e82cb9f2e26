"""客户—新增 and 编辑: complete or not at all, and never the same customer twice."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers import records
from crmlib.customers.model import Contact, Customer, CustomerAlias, CustomerStatus
from crmlib.customers.rules import CustomerDraft
from crmlib.duplicates import entry
from crmlib.duplicates.collision import name_keys
from crmlib.duplicates.entry import edit_customer, enter_customer
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.errors import Invalid, NotAllowed, Refused, Stale
from crmlib.inbox.model import Message, MessageRecipient
from crmlib.reference.model import Region
from crmlib.store.engine import reading, writing
from crmlib.store.schema import ChangeLog
from tests import make

NAME = "北京北大西飞发展有限公司"
SIMILAR = "北京北大西飞装饰有限公司"


def draft(name: str = NAME, **values: Any) -> CustomerDraft:
    with reading() as session:
        region = session.scalar(select(Region.id).where(Region.name == "北京"))
    complete = CustomerDraft(
        name=name,
        level="B",
        industry="01",
        region=region,
        country="01",
        phone="010-66668888",
        address="中关村大街1号",
        no_fax=True,
        no_email=True,
        no_website=True,
        contact_name="何经理",
        contact_role="01",
        contact_mobile="138 0000 8888",
    )
    return replace(complete, **values)


def existing(name: str = NAME, **values: Any) -> int:
    from dataclasses import asdict

    return make.customer(name, **(asdict(name_keys(name)) | values))


def faults(actor: Actor, wanted: CustomerDraft, **kwargs: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as fault:
        enter_customer(actor, wanted, **kwargs)
    return fault.value.faults


def test_clerk_enters_a_customer_with_its_contact(indexed: dict[str, Actor]) -> None:
    saved = enter_customer(indexed["limin"], draft(), token="t")
    assert saved == enter_customer(indexed["limin"], draft(), token="t")
    (row,) = make.rows(Customer)
    assert saved.code == row.code == f"KH{clock.today():%y%m}00001"
    assert (row.registered_by_id, row.status, row.owner_id, row.office_id, row.incomplete) == (
        indexed["limin"].person_id,
        CustomerStatus.POTENTIAL,
        None,
        indexed["limin"].office_id,
        False,
    )
    assert (row.name_key, row.core_key, row.brand) == (NAME, "北大西飞发展", "北大西飞")
    assert row.phone_key == "01066668888"
    (contact,) = make.rows(Contact)
    assert (contact.customer_id, contact.is_primary, contact.mobile) == (
        row.id,
        True,
        "13800008888",
    )
    logged = {(c.entity, c.action) for c in make.rows(ChangeLog) if c.entity != "message"}
    assert logged >= {("customer", "enter_customer"), ("contact", "enter_customer")}


def test_blank_owner_is_told_to_the_head_of_the_office(indexed: dict[str, Actor]) -> None:
    saved = enter_customer(indexed["limin"], draft())
    (message,) = make.rows(Message)
    assert (message.title, message.related_id) == (
        f"待分配客户：{NAME}（{saved.code}）",
        saved.customer_id,
    )
    (copy,) = make.rows(MessageRecipient)
    assert copy.person_id == indexed["zhangwei"].person_id


def test_owner_as_told_by_the_manager_is_told(indexed: dict[str, Actor]) -> None:
    owner = indexed["wangqiang"]
    saved = enter_customer(indexed["limin"], draft(owner=owner.person_id))
    row = make.fetch(Customer, saved.customer_id)
    assert (row.owner_id, row.office_id) == (owner.person_id, owner.office_id)
    assert [c.person_id for c in make.rows(MessageRecipient)] == [owner.person_id]


def test_salesperson_owns_what_he_enters(indexed: dict[str, Actor]) -> None:
    me = indexed["wangqiang"]
    saved = enter_customer(me, draft(level="", address="", country="", no_fax=False), quick=True)
    row = make.fetch(Customer, saved.customer_id)
    assert (row.owner_id, row.incomplete) == (me.person_id, True)
    assert make.rows(Message) == []


def test_quick_entry_is_for_sales_only(indexed: dict[str, Actor]) -> None:
    short = draft(level="", address="")
    assert set(faults(indexed["limin"], short, quick=True)) == {"level", "address"}


def test_owner_out_of_reach_is_refused(indexed: dict[str, Actor]) -> None:
    other = draft(owner=indexed["chengang"].person_id)
    for login in ("limin", "wangqiang", "zhangwei"):
        assert set(faults(indexed[login], other)) == {"owner"}


def test_code_is_for_the_admin_to_choose(indexed: dict[str, Actor]) -> None:
    assert set(faults(indexed["limin"], draft(code="ABC-1"))) == {"code"}
    assert enter_customer(indexed["zhaolei"], draft(code="ABC-1")).code == "ABC-1"
    again = draft(
        "西安秦岭门窗有限公司", code="ABC-1", phone="029-11112222", contact_mobile="13911112222"
    )
    assert set(faults(indexed["zhaolei"], again)) == {"code"}


@pytest.mark.parametrize(
    ("login", "may"),
    [
        ("limin", True),
        ("wangqiang", True),
        ("chengang", True),
        ("zhangwei", True),
        ("liuyang", True),
        ("zhouting", True),
        ("zhaolei", True),
        ("sunyue", False),
    ],
)
def test_who_may_enter(indexed: dict[str, Actor], login: str, may: bool) -> None:
    if may:
        enter_customer(indexed[login], draft())
    else:
        with pytest.raises(NotAllowed):
            enter_customer(indexed[login], draft())
    assert len(make.rows(Customer)) == int(may)


def test_all_faults_at_once_and_nothing_is_saved(indexed: dict[str, Actor]) -> None:
    existing()
    wrong = draft(region=None, industry="99", phone="x", contact_mobile="1", contact_role="77")
    found = faults(indexed["limin"], wrong)
    assert set(found) == {"region", "industry", "phone", "contact_mobile", "contact_role", "name"}
    assert found["region"] == "区域 为必录项"
    assert len(make.rows(Customer)) == len(make.rows(Contact)) == 1


@pytest.mark.parametrize(
    "variant",
    [
        NAME,
        "北京北大西飞发展有限公司 ",
        "北京 北大西飞 发展有限公司",
        "北京　北大西飞　发展有限公司",
        "北京（北大西飞）发展有限公司",
        "北京北大西飛發展有限公司",
        "北京北大西飞发展有限责任公司",
        "北大西飞发展有限公司",
    ],
)
def test_same_name_is_blocked_however_it_is_typed(indexed: dict[str, Actor], variant: str) -> None:
    existing(code="KH42")
    found = faults(indexed["limin"], draft(variant), reason="新公司")
    assert found == {"name": f"已存在相同客户：KH42 {NAME}（负责人 王强）"}


def test_full_width_letters_are_the_same_name(indexed: dict[str, Actor]) -> None:
    existing("ABC门窗有限公司")
    assert "name" in faults(indexed["limin"], draft("ＡＢＣ门窗有限公司"))


def test_recycled_and_merged_customers_block_and_say_where_they_are(
    indexed: dict[str, Actor],
) -> None:
    survivor = make.customer("西安秦岭门窗有限公司", code="KH7")
    existing(status=CustomerStatus.MERGED, merged_into_id=survivor)
    existing("沪申玻璃有限公司", status=CustomerStatus.RECYCLED)
    assert "已并入 KH7" in faults(indexed["limin"], draft())["name"]
    assert "在回收站" in faults(indexed["limin"], draft("沪申玻璃有限公司"))["name"]


def test_similar_name_needs_a_reason_and_waits_for_review(indexed: dict[str, Actor]) -> None:
    there = existing()
    wanted = draft(SIMILAR, phone="010-11112222")
    assert faults(indexed["limin"], wanted) == {"reason": "发现相似客户，请填写原因"}
    assert faults(indexed["limin"], wanted, reason=" ") == {"reason": "发现相似客户，请填写原因"}
    assert "reason" in faults(indexed["limin"], wanted, reason="因" * 256)
    saved = enter_customer(indexed["limin"], wanted, reason="另一家公司")
    assert saved.similar
    (pair,) = make.rows(DuplicatePair)
    assert (pair.a_id, pair.b_id) == (there, saved.customer_id)
    assert (pair.source, pair.status, pair.note, pair.found_by_id) == (
        PairSource.ENTRY,
        PairStatus.OPEN,
        "另一家公司",
        indexed["limin"].person_id,
    )
    assert pair.reasons


def test_similar_may_be_barred_by_parameter(indexed: dict[str, Actor], monkeypatch) -> None:
    existing()
    given = replace(entry.parameters(), may_save_similar=False)
    monkeypatch.setattr(entry, "parameters", lambda: given)
    assert set(faults(indexed["limin"], draft(SIMILAR), reason="另一家公司")) == {"name"}


def test_branch_may_be_entered_without_a_question(indexed: dict[str, Actor]) -> None:
    existing()
    branch = draft(f"{NAME}天津分公司", phone="022-11112222", contact_mobile="13911112222")
    assert not enter_customer(indexed["limin"], branch).similar


@pytest.mark.parametrize(
    ("one", "other"),
    [(NAME, NAME), (NAME, "北大西飞发展"), (NAME, SIMILAR), (NAME, "北京贝达西飞发展有限公司")],
)
def test_two_at_once_with_one_brand_meet(
    indexed: dict[str, Actor], one: str, other: str, monkeypatch
) -> None:
    insert, checked = records.insert_customer, Event()

    def slowly(*args: Any) -> Customer:
        checked.set()
        time.sleep(0.4)  # the second one asks while the first has not committed yet
        return insert(*args)

    def save(login: str, name: str) -> str:
        try:
            return enter_customer(indexed[login], draft(name)).code
        except Invalid as fault:
            return next(iter(fault.faults))

    monkeypatch.setattr(records, "insert_customer", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(save, "limin", one)
        assert checked.wait(30)
        second = pool.submit(save, "zhangwei", other)
        assert first.result(60).startswith("KH")
        assert second.result(60) in {"name", "reason"}
    assert len(make.rows(Customer)) == 1


def test_live_name_index_is_the_last_bar(indexed: dict[str, Actor], monkeypatch) -> None:
    existing()
    monkeypatch.setattr(entry, "candidates", lambda *_: [])
    with pytest.raises(Refused):
        enter_customer(indexed["limin"], draft())
    assert len(make.rows(Customer)) == 1


# --- editing ---------------------------------------------------------------------------------


def test_edit_stores_only_what_changed(indexed: dict[str, Actor]) -> None:
    key = existing()
    before = make.fetch(Customer, key)
    saved = edit_customer(
        indexed["wangqiang"], key, {"address": "新地址", "level": "B"}, before.version
    )
    row = make.fetch(Customer, key)
    assert (row.address, row.version) == ("新地址", saved.version)
    (log,) = make.rows(ChangeLog, entity="customer", action="edit_customer")
    assert (log.before, log.after) == ({"address": "天河路1号"}, {"address": "新地址"})
    with pytest.raises(Stale):
        edit_customer(indexed["wangqiang"], key, {"address": "旧"}, before.version)


def test_saving_nothing_new_changes_nothing(indexed: dict[str, Actor]) -> None:
    key = existing()
    version = make.fetch(Customer, key).version
    assert edit_customer(indexed["wangqiang"], key, {"name": NAME}, version).version == version
    assert make.rows(ChangeLog, action="edit_customer") == []


def test_rename_asks_again_and_keeps_the_former_name(indexed: dict[str, Actor]) -> None:
    other, key = existing(), existing("西安秦岭门窗有限公司")
    with pytest.raises(Invalid) as fault:
        edit_customer(indexed["wangqiang"], key, {"name": NAME}, None)
    assert fault.value.faults["name"].startswith("已存在相同客户")
    with pytest.raises(Invalid) as fault:
        edit_customer(indexed["wangqiang"], key, {"name": SIMILAR}, None)
    assert set(fault.value.faults) == {"reason"}
    edit_customer(indexed["wangqiang"], key, {"name": SIMILAR}, None, reason="已更名")
    row = make.fetch(Customer, key)
    assert (row.name, row.name_key) == (SIMILAR, SIMILAR)
    (alias,) = make.rows(CustomerAlias)
    assert (alias.value, alias.customer_id) == ("西安秦岭门窗有限公司", key)
    (pair,) = make.rows(DuplicatePair)
    assert (pair.a_id, pair.b_id) == (other, key)


def test_small_correction_of_its_own_name_does_not_collide_with_itself(
    indexed: dict[str, Actor],
) -> None:
    key = existing()
    edit_customer(indexed["wangqiang"], key, {"name": "北京北大西飞发展股份有限公司"}, None)
    assert make.fetch(Customer, key).name == "北京北大西飞发展股份有限公司"


def test_required_field_may_not_be_emptied(indexed: dict[str, Actor]) -> None:
    key = existing()
    with pytest.raises(Invalid) as fault:
        edit_customer(
            indexed["wangqiang"], key, {"address": "", "region": None, "no_fax": False}, None
        )
    assert set(fault.value.faults) == {"address", "region", "fax"}


def test_imported_fault_does_not_stop_another_change(indexed: dict[str, Actor]) -> None:
    key = existing(phone="坏号码", industry=None, incomplete=True)
    edit_customer(indexed["wangqiang"], key, {"address": "新地址"}, None)
    row = make.fetch(Customer, key)
    assert (row.address, row.incomplete) == ("新地址", True)
    edit_customer(indexed["wangqiang"], key, {"phone": "010-66668888", "industry": "01"}, None)
    assert make.fetch(Customer, key).incomplete is False


# login, status, field → may
EDITS = [
    ("wangqiang", "potential", "name", True),
    ("wangqiang", "trading", "name", False),
    ("wangqiang", "trading", "level", False),
    ("wangqiang", "trading", "address", True),
    ("zhangwei", "trading", "level", True),
    ("zhangwei", "trading", "name", False),
    ("zhouting", "trading", "name", True),
    ("zhaolei", "trading", "name", False),
    ("zhaolei", "potential", "name", True),
    ("chengang", "potential", "address", False),
    ("limin", "potential", "address", False),
    ("sunyue", "potential", "address", False),
]


@pytest.mark.parametrize(("login", "status", "field", "may"), EDITS)
def test_who_may_edit_what(
    indexed: dict[str, Actor], login: str, status: str, field: str, may: bool
) -> None:
    key = existing(status=CustomerStatus(status))
    change = {field: {"name": "西安秦岭门窗有限公司", "level": "A", "address": "新地址"}[field]}
    if may:
        edit_customer(indexed[login], key, change, None)
    else:
        with pytest.raises(NotAllowed):
            edit_customer(indexed[login], key, change, None)
        assert make.rows(ChangeLog, action="edit_customer", kind="refused")


def test_clerk_edits_all_until_assigned_then_a_little(indexed: dict[str, Actor]) -> None:
    key = existing(owner=None)
    edit_customer(indexed["limin"], key, {"level": "A"}, None)
    with writing() as session, session.begin():
        session.get_one(Customer, key).owner_id = indexed["wangqiang"].person_id
    edit_customer(
        indexed["limin"],
        key,
        {"address": "新地址", "no_website": False, "website": "www.example.com"},
        None,
    )
    with pytest.raises(NotAllowed):
        edit_customer(indexed["limin"], key, {"level": "B"}, None)


@pytest.mark.parametrize("status", [CustomerStatus.MERGED, CustomerStatus.RECYCLED])
def test_customer_out_of_use_is_not_edited(
    indexed: dict[str, Actor], status: CustomerStatus
) -> None:
    with pytest.raises(Refused):
        edit_customer(indexed["zhouting"], existing(status=status), {"address": "新"}, None)


def test_unknown_and_foreign_fields_are_left_alone(indexed: dict[str, Actor]) -> None:
    key = existing()
    edit_customer(indexed["wangqiang"], key, {"owner": 1, "status": "trading", "id": 5}, None)
    row = make.fetch(Customer, key)
    assert (row.owner_id, row.status) == (indexed["wangqiang"].person_id, CustomerStatus.POTENTIAL)
