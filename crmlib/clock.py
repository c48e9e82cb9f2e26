"""The only source of the present: UTC for storage, Asia/Shanghai for people."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 the one place that may ask


def today() -> date:
    """Return today's date in Asia/Shanghai, whatever the server's zone."""
    return now().astimezone(SHANGHAI).date()


def local(moment: datetime) -> datetime:
    """Return the moment as people in Shanghai read it."""
    return moment.astimezone(SHANGHAI)
