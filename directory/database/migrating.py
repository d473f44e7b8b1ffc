"""Bringing the SQL schema to this version: numbered steps in `migrations/versions`, one head."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from directory.database.engine import Database, lift_statement_limit

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is imported where it is used: web processes and most commands never need it.
_SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, working on `connection` inside its transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database) -> None:
    """Run the steps that are missing, all in one transaction. Harmless when there are none."""
    from alembic import command

    if pending(database):
        with database.write() as tx:
            lift_statement_limit(tx)
            command.upgrade(configuration(tx), "head")


def pending(database: Database) -> bool:
    """Whether the store's schema is older than this version of the program."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with database.read() as tx:
        current = MigrationContext.configure(tx).get_current_revision()
    head = ScriptDirectory.from_config(_config_of_scripts()).get_current_head()
    return current != head


def _config_of_scripts() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config
