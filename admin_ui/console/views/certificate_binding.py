"""A certificate in a key device is bound to somebody who stands at the counter, or taken away."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField

from admin_ui.console.kept_forms import KeptForm, find_kept, show_again, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen, StepUp
from admin_ui.console.views.people import LIST_PATH
from admin_ui.console.visitor import certificates_here
from directory.errors import Conflict, Invalid
from idp.factors.certificate.handles import LONGEST
from idp.factors.certificate.permissions import CertificatePermission
from idp.factors.permissions import FactorPermission
from web.error_pages import advice, sentence
from web.forms import ChangeForm
from web.i18n import N_

binding = Blueprint("certificate_binding", __name__)

_MOST_REASON_CHARS: Final = 300
SCREEN = Screen(
    binding,
    {
        "describe": CertificatePermission.BIND,
        "bind": CertificatePermission.BIND,
        "ask_removal": FactorPermission.RESET,
        "remove": FactorPermission.RESET,
    },
    step_up={
        "bind": StepUp(N_("Bind a certificate")),
        "remove": StepUp(N_("Take a certificate away")),
    },
    under="people",
)


class RemovalForm(ChangeForm):
    """Why a certificate is taken away."""

    reason = StringField(
        N_("Reason"),
        description=N_("For example: device lost, new one bound. The log keeps it."),
        render_kw={"maxlength": _MOST_REASON_CHARS},
    )


@binding.get(f"{LIST_PATH}/<person_id>/chung-thu")
def describe(person_id: str) -> Response:
    """Where the file of a certificate is chosen, for somebody who stands at the counter."""
    shown = certificates_here().show(person_id)
    kept = find_kept() or KeptForm({}, {})
    return make_response(
        render_template(
            "console/certificate_bind.html",
            shown=shown,
            person=shown.person,
            errors=kept.errors,
            reason=kept.typed.get("reason", ""),
            most_chars=_MOST_REASON_CHARS,
            list_url=LIST_PATH,
            person_url=f"{LIST_PATH}/{shown.person.id}",
            path=_path(person_id),
        )
    )


@binding.post(f"{LIST_PATH}/<person_id>/chung-thu")
def bind(person_id: str) -> Response:
    """It is theirs from now on."""
    sent = request.files.get("tep")
    content = sent.read(LONGEST + 1) if sent is not None else b""
    reason = request.form.get("reason", "")[:_MOST_REASON_CHARS]
    try:
        certificates_here().bind(person_id, content, reason)
    except (Invalid, Conflict) as error:
        field = str(error.params.get("field", ""))
        told = " ".join(filter(None, (sentence(error), advice(error))))
        kept = KeptForm({"reason": reason}, {}, [{"field": field, "message": told}])
        return show_again(_path(person_id), kept)
    response = redirect(f"{LIST_PATH}/{person_id}", 303)
    leave_notice(response, "certificate_bound")
    return response


@binding.get(f"{LIST_PATH}/<person_id>/chung-thu/<certificate_id>/go")
def ask_removal(person_id: str, certificate_id: str) -> Response:
    """What follows, before it is done."""
    person, shown = certificates_here().show_one(person_id, certificate_id)
    kept = find_kept() or KeptForm({}, {})
    form = RemovalForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/certificate_removal.html",
            shown=shown,
            person=person,
            form=form,
            list_url=LIST_PATH,
            person_url=f"{LIST_PATH}/{person.id}",
            path=_removal_path(person_id, certificate_id),
        )
    )


@binding.post(f"{LIST_PATH}/<person_id>/chung-thu/<certificate_id>/go")
def remove(person_id: str, certificate_id: str) -> Response:
    """It signs them in no more."""
    form = RemovalForm.sent()
    try:
        certificates_here().remove(person_id, certificate_id, form.reason.data)
    except (Invalid, Conflict) as error:
        return show_refused(_removal_path(person_id, certificate_id), form, error)
    response = redirect(f"{LIST_PATH}/{person_id}", 303)
    leave_notice(response, "certificate_removed")
    return response


def _removal_path(person_id: str, certificate_id: str) -> str:
    return f"{_path(person_id)}/{certificate_id}/go"


def _path(person_id: str) -> str:
    return f"{LIST_PATH}/{person_id}/chung-thu"
