"""商机参数: whether 赢单 needs an approved 合同评审."""

from dataclasses import dataclass

from sqlalchemy import select

from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Stale
from crmlib.opportunities.guards import REVIEW_REQUIRED, SETTING
from crmlib.opportunities.outcome_rules import because_faults
from crmlib.reference.model import Setting
from crmlib.store.engine import reading
from crmlib.store.text import clean


@dataclass(frozen=True, slots=True)
class DealSettings:
    """The parameter as it holds now; version 0: nobody changed it yet."""

    review_required: bool
    version: int


def deal_settings(actor: Actor) -> DealSettings:
    """Return the parameter for its form.

    Raises:
        NotAllowed: the actor keeps no parameters.
    """
    if not actor.may(Permission.OPPORTUNITY_SETTINGS):
        raise NotAllowed
    with reading() as session:
        row = session.scalar(select(Setting).where(Setting.key == SETTING))
        value = row.value if row else {}
        return DealSettings(bool(value.get(REVIEW_REQUIRED)), row.version if row else 0)


@action(Permission.OPPORTUNITY_SETTINGS)
def save_deal_settings(
    work: Work, required: bool, reason: str, *, version: int, token: str | None = None
) -> DealSettings:
    """Let 赢单 wait for an approved 合同评审, or not, for everybody from now on.

    Raises:
        Invalid: ``reason``.
        Stale: somebody else saved since the form was opened.
    """
    reason = clean(reason)
    if found := because_faults(reason):
        raise Invalid(found)
    row = work.session.scalar(select(Setting).where(Setting.key == SETTING).with_for_update())
    if (row.version if row else 0) != version:
        raise Stale
    if row is None:
        row = Setting(key=SETTING, value={REVIEW_REQUIRED: required}, reason=reason)
        work.session.add(row)
    else:
        row.value, row.reason = {REVIEW_REQUIRED: required}, reason
    work.session.flush()
    return DealSettings(required, row.version)
