"""Messages about a record, as a tab of its card shows them."""

import marimo as mo

from crmlib import words
from crmlib.access.actor import Actor
from crmlib.inbox.about import messages_about
from crmlib.ui import cards
from crmlib.ui import format as shown
from crmlib.ui.route import link

NOTHING = "没有您收到或发出的相关消息"


def messages_panel(actor: Actor, *records: tuple[str, int]) -> mo.Html:
    """Return the actor's own messages about records (table, id), newest first."""
    found = messages_about(actor, *records)
    if found.is_empty():
        return cards.empty(NOTHING)
    return cards.small_table(
        [words.MESSAGE["title"], "收发", words.MESSAGE["sender"], "接收人数", "发送时间", "状态"],
        [
            (
                cards.anchor(row["title"], link("message", row["id"])),
                row["direction"],
                row["sender"],
                row["recipients"],
                shown.moment(row["sent_at"]),
                cards.tag("已读") if row["is_read"] else cards.tag("未读", "warn"),
            )
            for row in found.to_dicts()
        ],
        right=(3,),
    )
