"""Settings read from the environment, each with a default that runs."""

import os
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_URL = "sqlite:///var/crm.db"


def _env(name: str, default: str) -> str:
    return os.environ.get(name, default)


def _is_on(name: str) -> bool:
    return _env(name, "") in {"1", "true", "yes"}


@dataclass(frozen=True)
class Settings:
    """Everything an operator may set; CRM_* in the environment."""

    database_url: str = field(default_factory=lambda: _env("CRM_DATABASE_URL", DEFAULT_URL))
    tenant: str = field(default_factory=lambda: _env("CRM_TENANT", "sunmao"))
    # Cookies are marked Secure only where TLS is in front of the server.
    secure_cookies: bool = field(default_factory=lambda: _is_on("CRM_SECURE_COOKIES"))
    session_hours: int = field(default_factory=lambda: int(_env("CRM_SESSION_HOURS", "12")))
    # Seconds marimo keeps a notebook session after its socket closed.
    page_ttl: int = field(default_factory=lambda: int(_env("CRM_PAGE_TTL", "1800")))
    var_dir: Path = field(default_factory=lambda: Path(_env("CRM_VAR_DIR", "var")))


def settings() -> Settings:
    """Return the settings as the environment says now."""
    return Settings()
