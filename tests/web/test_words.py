"""One name for each thing, and one way to address people, in every Vietnamese text of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from admin_ui.components import COMPONENTS
from directory.component import Component
from directory.errors import ErrorCode, Sentence

REPOSITORY = Path(__file__).resolve().parents[2]
CATALOGUES = sorted(
    path
    for where in ("*", "idp/**/*")
    for path in REPOSITORY.glob(f"{where}/locale/vi/LC_MESSAGES/messages.po")
)
DEMO_TEXTS = sorted(
    path
    for kind in ("*.html", "*.py")
    for path in (REPOSITORY / "deploy" / "demo").rglob(kind)
    if "tests" not in path.parts
)
# What must not be said: how it is said instead.
NOT_SAID = {
    r"\b[Bb]ạn\b": "Anh/Chị, or no address at all",
    r"Quản trị người dùng": "Quản trị Danh mục",
    r"Quản trị Danh Mục": "Quản trị Danh mục",
    r"\bMục này\b": "what the thing is: hồ sơ, ứng dụng, đơn vị",
    r"(?i)\b(một|các|gửi|rút|từ chối|phê duyệt|sổ) đề nghị\b": "yêu cầu; đề nghị is what one does",
    r"(?i)xác thực hai bước": "xác thực hai lớp",
    r"[Ll]ỗi hệ thống": "what happened and what to do",
}

pytestmark = pytest.mark.without_sql


def _texts_of(message: Message) -> Sequence[str]:
    """One, or one for each form of the plural."""
    return [message.string] if isinstance(message.string, str) else message.string or ()


def _vietnamese() -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            texts[str(path)] = [text for message in read_po(file) for text in _texts_of(message)]
    errors = [text for component in COMPONENTS for text in _errors_in_vietnamese(component)]
    demo = {str(path): [path.read_text(encoding="utf-8")] for path in DEMO_TEXTS}
    return texts | demo | {"errors": errors}


def _errors_in_vietnamese(component: Component) -> Iterator[str]:
    for error in component.errors:
        told: list[ErrorCode | Sentence] = [error, *error.by_reason.values()]
        for sentence in told:
            words = (sentence.said, sentence.advice, sentence.title)
            yield from (each.vi for each in words if each)
        if error.operators:
            yield error.operators.vi


def test_there_is_something_to_read() -> None:
    assert len(CATALOGUES) >= 3
    assert len(DEMO_TEXTS) > 10


@pytest.mark.parametrize("words", sorted(NOT_SAID))
def test_one_name_for_each_thing(words: str) -> None:
    found = [
        f"{path}: {text[:80]}"
        for path, texts in _vietnamese().items()
        for text in texts
        if re.search(words, text)
    ]
    assert not found, f"say {NOT_SAID[words]}: {found}"
