"""Whatever code a service raises, an operator and a person at a page read a sentence."""

from __future__ import annotations

import re

import pytest

from admin_ui.console.sentences import SENTENCES as CONSOLE_SENTENCES
from admin_ui.operations.sentences import SENTENCES, sentence_of
from directory import errors
from directory.errors import AppError
from docs.generate.raised import CLASSES, raised
from idp.clients.problems import SENTENCES as CLIENT_SENTENCES
from web.sentences import BY_CLASS
from web.sentences import SENTENCES as PAGE_SENTENCES

pytestmark = pytest.mark.without_sql

# Raised while a page is asked for, and only then; no command comes there.
_PAGES_ONLY = ("csrf.", "console.", "flow.", "request.", "signin.", "logout.")
RAISED = {found.code: found.where for found in raised()}


def test_there_are_many() -> None:
    assert len(RAISED) > 120


@pytest.mark.parametrize("code", sorted(RAISED))
def test_an_operator_reads_a_sentence(code: str) -> None:
    if code.startswith(_PAGES_ONLY):
        told = sentence_of(AppError(code))
        assert told.removesuffix(f"[{code}]").strip(), code
        return
    assert code in SENTENCES or code in CLIENT_SENTENCES, f"{code} raised in {RAISED[code]}"


@pytest.mark.parametrize("code", sorted({*SENTENCES, *CLIENT_SENTENCES}))
def test_a_sentence_says_what_is_there_and_nothing_of_python(code: str) -> None:
    """Also when the error tells less than the sentence asks for."""
    told = sentence_of(AppError(code)).removesuffix(f" [{code}]")
    assert re.search(r"[a-z]{2,} \w+", told), told
    assert not re.search(r"None|\{|\}|\(\)|\[\]", told), told


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_a_page_always_has_a_sentence(kind: str) -> None:
    assert BY_CLASS[kind].said
    for table in (PAGE_SENTENCES, CONSOLE_SENTENCES):
        assert all(sentence.said for sentence in table.values())


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_a_code_nobody_knows_is_a_sentence_too(kind: str) -> None:
    told = sentence_of(getattr(errors, kind)("some.new_code", value="x"))
    assert re.search(r"[a-z]{2,} \w+", told.removesuffix("[some.new_code]")), told
