"""What every page of a workspace carries in its head: the look and the frame."""

from html import escape

from crmlib.ui.static_files import asset


def html_head(workspace: str | None = None) -> str:
    """Return the head for ``create_asgi_app(html_head=…)``; without a name the path tells it."""
    name = f' data-workspace="{escape(workspace)}"' if workspace else ""
    return (
        f'<link rel="stylesheet" href="{asset("theme.css")}">'
        f'<script src="{asset("zh.js")}"></script>'
        f'<script src="{asset("frame.js")}"{name}></script>'
    )
