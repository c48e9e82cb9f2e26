"""Response headers that every answer carries, by the kind of page."""

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_COMMON = "base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
PAGE_POLICY = f"default-src 'none'; style-src 'self'; img-src 'self' data:; {_COMMON}"
# Marimo's page has scripts in its HTML, Vega compiles expressions, widgets are blob: modules.
NOTEBOOK_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    f"connect-src 'self' data: blob:; worker-src 'self' blob:; {_COMMON}"
)
# A file that came from somebody: whatever it is, it may do nothing here.
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
NO_STORE = "private, no-store"


def guarded(send: Send, policy: str, *, cache: str | None = None) -> Send:
    """Return a send that adds the headers; ``cache`` replaces the application's own word."""

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ALWAYS.items():
                headers[name] = value
            headers["Content-Security-Policy"] = policy
            if cache is not None:
                headers["Cache-Control"] = cache
            # Marimo answers everybody's origin; nobody else's page may read ours.
            for name in [n for n in headers if n.startswith("access-control-")]:
                del headers[name]
        await send(message)

    return add
