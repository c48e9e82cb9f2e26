"""The paths told agree with the rights: at least one to what is seen, none to what is not."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.why import Path
from crmlib.customers.model import ShareLevel
from crmlib.customers.sharing import Parts, share_customer
from crmlib.customers.why import LEFT, askable_people, why_customer
from crmlib.errors import NotAllowed
from crmlib.opportunities.why import why_opportunity
from crmlib.people.model import Person
from crmlib.store.engine import writing
from tests import make
from tests.rights.world import build


@pytest.mark.parametrize("seed", [2])
def test_paths_agree_with_the_rights(cast: dict[str, Actor], seed: int) -> None:
    world, admin = build(seed), cast["zhaolei"]
    for actor in world.actors():
        customers, deals = world.customers_of(actor), world.deals_of(actor)
        for customer in world.customers:
            found = why_customer(admin, customer.id, actor.person_id)
            assert bool(found.paths) == (customer.id in customers), (actor, customer.id, found)
        for deal in world.deals:
            found = why_opportunity(admin, deal.id, actor.person_id)
            assert bool(found.paths) == (deal.id in deals), (actor, deal.id, found)


def test_each_path_in_words(cast: dict[str, Actor]) -> None:
    key, admin = make.customer(), cast["zhaolei"]
    end = clock.today() + timedelta(days=5)
    share_customer(
        cast["wangqiang"], key, cast["chengang"].person_id, ShareLevel.COLLABORATE, end,
        parts=Parts(with_opportunities=True),
    )  # fmt: skip
    deal = make.opportunity(key)

    def told(login: str) -> list[Path]:
        return list(why_customer(admin, key, cast[login].person_id).paths)

    assert told("wangqiang") == [Path("本人", "负责人"), Path("本人", "登记人")]
    assert told("limin") == [Path("部门", "同部门：广州")]
    assert told("zhangwei") == [
        Path("下属", "张伟 → 王强（负责人）"),
        Path("主管部门", "广州（负责人 王强 的部门）"),
        Path("主管部门", "广州（负责部门）"),
    ]
    assert Path("下属", "刘洋 → 张伟 → 王强（负责人）") in told("liuyang")
    assert Path("主管部门", "华南区 → 广州（负责部门）") in told("liuyang")
    assert told("chengang") == [Path("共享", f"王强 共享（协作，至 {end}）")]
    assert told("zhouting") == [Path("全部", "角色可查看全部记录")]
    assert told("sunyue") == [Path("全部", "角色可查看全部记录，联系方式隐去")]
    found = why_opportunity(admin, deal, cast["chengang"].person_id)
    assert found.paths == (Path("共享", f"随客户：王强 共享（协作，至 {end}）"),)


def test_whom_one_may_ask_about(cast: dict[str, Actor]) -> None:
    key = make.customer()
    assert why_customer(cast["wangqiang"], key).person == "王强"
    for login, other in (("wangqiang", "limin"), ("zhangwei", "chengang"), ("chengang", None)):
        with pytest.raises(NotAllowed):
            why_customer(cast[login], key, other and cast[other].person_id)
    assert why_customer(cast["zhangwei"], key, cast["limin"].person_id).paths
    names = {p.name for p in askable_people(cast["zhangwei"])}
    assert names == {"张伟", "李敏", "王强"}
    assert askable_people(cast["wangqiang"]) == ()


def test_who_left_sees_nothing(cast: dict[str, Actor]) -> None:
    key = make.customer()
    with writing() as session, session.begin():
        session.get_one(Person, cast["wangqiang"].person_id).active = False
    found = why_customer(cast["zhaolei"], key, cast["wangqiang"].person_id)
    assert (found.paths, found.note) == ((), LEFT)
