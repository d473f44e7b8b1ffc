"""``/phien``: signing people out by force, with what that does said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import MenuEntry, Screen, StepUp
from admin_ui.console.visitor import current_visitor, sign_outs_here
from directory.errors import Conflict, Invalid, Words
from idp.logout.handles import MOST_REASON_CHARS, Target, Whose
from idp.logout.permissions import SessionPermission
from web.forms import ChangeForm, Form, one_of, trimmed
from web.i18n import N_

sign_outs = Blueprint("sign_outs", __name__)

PATH = "/phien"
SCREEN = Screen(
    sign_outs,
    {"describe": SessionPermission.END, "end": SessionPermission.END},
    menu=MenuEntry(N_("Sessions"), PATH, "key", SessionPermission.END),
    step_up={"end": StepUp(N_("Sign people out"))},
)
_LONGEST_ID = 128
# What the address calls each, in the order in which one counts.
_WHOSE: Mapping[str, Whose] = {"nguoi": "person", "noi": "agency", "ung-dung": "application"}


class TargetForm(Form):
    """Whose sessions are meant, as the address says it."""

    noi = SelectField(
        N_("Agency and all under it"),
        filters=[trimmed(_LONGEST_ID)],
        choices=[],
        validate_choice=False,
    )
    ung_dung = SelectField(
        N_("Whoever is in the application"),
        name="ung-dung",
        filters=[trimmed(_LONGEST_ID)],
        choices=[],
        validate_choice=False,
    )


class ReasonForm(ChangeForm):
    """Why they are signed out."""

    reason = StringField(
        N_("Reason"),
        description=N_("For example: a computer was lost. The log keeps it."),
        render_kw={"maxlength": MOST_REASON_CHARS},
    )


@sign_outs.get(PATH)
def describe() -> Response:
    """What may be chosen, and what ending it would do."""
    handle, target = sign_outs_here(), _target()
    effects = handle.foresee(target) if target is not None else None
    form = TargetForm(request.args)
    if target is None:
        choices = handle.choices()
        form.noi.choices = one_of(N_("Choose"), _as_words(choices.places))
        form.ung_dung.choices = one_of(N_("Choose"), _as_words(choices.applications))
    kept = find_kept() or KeptForm({}, {})
    reason = ReasonForm({"reason": "", **kept.typed}, {"reason": ""})
    for each in kept.errors:
        reason.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/sign_outs.html",
            form=form,
            reason=reason,
            target=target,
            effects=effects,
            path=PATH,
            end_path=_path_of(target) if target is not None else "",
        )
    )


@sign_outs.post(PATH)
def end() -> Response:
    """End them."""
    handle, target = sign_outs_here(), _target()
    if target is None:
        return redirect(PATH, 303)
    form = ReasonForm.sent()
    try:
        handle.end(target, form.typed["reason"])
    except (Invalid, Conflict) as error:
        return show_refused(_path_of(target), form, error)
    response = redirect(_path_of(target), 303)
    leave_notice(response, "signed_out")
    return response


def sign_out_url(whose: Whose, target_id: str) -> str:
    """Where the sessions of a person, a place or an application are ended, and what that does is
    said first; empty for a visitor who may not."""
    may = current_visitor().may(SessionPermission.END)
    return _path_of(Target(whose, target_id)) if may else ""


def _path_of(target: Target) -> str:
    name = next(name for name, whose in _WHOSE.items() if whose == target.whose)
    return f"{PATH}?{urlencode({name: target.id})}"


def _target() -> Target | None:
    for name, whose in _WHOSE.items():
        if asked := request.args.get(name, "").strip()[:_LONGEST_ID]:
            return Target(whose, asked)
    return None


def _as_words(named: Sequence[tuple[str, str]]) -> Mapping[str, Words]:
    return {each: Words(name, name) for each, name in named}
