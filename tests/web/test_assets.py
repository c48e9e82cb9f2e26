"""Static files: found, kept by browsers, zipped, and nothing outside their folders."""

import gzip
from pathlib import Path

import httpx2
import marimo
import pytest

from crmlib.ui.static_files import asset
from crmlib.web.assets import MARIMO_URL

SCRIPTS = Path(marimo.__file__).parent / "_static" / "assets"


def get(site: str, path: str, encoding: str = "gzip") -> httpx2.Response:
    headers = {"Accept-Encoding": encoding}
    return httpx2.get(f"{site}{path}", headers=headers, trust_env=False)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_marimos_scripts_arrive_whole_and_stay(site: str, encoding: str) -> None:
    script = max(SCRIPTS.glob("*.js"), key=lambda f: f.stat().st_size)
    answer = get(site, f"{MARIMO_URL}/assets/{script.name}", encoding)
    assert answer.content == script.read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert ("content-encoding" in answer.headers) == (encoding == "gzip")
    assert "javascript" in answer.headers["content-type"]


def test_zipping_more_than_halves_the_first_visit() -> None:
    sizes = [
        (len(content), len(gzip.compress(content, 6)))
        for content in (f.read_bytes() for f in sorted(SCRIPTS.glob("*.js"))[:40])
    ]
    assert sum(z for _, z in sizes) < 0.5 * sum(raw for raw, _ in sizes)


def test_own_files_stay_only_under_the_address_with_their_hash(site: str) -> None:
    assert "immutable" in get(site, asset("theme.css")).headers["cache-control"]
    assert get(site, "/static/theme.css").headers["cache-control"] == "no-cache"
    assert get(site, "/favicon.ico").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/static/nothing.css",
        "/static/%2e%2e/assets.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/marimo/0.0.0/index.html",
        f"{MARIMO_URL}/%2e%2e/__init__.py",
        f"{MARIMO_URL}/",
    ],
)
def test_nothing_else_is_served(site: str, path: str) -> None:
    assert get(site, path).status_code in {303, 404}
