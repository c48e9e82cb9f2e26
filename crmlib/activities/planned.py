"""What 输单 offers to cancel: activities of the deal that nobody began."""

from crmlib.access.actor import Actor
from crmlib.activities.actions import delete_activity
from crmlib.activities.model import Activity, ActivityStatus
from crmlib.activities.queries import newest
from crmlib.opportunities.steps import Planned
from crmlib.ui import format as shown
from crmlib.ui.options import Option

MOST = 100


def planned_of(actor: Actor, opportunity_id: int) -> Planned:
    """Return the 未开始 activities of a deal: one's own to cancel, others' to know of."""
    of_deal = [
        Activity.opportunity_id == opportunity_id,
        Activity.status == ActivityStatus.NOT_STARTED,
    ]
    mine = newest(actor, [*of_deal, Activity.owner_id == actor.person_id], MOST).to_dicts()
    others = newest(actor, [*of_deal, Activity.owner_id != actor.person_id], MOST).to_dicts()
    return Planned(
        [Option(row["id"], row["subject"], shown.day(row["planned_start"])) for row in mine],
        lambda key: delete_activity(actor, key),
        [f"{row['subject']}（{row['owner']}）" for row in others],
    )
