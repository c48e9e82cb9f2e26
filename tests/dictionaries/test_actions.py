"""Keeping the dictionaries, on both databases."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.model import Customer
from crmlib.customers.queries import form_options
from crmlib.dictionaries import rules
from crmlib.dictionaries.actions import (
    add_entry,
    delete_entries,
    disable_entries,
    enable_entries,
    move_entries,
    rename_entry,
)
from crmlib.dictionaries.queries import dictionaries_frame, dictionary
from crmlib.dictionaries.uses import columns_of
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.reference.kinds import DictKind
from crmlib.reference.load import load
from crmlib.reference.model import DictItem
from crmlib.reference.queries import options
from crmlib.store.engine import reading, writing
from tests import make

Cast = dict[str, Actor]
INDUSTRY, PRODUCT = DictKind.INDUSTRY, DictKind.PRODUCT


def item(kind: DictKind, code: str) -> DictItem:
    (one,) = make.rows(DictItem, kind=kind.value, code=code)
    return one


def names(kind: DictKind) -> list[str]:
    with reading() as session:
        return [option.name for option in options(session, kind)]


def test_an_entry_from_its_first_day_to_its_last(cast: Cast) -> None:
    office = cast["zhouting"]
    made = add_entry(office, INDUSTRY, " 医疗 机构 ", token="t")
    assert add_entry(office, INDUSTRY, " 医疗 机构 ", token="t") == made
    assert (made.code, names(INDUSTRY)[-1]) == ("U01", "医疗 机构")
    with pytest.raises(Invalid) as refused:
        add_entry(office, INDUSTRY, "幕墙公司", "01")
    assert refused.value.faults == {"parent": rules.NO_FAMILY}
    rename_entry(office, made.entry_id, "医疗机构")
    with pytest.raises(Invalid):
        rename_entry(office, made.entry_id, "幕墙公司")
    for _ in range(2):
        move_entries(office, [made.entry_id], -1)
    assert names(INDUSTRY)[-3] == "医疗机构"
    customer = make.customer(industry=made.code)
    with pytest.raises(Refused, match="已被 1 条记录使用，不能删除，只能停用"):
        delete_entries(office, [made.entry_id])
    disable_entries(office, [made.entry_id])
    assert "医疗机构" not in names(INDUSTRY)
    assert "医疗机构" not in [o.name for o in form_options(cast["limin"]).industries]
    assert make.fetch(Customer, customer).industry == made.code  # who has it keeps it
    assert enable_entries(office, [made.entry_id]).count == 1
    with writing() as session, session.begin():
        session.get(Customer, customer).industry = "01"
    assert delete_entries(office, [made.entry_id]).count == 1
    with pytest.raises(Refused, match="是系统内置条目，不能删除"):
        delete_entries(office, [item(INDUSTRY, "12").id])
    with pytest.raises(NotAllowed):
        rename_entry(office, made.entry_id, "没有了")


def test_products_stand_in_families(cast: Cast) -> None:
    admin = cast["zhaolei"]
    family = add_entry(admin, PRODUCT, "遮阳系统")
    with pytest.raises(Invalid) as refused:
        add_entry(admin, PRODUCT, "卷帘/百叶", "P9")
    assert set(refused.value.faults) == {"name", "parent"}
    made = add_entry(admin, PRODUCT, "卷帘", family.code)
    other = add_entry(admin, PRODUCT, "驳接座", "P2")
    assert (family.code, made.code, other.code) == ("U01", "U01-U01", "P2-U01")
    entries = dictionary(admin, PRODUCT.value).entries
    order = entries["code"].to_list()
    assert order[order.index("P2-06") + 1] == "P2-U01"
    assert entries.filter(code="U01-U01")["group"].to_list() == ["遮阳系统"]
    with pytest.raises(Refused, match="下面还有产品"):
        delete_entries(admin, [family.entry_id])
    move_entries(admin, [item(PRODUCT, "P2").id], -1)
    tops = [o.code for o in dictionary(admin, PRODUCT.value).groups]
    assert tops[:2] == ["P2", "P1"]
    assert disable_entries(admin, [item(PRODUCT, "P2").id]).count == 8  # with its products
    assert "驳接爪" not in names(PRODUCT)
    assert delete_entries(admin, [family.entry_id, made.entry_id]).count == 2


def test_something_is_always_left_to_choose(cast: Cast) -> None:
    levels = make.rows(DictItem, kind=DictKind.CUSTOMER_LEVEL.value)
    with pytest.raises(Refused, match=rules.LAST_ONE):
        disable_entries(cast["zhouting"], [level.id for level in levels])
    assert not any(i.disabled for i in make.rows(DictItem))
    both = [levels[0].id, item(INDUSTRY, "01").id]
    with pytest.raises(NotAllowed):  # one dictionary at a time
        disable_entries(cast["zhaolei"], both)


def test_who_keeps_which(cast: Cast) -> None:
    assert dictionaries_frame(cast["zhaolei"]).height == len(DictKind)
    mine = dictionaries_frame(cast["zhouting"])
    assert set(mine["side"]) == {"客户类"}
    assert mine.height == len(rules.CUSTOMER_KINDS)
    for login in ("zhouting", "liuyang", "wangqiang", "limin", "sunyue"):
        actor, foreign = cast[login], item(PRODUCT, "P1").id
        with pytest.raises(NotAllowed):
            add_entry(actor, PRODUCT, "新产品")
        with pytest.raises(NotAllowed):
            dictionary(actor, PRODUCT.value)
        for step in (disable_entries, enable_entries, delete_entries):
            with pytest.raises(NotAllowed):
                step(actor, [foreign])
        with pytest.raises(NotAllowed):
            rename_entry(actor, foreign, "别名")
        with pytest.raises(NotAllowed):
            move_entries(actor, [foreign], 1)
    for login in ("liuyang", "wangqiang"):
        with pytest.raises(NotAllowed):
            dictionaries_frame(cast[login])
    with pytest.raises(NotAllowed):
        dictionary(cast["zhaolei"], "none")


def test_an_update_brings_back_neither_names_nor_order(cast: Cast) -> None:
    admin = cast["zhaolei"]
    entry = item(INDUSTRY, "01")
    rename_entry(admin, entry.id, "幕墙企业")
    move_entries(admin, [entry.id], 1)
    before = names(INDUSTRY)
    with writing() as session, session.begin():
        load(session)
    assert names(INDUSTRY) == before
    assert before[1] == "幕墙企业"


@pytest.mark.parametrize("kind", sorted(DictKind))
def test_every_dictionary_knows_where_it_is_used(kind: DictKind) -> None:
    assert columns_of(kind), "name the column in DICTIONARIES of crmlib/audit/labels.py"
