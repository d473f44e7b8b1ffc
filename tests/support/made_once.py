"""What takes long to make and is the same in every test: made once in a process, then copied.

For tests that need an installation. What is about making one makes it as the product does.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from unittest import mock

from directory.actor import system
from directory.database.engine import Database
from directory.database.migrating import upgrade
from directory.installation import Installation
from idp.keys import service
from idp.keys.jose import Algorithm, generate_private_jwk

_folder = lru_cache(lambda: tempfile.TemporaryDirectory(prefix="dm-made-once-"))


def make_tables(database: Database) -> None:
    """As `upgrade`: the steps of all revisions take a fifth of a second on a new SQLite file."""
    if database.file is not None and not database.file.exists():
        shutil.copyfile(_migrated_file(), database.file)
        database.file.chmod(0o600)
    upgrade(database)


@lru_cache
def _migrated_file() -> Path:
    path = Path(_folder().name) / "migrated.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.dispose()
    return path


@contextmanager
def known_keys() -> Iterator[None]:
    """The first signing keys that are made here are the same in every installation: to find one
    for RSA takes a third of a second."""
    made: Counter[Algorithm] = Counter()

    def known(alg: Algorithm) -> bytes:
        made[alg] += 1
        return _key(alg, made[alg])

    with mock.patch.object(service, "generate_private_jwk", known):
        yield


def make_keys(installation: Installation) -> None:
    """As `ensure_keys`, with `known_keys`."""
    with known_keys():
        service.ensure_keys(installation, system("test"))


@lru_cache
def _key(alg: Algorithm, _number: int) -> bytes:
    return generate_private_jwk(alg)
