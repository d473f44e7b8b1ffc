"""``/quyen/hang-loat``: many roles given, renewed and taken back as one act, looked at first.

What is looked at is what is done: the lines are kept here between the two pages, sealed and of this
session (`kept_forms`), and only their name goes through the browser. A sheet sent a second time
could be another one, and a check value over it would only say so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField

from admin_ui.console.exporting import send
from admin_ui.console.give_form import DAY
from admin_ui.console.kept_forms import (
    KeptForm,
    find_kept,
    go_on,
    show_again,
    show_once,
    take_kept,
    take_shown_once,
)
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen, StepUp
from admin_ui.console.views.grants import BULK_PATH, LIST_PATH
from admin_ui.console.views.telling import language_here
from admin_ui.console.visitor import grants_here
from directory.access.bulk import Line, Renewal, Withdrawal, as_json, from_json
from directory.access.sheet import MOST_BODY_BYTES, MOST_LINES, MOST_MEGABYTES, template
from directory.authz.permissions import GrantPermission
from directory.clock import is_date, today
from directory.errors import AppError, Invalid
from directory.ids import can_be_id
from web.error_pages import advice, sentence
from web.forms import ChangeForm, DayField
from web.i18n import N_, gettext
from web.request import accepts_body_of

bulk = Blueprint("grant_bulk", __name__)
_PREVIEW = f"{BULK_PATH}/xem"
_RESULT = f"{BULK_PATH}/ket-qua"
_TEMPLATE = f"{BULK_PATH}/mau"
SCREEN = Screen(
    bulk,
    {
        "ask_sheet": GrantPermission.WRITE,
        "read": GrantPermission.WRITE,
        "choose": GrantPermission.WRITE,
        "look": GrantPermission.WRITE,
        "carry_out": GrantPermission.WRITE,
        "show_result": GrantPermission.WRITE,
        "take_template": GrantPermission.WRITE,
    },
    step_up={"carry_out": StepUp(N_("Give, renew or take back several roles at once"))},
    under="grants",
)
_MOST_SHOWN = 50  # lines without a fault; those with one are all shown
_MOST_PASTED = 200_000  # characters
_WAITING = "waiting"
_SEEN = {"end": "", "reason": ""}
_DONE = ("given", "renewed", "withdrawn", "asked")


class BulkForm(ChangeForm):
    """Why many are done at once, and until when where they are renewed."""

    end = DayField(
        N_("Last day"),
        description=N_("The roles hold until the end of this day."),
        render_kw=DAY,
    )
    reason = StringField(
        N_("Reason"),
        description=N_("Of the whole act, for example a decision; the audit log keeps it."),
        render_kw={"maxlength": 500},
    )


@dataclass(frozen=True)
class _Waiting:
    """What waits for its confirmation. `rows`: the number of each line in its sheet, or in the list
    of what was ticked; `faults`: (row, sentence) of what the sheet says and nobody can mean.
    `is_renewal`: of what was ticked."""

    lines: Sequence[Line]
    rows: Sequence[int]
    faults: Sequence[tuple[int, str]] = ()
    is_renewal: bool = False
    is_sheet: bool = False


@bulk.get(BULK_PATH)
def ask_sheet() -> Response:
    """Where a sheet is chosen or lines are pasted."""
    kept = find_kept() or KeptForm({}, {})
    return make_response(
        render_template(
            "console/grant_bulk.html",
            errors=kept.errors,
            pasted=kept.typed.get("pasted", ""),
            path=BULK_PATH,
            template_path=_TEMPLATE,
            list_url=LIST_PATH,
            most_lines=MOST_LINES,
            most_megabytes=MOST_MEGABYTES,
        )
    )


@bulk.post(BULK_PATH)
@accepts_body_of(MOST_BODY_BYTES)
def read() -> Response:
    """Read the sheet, and go on to look at what it would do."""
    sent = request.files.get("tep")
    raw = sent.read() if sent is not None else b""
    pasted = request.form.get("pasted", "")[:_MOST_PASTED]
    try:
        read_lines = grants_here().read_sheet(raw, pasted)
    except Invalid as error:
        field = str(error.params.get("field", "tep" if raw else "pasted"))
        kept = KeptForm({"pasted": pasted}, {}, [{"field": field, "message": _told(error)}])
        return show_again(BULK_PATH, kept)
    right = [each for each in read_lines if each.line is not None]
    return _keep(
        _Waiting(
            lines=[each.line for each in right if each.line is not None],
            rows=[each.row for each in right],
            faults=[(each.row, _told(one)) for each in read_lines for one in each.problems],
            is_sheet=True,
        )
    )


@bulk.post(f"{BULK_PATH}/chon")
def choose() -> Response:
    """What was ticked in a list: renew it or take it back."""
    ids = list(dict.fromkeys(filter(can_be_id, request.form.getlist("id"))))
    is_renewal = request.form.get("viec") == "gia-han"
    if not ids:
        response = redirect(LIST_PATH, 303)
        leave_notice(response, "nothing_ticked")
        return response
    lines: list[Line] = [Renewal(each, "") if is_renewal else Withdrawal(each) for each in ids]
    return _keep(_Waiting(lines, range(1, len(ids) + 1), is_renewal=is_renewal))


@bulk.get(_PREVIEW)
def look() -> Response:
    """What would be done, line by line, before it is done."""
    kept = find_kept()
    waiting = _waiting(kept)
    if kept is None or waiting is None:
        return _over()
    form = BulkForm(_typed(kept), _SEEN)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    preview = grants_here().preview_lines(_until(waiting, _day(form.end.data) or _next_year()))
    lines = list(zip(waiting.rows, preview.lines, strict=True))
    faults = [(row, line.named, _told(line.problem)) for row, line in lines if line.problem]
    faults += [(row, None, told) for row, told in waiting.faults]
    return make_response(
        render_template(
            "console/grant_bulk_preview.html",
            form=form,
            waiting=waiting,
            faults=sorted(faults, key=lambda fault: fault[0]),
            lines=[(row, line) for row, line in lines if not line.problem][:_MOST_SHOWN],
            count=len(lines) + len({row for row, _ in waiting.faults}),
            reaches=preview.reaches,
            done=None if faults else preview.done,
            action=request.full_path,
            list_url=LIST_PATH,
            bulk_url=BULK_PATH,
        )
    )


@bulk.post(_PREVIEW)
def carry_out() -> Response:
    """Do all of it, or nothing. Whoever comes second is told so."""
    form = BulkForm.sent()
    waiting = _waiting(take_kept())
    if waiting is None or waiting.faults:
        return _over()
    for fault in _faults(form, waiting):
        form.refuse(*fault)
    if form.faults:
        return _again(waiting, form)
    try:
        done = grants_here().do_lines(_until(waiting, form.end.data), form.reason.data)
    except Invalid as error:
        # Something has changed since: the page says of each line what.
        form.refuse("", sentence(error))
        return _again(waiting, form)
    return show_once(_RESULT, {name: str(getattr(done, name)) for name in _DONE})


@bulk.get(_RESULT)
def show_result() -> Response:
    """What was done."""
    done = take_shown_once()
    if done is None:
        return redirect(LIST_PATH, 303)
    counts = {name: int(done.get(name, "0")) for name in _DONE}
    return make_response(
        render_template(
            "console/grant_bulk_result.html", done=counts, list_url=LIST_PATH, bulk_url=BULK_PATH
        )
    )


@bulk.get(f"{_TEMPLATE}.<any(xlsx,csv):form>")
def take_template(form: str) -> Response:
    """A sheet to fill in: the headings, and two lines that show how."""
    return send(template(language_here()), "xlsx" if form == "xlsx" else "csv", "mau-giao-quyen")


def _keep(waiting: _Waiting) -> Response:
    end = _next_year() if waiting.is_renewal else ""
    return go_on(_PREVIEW, _form_of(waiting, {"end": end, "reason": ""}))


def _form_of(waiting: _Waiting, typed: Mapping[str, str]) -> KeptForm:
    told = {
        **asdict(waiting),
        "lines": [as_json(line) for line in waiting.lines],
        "rows": list(waiting.rows),
    }
    return KeptForm({**typed, _WAITING: json.dumps(told, ensure_ascii=False)}, {})


def _waiting(kept: KeptForm | None) -> _Waiting | None:
    if kept is None or _WAITING not in kept.typed:
        return None
    told = json.loads(kept.typed[_WAITING])
    faults = [(row, sentence_) for row, sentence_ in told.pop("faults")]
    return _Waiting(lines=[from_json(each) for each in told.pop("lines")], faults=faults, **told)


def _until(waiting: _Waiting, end: str) -> Sequence[Line]:
    """The lines with the last day that was chosen for all that are renewed."""
    return [replace(each, end=end) if isinstance(each, Renewal) else each for each in waiting.lines]


def _typed(kept: KeptForm) -> dict[str, str]:
    return {name: kept.typed.get(name, "") for name in ("end", "reason")}


def _faults(form: ChangeForm, waiting: _Waiting) -> list[tuple[str, str]]:
    faults = []
    if waiting.is_renewal and not _day(form.typed["end"]):
        faults.append(("end", gettext("Choose a last day that is not over.")))
    if not form.typed["reason"].strip():
        faults.append(("reason", gettext("Enter the reason for this.")))
    return faults


def _day(text: str) -> str:
    return text if is_date(text) and text >= today().isoformat() else ""


def _next_year() -> str:
    return (today() + timedelta(days=365)).isoformat()


def _again(waiting: _Waiting, form: ChangeForm) -> Response:
    kept = _form_of(waiting, form.typed)
    return show_again(_PREVIEW, KeptForm(kept.typed, {}, form.faults))


def _over() -> Response:
    response = redirect(BULK_PATH, 303)
    leave_notice(response, "bulk_over")
    return response


def _told(error: AppError) -> str:
    return " ".join(filter(None, (sentence(error), advice(error))))
