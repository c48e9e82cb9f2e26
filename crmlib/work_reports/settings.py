"""The parameter 内部事务: whether a report may be about no customer at all."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmlib import words
from crmlib.access.action import Work, action
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.errors import Invalid, NotAllowed, Stale
from crmlib.reference.model import Setting
from crmlib.store.engine import reading
from crmlib.store.text import clean

KEY, INTERNAL = "work_reports", "internal_allowed"
REASON_LENGTH = 255


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """The parameter as it holds now; version 0: nobody changed it yet."""

    internal_allowed: bool
    version: int


def internal_allowed(session: Session) -> bool:
    """Say whether 内部事务 may stand in the place of a customer."""
    row = session.scalar(select(Setting).where(Setting.key == KEY))
    return bool(row and row.value.get(INTERNAL))


def report_settings(actor: Actor) -> ReportSettings:
    """Return the parameter for its form.

    Raises:
        NotAllowed: the actor keeps no parameters.
    """
    if not actor.may(Permission.REPORT_SETTINGS):
        raise NotAllowed
    with reading() as session:
        row = session.scalar(select(Setting).where(Setting.key == KEY))
        return ReportSettings(internal_allowed(session), row.version if row else 0)


@action(Permission.REPORT_SETTINGS)
def save_report_settings(
    work: Work, allowed: bool, reason: str, *, version: int, token: str | None = None
) -> ReportSettings:
    """Switch 内部事务 on or off for everybody.

    Raises:
        Invalid: ``reason``.
        Stale: somebody else saved since the form was opened.
    """
    reason = clean(reason)
    if not reason:
        raise Invalid({"reason": words.required("原因")})
    if len(reason) > REASON_LENGTH:
        raise Invalid({"reason": f"原因 不能超过 {REASON_LENGTH} 个字"})
    row = work.session.scalar(select(Setting).where(Setting.key == KEY).with_for_update())
    if (row.version if row else 0) != version:
        raise Stale
    if row is None:
        row = Setting(key=KEY, value={INTERNAL: allowed}, reason=reason)
        work.session.add(row)
    else:
        row.value, row.reason = {INTERNAL: allowed}, reason
    work.session.flush()
    return ReportSettings(allowed, row.version)
