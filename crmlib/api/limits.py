"""How often a token may call: a bucket per token that fills again as time passes."""

import math
import time
from threading import Lock

from crmlib.settings import settings

MOST_TOKENS = 10_000


class Limits:
    """The buckets of this process; with several processes each has its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._buckets: dict[int, tuple[float, float]] = {}

    def wait_for(self, token_id: int) -> int:
        """Take one call; return 0, or the whole seconds after which there is one again."""
        most = float(max(settings().api_per_minute, 1))
        now = time.monotonic()
        with self._lock:
            if len(self._buckets) > MOST_TOKENS:
                self._buckets.clear()
            left, at = self._buckets.get(token_id, (most, now))
            left = min(most, left + (now - at) * most / 60)
            taken = left >= 1
            self._buckets[token_id] = (left - 1 if taken else left), now
        return 0 if taken else max(1, math.ceil((1 - left) * 60 / most))
