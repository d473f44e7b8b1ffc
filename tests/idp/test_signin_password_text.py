"""What can be set can be used: text of every kind as a password, through HTTP and a real slapd."""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable

import pytest

from directory.errors import Invalid
from directory.ldap.bind import BindResult
from directory.ldap.passwords import LONGEST_PASSWORD, hash_password, matches, password_bytes
from directory.passwords.made_of import Owner
from directory.people.credentials import check_password, check_password_policy, set_password
from idp.throttle.store import FREE_TRIES
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.only_on_sqlite("passwords never come to the SQL store")

# Changed or refused by SASLprep and the like, or met in what people paste.
_KNOWN = (
    "\t\n\r\x1f\x7f\x85\xa0\xad²½™ºﬁａＡ１\u3000אبİıßſΩÅ한각\u0345😀👨"
    "\u200b\u200c\u200d\u200e\u202e\u2028\u2060\ufeff\ue000\uf8ff\ufffe\ufffd"
    "\U0001f1fb\U000e0001\U000f0000"
)


def _samples() -> dict[str, list[str]]:
    """Of every category the known ones, the first and the last, and a few between."""
    of_category: dict[str, list[str]] = defaultdict(list)
    for code in range(1, sys.maxunicode + 1):
        char = chr(code)
        of_category[unicodedata.category(char)].append(char)
    samples = {}
    for category, chars in of_category.items():
        few = [chars[0], chars[len(chars) // 2], chars[-1]]
        known = [char for char in _KNOWN if unicodedata.category(char) == category]
        samples[category] = list(dict.fromkeys(known + few))
    return samples


_SAMPLES = _samples()


def _around(char: str) -> str:
    return f"lúa {char} chín {char}vàng đồng 7"


def test_every_category_of_unicode_has_samples() -> None:
    assert len(_SAMPLES) == 30  # Unicode has so many general categories
    assert set(_KNOWN) <= {char for chars in _SAMPLES.values() for char in chars}


@pytest.mark.parametrize("category", sorted(_SAMPLES))
def test_what_can_be_set_signs_in_and_the_rest_is_refused(idp_app: IdpApp, category: str) -> None:
    """Each in slapd; through a form the first of them, for its way is that of all text."""
    person = idp_app.person(password="")
    has_signed_in = False
    for char in _SAMPLES[category]:
        password = _around(char)
        try:
            set_password(idp_app.installation, OPERATOR, person.id, password)
        except Invalid as refused:
            assert refused.code == "password.characters", repr(char)
            assert category in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"), repr(char)
            continue
        asked = check_password(idp_app.installation, person.id, password)
        assert asked is BindResult.ACCEPTED, repr(char)
        if not has_signed_in:
            fresh = idp_app.browser()
            answer = fresh.answer(fresh.open_sign_in(), person.username, password)
            assert answer.status_code == 303, repr(char)
            has_signed_in = True


@pytest.mark.parametrize("category", sorted(set(_SAMPLES) - {"Cs"}))
def test_nothing_typed_at_the_sign_in_is_a_fault(idp_app: IdpApp, category: str) -> None:
    """Whatever it is: plainly wrong, told in the log; the right password is not in the way."""
    person = idp_app.person()
    browser = idp_app.browser()
    browser.sign_in(person)  # a device of theirs: each right password sets its tries back
    for typed in batched(_SAMPLES[category], FREE_TRIES - 1):
        browser.http.cookies.pop("dm_session")
        page = browser.open_sign_in()
        for char in typed:
            answer = browser.answer(page, person.username, f"a{char}b")
            assert answer.status_code == 403, repr(char)
        assert browser.answer(page, person.username, PASSWORD).status_code == 303, typed
    refused = idp_app.events("signin.refused", subject=f"person:{person.id}", limit=500)
    assert len(refused) == len(_SAMPLES[category])


def batched(samples: list[str], size: int) -> list[list[str]]:
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def test_a_tab_from_two_cells_of_a_sheet_is_plainly_wrong(idp_app: IdpApp) -> None:
    browser = idp_app.browser()
    answer = browser.answer(browser.open_sign_in(), "khong.ai.ca", "a\tb")
    assert answer.status_code == 403
    assert "không đúng" in answer.text


_WAYS: dict[str, Callable[[str], str]] = {
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    # Windows' Vietnamese keyboard: the letter with its mark, then the tone.
    "letter, then tone": lambda text: "".join(
        _letter_then_tone(char) for char in unicodedata.normalize("NFC", text)
    ),
    "marks in another order": lambda text: "".join(
        _turned_round(unicodedata.normalize("NFD", char)) for char in text
    ),
    "no-break blanks": lambda text: text.replace(" ", "\u00a0"),
    "blanks as wide as a sign": lambda text: text.replace(" ", "\u3000"),
}
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def _letter_then_tone(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    tones = "".join(part for part in parts if part in _TONES)
    letter = "".join(part for part in parts if part not in _TONES)
    return unicodedata.normalize("NFC", letter) + tones


def _turned_round(parts: str) -> str:
    marks = parts[1:]
    free = len({unicodedata.combining(mark) for mark in marks}) == len(marks)
    return parts[0] + marks[::-1] if free else parts


@pytest.mark.parametrize("typed", sorted(_WAYS))
@pytest.mark.parametrize("stored", sorted(_WAYS))
def test_one_text_is_one_password_however_it_is_written(stored: str, typed: str) -> None:
    text = "Ngày mười lăm tháng tám, đường về Thủ Dầu Một: tuyệt vời, ấm ự ễ ặ"
    value = hash_password(_WAYS[stored](text))
    assert matches(_WAYS[typed](text), value)


@pytest.mark.parametrize("way", sorted(_WAYS))
def test_every_way_of_writing_signs_in(idp_app: IdpApp, way: str) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    assert (
        browser.answer(browser.open_sign_in(), person.username, _WAYS[way](PASSWORD)).status_code
        == 303
    )


def test_full_width_letters_are_letters_of_their_own(idp_app: IdpApp) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in "mua xuan nam 2049")
    person = idp_app.person(password=wide)
    browser = idp_app.browser()
    page = browser.open_sign_in()
    assert browser.answer(page, person.username, "mua xuan nam 2049").status_code == 403
    assert browser.answer(page, person.username, wide).status_code == 303


def test_the_longest_password_is_measured_as_it_is_kept(idp_app: IdpApp) -> None:
    longest = ("ệ" * 9 + " ") * 25 + "uốn cả"
    assert len(longest) == LONGEST_PASSWORD
    person, decomposed = idp_app.person(password=longest), unicodedata.normalize("NFD", longest)
    browser = idp_app.browser()
    assert browser.answer(browser.open_sign_in(), person.username, decomposed).status_code == 303
    assert password_bytes(longest + "x") is None
    with pytest.raises(Invalid, match="too_long"):
        check_password_policy(idp_app.installation.settings, longest + "x", Owner("an"))


def test_the_shortest_password_is_measured_as_it_is_kept(idp_app: IdpApp) -> None:
    short = unicodedata.normalize("NFD", "ấm ự ễ ặ ờ ổ")
    assert len(short) > 15
    with pytest.raises(Invalid, match="too_short"):
        check_password_policy(idp_app.installation.settings, short, Owner("an"))


def test_no_character_takes_more_than_the_bound_says() -> None:
    """What is refused before it is looked at could not be a password that is short enough."""
    longest = max(
        len(unicodedata.normalize("NFD", chr(code))) for code in range(sys.maxunicode + 1)
    )
    assert password_bytes("x" * (longest * LONGEST_PASSWORD)) is None
    most = max(
        (unicodedata.normalize("NFD", chr(code)) for code in range(sys.maxunicode + 1)), key=len
    )
    composed = unicodedata.normalize("NFC", most)
    times = LONGEST_PASSWORD // len(composed)
    assert password_bytes(most * times) == (composed * times).encode()


@pytest.mark.parametrize("fault", [ValueError, RuntimeError])
def test_whatever_asking_raises_counts_for_nobody_and_is_told(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    person = idp_app.person()

    def fails(*_: object, **__: object) -> None:
        raise fault("mật khẩu bí mật")

    for login in (person.username, f"khong.ai.{fault.__name__}"):
        for number in range(12):  # more than are allowed to be wrong
            browser = idp_app.browser()
            page = browser.open_sign_in()
            with monkeypatch.context() as patch:
                patch.setattr("idp.factors.password.trying.check_password", fails)
                patch.setattr("idp.factors.password.trying.verify_password", fails)
                answer = browser.answer(page, login, PASSWORD)
            assert answer.status_code == 503, number
            assert "chưa được kiểm tra" in answer.text
            told = idp_app.events("signin.unchecked")[0]
            assert told.fields["reason"] == "fault"
    assert idp_app.browser().sign_in(person).status_code == 303
