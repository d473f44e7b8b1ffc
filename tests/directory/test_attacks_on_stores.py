"""What a fault of a store may tell the log: the statement, never the values in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from directory.database.engine import Database
from directory.errors import AppError
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

SECRET = "mật-khẩu-của-ai-đó-gõ-nhầm-ô"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        opened = Database(url, synchronous="NORMAL")
        yield opened
        opened.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM nowhere WHERE secret = :secret",
        "SELEC :secret",
        "SELECT CAST(:secret AS TEXT) FROM nowhere",
    ],
)
def test_the_text_of_an_error_holds_no_values(database: Database, statement: str) -> None:
    with pytest.raises((DBAPIError, AppError)) as fault, database.read() as tx:
        tx.execute(text(statement), {"secret": SECRET})
    told = f"{fault.value} {getattr(fault.value, 'detail', '')} {fault.value.__cause__}"
    assert SECRET not in told
    assert "nowhere" in told or "SELEC" in told  # the statement stays, for whoever mends it
