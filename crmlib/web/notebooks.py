"""Marimo's applications, one per workspace, mounted behind the guard."""

import contextlib
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

import marimo
from marimo._entrypoints import registry
from starlette.applications import Starlette
from starlette.routing import Mount

import crmlib
from crmlib.access.grants import WORKSPACES
from crmlib.settings import settings
from crmlib.ui.theme import html_head
from crmlib.web.assets import MARIMO_URL

# Notebooks, and the configuration in pyproject.toml that marimo reads from the folder it is in.
HOME = Path(crmlib.__file__).parent.parent
FOLDER = HOME / "notebooks"


def mounted(folder: Path = FOLDER) -> Starlette:
    """Return one application with /entry, /funnel and /admin, as far as their files exist."""
    if str(HOME) not in sys.path:
        sys.path.insert(0, str(HOME))  # the workspaces import their pages as notebooks.pages.…
    # Marimo asks at every click, twice, what plugins are installed: 10 ms of reading files.
    setattr(registry, "entry_points", _installed)  # noqa: B010 what it is typed as is no matter
    with contextlib.chdir(HOME):
        builder = marimo.create_asgi_app(
            quiet=True,
            include_code=False,
            session_ttl=settings().page_ttl,
            asset_url=MARIMO_URL,
            html_head=html_head(),
        )
        for workspace in WORKSPACES:
            root = folder / f"{workspace}.py"
            if root.exists():
                builder = builder.with_app(path=f"/{workspace}", root=str(root))
        return cast("Starlette", builder.build())


@cache
def _installed() -> Any:
    return entry_points()


def closing(app: Starlette) -> Callable[[str, str], None]:
    """Return a function that ends a notebook session, given its workspace and id.

    Marimo offers no public way, and would keep the kernel for its whole time to live.
    """
    managers: dict[str, Any] = {
        route.path.strip("/"): route.app.state.session_manager  # type: ignore[attr-defined]
        for route in app.routes
        if isinstance(route, Mount)
    }

    def close(workspace: str, page: str) -> None:
        if workspace in managers:
            managers[workspace].close_session(page)

    return close
