"""Alembic's environment: the connection comes from `directory.database.migrating`."""

# ruff: noqa: F401

from alembic import context

# Every room's tables, so that `metadata` is complete.
import admin_ui.console.tables
import directory.audit.tables
import directory.authz.tables
import directory.database.single_use
import directory.database.tables
import directory.intents.tables
import directory.outbox.tables
import directory.projection.tables
import idp.clients.tables
import idp.devices.tables
import idp.flows.tables
import idp.keys.tables
import idp.oidc.tables
import idp.sessions.tables
import idp.signin.tables
import sync.feed.tables
from directory.database.engine import metadata

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
