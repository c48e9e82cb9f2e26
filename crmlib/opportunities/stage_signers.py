"""Who signs a version of 销售阶段定义, and who has."""

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from crmlib.access.grants import Role
from crmlib.inbox.notices import people_of_role
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.model import StageAct, StageSet, StageSignature
from crmlib.opportunities.stage_rules import Party
from crmlib.people.model import Office, Person


def leads_a_region() -> ColumnElement[bool]:
    """Return the condition that a person's office, or one he heads, is a whole sales region."""
    above = aliased(Office)
    has_region_above = exists().where(above.id == Office.parent_id, above.region_id.is_not(None))
    return exists().where(
        or_(Office.id == Person.office_id, Office.head_id == Person.id),
        Office.region_id.is_not(None),
        ~has_region_above,
    )


def party_for(session: Session, person_id: int) -> Party | None:
    """Return for which department a person signs."""
    row = session.execute(
        select(Person.role, leads_a_region()).where(Person.id == person_id)
    ).one_or_none()
    return rules.party_of(row[0], leads_a_region=bool(row[1])) if row else None


def signers_of(session: Session) -> dict[Party, list[int]]:
    """Return who may sign for each department."""
    regional = select(Person.id).where(
        Person.active.is_(True), Person.role == Role.MANAGER, leads_a_region()
    )
    return {
        Party.GENERAL_OFFICE: people_of_role(session, Role.GENERAL_OFFICE),
        Party.ADMIN: people_of_role(session, Role.ADMIN),
        Party.REGION: list(session.scalars(regional.order_by(Person.id))),
    }


def signed_by(session: Session, stage_set: StageSet) -> list[tuple[str, int]]:
    """Return department and person of each agreement in the present round."""
    rows = session.execute(
        select(StageSignature.party, StageSignature.person_id).where(
            StageSignature.stage_set_id == stage_set.id,
            StageSignature.round == stage_set.round,
            StageSignature.act == StageAct.AGREED,
        )
    )
    return [(party, person) for party, person in rows if party]
