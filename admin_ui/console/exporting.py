"""A list that leaves the console as a file."""

from __future__ import annotations

from typing import cast, get_args
from urllib.parse import urlencode

from flask import Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from admin_ui.console import page_sizes
from admin_ui.console.screen import StepUp
from admin_ui.console.visitor import current_visitor, export_requests_here
from directory.clock import today
from directory.errors import AppError, Invalid
from directory.exports.approvals import APPROVED_HOURS
from directory.exports.errors import EXPORT_OVER_QUOTA, EXPORT_REASON
from directory.exports.notes import Export, TakenBy
from directory.exports.taking import MOST_REASON_CHARS, WITHOUT_REASON, OverQuota
from directory.sheets.writing import MEDIA_TYPES, Format, Listing, written
from web.error_pages import note, retry_headers, sentence
from web.forms import read_fields
from web.i18n import N_, current_locale, said

_FORMAT, _REASON, _ASKING = "dang", "ly-do", "xin"
# What of an address says how a list is looked at, and not which.
_LOOKS = {_FORMAT, "lang", "trang", "nhap", page_sizes.NAME}


def export_asked_for() -> Export:
    """What the form asks for: the kind of file, and the reason as it was typed."""
    sent, visitor = _sent(), current_visitor()
    return Export(
        _known(sent[_FORMAT]),
        sent[_REASON][:MOST_REASON_CHARS],
        TakenBy(visitor.person.full_name, visitor.branches),
        "en" if current_locale() == "en" else "vi",
        _address(),
    )


def _is_long() -> bool:
    """A list beyond `WITHOUT_REASON` lines is not given without a reason."""
    return bool(request.form.get(_REASON))


LONG_LIST = StepUp(N_("Take away a list of more than 200 lines"), _is_long)
"""For the `step_up` of whatever gives a list as a file."""


def refused(error: AppError, export: Export) -> AnyResponse:
    """What follows when a list does not leave: the page that asks why, or the way to a second
    person. Raises anything else again."""
    if isinstance(error, OverQuota):
        return _beyond(error, export)
    if error.declared is EXPORT_REASON:
        return _ask_for_reason(export.form)
    raise error


def _beyond(refusal: OverQuota, export: Export) -> AnyResponse:
    faults: list[dict[str, str]] = []
    status = 429
    if _sent()[_ASKING]:
        try:
            asked = export_requests_here().ask(refusal, export.reason)
            return redirect(f"/yeu-cau/{asked}", 303)
        except Invalid as error:
            faults, status = [{"field": _REASON, "message": sentence(error)}], 422
    page = render_template(
        "console/export_beyond.html",
        title=said(EXPORT_OVER_QUOTA.title),
        said=sentence(refusal),
        faults=faults,
        form=export.form,
        reason=export.reason,
        most_chars=MOST_REASON_CHARS,
        hours=APPROVED_HOURS,
        export_url=request.full_path.rstrip("?"),
        list_url=list_of(_address()),
    )
    response = make_response(page, status)
    response.headers.update(retry_headers(refusal))
    note(refusal, is_recorded=True)
    return response


def list_of(address: str) -> str:
    """The list that is taken at an address: which is below it, or says what of a thing it is."""
    path, _, query = address.partition("?")
    above, _, last = path.rpartition("/")
    listed = f"{above}/{last.removeprefix('xuat-')}" if last != "xuat" else above
    return f"{listed}?{query}" if query else listed


def _sent() -> dict[str, str]:
    return read_fields((_FORMAT, _REASON, _ASKING), unsent={_ASKING})


def _address() -> str:
    """The list with its filter: the same for whoever looks at another page of it, or in another
    language."""
    asked = sorted((name, value) for name, value in request.args.items(True) if value)
    told = urlencode([(name, value) for name, value in asked if name not in _LOOKS])
    return f"{request.path}?{told}" if told else request.path


def format_of_address() -> Format:
    """The kind of file that the page for the reason was opened for."""
    return _known(request.args.get(_FORMAT, ""))


def _known(form: str) -> Format:
    if form not in get_args(Format):
        abort(422)
    return cast(Format, form)


def _ask_for_reason(form: Format) -> AnyResponse:
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
