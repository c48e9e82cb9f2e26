"""What comes due with a new day: told within the hour, by whichever process is first."""

import asyncio
import logging

from anyio import to_thread

from crmlib.customers import sharing

LOG = logging.getLogger(__name__)
EVERY = 3600.0  # seconds


async def run() -> None:
    """Go on until cancelled; a database that is away is asked again an hour later."""
    while True:
        try:
            if told := await to_thread.run_sync(sharing.tell_ended):
                LOG.info("%s ended shares told", told)
        except Exception:
            LOG.exception("ended shares could not be told")
        await asyncio.sleep(EVERY)
