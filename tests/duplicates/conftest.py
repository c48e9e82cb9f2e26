"""Fixtures of the live duplicate check."""

from datetime import date

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import (
    AliasKind,
    Contact,
    Customer,
    CustomerAlias,
    CustomerStatus,
    ShareLevel,
)
from crmlib.duplicates import children, live
from crmlib.duplicates.model import AffiliateLink, PairStatus
from crmlib.inbox.model import Message
from tests import make
from tests.duplicates.build import (
    activity,
    change,
    pair,
    pointing,
    put,
    request,
    rows_of,
    save,
    share,
)


@pytest.fixture
def indexed(cast: dict[str, Actor]) -> dict[str, Actor]:
    """The cast, with the search index of this test's database built."""
    live.start()
    assert live.wait(60)
    return cast


@pytest.fixture
def two(cast: dict[str, Actor]) -> tuple[int, int]:
    """A survivor and a loser."""
    survivor = make.customer("青桐测试五金有限公司", registered_at=clock.now())
    loser = make.customer(
        "青桐试验五金有限公司",
        owner="chengang",
        uscc="91440101MA5TEST001",
        last_contact_on=date(2026, 5, 1),
    )
    return survivor, loser


@pytest.fixture
def busy(cast: dict[str, Actor], two: tuple[int, int]) -> tuple[int, int]:
    """The two with rows in every table that names customers, clashes among them."""
    survivor, loser = two
    wang, chen, zhang = cast["wangqiang"], cast["chengang"], cast["zhangwei"]
    third, gone = make.customer(), make.customer()
    (contact,) = save(Contact(customer_id=loser, name="林工", mobile="13900000001"))
    deal = make.opportunity(loser, owner="chengang", contact_id=contact)
    make.opportunity(survivor)
    change(Customer, gone, status=CustomerStatus.MERGED, merged_into_id=loser)
    low, high = sorted((loser, third))
    save(
        activity(loser, chen, 1, contact_id=contact, opportunity_id=deal),
        activity(survivor, wang, 1),
        request(loser, chen),
        request(survivor, wang),
        share(loser, zhang, ShareLevel.COLLABORATE, chen),
        share(survivor, zhang, ShareLevel.READ, wang),
        share(loser, cast["liuyang"], ShareLevel.READ, chen),
        CustomerAlias(
            customer_id=loser, kind=AliasKind.NAME, value="旧名", key="旧名", since=clock.now()
        ),
        Message(
            title="通知", body="…", sent_at=clock.now(), related_type="customer", related_id=loser
        ),
        pair(survivor, loser),
        pair(loser, third),
        pair(survivor, third, PairStatus.DISTINCT, 0.6),
        pair(loser, make.customer()),
        AffiliateLink(
            a_id=low, b_id=high, linked_by_id=zhang.person_id, linked_at=clock.now(), note="集团"
        ),
        AffiliateLink(
            a_id=min(two), b_id=max(two), linked_by_id=zhang.person_id, linked_at=clock.now()
        ),
    )
    for reference in children.references():  # what was added since needs no line here
        if reference.column not in ("a_id", "b_id") and not pointing(reference, loser):
            rows_of(reference, loser)
    return survivor, loser


@pytest.fixture
def key(cast: dict[str, Actor]) -> int:
    """A pair of a Guangzhou and a Shanghai customer."""
    a = make.customer("云岭测试门窗有限公司")
    return put(make.customer("云岭测式门窗有限公司", owner="chengang"), a)
