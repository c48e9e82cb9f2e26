"""The editor's process: what it knows, what it cannot touch, and how a draft becomes a report."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from crmlib.access.actor import Actor
from crmlib.analysis import catalogue, confine, copying, editor, masked, views
from crmlib.analysis.editor import open_editor
from crmlib.analysis.publishing import publish_report, source_faults
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.store.engine import engine, engine_for
from crmlib.store.schema import ChangeLog
from tests import make

needs_landlock = pytest.mark.skipif(
    confine.abi() < confine.OLDEST_ABI, reason="this system has no Landlock"
)
# What somebody might try from a notebook; each answers "done" or the error's name.
PROBE = """
import json, os, pathlib, sqlite3, sys
given = json.loads(sys.argv[1])
def tried(call):
    try:
        call()
    except BaseException as fault:
        return type(fault).__name__
    return "done"
def rows(address, statement):
    from sqlalchemy import create_engine, text
    with create_engine(address).begin() as connection:
        connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
        connection.commit()
        connection.execute(text(statement))
def on_copy(statement):
    from crmlib.analysis import masked
    with masked.connection() as connection:
        connection.exec_driver_sql(statement)
answers = {name: tried(lambda: pathlib.Path(p).read_bytes()) for name, p in given["read"].items()}
answers |= {name: tried(lambda: open(p, "ab").write(b"x")) for name, p in given["write"].items()}
answers |= {s: tried(lambda: on_copy(s)) for s in given["statements"]}
answers |= {s: tried(lambda: rows(os.environ["CRM_ANALYSIS_URL"], s)) for s in given["rows"]}
for name, p in given["bases"].items():
    answers[name] = tried(lambda: sqlite3.connect(p).execute("SELECT * FROM customer").fetchall())
answers["signal"] = tried(lambda: os.kill(given["parent"], 0))
from crmlib.analysis.frames import reader
frame = reader().customers()
print(json.dumps({"tried": answers, "env": dict(os.environ), "rows": frame.height,
                  "phones": frame["phone"].to_list(), "nice": os.nice(0)}))
"""


def probed(actor: Actor, **asked: object) -> dict[str, object]:
    """Run the probe in place of marimo, in the limits and with the environment of the editor."""
    place = editor.drafts(actor.login)
    address = f"sqlite:///{copying.write_copy()}" if copying.is_sqlite() else views.address()
    given = {"read": {}, "write": {}, "statements": [], "rows": [], "bases": {}} | asked
    given["parent"] = os.getpid()
    program = [sys.executable, "-c", PROBE, json.dumps(given)]
    done = subprocess.run(
        confine.command(editor.limits(place, editor.Wishes()), program),
        env=editor.environment(place, address),
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def secret(cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base with a customer, a key as the server keeps one, and a password in the environment."""
    make.customer(phone="020-87654321")
    monkeypatch.setenv("CRM_FORM_KEY_COPY", "top-secret")
    key = copying.folder().parent / "form.key"
    key.write_bytes(b"top-secret")
    return key


@needs_landlock
def test_code_in_the_editor_reaches_no_base_and_no_secret(
    secret: Path, cast: dict[str, Actor]
) -> None:
    is_sqlite = copying.is_sqlite()
    if not is_sqlite:
        views.prepare()
    base = str(engine().url.database) if is_sqlite else str(secret)
    copy = str(copying.copy_file())
    told = probed(
        cast["sunyue"],
        read={
            "key": str(secret),
            "base": base,
            "role": str(secret.parent / "analysis" / "role.key"),
            "environment of the server": f"/proc/{os.getpid()}/environ",
            "own draft": str(editor.drafts("sunyue") / "模板.py"),
        },
        write={
            "report": str(catalogue.FOLDER / "conversion_by_industry.py"),
            "code": str(editor.HOME / "crmlib" / "clock.py"),
            "copy": copy,
            "to base": base,
            "draft": str(editor.drafts("sunyue") / "新报表.py"),
        },
        bases={"through sqlite": base} if is_sqlite else {},
        statements=(
            [
                "DELETE FROM customers",
                "CREATE TABLE mine (id INTEGER)",
                "UPDATE people SET name = ''",
            ]
            if is_sqlite
            else ["CREATE TABLE analysis.mine (id INTEGER)", "DELETE FROM analysis.offices"]
        ),
        rows=(
            []
            if is_sqlite
            else [
                "SELECT * FROM public.customer",
                "SELECT * FROM public.contact",
                "UPDATE public.person SET role = 'admin'",
                "DELETE FROM analysis.customers",
                "DROP VIEW analysis.customers",
                "CREATE TABLE public.mine (id INTEGER)",
                "ALTER ROLE crm_analyst SUPERUSER",
                "SET ROLE crm",
            ]
        ),
    )
    allowed = {name for name, answer in told["tried"].items() if answer == "done"}
    assert allowed == {"own draft", "draft"}
    assert told["rows"] == 1
    assert told["phones"] == ["020****4321"]
    assert told["nice"] == os.nice(0) + 5
    environment = json.dumps(told["env"])
    assert "top-secret" not in environment
    assert "CRM_DATABASE_URL" not in told["env"]
    assert "CRM_VAR_DIR" not in told["env"]
    assert (str(engine().url.database) in environment) == (not is_sqlite)  # the name, as the role
    if not is_sqlite:
        assert (
            told["env"][masked.ADDRESS]
            .split("@")[0]
            .startswith("postgresql+psycopg://crm_analyst:")
        )


