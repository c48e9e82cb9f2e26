"""The frame of a page when something goes wrong behind it."""

import subprocess
import sys

from crmlib.people.model import Person
from crmlib.store.engine import writing
from crmlib.web import frame
from tests import make
from tests.test_house import ROOT
from tests.web.test_frame import Visit, pages

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


def test_account_closed_since_the_guard_asked_signs_the_page_out(visit: Visit) -> None:
    sunyue = visit("sunyue")
    assert sunyue.http.get("/frame.json").status_code == 200
    _set_active("sunyue", active=False)  # past the actions: the guard still remembers her
    try:
        assert sunyue.http.get("/frame.json").status_code == 401
    finally:
        _set_active("sunyue", active=True)


def test_counts_that_fail_leave_the_page_its_menu(sqlite_database: str, monkeypatch) -> None:
    def broken(_actor: object) -> None:
        msg = "database is locked"
        raise RuntimeError(msg)

    monkeypatch.setattr(frame, "counts", broken)
    assert frame._counts(object()) == {"unread": None, "pending": None}


def test_counts_are_told_at_once_to_who_asks_for_them_now(visit: Visit) -> None:
    told = visit("limin").http.get("/pulse?now=1").json()
    assert (told["topics"], told["unread"], told["pending"]) == ([], 0, 0)


def test_who_has_the_funnel_only_reads_his_messages_there(visit: Visit) -> None:
    assert {"home", "message_new"} <= pages(visit("sunyue"), "funnel")
    assert "home" not in pages(visit("zhangwei"), "funnel")


def _set_active(login: str, *, active: bool) -> None:
    with writing() as session, session.begin():
        session.get_one(Person, make.people_ids()[login]).active = active
