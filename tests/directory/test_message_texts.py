"""Texts for telephones: numbers, lengths, words."""

from __future__ import annotations

import pytest

from admin_ui.components import COMPONENTS
from directory.component import messages_of
from directory.message_kinds import MessageKind, ShortText
from directory.messages.texts import Size, find_number, render_text, size_of
from directory.settings import read_settings

pytestmark = pytest.mark.without_sql

SETTINGS = read_settings(
    {"DANHMUC_STATE": "/nonexistent", "DANHMUC_OPERATOR_PHONE": "0274 382 0000"}
)
KINDS = messages_of(COMPONENTS)
BY_SMS = [kind for kind in KINDS.values() if kind.sms]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0903 123 456", "+84903123456"),
        ("+84 903.123.456", "+84903123456"),
        ("(0084) 903-123-456", "+84903123456"),
        ("84903123456", "+84903123456"),
        ("0274 382 0000", ""),  # a line of an office
        ("+1 202 555 0100", ""),
        ("0903 123 45", ""),
        ("0903 123 456 máy lẻ 12", ""),
        ("1900 9095", ""),
        ("", ""),
    ],
)
def test_only_numbers_of_mobile_telephones_are_written_to(written: str, number: str) -> None:
    assert find_number(written) == number


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a" * 160, Size("gsm-7", 160, 1)),
        ("a" * 161, Size("gsm-7", 161, 2)),
        ("a" * 306, Size("gsm-7", 306, 2)),
        ("a" * 307, Size("gsm-7", 307, 3)),
        ("{" * 80, Size("gsm-7", 160, 1)),
        ("a" * 152 + "{" + "a" * 152, Size("gsm-7", 306, 3)),  # "{" is not cut in two
        ("ế" * 70, Size("ucs-2", 70, 1)),
        ("ế" * 71, Size("ucs-2", 71, 2)),
        ("ế" * 134, Size("ucs-2", 134, 2)),
        ("ế" * 135, Size("ucs-2", 135, 3)),
        ("😀" * 35, Size("ucs-2", 70, 1)),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, size: Size) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("kind", BY_SMS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_kind_is_one_part_without_marks(kind: MessageKind, language: str) -> None:
    assert kind.sms
    values = {"username": "nguyen.thi.thanh.huong", **kind.sample}
    plain = render_text(SETTINGS, kind.sms, language, values, marks=False)
    assert plain.isascii() and size_of(plain).parts == 1, plain
    marked = render_text(SETTINGS, kind.sms, language, values)
    assert "Danh Mục" in marked and size_of(marked).parts <= 3
    assert "{" not in marked


def test_no_code_or_link_goes_to_a_telephone() -> None:
    assert {"recovery_link", "requests_waiting"} <= KINDS.keys() - {kind.name for kind in BY_SMS}
    assert all("{link}" not in kind.sms.vi and "{code}" not in kind.sms.vi
               for kind in BY_SMS if kind.sms)  # fmt: skip


def test_a_text_that_is_too_long_is_cut_and_one_of_several_lines_is_one() -> None:
    words = ShortText("Mã {code} “ạ”", "Code {code}")
    cut = render_text(SETTINGS, words, "vi", {"code": "K" * 400}, marks=False, most_parts=2)
    assert size_of(cut).parts == 2 and cut.endswith("K...")
    assert render_text(SETTINGS, words, "vi", {"code": "a\r\n b"}, marks=False) == 'Ma a b "a"'
