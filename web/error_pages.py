"""Errors become pages here, and nowhere else.

An `AppError` carries its sentences (`directory.errors`); an unknown exception is a page with the
support code. Neither ever shows the text of an exception. The line in the log is written by the
guard, once for each answer; what it should say is left in its notes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from directory.errors import (
    AppError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Sentence,
    TooMany,
    Unavailable,
    Words,
)
from directory.ids import support_code
from web.guard import is_machine_path, notes_of
from web.headers import add_headers
from web.i18n import current_locale, gettext
from web.sentences import OF_STATUS, TITLES
from web.state import current_kit

_STATUS: tuple[tuple[type[AppError], int], ...] = (
    (Invalid, 400),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (TooMany, 429),
    (Unavailable, 503),
    (AppError, 400),
)
# RFC 6749 section 5.2 and 4.1.2.1 where they have a word for it.
_JSON_ERRORS = {
    401: "invalid_client",
    403: "access_denied",
    404: "not_found",
    429: "slow_down",
    500: "server_error",
    503: "temporarily_unavailable",
}
_NOT_OURS = {"content-type", "content-length"}


@dataclass(frozen=True)
class Failure:
    """What is told about one failed request, to a person or to a machine."""

    status: int
    sentence: Sentence
    code: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def install(app: Flask) -> None:
    """Answer every exception of `app` with a page or with JSON."""
    app.register_error_handler(AppError, _on_app_error)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, _on_unknown)


def sentence(error: AppError) -> str:
    """What an error says, for a form that shows it beside a field."""
    return _filled(_sentence_of(error).said, error.params)


def advice(error: AppError) -> str:
    """The advice that belongs to `sentence(error)`; may be empty."""
    return _filled(_sentence_of(error).advice, error.params)


def status_of(error: AppError) -> int:
    """The HTTP status of an error class."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def retry_headers(error: AppError) -> dict[str, str]:
    """``Retry-After`` where waiting helps (RFC 9110 section 10.2.3), for a form shown once more."""
    return _retry_after(status_of(error), error.params)


def note(error: AppError, *, is_recorded: bool = False) -> None:
    """Leave the code and the detail of an error for the log, where a view shows a page of its own
    for it. `is_recorded`: the view writes an event of its own."""
    notes = notes_of(request.environ)
    notes.code, notes.detail, notes.is_recorded = error.code, error.detail, is_recorded


def note_fault(error: BaseException, *, is_recorded: bool = False) -> None:
    """Leave an exception nobody foresaw for the log: its class and where it was raised."""
    notes = notes_of(request.environ)
    notes.error, notes.is_recorded = error, is_recorded


def render(status: int, as_json: bool) -> Response:
    """What is answered where no view and no error handler could: for the guard alone."""
    failure = Failure(status, _of_status(status))
    response = _as_json(failure) if as_json else _as_page(failure)
    response.status_code = status
    return add_headers(response)


def _on_app_error(error: AppError) -> Response:
    status = status_of(error)
    note(error)
    headers = _retry_after(status, error.params)
    return _answer(Failure(status, _sentence_of(error), error.code, error.params, headers))


def _on_http_exception(error: HTTPException) -> Response | HTTPException:
    status = error.code
    if status is None or status < 400 or error.response is not None:
        return error  # a redirect, or a response somebody made on purpose
    if status >= 500 and status != 503:
        return _on_unknown(error)
    headers = {name: value for name, value in error.get_headers() if name.lower() not in _NOT_OURS}
    return _answer(Failure(status, _of_status(status), headers=headers))


def _on_unknown(error: Exception) -> Response:
    note_fault(error)
    return _answer(Failure(500, _of_status(500)))


def _sentence_of(error: AppError) -> Sentence:
    return error.declared.sentence(error.params) or _of_status(status_of(error))


def _of_status(status: int) -> Sentence:
    return OF_STATUS.get(status, OF_STATUS[400])


def _filled(words: Words | None, params: Mapping[str, object] | None = None) -> str:
    return words.filled(current_locale(), params or {}) if words else ""


def _retry_after(status: int, params: Mapping[str, object]) -> dict[str, str]:
    seconds = params.get("retry_after_s")
    if isinstance(seconds, int | float):
        return {"Retry-After": str(max(1, round(seconds)))}
    return {"Retry-After": "5"} if status in (429, 503) else {}


def _answer(failure: Failure) -> Response:
    response = _as_json(failure) if _wants_json() else _as_page(failure)
    response.status_code = failure.status
    for name, value in failure.headers.items():
        response.headers[name] = value
    return response


def _wants_json() -> bool:
    if is_machine_path(current_app, request.path):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def _as_json(failure: Failure) -> Response:
    body = {
        "error": _JSON_ERRORS.get(failure.status, "invalid_request"),
        # English and ASCII: RFC 6749 section 5.2 allows nothing else here.
        "error_description": _of_status(failure.status).said.en,
        "request_id": g.get("request_id", ""),
    }
    if failure.code:
        body["code"] = failure.code
    return jsonify(body)


def _as_page(failure: Failure) -> Response:
    title = _filled(failure.sentence.title or TITLES.get(failure.status, TITLES[400]))
    said = _filled(failure.sentence.said, failure.params)
    if failure.status in (421, 431):
        # Style sheets would come from the wrong host, or be asked for with the same too large
        # headers: a page that needs nothing.
        advice = _filled(failure.sentence.advice, failure.params)
        address = current_kit().own_url if failure.status == 421 else ""
        return _plain_page(title, f"{said} {advice}".strip(), address)
    try:
        page = render_template(
            "kit/error.html",
            title=title,
            sentence=said,
            advice=_filled(failure.sentence.advice, failure.params),
            retry_url=_retry_url(failure),
        )
    except Exception as error:
        note_fault(error)
        return _plain_page(title, said, "")
    return Response(page)


def _retry_url(failure: Failure) -> str:
    """Where the person goes on: the same page read anew, when it is one that can be read."""
    can_be_read = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    is_stale = failure.code.startswith("csrf.") or failure.status == 409
    if is_stale and can_be_read:
        return request.full_path.rstrip("?")
    if failure.status in (429, 500, 503) and can_be_read and request.method == "GET":
        return request.full_path.rstrip("?")
    return ""


def _plain_page(title: str, said: str, address: str) -> Response:
    link = f'<p><a href="{escape(address)}">{escape(address)}</a></p>' if address else ""
    label = gettext("Support code:")
    support = f"<p>{escape(label)} <code>{support_code(g.get('request_id', ''))}</code></p>"
    return Response(
        f'<!doctype html><html lang="{current_locale()}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1><p>{escape(said)}</p>{link}{support}</html>"
    )
