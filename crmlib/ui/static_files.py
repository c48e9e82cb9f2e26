"""The browser's half of the kit: files, their addresses, modules joined into one."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

STATIC_DIR = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


@cache
def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so it may be cached."""
    digest = hashlib.sha256((STATIC_DIR / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@cache
def module(name: str) -> str:
    """Return a widget's module with everything it imports, as one text for anywidget."""
    css = (STATIC_DIR / "kit.css").read_text("utf-8")
    order: list[str] = []
    _gather(name, order)
    parts = [IMPORT.sub("", _text(part)) for part in order]
    joined = [EXPORT.sub("", part) for part in parts[:-1]] + [parts[-1]]
    return f"const KIT_CSS = {json.dumps(css)};\n" + "\n".join(joined)


def _text(name: str) -> str:
    return (STATIC_DIR / f"{name}.js").read_text("utf-8")


def _gather(name: str, order: list[str]) -> None:
    for needed in IMPORT.findall(_text(name)):
        if needed not in order:
            _gather(needed, order)
    order.append(name)
