"""Alembic's environment: the URL comes from the settings, the tables from every model."""

import warnings

from alembic import context

from crmlib.store import rooms
from crmlib.store.engine import WRITES, engine
from crmlib.store.schema import Base

rooms.load(rooms.MODELS)
with engine().connect().execution_options(**{WRITES: True}) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    # SQLite cannot tell what an index of an expression is made of: those are not compared.
    for said in ("Skipped unsupported reflection of", "autogenerate skipping"):
        warnings.filterwarnings("ignore", f"{said}.*expression-based index")
    with context.begin_transaction():
        context.run_migrations()
