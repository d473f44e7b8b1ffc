"""Bringing the SQL schema to this version: numbered steps in `migrations/versions`, one head."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

from directory.database import lease as leases
from directory.database.engine import COPY, Database, lift_statement_limit, metadata
from directory.database.errors import (
    DATABASE_COPY_DIFFERS,
    DATABASE_DIFFERS,
    DATABASE_NO_SCHEMA,
    DATABASE_SCHEMA_NEWER,
    DATABASE_SCHEMA_OLDER,
)
from directory.errors import Conflict

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is imported where it is used: web processes and most commands never need it.
_ASSIGNED = re.compile(r"""^(revision|down_revision)(?:: [^=]+)? = ['"](\w+)['"]""", re.MULTILINE)
_MORE = ("remove_table", "remove_index")
_SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, working on `connection` inside its transaction."""
    config = _config_of_scripts()
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, then: Callable[[Connection], None] = lambda _tx: None) -> None:
    """Run the steps that are missing, all in one transaction, with `then` at its end. Harmless
    when there are none."""
    from alembic import command

    if database.file is not None:
        database.file.touch(mode=0o600)
    if pending(database):
        with database.write() as tx:
            lift_statement_limit(tx)
            _end_repairs(tx)
            command.upgrade(configuration(tx), "head")
            then(tx)


def _end_repairs(tx: Connection) -> None:
    """A rebuild of the version before, begun before the steps, would put tables without the new
    columns in place of those that have them. It finds its lease gone, and ends.

    Called before the steps: a repair locks its lease first and then tables, and so must we."""
    if inspect(tx).has_table("lease"):
        leases.take_away(tx, leases.CATALOGUE_REPAIR)


def pending(database: Database) -> bool:
    """Whether steps are missing: the store is new, or older than this version of the program.

    Raises Conflict(``database.schema_newer``) when it knows steps that this version does not.
    """
    current = current_revision(database)
    if current and current not in _revisions():
        raise Conflict(DATABASE_SCHEMA_NEWER, revision=current, head=head_revision())
    return current != head_revision()


def require_current(database: Database) -> None:
    """The store has the schema of this version, for whoever is about to use it without a start.

    Raises Conflict: ``database.no_schema``, ``database.schema_older``, ``database.schema_newer``.
    """
    if pending(database):
        current = current_revision(database)
        raise Conflict(
            DATABASE_SCHEMA_OLDER if current else DATABASE_NO_SCHEMA,
            revision=current,
            head=head_revision(),
            store=make_url(database.url).render_as_string(hide_password=True),
        )


def current_revision(database: Database) -> str:
    """The last step the store has had; empty for a store without tables of ours."""
    with database.read() as tx:
        if not inspect(tx).has_table("alembic_version"):
            return ""
        found = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found or "")


def head_revision() -> str:
    """The last step of this version of the program."""
    followed = {before for before in _revisions().values() if before}
    (head,) = _revisions().keys() - followed
    return head


@cache
def _revisions() -> dict[str, str]:
    """Every step and the one it follows. Read without Alembic, whose import every command of the
    command line would wait for."""
    found: dict[str, str] = {}
    for path in (_SCRIPTS / "versions").glob("[0-9]*.py"):
        values = dict(_ASSIGNED.findall(path.read_text("utf-8")))
        found[values["revision"]] = values.get("down_revision", "")
    return found


def differences(database: Database) -> list[str]:
    """Where the tables are not what this version makes, though its steps were all done: somebody
    changed them by hand, or a step was changed after it had been done. Each names its place."""
    return _places(_differing(database))


def require_same(database: Database) -> None:
    """Raise Conflict when `differences` finds any: ``database.copy_differs`` where a rebuild of the
    projection mends it, else ``database.differs``."""
    if found := _differing(database):
        declared = DATABASE_COPY_DIFFERS if all(map(_is_of_a_copy, found)) else DATABASE_DIFFERS
        raise Conflict(declared, revision=head_revision(), what="; ".join(_places(found)))


def _differing(database: Database) -> list[tuple[Any, ...]]:
    from alembic import command
    from alembic.util import AutogenerateDiffsDetected

    with database.read() as tx:
        config = configuration(tx)
        config.stdout = StringIO()
        try:
            # Alembic cannot compare an index of an expression, and says so of each, each time.
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*expression-based index")
                command.check(config)
        except AutogenerateDiffsDetected as found:
            # What is there beside ours harms nobody.
            return [diff for diff in _flat(found.diffs) if diff[0] not in _MORE]
    return []


def _flat(diffs: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Alembic gives the changes of one column as a list among the others."""
    for diff in diffs:
        if isinstance(diff, list):
            yield from diff
        else:
            yield diff


def _places(diffs: Iterable[tuple[Any, ...]]) -> list[str]:
    return sorted(set(map(_place, diffs)))


def _is_of_a_copy(diff: tuple[Any, ...]) -> bool:
    """Whether it is within a table of the projection. One that is missing has no rows to keep."""
    kind, *about = diff
    if kind.endswith("_table"):
        return False
    is_of_column = kind.endswith("_column") or kind.startswith("modify_")
    name = about[1] if is_of_column else about[0].table.name
    return bool(metadata.tables[name].info.get(COPY))


def _place(diff: tuple[Any, ...]) -> str:
    kind, *about = diff
    verb = "has no" if kind.startswith("add_") else "should not have"
    if kind.endswith("_table"):
        return f"the store {verb} table {about[0].name}"
    if kind.endswith("_column"):
        return f"table {about[1]} {verb} column {about[2].name}"
    if kind.startswith("modify_"):
        return f"column {about[1]}.{about[2]} has another {kind.removeprefix('modify_')}"
    return f"table {about[0].table.name} {verb} {about[0].name}"  # an index or a constraint


def _config_of_scripts() -> Config:
    from alembic.config import Config

    config = Config()
    # configparser gives "%" a meaning of its own.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