def test_only_an_analyst_opens_an_editor_and_it_is_noted(cast: dict[str, Actor]) -> None:
    for login, actor in cast.items():
        if login == "sunyue":
            assert open_editor(actor).login == login
        else:
            with pytest.raises(NotAllowed):
                open_editor(actor)
    (noted,) = make.rows(ChangeLog, action="open_editor", kind="event")
    assert noted.person_id == cast["sunyue"].person_id


def test_a_fresh_copy_takes_the_place_of_the_old_one(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crmlib.analysis.frames import reader

    freshness = copying.Freshness(minutes=0)
    copy = copying.write_copy()
    assert not os.access(copy, os.W_OK) or os.geteuid() == 0
    assert copy.stat().st_mode & 0o222 == 0
    monkeypatch.setenv(masked.ADDRESS, f"sqlite:///{copy}")
    assert reader().customers().is_empty()
    assert not freshness.is_due()  # nothing changed
    make.customer()
    assert freshness.is_due()
    copying.write_copy()
    freshness.done()
    assert reader().customers().height == 1
    assert not freshness.is_due()
    assert [p.name for p in copy.parent.iterdir()] == [copying.COPY]


def test_a_base_the_editor_could_read_is_refused(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = editor.drafts("sunyue")
    monkeypatch.setenv("CRM_DATABASE_URL", f"sqlite:///{place}/crm.db")
    with pytest.raises(Refused, match="编辑器可读的目录"):
        editor.limits(place, editor.Wishes())


def test_a_migration_may_change_what_a_view_looks_at(database: str) -> None:
    if copying.is_sqlite():
        assert views.set_aside() is False
        return
    assert views.set_aside() is False
    views.prepare()
    assert views.set_aside() is True
    with engine_for(database).begin() as connection:
        connection.execute(text("ALTER TABLE customer ALTER COLUMN name TYPE varchar(130)"))
    views.put_back()
    assert views.address()
    views.prepare()  # doing it again changes nothing


DRAFT = """import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="我的报表 · 榫卯")

with app.setup:
    import polars as pl

    from crmlib.analysis.frames import reader


@app.cell
def _():
    count = reader().customers().select(pl.len())
    count
    return


if __name__ == "__main__":
    app.run()
"""


def test_a_draft_is_published_by_another_after_checks(sqlite_database: str, tmp_path: Path) -> None:
    from crmlib.access.actor import actor_of

    ids = make.people_ids()
    admin, analyst = actor_of(ids["zhaolei"]), actor_of(ids["sunyue"])
    drafts, folder = editor.drafts("sunyue"), tmp_path / "reports"
    folder.mkdir()
    assert (drafts / "模板.py").exists()
    (drafts / "mine.py").write_text(DRAFT, "utf-8")
    (drafts / "bad.py").write_text(DRAFT.replace("import polars as pl", "import os"), "utf-8")
    (drafts / "plain.py").write_text("x = 1", "utf-8")
    with pytest.raises(NotAllowed):
        publish_report(analyst, "sunyue", "mine", folder)
    for name in ("bad", "plain", "missing", "../sunyue/mine", "_mine"):
        with pytest.raises(Invalid):
            publish_report(admin, "sunyue", name, folder)
    with pytest.raises(Invalid):
        publish_report(admin, "../drafts/sunyue", "mine", folder)
    assert catalogue.reports(folder) == []
    done = publish_report(admin, "sunyue", "mine", folder)
    assert (done.name, done.title, done.by) == ("mine", "我的报表", "sunyue")
    assert [r.title for r in catalogue.reports(folder)] == ["我的报表"]
    assert [p.name for p in folder.iterdir()] == ["mine.py"]


def test_what_a_report_may_not_do_is_told_with_its_line() -> None:
    for source in (
        "import sqlalchemy",
        "from crmlib.store.engine import reading",
        "from crmlib.customers.model import Customer",
        "import subprocess",
        "exec('1')",
        "open('/etc/passwd')",
        "().__class__",
        "def (",
    ):
        (fault,) = source_faults(source)
        assert fault.startswith("第 1 行")
    for report in catalogue.FOLDER.glob("*.py"):
        assert source_faults(report.read_text("utf-8")) == [], report


def test_which_files_are_offered(tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    folder = tmp_path / "reports"
    folder.mkdir()
    for place in (outside, folder / "_draft.py", folder / "good.py", folder / "名字.py"):
        place.write_text(DRAFT, "utf-8")
    (folder / "untitled.py").write_text("import marimo\napp = marimo.App()\n", "utf-8")
    (folder / "plain.py").write_text("print('no notebook')", "utf-8")
    (folder / "broken.py").write_text(DRAFT + "\ndef (:\n", "utf-8")
    (folder / "link.py").symlink_to(outside)
    (folder / "a b.py").write_text(DRAFT, "utf-8")
    found = {r.name: r for r in catalogue.reports(folder)}
    assert set(found) == {"good", "名字", "untitled", "broken"}
    assert found["good"].title == "我的报表"
    assert found["untitled"].title == "untitled"
    assert "语法错误" in found["broken"].fault
    for name in ("../outside", "..", "_draft", "link", "", "good.py", "a/b"):
        assert catalogue.report(name, folder) is None, name
    time.sleep(0.01)
    (folder / "broken.py").write_text(DRAFT, "utf-8")
    assert catalogue.report("broken", folder).fault == ""  # mended: no restart


def test_the_guide_names_every_column() -> None:
    from crmlib.analysis.fields import handbook

    guide = (editor.HOME / "docs" / "analysts.md").read_text("utf-8")
    assert handbook() in guide, "python -c 'from crmlib.analysis.fields import handbook; …'"
