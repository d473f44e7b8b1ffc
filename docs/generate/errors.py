"""The page of errors: every code, what a person or a script is told, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from admin_ui.components import COMPONENTS
from directory.errors import ErrorCode, Sentence, Words
from docs.generate.markdown import code, prose, table
from docs.generate.oauth import raised_oauth
from web import error_pages
from web.sentences import OF_STATUS, TITLES

_HEAD = """# Errors

Made from the code (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a test keeps it true. A code
is stable, its sentence may be worded better at any time. A script looks at the exit code, the HTTP
status and the code, never at the sentence.

| where | what is told |
|---|---|
| a page | sentence and advice in Vietnamese or English, and a support code for the logs |
| JSON (`/token`, …) | `error` and `error_description` (RFC 6749), `code`, `request_id` |
| the command line | one sentence, `[code]` behind it, on standard error; exit code 1 |

The command line speaks English, and Vietnamese where `LC_ALL`, `LC_MESSAGES` or `LANG` (the first
that is set) begins with `vi`. Exit codes of `danhmuc`: 0 done · 1 refused or failed · 2 wrong
usage · 130 interrupted. Anything that is none of these errors is a fault of the program: 500 on the
web, noted with its support code.
"""

_STATUSES = """The status is that of the class an error is raised as. What is said here is for what
is no error of ours: an address that is none, a method, a size, a fault of the program."""

_CODES = """Each is declared in the `errors.py` of its component. What follows *on the command line*
is told there instead; a code that has nothing else is not met on pages, which would say the
sentence of its status."""

_OAUTH = """What applications are told, in English (RFC 6749, RFC 8707, OpenID Connect Core).
`/authorize` sends it to the `redirect_uri` with `state` and `iss`, once application and address are
known to be genuine; before that the person reads a page (400), and nothing leaves us. `/token`,
`/introspect` and `/revoke` answer 400, `invalid_client` 401, `temporarily_unavailable` 503 and
`slow_down` 429 with `Retry-After`. `/userinfo` answers 401 `invalid_token` in `WWW-Authenticate`
(RFC 6750). Authlib adds `unsupported_grant_type` and general sentences of its own."""


def write() -> str:
    parts = [_HEAD, "## By status", ""]
    parts += [
        "The status is that of the class an error is raised as. Its sentence is told where no"
    ]
    parts += ["error of ours was raised: an address that is none, a method, a size.", ""]
    parts += table(("HTTP", "class", "JSON `error`", "vi", "en"), _statuses())
    parts += ["## By code", "", _CODES, ""]
    for component in sorted(COMPONENTS, key=lambda each: each.package):
        if component.errors:
            parts += [f"### {component.package}", ""]
            parts += table(("code", "vi", "en"), map(_row, component.errors))
    parts += ["## OAuth and OpenID Connect", "", _OAUTH, ""]
    parts += table(("`error`", "`error_description`"), _oauth())
    return "\n".join(parts).rstrip("\n") + "\n"


def _statuses() -> Iterable[tuple[str, ...]]:
    classes: dict[int, list[str]] = {}
    for kind, status in error_pages._STATUS:
        classes.setdefault(status, []).append(kind.__name__)
    for status, sentence in OF_STATUS.items():
        title = TITLES[status]
        yield (
            str(status),
            ", ".join(map(code, classes.get(status, []))),
            code(error_pages._JSON_ERRORS.get(status, "invalid_request")),
            f"**{prose(title.vi)}**<br>{_said(sentence, 'vi')}",
            f"**{prose(title.en)}**<br>{_said(sentence, 'en')}",
        )


def _row(error: ErrorCode) -> tuple[str, ...]:
    return (code(error.code), _cell(error, "vi"), _cell(error, "en"))


def _cell(error: ErrorCode, language: str) -> str:
    general = error.sentence({})
    said = [_said(general, language)] if general else []
    said += [
        f"`{reason}`: {_said(sentence, language)}" for reason, sentence in error.by_reason.items()
    ]
    if error.operators:
        said.append(f"*on the command line:* {_prose(error.operators, language)}")
    return "<br>".join(said)


def _said(sentence: Sentence, language: str) -> str:
    parts = (sentence.said, sentence.advice)
    return " ".join(_prose(words, language) for words in parts if words)


def _prose(words: Words, language: str) -> str:
    return prose(words.vi if language == "vi" else words.en)


def _oauth() -> Iterable[tuple[str, ...]]:
    told: dict[str, list[str]] = {}
    for kind, said in raised_oauth():
        told.setdefault(str(kind.error), []).append(said)
    for name, sentences in sorted(told.items()):
        yield code(name), "<br>".join(prose(said) for said in sorted(set(filter(None, sentences))))
