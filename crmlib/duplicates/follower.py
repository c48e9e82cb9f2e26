"""New pairs by themselves: a thread that scans whoever changed, soon after the change."""

import logging
from collections.abc import Iterable
from threading import Event, Thread

from crmlib.duplicates import following
from crmlib.duplicates.scan import scan_changed
from crmlib.store.feed import Change

LOG = logging.getLogger(__name__)
SETTLE = 3.0  # seconds: a list that is being imported is looked at in one go
AFTER_FAULT = 60.0
_PATIENCE = 10.0


class Follower:
    """Follows the change log of the process; ``hear`` is told of each batch of changes."""

    def __init__(self, settle: float = SETTLE, after_fault: float = AFTER_FAULT) -> None:
        self._settle, self._after_fault = settle, after_fault
        self._changed, self._stopped = Event(), Event()
        self._thread = Thread(target=self._run, name="duplicate-follower", daemon=True)

    def start(self) -> None:
        """Look for what changed while nobody followed, then wait for more."""
        self._changed.set()
        self._thread.start()

    def hear(self, changes: Iterable[Change]) -> None:
        """Wake up where a change may give or take pairs."""
        if any(following.concerns(change) for change in changes):
            self._changed.set()

    def stop(self) -> None:
        """End, after the scan that is under way; a long one ends with the process."""
        self._stopped.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._changed.wait()
            if self._stopped.wait(self._settle):
                return
            self._changed.clear()
            try:
                scan_changed()
            except Exception:
                # Nothing is lost: the place in the log moves on only after a scan.
                LOG.exception("changed customers could not be scanned for duplicates")
                self._changed.set()
                self._stopped.wait(self._after_fault)
