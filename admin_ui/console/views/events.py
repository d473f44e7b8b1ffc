"""``/nhat-ky``: what happened in one's branch, in sentences, one act a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField
from wtforms.widgets import DateInput

from admin_ui.console import page_sizes
from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.views.telling import language_here, told_acts
from admin_ui.console.visitor import events_here
from directory.audit.acts import ActQuestion, State
from directory.audit.kinds import Group
from directory.authz.permissions import AuditPermission
from directory.clock import day_begins, is_date, today, written
from directory.errors import Invalid, TooMany
from directory.ids import can_be_id, support_code
from directory.text import clean
from web.forms import Form, one_of, only, search_field
from web.i18n import N_, gettext, said

events = Blueprint("events", __name__)

LIST_PATH = "/nhat-ky"
EXPORT_PATH = f"{LIST_PATH}/xuat"
SCREEN = Screen(
    events,
    {
        "list_events": AuditPermission.READ,
        "take_away": AuditPermission.READ,
        "ask_why": AuditPermission.READ,
    },
    step_up={"take_away": LONG_LIST},
    menu=MenuEntry(N_("Audit log"), LIST_PATH, "clock", AuditPermission.READ),
)
_CODE = re.compile(r"[0-9a-f]{8}")

# What one may look for: name in the address → title and group of kinds.
SUBJECTS: Mapping[str, tuple[str, Group]] = {
    "nguoi-dung": (N_("People and agencies"), "people"),
    "dang-nhap": (N_("Sign-in and sessions"), "sign-in"),
    "vai-tro": (N_("Roles"), "roles"),
    "tu-choi": (N_("Refused actions"), "refused"),
    "ung-dung": (N_("Applications and tokens"), "applications"),
    "he-thong": (N_("System"), "system"),
}
RESULTS: Mapping[str, tuple[str, State]] = {
    "xong": (N_("Done"), "done"),
    "tu-choi": (N_("Refused"), "refused"),
    "chua-xong": (N_("No outcome yet"), "open"),
}


def as_code(typed: str | None) -> str:
    """A support code, from itself or from the whole id of a request; else nothing."""
    code = support_code(clean(typed or "").lower())
    return code if _CODE.fullmatch(code) else ""


# Whether accounts that a connector changed in a run are told one by one.
UNFOLDED: Mapping[str, bool] = {"co": True, "khong": False}


class EventFilter(Form):
    """What one may look for, as the address says it; what cannot be meant is not asked."""

    ten = search_field(N_("Name of a person, agency or application"))
    loai = SelectField(
        N_("Kind of event"),
        filters=[only(SUBJECTS.__contains__)],
        choices=one_of(N_("All kinds"), {name: title for name, (title, _) in SUBJECTS.items()}),
    )
    ket_qua = SelectField(
        N_("Result"),
        name="ket-qua",
        filters=[only(RESULTS.__contains__)],
        choices=one_of(N_("All results"), {name: title for name, (title, _) in RESULTS.items()}),
    )
    tu = StringField(N_("From day"), filters=[only(is_date)], widget=DateInput())
    ma = StringField(
        N_("Support code"),
        description=N_("The eight characters at the end of an error page."),
        filters=[as_code],
        render_kw={"maxlength": 40, "autocapitalize": "none", "spellcheck": "false"},
    )
    den = StringField(N_("To day"), filters=[only(is_date)], widget=DateInput())
    dot = HiddenField(filters=[only(can_be_id)])
    tung = HiddenField(name="tung-tai-khoan", filters=[only(UNFOLDED.__contains__)])


@events.get(LIST_PATH)
def list_events() -> Response:
    """A page of the log, newest first; the address holds all of the question."""
    form = EventFilter(_given())
    for day in (form.tu, form.den):
        day.render_kw = {"max": today().isoformat()}
    asked = {field.name: field.data for field in form}
    before = request.args.get("truoc", "")
    before = before if can_be_id(before) else ""
    size = page_sizes.asked(LIST_PATH)
    question = _question(asked, before)
    page = events_here().page(question, asked["ten"], language_here(), size)
    is_backwards = bool(asked["tu"] and asked["den"] and asked["tu"] > asked["den"])
    response = make_response(
        render_template(
            "console/events.html",
            days=told_acts(page.acts, page.names),
            page=page,
            form=form,
            is_filtered=any(asked.values()),
            is_backwards=is_backwards,
            all_url=LIST_PATH,
            is_unfolded=page.is_unfolded,
            hides_else=sum(bool(act.first.part_of) for act in page.acts) * 2 > len(page.acts),
            fold_url=_url({**asked, form.tung.name: "khong" if page.is_unfolded else "co"}),
            newest_url=_url(asked) if before else "",
            older_url=_url({**asked, "truoc": page.older}) if page.older else "",
            export_url=_url(asked, EXPORT_PATH),
            size_links=page_sizes.links(
                size, lambda chosen: _url({**asked, page_sizes.NAME: str(chosen)})
            ),
        )
    )
    page_sizes.remember(response, LIST_PATH, size)
    return response


@events.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole log of the address as a file."""
    export, form = export_asked_for(), EventFilter(_given())
    asked = {field.name: field.data for field in form}
    question = _question(asked, "")
    try:
        listing = events_here().take_away(question, asked["ten"], _filter_told(form), export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "nhat-ky")


@events.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long stretch of the log."""
    asked = {field.name: field.data for field in EventFilter(_given())}
    return reason_page(
        format_of_address(),
        title=gettext("Export the audit log"),
        list_name=gettext("Audit log"),
        list_url=_url(asked),
        export_url=_url(asked, EXPORT_PATH),
        count="",
    )


def _filter_told(form: EventFilter) -> str:
    """What the log is filtered by, as its form says it."""
    told = [f"“{form.ten.data}”"] if form.ten.data else []
    if form.dot.data:
        told.append(gettext("One run of a connector"))
    if form.ma.data:
        told.append(f"{said(form.ma.label.text)}: {form.ma.data}")
    for field, choices in ((form.loai, SUBJECTS), (form.ket_qua, RESULTS)):
        if field.data:
            title, _ = choices[field.data]
            told.append(f"{said(field.label.text)}: {said(title)}")
    for day in (form.tu, form.den):
        if day.data:
            told.append(f"{said(day.label.text)} {written(day.data)}")
    return "; ".join(told)


def _given() -> MultiDict[str, str]:
    given = MultiDict((name, clean(value)) for name, value in request.args.items())
    # The address of earlier versions, which people have kept.
    given["ten"] = given.get("ten") or given.get("nguoi", "")
    return given


def _question(asked: Mapping[str, str], before: str) -> ActQuestion:
    return ActQuestion(
        group=SUBJECTS[asked["loai"]][1] if asked["loai"] else "",
        state=RESULTS[asked["ket-qua"]][1] if asked["ket-qua"] else "",
        since=day_begins(date.fromisoformat(asked["tu"])) if asked["tu"] else 0,
        until=_end_of(asked["den"]) if asked["den"] else 0,
        before=before,
        code=asked["ma"],
        run=asked["dot"],
        unfolds=UNFOLDED.get(asked["tung-tai-khoan"]),
    )


def _end_of(day: str) -> int:
    last = date.fromisoformat(day)
    if last == date.max:
        return 0
    return day_begins(last + timedelta(days=1))


def _url(parameters: Mapping[str, str], path: str = LIST_PATH) -> str:
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{path}?{query}" if query else path
