"""What a password is made of: what is left of it once everything is taken away that others guess.

People make passwords of the same parts: a listed word or two, their name, their agency, the
province, a year, a row of keys, with signs between. Marks, Telex and letters written as digits
change nothing. What is left over must be something.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from directory.passwords.lists import letters, vietnamese
from directory.text import clean, without_marks

FEWEST_LEFT = 5
"""Different letters that must be left."""

_LEET = str.maketrans("013457@$!€", "oieastasie")
_ROWS = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz", "0987654321",
    "qazwsxedcrfvtgbyhnujmikolp", "poiuytrewq", "lkjhgfdsa", "mnbvcxz",
    "1q2w3e4r5t6y7u8i9o0p", "qweasdzxc",
)  # fmt: skip
_SHORTEST_ROW = 4
_SHORTEST_WORD = 3
_SAME = re.compile(r"(.{1,4}?)\1{2,}")
_DATES = re.compile(r"(?:0?[1-9]|[12]\d|3[01])(?:0?[1-9]|1[0-2])(?:19|20)?\d\d|(?:19|20)\d\d")
# How Telex types Vietnamese letters without a mark beside them.
_TELEX_LETTERS = re.compile(r"aa|ee|oo|dd|aw|ow|uw|w")
_TELEX = {"aa": "a", "ee": "e", "oo": "o", "dd": "d", "aw": "a", "ow": "o", "uw": "u", "w": "u"}
_TELEX_TONES = re.compile(r"(?<=[aeiouy])([bcdghklmnpqrtv]{0,2})[sfrxj]")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose password it is to be. `words`: of their name, agency and province, as they are
    written."""

    username: str = ""
    words: Collection[str] = ()


def is_common(password: str, listed: Collection[str]) -> bool:
    """Whether it is on a list, or one or two words of one with digits and signs about them."""
    for form in _forms(password):
        core = form.strip("0123456789")
        for each in (form, core):
            if each in listed or _are_two(each, listed):
                return True
    return False


def is_personal(password: str, owner: Owner) -> bool:
    """Whether too little is left without what is known of its owner, years and rows of keys."""
    parts = _parts_of(owner)
    return any(_is_little_left(form, parts) for form in _forms(password))


def _is_little_left(form: str, parts: Iterable[str]) -> bool:
    left = _left(form, parts)
    is_made_of_them = left != form or form.isdigit()
    return is_made_of_them and len(set(left) - set(" 0123456789")) < FEWEST_LEFT


def _forms(password: str) -> list[str]:
    """In which it is compared: small letters without marks and signs; as Telex means it; with
    digits for letters read as those."""
    bare = letters(password)
    leet = letters(without_marks(clean(password)).lower().translate(_LEET))
    found = [bare, leet, as_telex(bare), as_telex(leet)]
    return [form for form in dict.fromkeys(found) if form] or [""]


def as_telex(text: str) -> str:
    """What Telex keys mean, without marks: ``maatj khaaur`` is ``mat khau``."""
    without = _TELEX_LETTERS.sub(lambda found: _TELEX[found[0]], text)
    return _TELEX_TONES.sub(r"\1", without)


def _are_two(text: str, listed: Collection[str]) -> bool:
    halves = ((text[:at], text[at:]) for at in range(_SHORTEST_WORD, len(text) - 2))
    return any(first in listed and second in listed for first, second in halves)


def _parts_of(owner: Owner) -> list[str]:
    whole = {letters(owner.username), *map(letters, owner.words)}
    words = {letters(word) for text in (owner.username, *owner.words) for word in _split(text)}
    found = {part for part in whole | words if len(part) >= _SHORTEST_WORD}
    found |= {as_telex(part) for part in found} | set(vietnamese())
    return sorted(found, key=len, reverse=True)


def _split(text: str) -> Iterable[str]:
    return re.split(r"[\W_]+", text)


def _left(text: str, parts: Iterable[str]) -> str:
    for part in parts:
        text = text.replace(part, " ")
    text = _DATES.sub(" ", text)
    text = _SAME.sub(" ", text)
    for row in _ROWS:
        text = _without_row(text, row)
    return text


def _without_row(text: str, row: str) -> str:
    for length in range(len(row), _SHORTEST_ROW - 1, -1):
        for at in range(len(row) - length + 1):
            text = text.replace(row[at : at + length], " ")
    return text
