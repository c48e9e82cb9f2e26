"""Alembic's environment: the URL comes from the settings, the tables from every model."""

import importlib
import pkgutil

from alembic import context

import crmlib
from crmlib.store.engine import WRITES, engine
from crmlib.store.schema import Base


def load_models() -> None:
    """Import every ``model`` module, so that the metadata is whole."""
    for module in pkgutil.walk_packages(crmlib.__path__, "crmlib."):
        if module.name.endswith(".model"):
            importlib.import_module(module.name)


load_models()
with engine().connect().execution_options(**{WRITES: True}) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
