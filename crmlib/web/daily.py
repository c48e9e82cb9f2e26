"""What comes due with a new day: told within the hour, by whichever process is first."""

import asyncio
import logging

from anyio import to_thread

from crmlib.customers import sharing
from crmlib.duplicates.asked import forget_old
from crmlib.opportunities import sharing as deal_sharing

LOG = logging.getLogger(__name__)
EVERY = 3600.0  # seconds


async def run() -> None:
    """Go on until cancelled; a database that is away is asked again an hour later."""
    while True:
        for tell_ended in (sharing.tell_ended, deal_sharing.tell_ended):
            try:
                if told := await to_thread.run_sync(tell_ended):
                    LOG.info("%s ended shares told", told)
            except Exception:
                LOG.exception("ended shares could not be told")
        try:
            await to_thread.run_sync(forget_old)
        except Exception:
            LOG.exception("old 撞单 questions could not be deleted")
        await asyncio.sleep(EVERY)
