"""Languages: English msgids, Vietnamese by default, catalogues read from `.po` at start.

The language is what the person chose on this page, else what the application asked for
(OIDC `ui_locales`), else what the person chose before, else Vietnamese. Accept-Language is not
asked: office computers are often installed in English.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, has_request_context, request

from directory.errors import Words
from web.state import current_kit

DEFAULT = "vi"
LANGUAGES: Mapping[str, str] = {"vi": "Tiếng Việt", "en": "English"}
_COOKIE_S = 365 * 24 * 3600
_KEPT = "danhmuc.locale"


def load(locale_dirs: Iterable[Path]) -> dict[str, Translations]:
    """The merged catalogues of every language, from `<dir>/<language>/LC_MESSAGES/messages.po`."""
    return {language: _merged(language, locale_dirs) for language in LANGUAGES}


def install(app: Flask) -> None:
    """Give templates `_` and `ngettext`; remember an explicit choice in a cookie."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _translate, _translate_plural, newstyle=True
    )
    app.jinja_env.filters["said"] = said
    app.after_request(_remember_choice)


def N_(message: str) -> str:
    """Mark a msgid that is translated later."""
    return message


def gettext(message: str, **params: object) -> str:
    """`message` in the language of this request, with named placeholders filled."""
    return _translate(message) % params


def ngettext(singular: str, plural: str, num: int, **params: object) -> str:
    """The form for `num`, which is also the placeholder ``%(num)s``."""
    return _translate_plural(singular, plural, num) % {"num": num, **params}


_ = gettext


def said(words: str | Words | None) -> str:
    """A msgid, or what is said in both languages, in the language of this request. Nothing in it
    is a placeholder."""
    if not words:
        return ""
    if isinstance(words, str):
        return _translate(words)
    return words.en if current_locale() == "en" else words.vi


def current_locale() -> str:
    """``vi`` or ``en``. Outside a request: Vietnamese."""
    if not has_request_context():
        return DEFAULT
    # A page asks for each of its sentences; only `ui_locales` is known later than the request.
    tags = g.get("ui_locales") or ()
    kept = request.environ.get(_KEPT)
    if kept is None or kept[0] != tags:
        kept = request.environ[_KEPT] = (tags, _locale_of_request(tags))
    return str(kept[1])


def _locale_of_request(tags: str | Sequence[str]) -> str:
    wanted = (
        request.args.get("lang"),
        *_asked_by_application(tags),
        request.cookies.get(current_kit().cookie_name("lang")),
    )
    return next((code for code in wanted if code and code in LANGUAGES), DEFAULT)


def language_url(code: str) -> str:
    """This page in another language: under the address that it keeps, if it answers a form. The
    front page where this address is none."""
    if kept_url := g.get("kept_url"):
        parts = urlsplit(kept_url)
        return _in_language(parts.path, parse_qsl(parts.query, keep_blank_values=True), code)
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()):
        return "/?" + urlencode({"lang": code})
    return _in_language(request.path, request.args.items(True), code)


def _in_language(path: str, arguments: Iterable[tuple[str, str]], code: str) -> str:
    kept = [(name, value) for name, value in arguments if name != "lang"]
    return f"{path}?" + urlencode([*kept, ("lang", code)])


def _asked_by_application(tags: str | Sequence[str]) -> list[str]:
    # BCP 47 tags in order of preference: `en-GB` is served by `en` (OIDC Core section 3.1.2.1).
    if isinstance(tags, str):
        tags = tags.split()
    return [tag.split("-")[0].lower() for tag in tags]


def _merged(language: str, locale_dirs: Iterable[Path]) -> Translations:
    first, *others = dict.fromkeys(path.resolve() for path in locale_dirs)
    # The first catalogue also gives the plural rule, which an empty one would not have.
    merged = _read(first, language)
    for directory in others:
        merged.merge(_read(directory, language))
    return merged


def _read(directory: Path, language: str) -> Translations:
    with (directory / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _translate(message: str) -> str:
    return current_kit().translations[current_locale()].ugettext(message)


def _translate_plural(singular: str, plural: str, num: int) -> str:
    return current_kit().translations[current_locale()].ungettext(singular, plural, num)


def _remember_choice(response: Response) -> Response:
    chosen = request.args.get("lang", "")
    if chosen in LANGUAGES:
        kit = current_kit()
        response.set_cookie(
            kit.cookie_name("lang"),
            chosen,
            max_age=_COOKIE_S,
            path="/",
            secure=kit.https,
            httponly=True,
            samesite="Lax",
        )
    return response
