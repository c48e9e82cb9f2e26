"""Several customers at once: what may be done is done, the rest is told with its reason."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.bulk import (
    assign_customers,
    assign_outlook,
    recycle_customers,
    recycle_outlook,
)
from crmlib.customers.model import Customer, CustomerStatus
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.recycling.queries import reason_options
from tests import make


def status_of(key: int) -> CustomerStatus:
    return make.fetch(Customer, key).status


def test_preview_of_assigning_says_who_is_left_out(cast: dict[str, Actor]) -> None:
    keys = [
        make.customer("甲"),
        make.customer("乙", owner=None),
        make.customer("丙", status=CustomerStatus.RECYCLED),
        make.customer("丁", owner="chengang"),
    ]
    outlook = assign_outlook(cast["zhangwei"], keys)
    assert outlook.names == ("甲", "乙")
    assert outlook.refused == {"丙": "状态是回收站"}  # 丁 is not his to know
    assert len(assign_outlook(cast["zhaolei"], keys).names) == 3


def test_assigning_does_what_the_preview_said(cast: dict[str, Actor]) -> None:
    keys = [make.customer("甲"), make.customer("乙", owner=None), make.customer("丁")]
    head, seller = cast["zhangwei"], cast["wangqiang"].person_id
    done = assign_customers(head, keys, seller, token="t")
    assert (done.count, done.refused) == (
        1,
        {"甲": "王强 已经是负责人", "丁": "王强 已经是负责人"},
    )
    assert assign_customers(head, keys, seller, token="t") == done
    assert {make.fetch(Customer, key).owner_id for key in keys} == {seller}
    with pytest.raises(Refused, match="所选客户都不能处理"):
        assign_customers(head, keys, seller)
    with pytest.raises(Invalid):
        assign_customers(head, keys, cast["chengang"].person_id)
    for login in ("limin", "wangqiang", "sunyue"):
        with pytest.raises(NotAllowed):
            assign_customers(cast[login], keys, seller)


def test_recycling_leaves_open_work_and_trading_customers(cast: dict[str, Actor]) -> None:
    busy = make.customer("有商机")
    make.opportunity(busy)
    keys = [
        make.customer("甲"),
        make.customer("乙", owner="zhangwei"),
        busy,
        make.customer("交易", status=CustomerStatus.TRADING),
    ]
    head, reason = cast["zhangwei"], reason_options()[0].code
    outlook = recycle_outlook(head, keys)
    assert outlook.names == ("甲", "乙")
    assert set(outlook.refused) == {"有商机", "交易"}
    with pytest.raises(Invalid):
        recycle_customers(head, keys, "")
    done = recycle_customers(head, keys, reason, note="清理")
    assert (done.count, done.refused) == (2, outlook.refused)
    assert [status_of(key) is CustomerStatus.RECYCLED for key in keys] == [True, True, False, False]
    with pytest.raises(Refused, match="所选客户都不能处理"):
        recycle_customers(head, keys[2:], reason)
    with pytest.raises(NotAllowed):
        recycle_customers(cast["sunyue"], keys, reason)
