"""Rooms of the business folders that make something known by being imported."""

import importlib
import importlib.util
import pkgutil
from functools import cache

import crmlib

MODELS, QUERIES = "model", "queries"
# Queries apart from the rest: what waits for people, and how a record is opened.
APART = ("waiting", "queue", "card")


@cache
def load(room: str) -> None:
    """Import the room of every folder: ``model`` for all tables, ``queries`` for waiting work.

    A table whose module nobody imported yet would be forgotten by migrations and merges.
    """
    for folder in pkgutil.iter_modules(crmlib.__path__, "crmlib."):
        name = f"{folder.name}.{room}"
        if folder.ispkg and importlib.util.find_spec(name):
            importlib.import_module(name)
