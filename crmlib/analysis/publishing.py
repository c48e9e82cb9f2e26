"""From an analyst's draft to a report in the product: checked, and put there by somebody else."""

import ast
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from crmlib.access.action import Work, action
from crmlib.access.grants import Permission
from crmlib.analysis import catalogue, copying
from crmlib.errors import Invalid

# A report gets its data from crmlib.analysis, with the reader's rights, and nothing else of ours.
_OURS = ("crmlib.analysis", "crmlib.clock", "crmlib.ui", "crmlib.words")
_OUTSIDE = frozenset(
    {
        *("altair", "calendar", "collections", "dataclasses", "datetime", "decimal", "enum"),
        *("fractions", "functools", "itertools", "marimo", "math", "numpy", "operator", "polars"),
        *("random", "re", "statistics", "string", "typing", "zoneinfo"),
    }
)
_CALLS = frozenset(
    {"__import__", "breakpoint", "compile", "eval", "exec", "getattr", "globals", "open", "vars"}
)


@dataclass(frozen=True, slots=True)
class Published:
    """A report as it went into the product."""

    name: str
    title: str
    by: str


@action(Permission.ANALYSIS_PUBLISH)
def publish_report(work: Work, login: str, name: str, folder: Path = catalogue.FOLDER) -> Published:
    """Put the draft of a person into the folder of reports, where it is offered at once.

    Raises:
        Invalid: no such draft, or what is wrong with it.
    """
    place = copying.folder() / "drafts" / login
    known = catalogue.NAME.fullmatch(login) and catalogue.report(name, place)
    if not known:
        raise Invalid({"name": f"没有此草稿，或不是 marimo 笔记本：{login}/{name}"})
    source = known.file.read_text("utf-8")
    if faults := source_faults(source) or _checked(known.file):
        raise Invalid({str(at): fault for at, fault in enumerate(faults)})
    work.note("analysis", None, {"event": "published", "name": name, "login": login})
    fresh = folder / f"_{name}.{os.getpid()}.new"
    fresh.write_text(source, "utf-8")
    fresh.replace(folder / f"{name}.py")
    return Published(name, known.title, login)


def source_faults(source: str) -> list[str]:
    """Return what a report may not do, by its source; a reader's eyes stay needed."""
    try:
        tree = ast.parse(source)
    except SyntaxError as wrong:
        return [f"第 {wrong.lineno or 1} 行有语法错误"]
    faults = []
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        faults += [f"第 {line} 行：报表不能导入 {name}" for name in _imported(node) if _bars(name)]
        if isinstance(node, ast.Name) and node.id in _CALLS:
            faults.append(f"第 {line} 行：报表不能使用 {node.id}")
        if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            faults.append(f"第 {line} 行：报表不能使用 {node.attr}")
    return faults


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _bars(name: str) -> bool:
    if name.startswith("crmlib"):
        return not any(name == ours or name.startswith(f"{ours}.") for ours in _OURS)
    return name.split(".")[0] not in _OUTSIDE


def _checked(file: Path) -> list[str]:
    program = [sys.executable, "-m", "marimo", "check", "--strict", str(file)]
    done = subprocess.run(  # noqa: S603 our own program, a file of ours
        program, capture_output=True, text=True, check=False, cwd=file.parent
    )
    return [] if done.returncode == 0 else [f"marimo check 未通过：\n{done.stdout.strip()}"]
