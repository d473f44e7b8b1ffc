"""The page of commands says what the program says."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin_ui.cli.reference import write_reference

pytestmark = pytest.mark.without_sql

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_the_reference_is_what_the_program_says() -> None:
    assert _PAGE.read_text(encoding="utf-8") == write_reference()
