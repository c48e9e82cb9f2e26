"""Static files from memory: marimo's front end and our own, cached by browsers for a year.

A first visit loads 7 MB of scripts; zipped once per process it is 3 MB on the wire.
"""

import gzip
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import marimo
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crmlib.ui.static_files import STATIC_DIR

# The version is in the address, so an upgrade is a new address.
MARIMO_URL = f"/marimo/{marimo.__version__}"
_MARIMO_DIR = Path(marimo.__file__).parent / "_static"
_OWN_DIRS = (STATIC_DIR, Path(__file__).parent / "static")
FOREVER = "public, max-age=31536000, immutable"
_ZIPPED = {".js", ".css", ".html", ".json", ".svg"}
_WORTH = 1024  # bytes


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes  # zipped where that pays
    is_zipped: bool
    kind: str


_loaded: dict[Path, _File] = {}


async def marimo_file(request: Request) -> Response:
    """Serve a file of marimo's front end; its names carry hashes."""
    if request.path_params["version"] != marimo.__version__:
        raise HTTPException(404)
    return await _answer(request, (_MARIMO_DIR,), FOREVER)


async def own_file(request: Request) -> Response:
    """Serve a file of ours; for a year if the address carries its hash."""
    cache = FOREVER if "v" in request.query_params else "no-cache"
    return await _answer(request, _OWN_DIRS, cache)


async def favicon(_request: Request) -> Response:
    """Serve the small picture of the tab."""
    file = await _load(_OWN_DIRS[1] / "favicon.svg")
    return Response(file.content, media_type=file.kind, headers={"Cache-Control": "max-age=86400"})


async def _answer(request: Request, folders: tuple[Path, ...], cache: str) -> Response:
    found = _find(folders, request.path_params["path"])
    if found is None:
        raise HTTPException(404)
    file = await _load(found)
    content, headers = file.content, {"Cache-Control": cache}
    if file.is_zipped:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
    return Response(content, media_type=file.kind, headers=headers)


@lru_cache(maxsize=4096)
def _find(folders: tuple[Path, ...], path: str) -> Path | None:
    for folder in folders:
        file = (folder / path).resolve()
        if file.is_relative_to(folder.resolve()) and file.is_file():
            return file
    return None


async def _load(path: Path) -> _File:
    file = _loaded.get(path)
    if file is None:
        file = _loaded[path] = await to_thread.run_sync(_read, path)
    return file


def _read(path: Path) -> _File:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix in _ZIPPED and len(content) > _WORTH:
        return _File(gzip.compress(content, 6), is_zipped=True, kind=kind)
    return _File(content, is_zipped=False, kind=kind)
