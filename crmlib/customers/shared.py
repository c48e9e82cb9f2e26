"""What others have shared with a person, for the tag 共享 in lists."""

from collections.abc import Collection

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.customers.model import CustomerShare
from crmlib.customers.rows import shared_with
from crmlib.store.engine import reading


def has_shares(actor: Actor) -> bool:
    """Say whether anything is shared with the actor today."""
    with reading() as session:
        return session.scalar(shared_with(actor).limit(1)) is not None


def shared_levels(actor: Actor, customer_ids: Collection[int]) -> dict[int, str]:
    """Return, of these customers, how far each is shared with the actor: 只读 or 协作."""
    mine = shared_with(actor).with_only_columns(CustomerShare.customer_id, CustomerShare.level)
    with reading() as session:
        rows = session.execute(mine.where(CustomerShare.customer_id.in_(customer_ids)))
        return {key: words.SHARE_LEVELS[level.value] for key, level in rows}
