"""Which files of notebooks/reports are offered as reports: read from the files, never run."""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import crmlib

FOLDER = Path(crmlib.__file__).parent.parent / "notebooks" / "reports"
TEMPLATE = "_template"
# A name stands in an address; what begins with _ is no report.
NAME = re.compile(r"(?!_)[\w-]{1,60}")
_LARGEST = 2 * 1024 * 1024  # bytes
_APP = re.compile(r"\bmarimo\.App\(")
_TITLE = re.compile(r"app_title\s*=\s*([\"'])(?P<title>[^\"'\n]+)\1")
_OURS = re.compile(r"\s*·\s*榫卯$")


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its name in the address, its title in the menu; ``fault`` says why it cannot open."""

    name: str
    title: str
    file: Path
    fault: str = ""


def reports(folder: Path = FOLDER) -> list[Report]:
    """Return the reports of a folder as it is now, by title."""
    found = (report(file.stem, folder) for file in folder.glob("*.py"))
    return sorted((r for r in found if r is not None), key=lambda r: (r.title, r.name))


def report(name: str, folder: Path = FOLDER) -> Report | None:
    """Return the report of a name; None if there is no such marimo notebook in the folder."""
    if not NAME.fullmatch(name):
        return None
    file = folder / f"{name}.py"
    try:
        if file.resolve().parent != folder.resolve() or not file.is_file():
            return None
        state = file.stat()
        return _read(file, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=512)
def _read(file: Path, _changed: int, size: int) -> Report | None:
    if size > _LARGEST:
        return None
    source = file.read_text("utf-8", errors="replace")
    if not _APP.search(source):
        return None
    match = _TITLE.search(source)
    title = _OURS.sub("", match["title"]).strip() if match else ""
    return Report(file.stem, title or file.stem, file, _fault(source))


def _fault(source: str) -> str:
    try:
        ast.parse(source)
    except SyntaxError as wrong:
        return f"第 {wrong.lineno or 1} 行有语法错误"
    except (ValueError, RecursionError):
        return "文件内容无法识别"
    return ""
