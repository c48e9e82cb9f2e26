"""A scan fills the queue and respects what was decided."""

import pytest

from crmlib.access.actor import Actor
from crmlib.customers.model import (
    Contact,
    Customer,
    CustomerStatus,
)
from crmlib.duplicates import review
from crmlib.duplicates.model import DuplicatePair, PairSource, PairStatus
from crmlib.duplicates.scan import scan
from crmlib.errors import NotAllowed
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make
from tests.duplicates.build import change, status

ALLOWED = {"zhouting"}


def test_a_scan_fills_the_queue_and_respects_decisions(cast: dict[str, Actor]) -> None:
    a = make.customer("广州云岭门窗有限公司", phone="020-87654321")
    b = make.customer("广州市云岭门窗有限公司", phone="020-87654321")
    make.customer("成都百川石材有限公司")
    gone = make.customer("广州云岭门窗公司", phone="020-87654321", status=CustomerStatus.RECYCLED)
    found = scan(cast["zhouting"])
    assert (found.pairs_new, found.pairs_total) == (1, 1)
    (row,) = make.rows(DuplicatePair)
    assert (row.a_id, row.b_id, row.source) == (a, b, PairSource.SCAN)
    assert row.same >= 0.5
    assert gone not in (row.a_id, row.b_id)
    assert row.reasons
    assert len(make.rows(ChangeLog, entity="duplicate_pair", action="scan")) == 1
    review.mark_distinct(cast["zhouting"], row.id, "两家公司")
    assert scan(None).pairs_new == 0
    assert status(row.id) is PairStatus.DISTINCT
    change(Customer, b, phone="020-87654322", phone_key="02087654322")
    scan(None)
    assert status(row.id) is PairStatus.OPEN


def test_only_the_general_office_scans(cast: dict[str, Actor]) -> None:
    for login in cast.keys() - ALLOWED:
        with pytest.raises(NotAllowed):
            scan(cast[login])


def test_the_scan_reads_contacts_and_province(cast: dict[str, Actor]) -> None:
    from crmlib.duplicates.scan import records

    key = make.customer(mobile="13911112222")
    with writing() as session, session.begin():
        session.add(Contact(customer_id=key, name="二号", mobile="13933334444"))
        session.add(Contact(customer_id=key, name="三号", mobile="13955556666"))
    (row,) = records().filter(records()["id"] == key).to_dicts()
    assert (row["province"], row["mobile1"], row["mobile2"]) == (
        "广东",
        "13911112222",
        "13933334444",
    )
