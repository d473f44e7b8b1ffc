"""``/thong-bao``: what the operators tell everybody, now, later, and what they told."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response

from admin_ui.console import page_sizes
from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.notice_form import EMPTY, NoticeForm, values_of
from admin_ui.console.numbered_lists import numbered
from admin_ui.console.pages import leave_notice, page_number
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.visitor import notices_here
from directory.clock import now_ms
from directory.errors import Conflict, Invalid, TooMany
from directory.notices.errors import NOTICE_ENDED
from directory.notices.permissions import NoticePermission
from web.forms import read_fields
from web.i18n import N_
from web.notices import box_of

notices = Blueprint("notices", __name__)

LIST_PATH = "/thong-bao"
SCREEN = Screen(
    notices,
    {
        "list_standing": NoticePermission.WRITE,
        "list_ended": NoticePermission.WRITE,
        "describe_new": NoticePermission.WRITE,
        "put_up": NoticePermission.WRITE,
        "edit": NoticePermission.WRITE,
        "change": NoticePermission.WRITE,
        "take_down": NoticePermission.WRITE,
    },
    menu=MenuEntry(N_("Notices"), LIST_PATH, "information", NoticePermission.WRITE),
)
_NEW = f"{LIST_PATH}/them"
_ENDED = f"{LIST_PATH}/da-het"


@notices.get(LIST_PATH)
def list_standing() -> Response:
    """What is shown now, and what will be."""
    return _list("console/notices.html", notices=notices_here().standing())


@notices.get(_ENDED)
def list_ended() -> Response:
    """What nobody sees any more."""
    page = notices_here().ended(page_number(), page_sizes.asked(_ENDED))
    return numbered(
        "console/notices_ended.html",
        _ENDED,
        lines=len(page.notices),
        total=page.total,
        notices=page.notices,
        box_of=box_of,
        list_url=LIST_PATH,
    )


@notices.get(_NEW)
def describe_new() -> Response:
    """The form of a new notice."""
    return _form(find_kept() or KeptForm(EMPTY, EMPTY), "console/notice_new.html", _NEW)


@notices.post(_NEW)
def put_up() -> Response:
    """Put it up."""
    form = NoticeForm.sent()
    try:
        _, is_new = notices_here().put_up(form.terms())
    except (Invalid, TooMany) as error:
        return show_refused(_NEW, form, error)
    return _told("notice_put_up" if is_new else "same")


@notices.get(f"{LIST_PATH}/<notice_id>")
def edit(notice_id: str) -> Response:
    """A notice, to be changed or taken down."""
    shown = notices_here().show(notice_id)
    if shown.notice.is_over(now_ms()):
        raise Conflict(NOTICE_ENDED)
    now = values_of(shown.notice)
    kept = find_kept()
    # Whoever saves once more has seen what it says now.
    form = KeptForm({**kept.typed, "version": now["version"]}, now, kept.errors) if kept else None
    return _form(
        form or KeptForm(now, now), "console/notice_edit.html", _path(shown.notice.id), shown=shown
    )


@notices.post(f"{LIST_PATH}/<notice_id>")
def change(notice_id: str) -> Response:
    """Have it say something else."""
    form = NoticeForm.sent()
    before = notices_here().show(notice_id).notice
    path = _path(before.id)
    version = form.typed["version"]
    try:
        seen = int(version) if version.isascii() and version.isdigit() else 0
        changed = notices_here().change(before.id, form.terms(), seen)
    except (Invalid, TooMany) as error:
        return show_refused(path, form, error)
    except Conflict as error:
        if error.code == NOTICE_ENDED.code:
            return _told("notice_over")
        return show_refused(path, form, error)
    return _told("same" if changed.version == seen else "saved")


@notices.post(f"{LIST_PATH}/<notice_id>/go")
def take_down(notice_id: str) -> Response:
    """Show it nowhere any more."""
    before = notices_here().show(notice_id).notice
    read_fields(())
    try:
        notices_here().take_down(before.id)
    except Conflict:
        return _told("notice_over")
    return _told("notice_taken_down")


def _list(template: str, **more: object) -> Response:
    return make_response(
        render_template(
            template,
            box_of=box_of,
            now=now_ms(),
            list_url=LIST_PATH,
            ended_url=_ENDED,
            new_url=_NEW,
            path_of=_path,
            **more,
        )
    )


def _form(kept: KeptForm, template: str, path: str, **more: object) -> Response:
    form = NoticeForm({**EMPTY, **kept.typed}, {**EMPTY, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(template, form=form, list_url=LIST_PATH, path=path, **more)
    )


def _path(notice_id: str) -> str:
    return f"{LIST_PATH}/{notice_id}"


def _told(notice: str) -> Response:
    response = redirect(LIST_PATH, 303)
    leave_notice(response, notice)
    return response
