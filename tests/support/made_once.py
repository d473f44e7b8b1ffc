"""What takes long to make and is the same in every test: made once in a process, then copied.

For tests that need an installation. What is about making one makes it as the product does.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection

from admin_ui.operations import initialise
from directory.actor import system
from directory.database.engine import Database
from directory.database.migrating import upgrade
from directory.installation import Installation
from idp.keys import jose, service
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


def make_keys(installation: Installation) -> None:
    """As `ensure_keys`, with keys that another installation may have too."""
    with _known_keys():
        service.ensure_keys(installation, system("test"))


@contextmanager
def quick_first_start() -> Iterator[None]:
    """What is initialised meanwhile gets its tables and keys as above."""
    with _known_keys(), mock.patch.object(initialise, "upgrade", _upgrade_by_copy):
        yield


def _upgrade_by_copy(database: Database, then: Callable[[Connection], None]) -> None:
    if database.file is None or database.file.exists():
        upgrade(database, then)
        return
    make_tables(database)
    with database.write() as tx:
        then(tx)


@contextmanager
def _known_keys() -> Iterator[None]:
    made: Counter[Algorithm] = Counter()

    def known(alg: Algorithm) -> bytes:
        made[alg] += 1
        return _key(alg, made[alg])

    with mock.patch.object(service, "generate_private_jwk", known):
        yield


@lru_cache
def _key(alg: Algorithm, _number: int) -> bytes:
    return generate_private_jwk(alg)


def compile_each_template_once() -> None:
    """Each application of a test has an environment of its own, and compiled them all anew."""
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(_folder().name)}


def check_each_key_once() -> None:
    """Our RSA keys are examined whenever a process loads them, for a quarter of a second."""
    load = jose._import
    known: dict[str, Any] = {}

    def loaded(jwk: Mapping[str, Any]) -> Any:
        if "d" not in jwk:
            return load(jwk)
        text = json.dumps(jwk, sort_keys=True)
        if text not in known:
            known[text] = load(jwk)
        return known[text]

    jose._import = loaded
