"""The dry run tells what would change before anybody clicks, and changes nothing."""

import pytest

from crmlib.access.actor import Actor
from crmlib.conversion import rules
from crmlib.conversion.actions import convert
from crmlib.conversion.effects import dry_run
from crmlib.conversion.evidence import evidence_of
from crmlib.customers.card import customer_card
from crmlib.customers.model import ShareLevel
from crmlib.customers.sharing import share_customer
from crmlib.errors import NotAllowed
from crmlib.store.schema import ChangeLog
from tests import make
from tests.conversion.test_actions import ready
from tests.duplicates.build import put

LOCKED = ("客户名称", "客户级别", "统一社会信用代码")


def test_the_dry_run_tells_who_loses_what(cast: dict[str, Actor]) -> None:
    key = ready(registered_by_id=cast["limin"].person_id)
    share_customer(cast["wangqiang"], key, cast["chengang"].person_id, ShareLevel.COLLABORATE)
    before = len(make.rows(ChangeLog))
    found = dry_run(cast["wangqiang"], key)
    assert len(make.rows(ChangeLog)) == before
    assert found.failing == ()
    assert found.locked == LOCKED
    told = {e.person: (e.tie, e.fields, e.steps) for e in found.effects}
    assert told["王强"] == ("负责人", LOCKED, ("移入回收站",))
    assert told["陈刚"] == ("共享（协作）", LOCKED, ())
    assert told["张伟"][:2] == ("上级", ("客户名称", "统一社会信用代码"))
    assert "李敏" not in told  # a clerk keeps what assignment has left her


@pytest.mark.parametrize("who", ["wangqiang", "chengang", "zhangwei", "limin"])
def test_the_dry_run_is_what_happens(cast: dict[str, Actor], who: str) -> None:
    key = ready(registered_by_id=cast["limin"].person_id)
    share_customer(cast["wangqiang"], key, cast["chengang"].person_id, ShareLevel.COLLABORATE)
    told = {e.person: set(e.fields) for e in dry_run(cast["zhouting"], key).effects}
    could = customer_card(cast[who], key).editable
    convert(cast["zhouting"], key)
    lost = could - customer_card(cast[who], key).editable
    labels = {"name": "客户名称", "level": "客户级别", "uscc": "统一社会信用代码"}
    assert {labels[name] for name in lost} == told.get(cast[who].name, set())


def test_the_dry_run_names_what_is_missing(cast: dict[str, Actor]) -> None:
    key = make.customer("云岭测试门窗", phone=None)
    found = dry_run(cast["zhouting"], key)
    assert [c.key for c in found.failing] == [rules.FIELDS, rules.EVIDENCE, rules.LEGAL_NAME]
    for query in (dry_run, evidence_of):
        with pytest.raises(NotAllowed):
            query(cast["chengang"], key)


def test_evidence_opens_for_those_who_may_see_it(cast: dict[str, Actor]) -> None:
    key, other = ready("海棠测试幕墙有限公司"), make.customer("海棠测式幕墙有限公司")
    pair = put(key, other)
    found = evidence_of(cast["zhouting"], key)
    assert [(p.id, p.label, p.opens) for p in found.pairs] == [(pair, "海棠测式幕墙有限公司", True)]
    assert [deal.opens for deal in found.deals] == [True]
    assert [p.opens for p in evidence_of(cast["wangqiang"], key).pairs] == [False]
