"""``/nguoi-dung/…/phieu``: giving somebody a slip, with what it does said before."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField

from admin_ui.console.kept_forms import (
    KeptForm,
    find_kept,
    show_once,
    show_refused,
    take_shown_once,
)
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen, StepUp
from admin_ui.console.views import requests as request_views
from admin_ui.console.views.people import LIST_PATH
from admin_ui.console.visitor import slips_here
from directory.errors import Conflict, Invalid, TooMany, Words
from idp.slips.errors import SLIP_TWO_PERSONS
from idp.slips.handles import GivenSlip, ShownSlips
from idp.slips.permissions import SlipPermission
from web.forms import ChangeForm, choices_of
from web.i18n import N_
from web.qr_code import picture_of

slips = Blueprint("slips", __name__)

SCREEN = Screen(
    slips,
    {
        "describe": SlipPermission.ISSUE,
        "issue": SlipPermission.ISSUE,
        "show_printed": SlipPermission.ISSUE,
        "revoke": SlipPermission.ISSUE,
    },
    under="people",
    step_up={"issue": StepUp(N_("Give somebody a slip"))},
)
_NAMES: Mapping[str, Words] = {
    "activate": Words("Kích hoạt: đặt mật khẩu", "Activation: set a password"),
    "help": Words(
        "Hỗ trợ tại quầy: mất điện thoại hoặc khóa truy cập",
        "Help at the counter: telephone or passkey lost",
    ),
}


class SlipForm(ChangeForm):
    """What the slip is for, and how it was made sure who gets it."""

    purpose = RadioField(
        N_("What the slip is for"),
        choices=choices_of(_NAMES),
        validate_choice=False,
    )
    reason = StringField(
        N_("How you made sure who gets it"),
        description=N_("For example: came to the counter, card seen. The log keeps it."),
        render_kw={"maxlength": 300},
    )


@slips.get(f"{LIST_PATH}/<person_id>/phieu")
def describe(person_id: str) -> Response:
    """What a slip would do, before there is one."""
    shown = slips_here().show(person_id)
    usual = {"purpose": _usual(shown), "reason": ""}
    kept = find_kept() or KeptForm(usual, usual)
    form = SlipForm({**usual, **kept.typed}, {**usual, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/slip_give.html",
            shown=shown,
            person=shown.person,
            form=form,
            names=_NAMES,
            list_url=LIST_PATH,
            person_url=f"{LIST_PATH}/{shown.person.id}",
            path=_path(person_id),
        )
    )


@slips.post(f"{LIST_PATH}/<person_id>/phieu")
def issue(person_id: str) -> Response:
    """Give it, and show it once; or ask a second person to agree."""
    form, path = SlipForm.sent(), _path(person_id)
    try:
        made = slips_here().issue(person_id, form.purpose.data, form.reason.data)
    except Invalid as error:
        return show_refused(path, form, error)
    except Conflict as error:
        if error.declared is not SLIP_TWO_PERSONS:
            raise
        return _ask(person_id, form)
    return show_once(f"{path}/in", _printed(made))


@slips.get(f"{LIST_PATH}/<person_id>/phieu/in")
def show_printed(person_id: str) -> Response:
    """The slip itself, on a page that is printed: shown once."""
    shown = slips_here().show(person_id)
    made = take_shown_once()
    if made is None:
        response = redirect(_path(person_id), 303)
        leave_notice(response, "slip_shown")
        return response
    return make_response(
        render_template(
            "console/slip.html",
            shown=shown,
            person=shown.person,
            code=made["code"],
            purpose=made["purpose"],
            expires_at=int(made["expires_at"]),
            picture=picture_of(made["url"]),
            address=made["url"].partition("#")[0],
            list_url=LIST_PATH,
            person_url=f"{LIST_PATH}/{shown.person.id}",
        )
    )


@slips.post(f"{LIST_PATH}/<person_id>/phieu/thu-hoi")
def revoke(person_id: str) -> Response:
    """It counts no more."""
    count = slips_here().revoke(person_id)
    response = redirect(_path(person_id), 303)
    leave_notice(response, "slip_revoked" if count else "slip_over")
    return response


def _ask(person_id: str, form: SlipForm) -> Response:
    try:
        request_id = slips_here().ask(person_id, form.purpose.data, form.reason.data)
    except (Invalid, TooMany) as error:
        return show_refused(_path(person_id), form, error)
    response = redirect(request_views.path_of(request_id), 303)
    leave_notice(response, "slip_asked")
    return response


def _printed(made: GivenSlip) -> Mapping[str, str]:
    return {
        "code": made.code,
        "url": made.url,
        "purpose": made.purpose,
        "expires_at": str(made.expires_at),
    }


def _usual(shown: ShownSlips) -> str:
    if shown.agreed:
        return shown.agreed[0]
    return "activate" if shown.person.status == "pending" else "help"


def _path(person_id: str) -> str:
    return f"{LIST_PATH}/{person_id}/phieu"
