"""Builders: the cast of the scenarios and rows to work with."""

import itertools
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import clock
from crmlib.access.grants import Role
from crmlib.customers.model import Contact, Customer, CustomerStatus
from crmlib.opportunities.model import (
    Opportunity,
    Stage,
    StageHistory,
    StageSet,
    StageSetStatus,
)
from crmlib.opportunities.setup import PROJECT, load_stages
from crmlib.people.model import Office, Person
from crmlib.people.passwords import hash_password
from crmlib.people.setup import load_offices
from crmlib.reference.load import load
from crmlib.reference.model import Region
from crmlib.store.engine import reading, writing

PASSWORD = "Sunmao-2026"
# login, name, role, office, reports to, 编号
PEOPLE = (
    ("liuyang", "刘洋", Role.MANAGER, "华南区", None, None),
    ("zhangwei", "张伟", Role.MANAGER, "广州", "liuyang", "GD0101"),
    ("limin", "李敏", Role.CLERK, "广州", "zhangwei", "GD0102"),
    ("wangqiang", "王强", Role.SALES, "广州", "zhangwei", "GD0107"),
    ("chengang", "陈刚", Role.SALES, "上海", None, "SH0103"),
    ("zhouting", "周婷", Role.GENERAL_OFFICE, "综合部", None, None),
    ("zhaolei", "赵磊", Role.ADMIN, "信息部", None, None),
    ("sunyue", "孙悦", Role.ANALYST, "经营分析部", None, None),
)
_numbers = itertools.count(1)


def firm() -> None:
    """Fill an empty database: reference data, offices, stages and the cast."""
    with writing() as session, session.begin():
        load(session)
        load_offices(session)
        load_stages(session)
        offices = {o.name: o for o in session.scalars(select(Office))}
        hashed = hash_password(PASSWORD)
        people: dict[str, Person] = {}
        for login, name, role, office, boss, code in PEOPLE:
            people[login] = Person(
                login=login,
                name=name,
                role=role,
                office_id=offices[office].id,
                reports_to_id=people[boss].id if boss else None,
                seller_code=code,
                password_hash=hashed,
                must_change=False,
            )
            session.add(people[login])
            session.flush()
        offices["华南区"].head_id = people["liuyang"].id
        offices["广州"].head_id = people["zhangwei"].id


def people_ids() -> dict[str, int]:
    """Return login → id."""
    with reading() as session:
        return dict(session.execute(select(Person.login, Person.id)).all())


def customer(name: str | None = None, *, owner: str | None = "wangqiang", **values: Any) -> int:
    """Insert a complete customer with a 主联系人 and return its id."""
    from crmlib.duplicates import names

    number = next(_numbers)
    name = name or f"测试客户{number}有限公司"
    mobile = values.pop("mobile", f"138{number:08d}")
    with writing() as session, session.begin():
        person = session.scalar(select(Person).where(Person.login == (owner or "limin")))
        parsed = names.parse(name)
        row = Customer(
            **{
                "code": f"KHT{number:06d}",
                "name": name,
                "name_key": parsed.key,
                "core_key": names.core_key(name),
                "brand": parsed.brand,
                "level": "B",
                "industry": "01",
                "region_id": session.scalar(select(Region.id).where(Region.name == "广东")),
                "country": "01",
                "owner_id": person.id if owner else None,
                "office_id": person.office_id,
                "registered_by_id": person.id,
                "registered_at": clock.now() - timedelta(days=30),
                "phone": f"020-{number:08d}",
                "phone_key": f"020{number:08d}",
                "no_fax": True,
                "no_email": True,
                "no_website": True,
                "address": "天河路1号",
                "status": CustomerStatus.POTENTIAL,
            }
            | values
        )
        session.add(row)
        session.flush()
        session.add(
            Contact(customer_id=row.id, name="何经理", role="01", mobile=mobile, is_primary=True)
        )
        return row.id


def opportunity(
    customer_id: int, *, owner: str = "wangqiang", stage: str = "INFO", **values: Any
) -> int:
    """Insert an open opportunity in a stage of 项目销售 and return its id."""
    number = next(_numbers)
    with writing() as session, session.begin():
        person = session.scalar(select(Person).where(Person.login == owner))
        step = session.scalar(
            select(Stage)
            .join(StageSet, StageSet.id == Stage.stage_set_id)
            .where(
                StageSet.code == PROJECT,
                StageSet.status == StageSetStatus.ACTIVE,
                Stage.code == stage,
            )
        )
        since = clock.now() - timedelta(days=3)
        row = Opportunity(
            **{
                "number": f"SJT{number:06d}",
                "subject": f"测试客户-执手-报价{number}",
                "customer_id": customer_id,
                "project_name": f"项目{number}",
                "sales_task": "03",
                "amount": 100_000,
                "expected_close": clock.today() + timedelta(days=60),
                "owner_id": person.id,
                "office_id": person.office_id,
                "stage_id": step.id,
                "stage_since": since,
                "probability": step.probability,
                "registered_by_id": person.id,
                "registered_at": since,
            }
            | values
        )
        session.add(row)
        session.flush()
        session.add(
            StageHistory(
                opportunity_id=row.id, to_stage_id=step.id, moved_at=since, moved_by_id=person.id
            )
        )
        return row.id


def fetch(model: type[Any], key: int) -> Any:
    """Read a row afresh."""
    with reading() as session:
        row = session.get(model, key)
        if row is not None:
            session.expunge(row)
        return row


def rows(model: type[Any], **where: Any) -> list[Any]:
    """Read all rows with these values."""
    with Session(reading().get_bind()) as session:
        return list(session.scalars(select(model).filter_by(**where).order_by(model.id)))


def change(model: type[Any], key: int, **values: Any) -> None:
    """Change columns of a row behind everybody's back."""
    with writing() as session, session.begin():
        row = session.get_one(model, key)
        for name, value in values.items():
            setattr(row, name, value)
