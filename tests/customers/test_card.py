"""The card of a customer."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.card import customer_card
from crmlib.customers.model import CustomerStatus, ShareLevel
from crmlib.customers.sharing import share_customer
from crmlib.errors import NotAllowed
from tests import make
from tests.customers.test_queries import statements


def test_card_shows_words_and_form_values(cast: dict[str, Actor]) -> None:
    key = make.customer("恒晟幕墙有限公司", phone="020-88886666", mobile="13912345678")
    card = customer_card(cast["wangqiang"], key)
    assert (card.values["industry"], card.texts["industry"]) == ("01", "幕墙公司")
    assert (card.texts["owner"], card.texts["office"], card.texts["trading"]) == (
        "王强",
        "广州",
        "否",
    )
    assert (card.texts["fax"], card.values["no_fax"]) == ("无", True)
    assert card.values["phone"] == "020-88886666"
    (contact,) = card.contacts
    assert (contact.mobile, contact.role_text, contact.is_primary) == (
        "13912345678",
        "决策人",
        True,
    )
    assert card.missing == ()


def test_masked_reader_sees_no_number(cast: dict[str, Actor]) -> None:
    key = make.customer(
        phone="020-88886666", mobile="13912345678", email="boss@example.com", no_email=False
    )
    card = customer_card(cast["sunyue"], key)
    assert (card.values["phone"], card.contacts[0].mobile) == ("020****6666", "139****5678")
    assert card.texts["email"] == "****@example.com"
    assert "12345678" not in repr(card).replace("-", "")
    assert not card.editable


def test_stranger_gets_no_card(cast: dict[str, Actor]) -> None:
    key = make.customer()
    for number in (key, 999_999):
        with pytest.raises(NotAllowed):
            customer_card(cast["chengang"], number)


def test_shared_reader_sees_but_changes_nothing(cast: dict[str, Actor]) -> None:
    key = make.customer()
    share_customer(cast["wangqiang"], key, cast["chengang"].person_id, ShareLevel.READ)
    card = customer_card(cast["chengang"], key)
    assert (card.editable, card.may_edit_contacts, card.may_share) == (frozenset(), False, False)
    assert [(s.person, s.level_text, s.shared_by) for s in card.shares] == [
        ("陈刚", "只读", "王强")
    ]


def test_merged_customer_leads_to_its_survivor(cast: dict[str, Actor]) -> None:
    survivor = make.customer("恒晟幕墙有限公司", code="KH900")
    loser = make.customer(status=CustomerStatus.MERGED, merged_into_id=survivor)
    card = customer_card(cast["zhouting"], loser)
    assert card.merged_into == (survivor, "KH900", "恒晟幕墙有限公司")
    assert not card.editable


def test_incomplete_customer_names_what_is_missing(cast: dict[str, Actor]) -> None:
    key = make.customer(address=None, no_fax=False, incomplete=True)
    card = customer_card(cast["wangqiang"], key)
    assert set(card.missing) == {"地址", "传真"}
    assert 0 < card.completeness < 100


def test_card_takes_few_statements(cast: dict[str, Actor]) -> None:
    key = make.customer()
    with statements() as seen:
        customer_card(cast["liuyang"], key)
    assert len([s for s in seen if s.lstrip().upper().startswith(("SELECT", "WITH"))]) <= 6
