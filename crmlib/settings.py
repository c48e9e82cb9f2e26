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
    # Stands above what is printed for customers.
    company: str = field(default_factory=lambda: _env("CRM_COMPANY", ""))
    # Cookies are marked Secure only where TLS is in front of the server.
    secure_cookies: bool = field(default_factory=lambda: _is_on("CRM_SECURE_COOKIES"))
    session_hours: int = field(default_factory=lambda: int(_env("CRM_SESSION_HOURS", "12")))
    # Seconds marimo keeps a notebook session after its socket closed.
    page_ttl: int = field(default_factory=lambda: int(_env("CRM_PAGE_TTL", "1800")))
    # 撞单 of one person: answers in a minute, different names in a day; beyond that others' customers
    # stay hidden, so that nobody copies the base out by asking.
    collisions_per_minute: int = field(
        default_factory=lambda: int(_env("CRM_COLLISIONS_PER_MINUTE", "60"))
    )
    collisions_per_day: int = field(
        default_factory=lambda: int(_env("CRM_COLLISIONS_PER_DAY", "600"))
    )
    # Days for which the log of 撞单 questions is kept.
    collision_log_days: int = field(
        default_factory=lambda: int(_env("CRM_COLLISION_LOG_DAYS", "400"))
    )
    # Calls one program's token may make within a minute.
    api_per_minute: int = field(default_factory=lambda: int(_env("CRM_API_PER_MINUTE", "300")))
    # Intranet hosts, addresses or networks webhooks may go to, with commas: oa.firm.lan,10.20.0.0/16.
    webhook_hosts: str = field(default_factory=lambda: _env("CRM_WEBHOOK_HOSTS", ""))
    # Compare customers that changed with all others, soon after the change; 0 leaves it to scans.
    follow_pairs: bool = field(default_factory=lambda: _env("CRM_FOLLOW_PAIRS", "1") != "0")
    # Read all pages at start, so that their first visitors need not wait for it.
    warm: bool = field(default_factory=lambda: _env("CRM_WARM", "1") != "0")
    # Of an analysts' report: CPU seconds one cell may take, memory its process may ask for.
    report_seconds: int = field(default_factory=lambda: int(_env("CRM_REPORT_SECONDS", "60")))
    report_gb: float = field(default_factory=lambda: float(_env("CRM_REPORT_GB", "8")))
    var_dir: Path = field(default_factory=lambda: Path(_env("CRM_VAR_DIR", "var")))


def settings() -> Settings:
    """Return the settings as the environment says now."""
    return Settings()
