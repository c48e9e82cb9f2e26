"""Targets for other tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from crmlib.store.engine import writing
from crmlib.targets.kinds import TargetKind, TargetStatus
from crmlib.targets.model import Target


def target(
    person_id: int | None,
    kind: TargetKind,
    start: date,
    wan: float,
    *,
    draft: bool = False,
    **values: Any,
) -> None:
    """Insert a target of so many 万元, issued unless it is a draft."""
    with writing() as session, session.begin():
        session.add(
            Target(
                person_id=person_id,
                kind=kind,
                starts_on=start,
                sales=Decimal(str(wan)) * 10_000,
                status=TargetStatus.DRAFT if draft else TargetStatus.ISSUED,
                **values,
            )
        )
