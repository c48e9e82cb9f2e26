"""What the card tells beside its fields."""

from crmlib.access.actor import Actor
from crmlib.customers.card import CustomerCard, customer_card
from crmlib.customers.model import CustomerStatus, ShareLevel
from crmlib.customers.panels import contacts_panel, facts_panel, shares_panel
from crmlib.customers.sharing import Parts, share_customer
from crmlib.customers.why_panel import OF_CUSTOMER, access_form, access_panel
from tests import make


def facts(actor: Actor, key: int) -> str:
    return facts_panel(customer_card(actor, key)).text


def card(actor: Actor, key: int) -> CustomerCard:
    return customer_card(actor, key)


def test_completeness_names_what_is_missing(cast: dict[str, Actor]) -> None:
    key = make.customer(address=None, incomplete=True)
    text = facts(cast["wangqiang"], key)
    assert "转交易前须补：地址" in text
    assert "建议补充：统一社会信用代码、客户简称、客户类型、规模、来源" in text
    assert f'value="{card(cast["wangqiang"], key).completeness}"' in text


def test_locked_fields_say_why(cast: dict[str, Actor]) -> None:
    key = make.customer(status=CustomerStatus.TRADING)
    told = "（交易客户，只有综合部可以修改）"
    assert told in facts(cast["wangqiang"], key)
    assert "不可修改" not in facts(cast["zhouting"], key)
    assert "您没有修改此客户的权限" in facts(cast["sunyue"], key)


def test_masked_numbers_are_explained(cast: dict[str, Actor]) -> None:
    key = make.customer(mobile="13912345678")
    share_customer(
        cast["wangqiang"], key, cast["chengang"].person_id, ShareLevel.READ,
        parts=Parts(with_contacts=False),
    )  # fmt: skip
    note = "您没有查看此客户联系方式的权限，号码已隐去"
    assert note in contacts_panel(card(cast["chengang"], key)).text
    assert note not in contacts_panel(card(cast["wangqiang"], key)).text
    assert "客户资料、活动" in shares_panel(card(cast["wangqiang"], key)).text


def test_who_sees_it_and_why(cast: dict[str, Actor]) -> None:
    key = make.customer()
    boss, other = cast["zhangwei"], cast["limin"].person_id

    def told(asker: Actor, asked: str) -> str:
        return access_panel(OF_CUSTOMER, asker, key, asked).text

    assert "张伟 → 王强（负责人）" in told(boss, "")
    assert "同部门：广州" in told(boss, str(other))
    stranger = str(cast["chengang"].person_id)
    assert "您没有权限查询此人" in told(boss, stranger)
    assert "陈刚 看不到此客户" in told(cast["zhaolei"], stranger)
    assert access_form(OF_CUSTOMER, boss, key, "nonsense") is not None
    assert access_form(OF_CUSTOMER, cast["wangqiang"], key, "") is None
