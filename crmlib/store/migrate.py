"""Bring the database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def config() -> Config:
    """Return Alembic's configuration; no ini file is needed."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return made


def migrate() -> None:
    """Run the outstanding migrations."""
    command.upgrade(config(), "head")
