"""What a customer must have, how it is normalised, who may change which field."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.access.grants import Role
from crmlib.customers import rules
from crmlib.customers.rules import CustomerDraft, EditFacts

COMPLETE = CustomerDraft(
    name="恒晟幕墙有限公司",
    level="B",
    industry="01",
    region=3,
    country="01",
    phone="020-88880000",
    address="天河路1号",
    no_fax=True,
    no_email=True,
    no_website=True,
    contact_name="何经理",
    contact_role="01",
    contact_mobile="13800008888",
)
FULL = {"name", "level", "industry", "region", "country", "phone", "address"}
CONTACT = {"contact_name", "contact_role", "contact_mobile"}


def test_complete_draft_has_no_fault() -> None:
    assert rules.faults(rules.normalised(COMPLETE), quick=False) == {}


def test_empty_draft_names_every_missing_field_at_once() -> None:
    found = rules.faults(CustomerDraft(), quick=False)
    assert set(found) == FULL | CONTACT | {"fax", "email", "website"}
    assert found["region"] == "区域 为必录项"
    assert found["contact_mobile"] == "移动电话 为必录项"


def test_quick_entry_asks_for_less() -> None:
    found = rules.faults(CustomerDraft(), quick=True)
    assert set(found) == {"name", "industry", "region", "phone"} | CONTACT


@given(st.sets(st.sampled_from(sorted(FULL | CONTACT))))
def test_exactly_the_emptied_fields_are_missing(emptied: set[str]) -> None:
    values = {name: None if name == "region" else "" for name in emptied}
    found = rules.faults(replace(COMPLETE, **values), quick=False)
    assert set(found) == emptied


@pytest.mark.parametrize(("field", "tick"), rules.NONE_TICKS.items())
def test_none_tick_lifts_the_demand(field: str, tick: str) -> None:
    without = replace(COMPLETE, **{tick: False})
    assert set(rules.faults(without, quick=False)) == {field}


def test_none_tick_empties_what_was_typed() -> None:
    assert rules.normalised(replace(COMPLETE, fax="020-88880001", no_fax=True)).fax == ""


def test_long_name_is_refused() -> None:
    found = rules.faults(replace(COMPLETE, name="恒" * 121), quick=False)
    assert found == {"name": "客户名称 不能超过 120 个字"}
    assert rules.faults(replace(COMPLETE, name="恒" * 120), quick=False) == {}


def test_name_whose_key_would_be_longer_is_refused() -> None:
    assert "name" in rules.faults(replace(COMPLETE, name="㍿" * 60), quick=False)


def test_name_of_signs_only_is_refused() -> None:
    assert rules.faults(replace(COMPLETE, name="（——）"), quick=False)["name"]


def test_formats_are_checked_beside_missing_fields() -> None:
    draft = replace(
        COMPLETE, level="", phone="x", email="x", no_email=False, uscc="1", contact_mobile="1"
    )
    assert set(rules.faults(draft, quick=False)) == {
        "level",
        "phone",
        "email",
        "uscc",
        "contact_mobile",
    }


def test_text_is_trimmed_and_unseen_signs_dropped() -> None:
    draft = rules.normalised(
        replace(COMPLETE, name=" 恒晟\u200b  幕墙\x00 ", phone="０２０－８８８８００００")
    )
    assert (draft.name, draft.phone) == ("恒晟 幕墙", "020-88880000")


def test_form_values_become_a_draft() -> None:
    draft = rules.customer_draft(
        {"name": "恒晟", "region": "3", "owner": None, "no_fax": True, "fax": "1", "other": 1}
    )
    assert (draft.name, draft.region, draft.owner, draft.fax) == ("恒晟", 3, None, "")


@given(
    st.builds(CustomerDraft, name=st.text(), phone=st.text(), address=st.text(), remark=st.text())
)
def test_normalising_twice_changes_nothing(draft: CustomerDraft) -> None:
    once = rules.normalised(draft)
    assert rules.normalised(once) == once


@given(
    st.builds(
        CustomerDraft,
        name=st.text(),
        phone=st.text(),
        uscc=st.text(),
        website=st.text(),
        contact_mobile=st.text(),
    )
)
def test_any_text_meets_a_message_never_an_error(draft: CustomerDraft) -> None:
    for message in rules.faults(rules.normalised(draft), quick=False).values():
        assert message


def test_completeness_grows_with_what_is_filled() -> None:
    assert rules.completeness({}) == 0
    half = rules.completeness({"name": "a", "phone": "b", "no_fax": True})
    full = dict.fromkeys((*rules.REQUIRED, *rules.NONE_TICKS, *rules.USEFUL), "x")
    assert 0 < half < rules.completeness(full) == 100


LOCKED = rules.LOCKED_WHEN_TRADING
# role, may_edit, manages, trading, assigned → fields he may / may not change
EDITORS = [
    (Role.ANALYST, False, False, False, False, set(), rules.EDITABLE),
    (Role.CLERK, True, False, False, False, rules.EDITABLE, {"owner", "code"}),
    (
        Role.CLERK,
        True,
        False,
        False,
        True,
        {"phone", "fax", "address", "website"},
        {"name", "level"},
    ),
    (Role.CLERK, True, False, True, True, {"phone"}, LOCKED),
    (Role.SALES, True, False, False, True, rules.EDITABLE, {"owner", "code"}),
    (Role.SALES, True, False, True, True, rules.EDITABLE - LOCKED, LOCKED),
    (Role.MANAGER, True, True, False, True, rules.EDITABLE, {"code"}),
    (Role.MANAGER, True, True, True, True, {"level", "address"}, {"name", "uscc"}),
    (Role.GENERAL_OFFICE, True, False, True, True, rules.EDITABLE, {"code", "owner"}),
    (Role.ADMIN, True, True, False, True, rules.EDITABLE | {"code"}, {"owner"}),
    (Role.ADMIN, True, True, True, True, {"code", "address"}, LOCKED),
    (Role.SALES, False, False, False, True, set(), rules.EDITABLE),
]


@pytest.mark.parametrize(("role", "may", "manages", "trading", "assigned", "yes", "no"), EDITORS)
def test_who_may_change_which_field(
    role: Role, may: bool, manages: bool, trading: bool, assigned: bool, yes: set[str], no: set[str]
) -> None:
    found = rules.editable_fields(EditFacts(role, may, manages, trading, assigned))
    assert yes <= found
    assert not no & found


@pytest.mark.parametrize(
    ("facts", "locked"),
    [
        ((Role.SALES, True, False, False, False), {}),
        ((Role.SALES, True, False, True, False), {"name": rules.LOCKED_BY_TRADE}),
        ((Role.GENERAL_OFFICE, True, False, True, True), {}),
        ((Role.CLERK, True, False, False, True), {"name": rules.LEFT_TO_OWNER}),
        ((Role.SALES, False, False, False, False), {"name": rules.NO_RIGHT}),
    ],
)
def test_every_locked_field_says_why(facts: tuple[Any, ...], locked: dict[str, str]) -> None:
    found = rules.EditFacts(*facts)
    reasons = rules.lock_reasons(found)
    assert set(reasons) >= rules.EDITABLE - rules.editable_fields(found)
    assert not set(reasons) & rules.editable_fields(found)
    assert {name: why for name, why in reasons.items() if name == "name"} == locked
    assert reasons["owner"] == "通过「分配」变更"
