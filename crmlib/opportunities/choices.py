"""Choices that pages offer beside the form's own."""

from sqlalchemy import select

from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.customers.model import LIVE, Customer
from crmlib.customers.rows import visible_customers
from crmlib.opportunities.model import Stage, StageSet, StageSetStatus
from crmlib.opportunities.setup import PROJECT
from crmlib.reference.queries import Option
from crmlib.store.engine import reading


def customer_choice(actor: Actor, customer_id: int) -> Option | None:
    """Return one customer the actor may open a deal with, as a link to the form names it."""
    with reading() as session:
        row = session.execute(
            select(Customer.id, Customer.name, Customer.code).where(
                Customer.id == customer_id,
                Customer.status.in_(LIVE),
                visible_customers(actor, Permission.OPPORTUNITY_CREATE),
            )
        ).one_or_none()
        return Option(str(row.id), row.name, row.code) if row else None


def stage_choices() -> list[Option]:
    """Return the stages in force, each code once, in order."""
    with reading() as session:
        rows = session.execute(
            select(Stage.code, Stage.name, Stage.position)
            .join(StageSet, StageSet.id == Stage.stage_set_id)
            .where(StageSet.status == StageSetStatus.ACTIVE, Stage.disabled.is_(False))
            .order_by(StageSet.code == PROJECT, Stage.position)
        )
        # 项目销售 comes last, so that a code both kinds of selling have is called as there.
        named = {code: (position, name) for code, name, position in rows}
        ordered = sorted(named.items(), key=lambda item: item[1])
        return [Option(code, name) for code, (_, name) in ordered]
