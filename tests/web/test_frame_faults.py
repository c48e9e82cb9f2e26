"""The frame of a page when something goes wrong behind it."""

import subprocess
import sys

from crmlib.web import frame
from tests.test_house import ROOT

# Sources of counts must not come later, while somebody's are being counted in another thread.
LATE = """
import importlib, pkgutil, crmlib
from crmlib.inbox import queries, related
from crmlib.web import startup
startup.load_rooms()
known = set(queries._sources), set(related._openers), set(related._steppers)
for module in pkgutil.walk_packages(crmlib.__path__, "crmlib."):
    if not module.name.endswith(("__main__", "env")) and ".versions" not in module.name:
        importlib.import_module(module.name)
assert known == (set(queries._sources), set(related._openers), set(related._steppers))
"""


def test_whatever_waits_for_people_is_known_before_they_come() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LATE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_counts_that_fail_leave_the_page_its_menu(sqlite_database: str, monkeypatch) -> None:
    def broken(_actor: object) -> None:
        msg = "database is locked"
        raise RuntimeError(msg)

    monkeypatch.setattr(frame, "counts", broken)
    assert frame._counts(object()) == {"unread": None, "pending": None}
