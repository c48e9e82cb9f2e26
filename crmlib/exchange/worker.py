"""The process of one batch: ``python -m crmlib.exchange.worker BATCH PERSON LOCK``.

Its parent took the lock and handed it over; the lock ends with the work, or with this process.
"""

import os
import sys

from crmlib.access.actor import actor_of
from crmlib.exchange import jobs


def main(batch_id: int, person_id: int, lock: int) -> None:
    """Work on a batch for a person."""
    jobs.hold_memory()
    jobs.run(actor_of(person_id), batch_id)
    os.close(lock)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
