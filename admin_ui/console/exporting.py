"""A list that leaves the console as a file."""

from __future__ import annotations

from typing import cast, get_args
from urllib.parse import urlencode

from flask import Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from admin_ui.console.visitor import current_visitor
from directory.clock import today
from directory.exports.notes import Export, TakenBy
from directory.exports.taking import MOST_REASON_CHARS, WITHOUT_REASON
from directory.sheets.writing import MEDIA_TYPES, Format, Listing, written
from web.forms import read_fields
from web.i18n import current_locale

_FORMAT, _REASON = "dang", "ly-do"


def export_asked_for() -> Export:
    """What the form asks for: the kind of file, and the reason as it was typed."""
    sent, visitor = read_fields((_FORMAT, _REASON)), current_visitor()
    return Export(
        _known(sent[_FORMAT]),
        sent[_REASON][:MOST_REASON_CHARS],
        TakenBy(visitor.person.full_name, visitor.branches),
        "en" if current_locale() == "en" else "vi",
    )


def format_of_address() -> Format:
    """The kind of file that the page for the reason was opened for."""
    return _known(request.args.get(_FORMAT, ""))


def _known(form: str) -> Format:
    if form not in get_args(Format):
        abort(422)
    return cast(Format, form)


def ask_for_reason(form: Format) -> AnyResponse:
    """Send the browser to the page that asks why, for the same list: its address holds all."""
    asked = {**request.args.to_dict(), _FORMAT: form}
    return redirect(f"{request.path}?{urlencode(asked)}", 303)


def reason_page(form: Format, **told: str) -> AnyResponse:
    """That page; `told`: see its template."""
    return make_response(
        render_template(
            "console/export_reason.html",
            form=form,
            most=WITHOUT_REASON,
            most_chars=MOST_REASON_CHARS,
            **told,
        )
    )


def send(listing: Listing, form: Format, name: str) -> Response:
    """The file, piece by piece as it is made. `name`: what browsers call it, with the day."""
    response = Response(written(listing, form), content_type=MEDIA_TYPES[form])
    called = f"{name}-{today().isoformat()}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{called}"'
    return response
