"""The house itself: floors, sizes, words, and that nothing is forgotten when something is added."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory

import crmlib
from crmlib.store.engine import engine_for
from crmlib.store.migrate import config, migrate

ROOT = Path(__file__).parent.parent
CODE = sorted(p for p in (ROOT / "crmlib").rglob("*.py") if "versions" not in p.parts)
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
BANNED_NAMES = {"utils", "util", "helpers", "helper", "base", "common", "misc"}
MACHINERY = {"sqlalchemy", "marimo", "polars", "alembic", "starlette"}
# Written apart, so that this file does not name them itself.
FORBIDDEN = [
    "py" + "pi.org", "python" + "hosted", "npm" + "js.", "deb." + "debian.org",
    "/wo" + "rk/", "/ro" + "ot/",
]  # fmt: skip
# Examples in a field's hint, names of XML and a licence; no page fetches them.
HARMLESS_URLS = ("http://www.w3.org/", "http://127.0.0.1", "http://localhost", "https://example.")


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _tracked() -> list[Path]:
    names = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(names, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_imports_keep_to_the_floors() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_notebook_knows_neither_tables_nor_sql() -> None:
    # The words of a table (its enums) are no table.
    found = {
        f"{_short(path)}: {name}"
        for path in NOTEBOOKS
        for name in _imports(path)
        if name.split(".")[0] == "sqlalchemy"
        or name.startswith(("crmlib.store.engine", "crmlib.store.schema"))
        or (".model." in name and not _is_enum(name))
    }
    assert not found


def _is_enum(name: str) -> bool:
    module, _, member = name.rpartition(".")
    thing = getattr(importlib.import_module(module), member)
    return isinstance(thing, type) and issubclass(thing, StrEnum)


@pytest.mark.parametrize(
    "path", [p for p in CODE if p.name == "rules.py" or p.parts[-2:] == ("insight", "funnel.py")], ids=_short
)  # fmt: skip
def test_rules_import_no_machinery(path: Path) -> None:
    allowed = {"polars"} if path.name == "funnel.py" else set()
    assert not {name.split(".")[0] for name in _imports(path)} & (MACHINERY - allowed)


def test_files_and_functions_stay_readable() -> None:
    files = {_short(p): p.read_text(encoding="utf-8").count("\n") for p in CODE + NOTEBOOKS}
    assert not {name: lines for name, lines in files.items() if lines > LONGEST_FILE}
    assert not [_short(p) for p in CODE + NOTEBOOKS if p.stem in BANNED_NAMES]
    assert not {
        f"{_short(path)}: {f.name}": lines
        for path in CODE
        for f in _functions(path)
        if (lines := (f.end_lineno or 0) - f.lineno + 1) > LONGEST_FUNCTION
    }


def test_what_is_public_says_what_it_does() -> None:
    silent = {_short(path): found for path in CODE if (found := _silent(path))}
    assert not silent


def _silent(path: Path) -> list[str]:
    """Return what is public in a file and has no docstring."""
    tree = _tree(path)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [n for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]
    public += [
        inner
        for outer in public
        if isinstance(outer, ast.ClassDef)
        for inner in outer.body
        if isinstance(inner, kinds) and not inner.name.startswith("_")
    ]
    found = [node.name for node in public if not ast.get_docstring(node)]
    return found if path.name == "__init__.py" or ast.get_docstring(tree) else ["", *found]


def test_packages_export_nothing() -> None:
    assert not [
        _short(p) for p in CODE if p.name == "__init__.py" and p.read_text(encoding="utf-8")
    ]


def test_every_model_says_whether_it_is_logged() -> None:
    for module in pkgutil.walk_packages(crmlib.__path__, "crmlib."):
        if module.name.endswith(".model"):
            importlib.import_module(module.name)
    from crmlib.store.schema import Base

    assert len(Base.metadata.tables) > 15
    assert all(isinstance(m.class_.logged, bool) for m in Base.registry.mappers)


def _actions() -> list[str]:
    found = []
    for path in CODE:
        for function in _functions(path):
            names = {
                d.func.id
                for d in function.decorator_list
                if isinstance(d, ast.Call) and isinstance(d.func, ast.Name)
            }
            if "action" in names and not function.name.startswith("_"):
                found.append(function.name)
    return sorted(found)


def test_every_action_is_named_by_a_test() -> None:
    actions, words = _actions(), set[str]()
    for path in (ROOT / "tests").rglob("test_*.py"):
        words.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    assert not set(actions) - words
    assert len(actions) > 5


def test_migrations_have_one_head_and_no_drift(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/crm.db"
    monkeypatch.setenv("CRM_DATABASE_URL", url)
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1
    migrate()
    command.check(config())
    engine_for(url).dispose()


def test_no_page_asks_another_host() -> None:
    shown = [
        p for p in (ROOT / "crmlib").rglob("*") if p.suffix in {".js", ".css", ".html", ".svg"}
    ]
    for path in shown + NOTEBOOKS:
        urls = re.findall(
            r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s'\"]*", path.read_text(encoding="utf-8")
        )
        assert not [u for u in urls if u.startswith("http") and not u.startswith(HARMLESS_URLS)], (
            path
        )


def test_no_file_names_a_registry_a_machine_or_a_writer() -> None:
    hits = []
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8").lower()
        except UnicodeDecodeError:
            continue
        hits += [f"{_short(path)}: {word}" for word in FORBIDDEN if word in text]
    assert not hits
