"""Vietnamese is the default and complete; English is there for whoever asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from flask import g

from tests.web.application import FACTORS, IDP, WEB, application
from web.i18n import LANGUAGES, current_locale, gettext, ngettext

pytestmark = pytest.mark.without_sql

# A factor brings words of its own.
PACKAGES = [WEB, IDP, *FACTORS, IDP.parent / "admin_ui"]
MessageId = str | tuple[str, ...]


def _used_messages(package: Path) -> dict[MessageId, str]:
    used: dict[MessageId, str] = {}
    others = [factor for factor in FACTORS if factor != package]
    for path in sorted(package.rglob("*")):
        if any(path.is_relative_to(other) for other in others):
            continue
        method = {".py": "python", ".html": "jinja2.ext:babel_extract"}.get(path.suffix)
        if method:
            for line, message, _, _ in extract_from_file(method, path):
                used.setdefault(message, f"{path.name}:{line}")
    return used


def _catalogue(package: Path, language: str) -> Catalog:
    path = package / "locale" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _translations(message: Message) -> list[str]:
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    return [str(string) for string in strings]


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_every_message_is_translated(package: Path, language: str) -> None:
    beside = (WEB, IDP) if package in FACTORS else (WEB,)
    own, shared = _catalogue(package, language), [_catalogue(one, language) for one in beside]
    missing = {}
    for used, place in _used_messages(package).items():
        key = used if isinstance(used, str) else used[0]
        message = next((m for one in (own, *shared) if (m := one.get(key))), None)
        if message is None or message.fuzzy or not all(_translations(message)):
            missing[place] = used
    assert missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_the_catalogue_holds_nothing_that_is_not_used(package: Path, language: str) -> None:
    used = {key if isinstance(key, str) else key[0] for key in _used_messages(package)}
    ids = (message.id for message in _catalogue(package, language) if message.id)
    assert [each for each in ids if (each if isinstance(each, str) else each[0]) not in used] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_placeholders_survive_translation(package: Path, language: str) -> None:
    for message in _catalogue(package, language):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        allowed = set.union(*(_placeholders(each) for each in ids))
        needed = set.intersection(*(_placeholders(each) for each in ids))
        for text in _translations(message):
            assert needed <= _placeholders(text) <= allowed, message.id


def test_vietnamese_has_one_plural_form_and_english_two() -> None:
    assert _catalogue(WEB, "vi").num_plurals == 1
    assert _catalogue(WEB, "en").num_plurals == 2


@pytest.mark.parametrize(
    ("query", "asked_by_application", "cookie", "locale"),
    [
        ("", "", "", "vi"),
        ("", "", "en", "en"),
        ("", "en-GB vi", "vi", "en"),
        ("", "fr vi en", "en", "vi"),
        ("", "fr", "en", "en"),
        ("?lang=en", "vi", "vi", "en"),
        ("?lang=vi", "en", "en", "vi"),
        ("?lang=fr", "", "", "vi"),
        ("?lang=../../etc/passwd", "", "en", "en"),
        ("", "", "zz", "vi"),
    ],
)
def test_the_language_is_chosen_page_application_cookie_vietnamese(
    query: str, asked_by_application: str, cookie: str, locale: str
) -> None:
    headers = {"Cookie": f"dm_lang={cookie}", "Accept-Language": "en-US,en;q=0.9"}
    with application().test_request_context(f"/{query}", headers=headers):
        g.ui_locales = asked_by_application
        assert current_locale() == locale


def test_a_choice_is_remembered_and_only_a_known_one() -> None:
    client = application().test_client()
    assert 'lang="en"' in client.get("/pages/help?lang=en").get_data(as_text=True)
    assert '<html lang="en">' in client.get("/pages/help").get_data(as_text=True)
    assert "Set-Cookie" not in client.get("/pages/help?lang=fr").headers
    assert '<html lang="vi">' in client.get("/pages/help?lang=vi").get_data(as_text=True)


def test_the_switch_keeps_the_page_and_its_query() -> None:
    page = application().test_client().get("/pages/help?flow=a%26b&lang=vi").get_data(as_text=True)
    assert 'href="/pages/help?flow=a%26b&amp;lang=en"' in page


def test_messages_fill_in_names_and_numbers() -> None:
    one, many = "Wait %(num)s second, then try again.", "Wait %(num)s seconds, then try again."
    with application().test_request_context("/?lang=en"):
        assert ngettext(one, many, 1) == "Wait 1 second, then try again."
        assert ngettext(one, many, 5) == "Wait 5 seconds, then try again."
    with application().test_request_context("/"):
        assert ngettext(one, many, 5) == "Vui lòng đợi 5 giây rồi thử lại."
        assert gettext("Continue as %(name)s", name="Ông Ổn") == "Tiếp tục với Ông Ổn"
