"""The page of errors: every code, what a person or a script is told, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from admin_ui.console.sentences import SENTENCES as CONSOLE
from admin_ui.operations.sentences import SENTENCES
from directory.errors import AppError
from docs.generate.markdown import code, prose, table
from docs.generate.raised import raised, raised_oauth
from idp.clients.problems import SENTENCES as CLIENT_SENTENCES
from web import errors, i18n
from web.sentence import Sentence
from web.sentences import BY_CLASS, BY_STATUS, TITLES
from web.sentences import SENTENCES as SHARED

_ROOT = Path(__file__).resolve().parents[2]
_LOCALES = [_ROOT / name / "locale" for name in ("web", "idp", "admin_ui")]

_HEAD = """# Errors

Made from the code (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a test keeps it true. A code
is stable, its sentence may be worded better at any time. A script looks at the exit code, the HTTP
status and the code, never at the sentence.

| where | what is told |
|---|---|
| a page | sentence and advice in Vietnamese or English, and a support code for the logs |
| JSON (`/token`, …) | `error` and `error_description` (RFC 6749), `code`, `request_id` |
| the command line | one sentence in English, `[code]` behind it, on standard error; exit code 1 |

Exit codes of `danhmuc`: 0 done · 1 refused or failed · 2 wrong usage · 130 interrupted. Anything
that is none of these errors is a fault of the program: 500 on the web, noted with its support code.
"""


def write() -> str:
    kinds = _kinds()
    parts = [_HEAD]
    parts += ["## By status", "", "What is said where a code has no sentence of its own.", ""]
    parts += table(("HTTP", "class", "JSON `error`", "vi", "en"), _statuses())
    parts += ["## On pages: sign-in and console", ""]
    parts += table(("code", "HTTP", "vi", "en"), _on_pages(SHARED, kinds))
    parts += ["## On pages: the console alone", ""]
    parts += ["In place of the sentence above where both have one.", ""]
    parts += table(("code", "HTTP", "vi", "en"), _on_pages(CONSOLE, kinds))
    parts += ["## On the command line", "", "The HTTP status is that of a page or JSON answer.", ""]
    parts += table(("code", "exit", "HTTP", "what it says"), _on_command_line(kinds))
    parts += ["## Without a sentence of its own", ""]
    parts += ["Told by the sentence of the status.", ""]
    parts += table(("code", "HTTP"), _wordless(kinds))
    parts += ["## OAuth and OpenID Connect", "", _OAUTH, ""]
    parts += table(("`error`", "`error_description`"), _oauth())
    return "\n".join(parts).rstrip("\n") + "\n"


_OAUTH = """What applications are told, in English (RFC 6749, RFC 8707, OpenID Connect Core).
`/authorize` sends it to the `redirect_uri` with `state` and `iss`, once application and address are
known to be genuine; before that the person reads a page (400), and nothing leaves us. `/token`,
`/introspect` and `/revoke` answer 400, `invalid_client` 401, `temporarily_unavailable` 503 and
`slow_down` 429 with `Retry-After`. `/userinfo` answers 401 `invalid_token` in `WWW-Authenticate`
(RFC 6750). Authlib adds `unsupported_grant_type` and general sentences of its own."""


def _kinds() -> dict[str, set[type[AppError]]]:
    kinds: dict[str, set[type[AppError]]] = {}
    for found in raised():
        kinds.setdefault(found.code, set()).add(found.kind)
    return kinds


def _statuses() -> Iterable[tuple[str, ...]]:
    by_status: dict[int, list[str]] = {}
    for kind, status in errors._STATUS:
        by_status.setdefault(status, []).append(kind.__name__)
    for status, sentence in BY_STATUS.items():
        classes = by_status.get(status, [])
        own = [BY_CLASS[name] for name in classes if BY_CLASS[name] != sentence]
        said = [_both(each) for each in (sentence, *own)]
        title = TITLES[status]
        vi, en = ("<br>".join(texts) for texts in zip(*said, strict=True))
        yield (
            str(status),
            ", ".join(map(code, classes)),
            code(errors._JSON_ERRORS.get(status, "invalid_request")),
            f"**{prose(_in('vi', title))}**<br>{vi}",
            f"**{prose(_in('en', title))}**<br>{en}",
        )


def _on_pages(
    sentences: Mapping[str, Sentence], kinds: Mapping[str, set[type[AppError]]]
) -> Iterable[tuple[str, ...]]:
    for name, sentence in sorted(sentences.items()):
        vi, en = _both(sentence)
        yield code(name), _status(name, kinds), vi, en


def _on_command_line(kinds: Mapping[str, set[type[AppError]]]) -> Iterable[tuple[str, ...]]:
    for name, said in sorted({**CLIENT_SENTENCES, **SENTENCES}.items()):
        yield code(name), "1", _status(name, kinds), prose(said)


def _wordless(kinds: Mapping[str, set[type[AppError]]]) -> Iterable[tuple[str, ...]]:
    worded = {*SHARED, *CONSOLE, *SENTENCES, *CLIENT_SENTENCES}
    for name in sorted(set(kinds) - worded):
        yield code(name), _status(name, kinds)


def _oauth() -> Iterable[tuple[str, ...]]:
    told: dict[str, list[str]] = {}
    for kind, said in raised_oauth():
        told.setdefault(str(kind.error), []).append(said)
    for name, sentences in sorted(told.items()):
        yield code(name), "<br>".join(prose(said) for said in sorted(set(filter(None, sentences))))


def _status(name: str, kinds: Mapping[str, set[type[AppError]]]) -> str:
    # A sentence of its own for one reason of an error: `authz.denied.own_record`.
    found = kinds.get(name) or kinds.get(name.rpartition(".")[0])
    if not found:
        raise LookupError(f"{name} has a sentence, and nothing raises it")
    return ", ".join(sorted({str(errors.status_of(kind(name))) for kind in found}))


def _both(sentence: Sentence) -> tuple[str, str]:
    vi, en = (
        " ".join(prose(_in(language, text)) for text in (sentence.said, sentence.advice) if text)
        for language in ("vi", "en")
    )
    return vi, en


def _in(language: str, message: str) -> str:
    return str(_TRANSLATIONS[language].ugettext(message))


_TRANSLATIONS = i18n.load(_LOCALES)
