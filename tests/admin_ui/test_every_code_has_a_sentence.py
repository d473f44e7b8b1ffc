"""Whatever code a service raises, an operator and a person at a page read a sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_ui.console.sentences import SENTENCES as CONSOLE_SENTENCES
from admin_ui.operations.sentences import CLIENT_SENTENCES, SENTENCES, sentence_of
from directory import errors
from directory.errors import AppError
from directory.ldap import results
from web.sentences import BY_CLASS
from web.sentences import SENTENCES as PAGE_SENTENCES

pytestmark = pytest.mark.without_sql

_ROOT = Path(__file__).parents[2]
_ROOMS = ("directory", "web", "idp", "sync", "admin_ui")
_CLASSES = {
    name
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, AppError) and name != "Unreadable"
}
# Raised while a page is asked for, and only then; no command comes there.
_PAGES_ONLY = ("csrf.", "console.", "flow.", "request.", "signin.", "logout.")
# Made of a name at run time: in which place, and what it may come to.
_COMPOSED = {
    "f'{namespace}.taken'": [f"person.{n}.taken" for n in ("username", "mail", "staff_no")]
    + ["agency.code.taken"],
    "f'person.{field}'": [
        f"person.{n}" for n in ("staff_category", "staff_no", "precedence", "language", "title")
    ],
    "f'client.uri.{problem}'": [
        code for code in CLIENT_SENTENCES if code.startswith("client.uri.")
    ],
    "name": sorted({code for _, code in results._ERRORS.values()} | {"ldap.refused"}),
    "code": ["person.unknown", "agency.unknown"],
}


def _raised() -> Iterator[tuple[str, str]]:
    """(code, where) of every error of ours that is made anywhere."""
    for room in _ROOMS:
        for path in sorted((_ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _is_error(node.func) and node.args:
                    where = f"{path.relative_to(_ROOT)}:{node.lineno}"
                    yield from ((code, where) for code in _codes(node.args[0], where))


def _is_error(made: ast.expr) -> bool:
    name = made.id if isinstance(made, ast.Name) else getattr(made, "attr", "")
    return name in _CLASSES


def _codes(given: ast.expr, where: str) -> list[str]:
    if isinstance(given, ast.Constant):
        return [str(given.value)]
    if isinstance(given, ast.IfExp):
        return _codes(given.body, where) + _codes(given.orelse, where)
    text = ast.unparse(given)
    assert text in _COMPOSED, f"{where}: a code made of {text}; name what it may come to"
    return _COMPOSED[text]


RAISED = dict(_raised())


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


@pytest.mark.parametrize("kind", sorted(_CLASSES))
def test_a_page_always_has_a_sentence(kind: str) -> None:
    assert BY_CLASS[kind].said
    for table in (PAGE_SENTENCES, CONSOLE_SENTENCES):
        assert all(sentence.said for sentence in table.values())


@pytest.mark.parametrize("kind", sorted(_CLASSES))
def test_a_code_nobody_knows_is_a_sentence_too(kind: str) -> None:
    told = sentence_of(getattr(errors, kind)("some.new_code", value="x"))
    assert re.search(r"[a-z]{2,} \w+", told.removesuffix("[some.new_code]")), told
