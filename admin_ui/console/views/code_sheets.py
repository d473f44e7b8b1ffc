"""``/danh-muc/…/tep``: codes put on a shared list from a sheet, looked at first."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.exporting import send
from admin_ui.console.kept_forms import KeptForm, find_kept, go_on, show_again, take_kept, told
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen
from admin_ui.console.views.code_lists import OF_ONE, PATH, list_of, list_path
from admin_ui.console.views.telling import language_here
from admin_ui.console.visitor import code_lists_here
from directory.access.code_list_sheet import (
    MOST_BODY_BYTES,
    MOST_LINES,
    MOST_MEGABYTES,
    SheetCode,
    template,
)
from directory.authz.codes import CodeValue
from directory.authz.permissions import CodePermission
from directory.errors import Conflict, Invalid
from web.forms import read_fields
from web.request import accepts_body_of

code_sheets = Blueprint("code_sheets", __name__)
SCREEN = Screen(
    code_sheets,
    {
        "ask_sheet": CodePermission.WRITE,
        "read": CodePermission.WRITE,
        "look": CodePermission.WRITE,
        "carry_out": CodePermission.WRITE,
        "take_template": CodePermission.WRITE,
    },
    under="code_lists",
)
_SHEET = f"{OF_ONE}/tep"
_MOST_SHOWN = 100  # lines that change something; those at fault are all shown
_MOST_PASTED = 500_000  # characters
_WAITING = "waiting"


@code_sheets.get(_SHEET)
def ask_sheet(word: str) -> Response:
    """Where a sheet is chosen or lines are pasted."""
    name = list_of(word)
    code_lists_here().require_change(name)
    kept = find_kept() or KeptForm({}, {})
    path = _path(word)
    return make_response(
        render_template(
            "console/code_sheet.html",
            shown=code_lists_here().show_list(name),
            errors=kept.errors,
            pasted=kept.typed.get("pasted", ""),
            path=path,
            template_path=f"{path}/mau",
            list_url=PATH,
            codes_url=list_path(name),
            most_lines=MOST_LINES,
            most_megabytes=MOST_MEGABYTES,
        )
    )


@code_sheets.post(_SHEET)
@accepts_body_of(MOST_BODY_BYTES)
def read(word: str) -> Response:
    """Read the sheet, and go on to look at what it would do."""
    sent = request.files.get("tep")
    raw = sent.read() if sent is not None else b""
    pasted = request.form.get("pasted", "")[:_MOST_PASTED]
    try:
        sheet = code_lists_here().read_sheet(list_of(word), raw, pasted)
    except Invalid as error:
        field = str(error.params.get("field", "tep" if raw else "pasted"))
        kept = KeptForm({"pasted": pasted}, {}, [{"field": field, "message": told(error)}])
        return show_again(_path(word), kept)
    waiting = {
        "lines": [_as_json(line) for line in sheet.lines if line.act in ("add", "change")],
        "same": sum(line.act == "same" for line in sheet.lines),
        "faults": [(line.row, told(problem)) for line in sheet.lines for problem in line.problems],
        "unknown": list(sheet.unknown),
    }
    return go_on(f"{_path(word)}/xem", _kept(waiting))


@code_sheets.get(f"{_SHEET}/xem")
def look(word: str) -> Response:
    """What would be done, before it is done."""
    name, kept = list_of(word), find_kept()
    code_lists_here().require_change(name)
    if kept is None or _WAITING not in kept.typed:
        return _over(word)
    waiting = json.loads(kept.typed[_WAITING])
    lines = [_from_json(each) for each in waiting["lines"]]
    counts = Counter(line.act for line in lines)
    counts["same"], counts["fault"] = waiting["same"], len(waiting["faults"])
    return make_response(
        render_template(
            "console/code_sheet_preview.html",
            shown=code_lists_here().show_list(name),
            faults=waiting["faults"] + [(0, each["message"]) for each in kept.errors],
            lines=lines[:_MOST_SHOWN],
            changing=len(lines),
            counts=counts,
            unknown=waiting["unknown"],
            action=request.full_path,
            list_url=PATH,
            codes_url=list_path(name),
            sheet_url=_path(word),
        )
    )


@code_sheets.post(f"{_SHEET}/xem")
def carry_out(word: str) -> Response:
    """Put all of them on the list, or none. Whoever comes second is told so."""
    read_fields(())
    code_lists_here().require_change(list_of(word))
    kept = take_kept()
    waiting = json.loads(kept.typed[_WAITING]) if kept and _WAITING in kept.typed else None
    if waiting is None or waiting["faults"]:
        return _over(word)
    values = [_from_json(each).value for each in waiting["lines"]]
    try:
        code_lists_here().put_all(list_of(word), [value for value in values if value])
    except (Invalid, Conflict) as error:
        # Something has changed since.
        waiting["faults"] = [(0, told(error))]
        return go_on(f"{_path(word)}/xem", _kept(waiting))
    response = redirect(list_path(list_of(word)), 303)
    leave_notice(response, "codes_put")
    return response


@code_sheets.get(f"{_SHEET}/mau.<any(xlsx,csv):form>")
def take_template(word: str, form: str) -> Response:
    """A sheet to fill in."""
    kind = code_lists_here().require_change(list_of(word)).kind
    listing = template(kind, language_here())
    return send(listing, "xlsx" if form == "xlsx" else "csv", f"mau-{word}")


def _path(word: str) -> str:
    return f"{PATH}/{word}/tep"


def _kept(waiting: object) -> KeptForm:
    return KeptForm({_WAITING: json.dumps(waiting, ensure_ascii=False)}, {})


def _as_json(line: SheetCode) -> dict[str, object]:
    before = asdict(line.before) if line.before else None
    return {"row": line.row, "before": before, "value": asdict(line.value) if line.value else None}


def _from_json(kept: dict[str, dict[str, str] | None]) -> SheetCode:
    before, value = kept["before"], kept["value"]
    return SheetCode(
        int(str(kept["row"])),
        CodeValue(**before) if before else None,  # type: ignore[arg-type]
        CodeValue(**value) if value else None,  # type: ignore[arg-type]
    )


def _over(word: str) -> Response:
    response = redirect(_path(word), 303)
    leave_notice(response, "bulk_over")
    return response
