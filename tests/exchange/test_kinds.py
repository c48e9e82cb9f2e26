"""Lists of contacts, opportunities and activities: matched with what is there, held to the rules."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.exchange.found import Options
from crmlib.exchange.model import ImportBatch, ImportKind, ImportRow, Verdict
from crmlib.opportunities.model import Opportunity, OpportunityProduct, Outcome, StageHistory
from crmlib.people.model import Person
from crmlib.store.engine import writing
from tests import make
from tests.exchange.conftest import applied, batch_of, checked, workbook

NAME = "佛山市云帆幕墙工程有限公司"
CONTACT = {"客户名称": NAME, "姓名": "林工", "人员角色": "采购经理", "移动电话": "13900002222"}
DEAL = {
    "客户": NAME,
    "项目名称": "云帆大厦",
    "感兴趣产品": "执手、铰链",
    "销售任务": "报价",
    "预计金额": "1,200.50",
    "预计成交日期": "2027年1月31日",
    "销售阶段": "",
    "登记人": "李敏",
    "登记日期": "2022-05-06",
}
VISIT = {
    "客户名称": NAME,
    "主题": "看样",
    "活动类型": "上门拜访",
    "状态": "",
    "实际开始": "2026-03-05 09:30",
    "实际结束": "2026-03-05 11:00",
    "负责人": "",
}
KINDS = {
    ImportKind.CONTACTS: CONTACT,
    ImportKind.OPPORTUNITIES: DEAL,
    ImportKind.ACTIVITIES: VISIT,
}


@pytest.fixture
def customer(boss: Actor) -> int:
    """The customer the lists name."""
    return make.customer(NAME)


def brought(
    boss: Actor, folder: Path, kind: ImportKind, *rows: object, options: Options | None = None
) -> ImportBatch:
    path = workbook(folder / f"{kind}.xlsx", *rows)  # type: ignore[arg-type]
    return applied(boss, checked(boss, kind, path), options)


def verdict(boss: Actor, folder: Path, kind: ImportKind, row: object) -> ImportRow:
    """Return the verdict on the only row of a list."""
    key = checked(boss, kind, workbook(folder / f"{kind}.xlsx", row))  # type: ignore[arg-type]
    (found,) = make.rows(ImportRow, batch_id=key)
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_comes_in_once(boss: Actor, tmp_path: Path, customer: int, kind: ImportKind) -> None:
    row = dict(KINDS[kind])
    assert brought(boss, tmp_path, kind, row).counts["new"] == 1
    again = verdict(boss, tmp_path, kind, row)
    assert again.verdict is Verdict.SAME


def test_a_contact_belongs_to_its_customer(boss: Actor, tmp_path: Path, customer: int) -> None:
    other = make.customer("长沙远岫门窗厂")
    code = make.fetch(Customer, other).code
    brought(
        boss, tmp_path, ImportKind.CONTACTS, CONTACT, CONTACT | {"客户名称": "", "客户代码": code}
    )
    made = make.rows(Contact, name="林工")
    assert [(c.customer_id, c.mobile, c.is_primary) for c in made] == [
        (customer, "13900002222", False),
        (other, "13900002222", False),
    ]
    assert made[0].role


def test_a_known_contact_is_only_filled(boss: Actor, tmp_path: Path, customer: int) -> None:
    brought(boss, tmp_path, ImportKind.CONTACTS, CONTACT)
    more = CONTACT | {"职务": "经理", "移动电话": "", "人员角色": ""}
    done = brought(boss, tmp_path, ImportKind.CONTACTS, more)
    assert done.counts["update"] == 1
    (contact,) = make.rows(Contact, name="林工")
    assert (contact.title, contact.mobile) == ("经理", "13900002222")
    untouched = brought(
        boss, tmp_path, ImportKind.CONTACTS, more | {"微信": "lin"}, options=Options(known=False)
    )
    assert untouched.counts["update"] == 1
    assert make.fetch(Contact, contact.id).wechat is None


def test_another_name_with_the_same_mobile_is_doubtful(
    boss: Actor, tmp_path: Path, customer: int
) -> None:
    brought(boss, tmp_path, ImportKind.CONTACTS, CONTACT)
    found = verdict(boss, tmp_path, ImportKind.CONTACTS, CONTACT | {"姓名": "林先生"})
    assert found.verdict is Verdict.SIMILAR
    assert "相同手机的联系人 林工" in found.reasons[0]


def test_a_deal_comes_in_with_day_person_products_and_history(
    boss: Actor, cast: dict[str, Actor], tmp_path: Path, customer: int
) -> None:
    brought(boss, tmp_path, ImportKind.OPPORTUNITIES, DEAL)
    (deal,) = make.rows(Opportunity)
    assert deal.number.startswith("SJ")
    assert (deal.amount, deal.expected_close) == (Decimal("1200.50"), date(2027, 1, 31))
    assert (deal.registered_by_id, deal.owner_id) == (
        cast["limin"].person_id,
        cast["wangqiang"].person_id,
    )
    assert clock.local(deal.registered_at).date() == date(2022, 5, 6)
    assert len(make.rows(OpportunityProduct, opportunity_id=deal.id)) == 2
    (history,) = make.rows(StageHistory, opportunity_id=deal.id)
    assert (history.to_stage_id, history.moved_at) == (deal.stage_id, deal.registered_at)
    assert deal.contact_id == make.rows(Contact, customer_id=customer)[0].id


def test_a_deal_that_was_won_keeps_its_end(boss: Actor, tmp_path: Path, customer: int) -> None:
    won = DEAL | {"状态": "赢单", "成交日期": "2023-02-01"}
    brought(boss, tmp_path, ImportKind.OPPORTUNITIES, won)
    (deal,) = make.rows(Opportunity)
    assert (deal.outcome, deal.decided_on, deal.won_amount) == (
        Outcome.WON,
        date(2023, 2, 1),
        Decimal("1200.50"),
    )


def test_another_deal_of_the_same_project_is_doubtful(
    boss: Actor, tmp_path: Path, customer: int
) -> None:
    brought(boss, tmp_path, ImportKind.OPPORTUNITIES, DEAL)
    other = DEAL | {"销售任务": "投标"}
    done = brought(boss, tmp_path, ImportKind.OPPORTUNITIES, other, options=Options(similar=True))
    assert done.counts["similar"] == 1
    assert len(make.rows(Opportunity)) == 2


def test_an_activity_comes_in_as_done(
    boss: Actor, cast: dict[str, Actor], tmp_path: Path, customer: int
) -> None:
    deal = make.fetch(Opportunity, make.opportunity(customer))
    brought(boss, tmp_path, ImportKind.ACTIVITIES, VISIT | {"商机编号": deal.number})
    (activity,) = make.rows(Activity)
    assert activity.status is ActivityStatus.DONE
    assert f"{clock.local(activity.started_at):%Y-%m-%d %H:%M}" == "2026-03-05 09:30"
    assert (activity.owner_id, activity.opportunity_id) == (cast["wangqiang"].person_id, deal.id)


def test_a_former_colleague_stays_the_registrant(
    boss: Actor, cast: dict[str, Actor], tmp_path: Path, customer: int
) -> None:
    who = cast["limin"].person_id
    with writing() as session, session.begin():
        session.execute(update(Person).where(Person.id == who).values(active=False))
    brought(boss, tmp_path, ImportKind.OPPORTUNITIES, DEAL)
    assert make.rows(Opportunity)[0].registered_by_id == who
    unknown = verdict(
        boss, tmp_path, ImportKind.OPPORTUNITIES, DEAL | {"项目名称": "乙", "登记人": "无名"}
    )
    assert unknown.reasons == ["登记人 查无此人“无名”，记为导入人"]


@pytest.mark.parametrize(
    ("kind", "changes", "field", "message"),
    [
        (ImportKind.CONTACTS, {"客户名称": "没有的公司"}, "客户名称", "系统中没有此客户"),
        (ImportKind.CONTACTS, {"姓名": ""}, "姓名", "必录项"),
        (ImportKind.CONTACTS, {"移动电话": "123"}, "移动电话", "11 位"),
        (ImportKind.CONTACTS, {"人员角色": "国王"}, "人员角色", "没有“国王”"),
        (ImportKind.OPPORTUNITIES, {"预计金额": "很多"}, "预计金额", "请填写数字"),
        (ImportKind.OPPORTUNITIES, {"感兴趣产品": "火箭"}, "感兴趣产品", "没有“火箭”"),
        (ImportKind.OPPORTUNITIES, {"销售任务": ""}, "销售任务", "必录项"),
        (ImportKind.OPPORTUNITIES, {"预计成交日期": "明年"}, "预计成交日期", "无法识别"),
        (ImportKind.OPPORTUNITIES, {"销售阶段": "天上"}, "销售阶段", "没有“天上”"),
        (ImportKind.OPPORTUNITIES, {"登记日期": "2999-01-01"}, "登记日期", "不能晚于今天"),
        (ImportKind.ACTIVITIES, {"主题": ""}, "主题", "必录项"),
        (ImportKind.ACTIVITIES, {"活动类型": ""}, "活动类型", "必录项"),
        (ImportKind.ACTIVITIES, {"实际结束": "2026-03-05 08:00"}, "实际结束", "不能早于"),
        (ImportKind.ACTIVITIES, {"状态": "也许"}, "状态", "应为"),
        (ImportKind.ACTIVITIES, {"负责人": "查无此人"}, "负责人", "查无此人"),
    ],
)
def test_a_wrong_value_is_told_with_its_field(
    boss: Actor,
    tmp_path: Path,
    customer: int,
    kind: ImportKind,
    changes: dict[str, str],
    field: str,
    message: str,
) -> None:
    found = verdict(boss, tmp_path, kind, dict(KINDS[kind]) | changes)
    assert found.verdict is Verdict.ERROR
    assert any(label == field and message in why for label, _, why in found.faults), found.faults


def test_no_deal_for_a_customer_without_contacts_or_in_the_bin(
    boss: Actor, tmp_path: Path, customer: int
) -> None:
    (contact,) = make.rows(Contact, customer_id=customer)
    with writing() as session, session.begin():
        session.execute(update(Contact).where(Contact.id == contact.id).values(active=False))
    found = verdict(boss, tmp_path, ImportKind.OPPORTUNITIES, DEAL)
    assert "请先添加联系人" in found.faults[0][2]
    with writing() as session, session.begin():
        gone = update(Customer).where(Customer.id == customer)
        session.execute(gone.values(status=CustomerStatus.RECYCLED))
    found = verdict(boss, tmp_path, ImportKind.CONTACTS, CONTACT)
    assert "系统中没有此客户" in found.faults[0][2]
    assert batch_of(found.batch_id).counts == {"error": 1}
