"""``/danh-muc``: the shared lists of codes, who keeps them, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField

from admin_ui.console import page_sizes
from admin_ui.console.code_forms import (
    EMPTY,
    CodeClosingForm,
    CodeForm,
    CodeListForm,
    values_of,
)
from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.numbered_lists import address, numbered
from admin_ui.console.pages import grouped, leave_notice, page_number
from admin_ui.console.place_choices import names_of
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.visitor import code_lists_here
from directory.access.code_lists import CodeQuestion, ShownCode
from directory.authz.code_lists import CodeList
from directory.authz.codes import CodeValue
from directory.authz.errors import CODE_LIST_UNKNOWN
from directory.authz.permissions import CodePermission
from directory.clock import today
from directory.errors import AppError, Conflict, Invalid, NotFound, TooMany
from web.forms import ChangeForm, Form, one_of, only, search_field
from web.i18n import N_, gettext, said

code_lists = Blueprint("code_lists", __name__)

PATH = "/danh-muc"
SCREEN = Screen(
    code_lists,
    {
        "list_lists": CodePermission.READ,
        "list_codes": CodePermission.READ,
        "take_away": CodePermission.READ,
        "ask_why": CodePermission.READ,
        "show": CodePermission.READ,
        "describe_new": CodePermission.WRITE,
        "add": CodePermission.WRITE,
        "edit": CodePermission.WRITE,
        "change": CodePermission.WRITE,
        "ask_end": CodePermission.WRITE,
        "end": CodePermission.WRITE,
        "describe_list": CodePermission.ASSIGN,
        "assign": CodePermission.ASSIGN,
    },
    step_up={"take_away": LONG_LIST},
    menu=MenuEntry(N_("Shared lists"), PATH, "folder", CodePermission.READ),
)
WORDS: Mapping[str, CodeList] = {
    "chuc-danh": "title",
    "ngach": "rank",
    "don-vi-hanh-chinh": "admin-unit",
    "linh-vuc": "field",
    "thu-tuc": "procedure",
}
_WORD_OF: Mapping[str, str] = {name: word for word, name in WORDS.items()}
OF_ONE = f"{PATH}/<word>"
_CODE = "/ma/<code>"
_MOST_SUGGESTED = 500  # codes above


class CodeFilter(Form):
    """Which codes are looked for, as the address says it."""

    tim = search_field(N_("Code or name"), N_("Code or name…"))
    het = SelectField(
        N_("State"),
        filters=[only("1".__eq__)],
        choices=one_of(N_("Valid, or will be"), {"1": N_("Those that are over too")}),
    )


@code_lists.get(PATH)
def list_lists() -> Response:
    """Which lists there are."""
    return make_response(
        render_template("console/code_lists.html", lists=code_lists_here().all(), path_of=list_path)
    )


@code_lists.get(OF_ONE)
def list_codes(word: str) -> Response:
    """The codes of one list; the address holds all of the question."""
    path = f"{PATH}/{word}"
    form = CodeFilter(request.args)
    asked = {field.name: field.data for field in form}
    question = _question(word, asked, page_number(), page_sizes.asked(path))
    page = code_lists_here().page(question)
    return numbered(
        "console/codes.html",
        path,
        lines=len(page.codes),
        total=page.total,
        asked=asked,
        form=form,
        page=page,
        shown=page.shown,
        is_filtered=any(asked.values()),
        list_url=PATH,
        all_url=path,
        path_of=lambda code: code_path(list_of(word), code),
        today=today().isoformat(),
        export_url=address(f"{path}/xuat", asked),
    )


@code_lists.post(f"{OF_ONE}/xuat")
def take_away(word: str) -> Response:
    """The whole list of the address as a file."""
    export = export_asked_for()
    asked = {field.name: field.data for field in CodeFilter(request.args)}
    try:
        told = _filter_told(asked)
        listing = code_lists_here().take_away(_question(word, asked), told, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, word)


@code_lists.get(f"{OF_ONE}/xuat")
def ask_why(word: str) -> Response:
    """The page that asks for the reason of a long list."""
    path = f"{PATH}/{word}"
    asked = {field.name: field.data for field in CodeFilter(request.args)}
    page = code_lists_here().page(_question(word, asked, 1, 1))
    return reason_page(
        format_of_address(),
        title=gettext("Export the list"),
        list_name=said(page.shown.kind.title),
        list_url=address(path, asked),
        export_url=address(f"{path}/xuat", asked),
        count=grouped(page.total),
    )


@code_lists.get(f"{OF_ONE}{_CODE}")
def show(word: str, code: str) -> Response:
    """One code."""
    shown = code_lists_here().show(list_of(word), code)
    log_url = "/nhat-ky?" + urlencode({"loai": "vai-tro"})
    return _page("console/code.html", shown, log_url=log_url)


@code_lists.get(f"{OF_ONE}/them")
def describe_new(word: str) -> Response:
    """The form of a new code."""
    name = list_of(word)
    code_lists_here().require_change(name)
    kept = find_kept() or KeptForm(EMPTY, EMPTY)
    return _form("console/code_edit.html", _filled(CodeForm, kept), name, is_new=True)


@code_lists.post(f"{OF_ONE}/them")
def add(word: str) -> Response:
    """Put it on the list."""
    form = CodeForm.sent()
    assert isinstance(form, CodeForm)  # noqa: S101 - narrows the type
    try:
        value = form.value(list_of(word))
        code_lists_here().add(value)
    except (Invalid, Conflict) as error:
        return show_refused(f"{PATH}/{word}/them", form, error)
    return _told(code_path(value.list, value.code), "code_put")


@code_lists.get(f"{OF_ONE}{_CODE}/sua")
def edit(word: str, code: str) -> Response:
    """What is said of a code, to be changed."""
    shown = _for_change(word, code)
    now = values_of(shown.value)
    kept = _seeing_now(now, find_kept())
    return _form("console/code_edit.html", _filled(CodeForm, kept), shown.value.list, shown=shown)


@code_lists.post(f"{OF_ONE}{_CODE}/sua")
def change(word: str, code: str) -> Response:
    """Say something else of it."""
    form = CodeForm.sent()
    assert isinstance(form, CodeForm)  # noqa: S101 - narrows the type
    path = code_path(list_of(word), code)
    try:
        code_lists_here().change(list_of(word), code, form.said(), _version(form))
    except (Invalid, Conflict) as error:
        return show_refused(f"{path}/sua", form, error)
    return _told(path, "saved")


@code_lists.get(f"{OF_ONE}{_CODE}/het-hieu-luc")
def ask_end(word: str, code: str) -> Response:
    """What ending a code does, before it is done."""
    shown = _for_change(word, code)
    value = shown.value
    now = {"valid_to": value.valid_to, "basis": "", "version": str(value.version)}
    return _page(
        "console/code_end.html", shown, form=_filled(CodeClosingForm, _seeing_now(now, find_kept()))
    )


@code_lists.post(f"{OF_ONE}{_CODE}/het-hieu-luc")
def end(word: str, code: str) -> Response:
    """End it."""
    form = CodeClosingForm.sent()
    code_lists_here().require_change(list_of(word))
    path = code_path(list_of(word), code)
    typed = form.typed
    try:
        if not typed["valid_to"]:
            form.refuse("valid_to", gettext("Enter the last day, like 31/12/2026."))
            return show_refused(f"{path}/het-hieu-luc", form)
        code_lists_here().close(
            list_of(word), code, typed["valid_to"], typed["basis"], _version(form)
        )
    except (Invalid, Conflict) as error:
        return show_refused(f"{path}/het-hieu-luc", form, error)
    return _told(path, "saved")


@code_lists.get(f"{OF_ONE}/giao")
def describe_list(word: str) -> Response:
    """Whose the list is, to be changed."""
    shown = code_lists_here().show_list(list_of(word))
    state = shown.state
    now = {"owner": state.owner_agency_id, "closed": "1" if state.is_closed else ""}
    form = _filled(CodeListForm, find_kept() or KeptForm(now, now))
    form["owner"].choices = one_of(gettext("The province"), names_of(code_lists_here().owners()))
    return make_response(
        render_template(
            "console/code_list_set.html",
            shown=shown,
            form=form,
            list_url=PATH,
            path=f"{PATH}/{word}",
        )
    )


@code_lists.post(f"{OF_ONE}/giao")
def assign(word: str) -> Response:
    """Say whose it is."""
    form = CodeListForm.sent()
    path = f"{PATH}/{word}"
    try:
        code_lists_here().assign(list_of(word), form.typed["owner"], form.typed["closed"] == "1")
    except AppError as error:
        if error.declared.code != "agency.unknown":
            raise
        return show_refused(f"{path}/giao", form, error)
    return _told(path, "saved")


def list_of(word: str) -> CodeList:
    """The list that addresses call so. Raises NotFound."""
    if word not in WORDS:
        raise NotFound(CODE_LIST_UNKNOWN)
    return WORDS[word]


def list_path(name: str) -> str:
    """Where a list is shown."""
    return f"{PATH}/{_WORD_OF[name]}"


def code_path(name: str, code: str) -> str:
    """Where a code is shown."""
    return f"{list_path(name)}/ma/{code}"


def _question(word: str, asked: Mapping[str, str], page: int = 1, size: int = 50) -> CodeQuestion:
    return CodeQuestion(list_of(word), asked["tim"], bool(asked["het"]), page, size)


def _filter_told(asked: Mapping[str, str]) -> str:
    told = [f"“{asked['tim']}”" if asked["tim"] else ""]
    if asked["het"]:
        told.append(gettext("Those that are over too"))
    return "; ".join(filter(None, told))


def _for_change(word: str, code: str) -> ShownCode:
    """A code that may be changed: by this visitor, and at all."""
    code_lists_here().require_change(list_of(word))
    shown = code_lists_here().show(list_of(word), code)
    if shown.is_over:
        abort(404)
    return shown


def _seeing_now(now: Mapping[str, str], kept: KeptForm | None) -> KeptForm:
    """Whoever saves once more has seen what it says now."""
    if kept is None:
        return KeptForm(now, now)
    return KeptForm({**kept.typed, "version": now["version"]}, now, kept.errors)


def _version(form: ChangeForm) -> int:
    typed = form.typed["version"]
    return int(typed) if typed.isascii() and typed.isdigit() else -1


def _filled(of: type[ChangeForm], kept: KeptForm) -> ChangeForm:
    form = of(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return form


def _suggested(name: CodeList) -> Sequence[CodeValue]:
    return code_lists_here().choices_above(name)[:_MOST_SUGGESTED]


def _form(template: str, form: ChangeForm, name: CodeList, **more: object) -> Response:
    return make_response(
        render_template(
            template,
            form=form,
            shown_list=code_lists_here().show_list(name),
            suggested=_suggested(name),
            list_url=PATH,
            codes_url=list_path(name),
            **more,
        )
    )


def _page(template: str, shown: ShownCode, **more: object) -> Response:
    name = shown.value.list
    return make_response(
        render_template(
            template,
            shown=shown,
            value=shown.value,
            list_url=PATH,
            codes_url=list_path(name),
            path=code_path(name, shown.value.code),
            above_url=code_path(shown.above.list, shown.above.code) if shown.above else "",
            today=today().isoformat(),
            **more,
        )
    )


def _told(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response
