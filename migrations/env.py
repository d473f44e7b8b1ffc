"""Alembic's environment: the connection comes from `directory.database.migrating`."""

from alembic import context

from admin_ui.components import COMPONENTS
from directory.component import load_tables
from directory.database.engine import metadata

load_tables(COMPONENTS)
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
