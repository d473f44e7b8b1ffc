"""``/ket-noi/<…>/ghep``: whose the accounts could be that were there before, and who says so."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField

from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen
from admin_ui.console.views.connectors import LIST_PATH, may_change, path_of
from admin_ui.console.visitor import connectors_here
from directory.errors import Conflict, Invalid
from sync.engine.permissions import ConnectorPermission
from web.forms import ChangeForm, read_fields
from web.i18n import N_

matching = Blueprint("connector_matching", __name__)
SCREEN = Screen(
    matching,
    {
        "list_candidates": ConnectorPermission.READ,
        "confirm": ConnectorPermission.WRITE,
        "confirm_certain": ConnectorPermission.WRITE,
        "ask_refusal": ConnectorPermission.WRITE,
        "refuse": ConnectorPermission.WRITE,
        "take_back": ConnectorPermission.WRITE,
    },
    under="connectors",
)


class PairForm(ChangeForm):
    """Why an account is not a person's."""

    reason = StringField(
        N_("Reason"),
        description=N_("For example: another person of the same name. The audit log keeps it."),
        render_kw={"maxlength": 300},
    )


@matching.get(f"{LIST_PATH}/<name>/ghep")
def list_candidates(name: str) -> Response:
    """Whose the accounts could be that were there before, and what was said of whose they are
    not."""
    found = connectors_here().candidates(name)
    return make_response(
        render_template(
            "console/connector_matching.html",
            opened=found.opened,
            unknown=found.unknown,
            candidates=found.candidates,
            refusals=found.refusals,
            certain=sum(each.candidate.confidence == "high" for each in found.candidates),
            may_change=may_change(found.opened),
            list_url=LIST_PATH,
            path=path_of(name),
            refusal_url=_refusal_url,
        )
    )


@matching.post(f"{LIST_PATH}/<name>/ghep")
def confirm(name: str) -> Response:
    """Say that an account is a person's."""
    sent = read_fields(("person", "account"))
    try:
        connectors_here().confirm(name, sent["person"], sent["account"])
    except Conflict:
        return _told(name, "same")
    return _told(name, "matched")


@matching.post(f"{LIST_PATH}/<name>/ghep/chac-chan")
def confirm_certain(name: str) -> Response:
    """Say so of all whose user name and work address are one person's."""
    read_fields(())
    count = connectors_here().confirm_certain(name)
    return _told(name, "matched" if count else "same")


@matching.get(f"{LIST_PATH}/<name>/ghep/khong-phai")
def ask_refusal(name: str) -> Response:
    """Why the account is not theirs."""
    person_id, remote_id = _pair()
    opened, login = connectors_here().open_pair(name, person_id, remote_id)
    kept = find_kept() or KeptForm({}, {})
    form = PairForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/connector_refusal.html",
            opened=opened.opened,
            person=opened.person,
            login=login or remote_id,
            form=form,
            action=_refusal_url(name, person_id, remote_id),
            list_url=LIST_PATH,
            path=path_of(name),
        )
    )


@matching.post(f"{LIST_PATH}/<name>/ghep/khong-phai")
def refuse(name: str) -> Response:
    """Say that an account is not a person's: it is not proposed again."""
    form = PairForm.sent()
    person_id, remote_id = _pair()
    try:
        changed = connectors_here().refuse_pair(name, person_id, remote_id, form.reason.data)
    except Invalid as error:
        return show_refused(_refusal_url(name, person_id, remote_id), form, error)
    return _told(name, "pair_refused" if changed else "same")


@matching.post(f"{LIST_PATH}/<name>/ghep/rut-lai")
def take_back(name: str) -> Response:
    """Let it be proposed again."""
    sent = read_fields(("person", "account"))
    changed = connectors_here().take_refusal_back(name, sent["person"], sent["account"])
    return _told(name, "pair_back" if changed else "same")


def _pair() -> tuple[str, str]:
    return request.args.get("nguoi", ""), request.args.get("tai-khoan", "")


def _refusal_url(name: str, person_id: str, remote_id: str) -> str:
    asked = urlencode({"nguoi": person_id, "tai-khoan": remote_id})
    return f"{path_of(name)}/ghep/khong-phai?{asked}"


def _told(name: str, notice: str) -> Response:
    response = redirect(f"{path_of(name)}/ghep", 303)
    leave_notice(response, notice)
    return response
