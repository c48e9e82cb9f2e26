"""The few pages outside the notebooks: files in ``templates`` with every value escaped."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

from crmlib.ui.static_files import asset

TEMPLATES = Path(__file__).parent / "templates"


class Safe(str):
    """HTML made by a template; not escaped again."""

    __slots__ = ()


def page(name: str, title: str, *, status: int = 200, **values: str) -> HTMLResponse:
    """Return a whole page around the template ``name``."""
    body = fragment(name, **values)
    theme, style = asset("theme.css"), "/static/sign.css"
    return HTMLResponse(fragment("page", title=title, theme=theme, style=style, body=body), status)


def message(text: str, *, status: int) -> HTMLResponse:
    """Return a page that says one thing and leads back."""
    return page("message", text, status=status, text=text)


def alert(text: str) -> Safe:
    """Return a line of error, or nothing for no text."""
    return fragment("alert", text=text) if text else Safe()


def fragment(name: str, **values: str) -> Safe:
    """Return a filled template."""
    safe = {k: v if isinstance(v, Safe) else escape(v) for k, v in values.items()}
    return Safe(_template(name).substitute(safe))


@cache
def _template(name: str) -> Template:
    return Template((TEMPLATES / f"{name}.html").read_text("utf-8"))
