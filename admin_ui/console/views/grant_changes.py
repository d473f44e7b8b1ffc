"""``/quyen/<…>/…``: renewing a grant and taking it back, with what that does shown first."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField

from admin_ui.console.give_form import DAY
from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen, StepUp
from admin_ui.console.views.grants import LIST_PATH, may_change, may_renew, path_of
from admin_ui.console.visitor import grants_here
from directory.access.handles import OpenedGrant
from directory.authz.errors import GRANT_ENDED, GRANT_READ_ONLY
from directory.authz.permissions import ADMIN_APPLICATION, GrantPermission
from directory.errors import Conflict, Forbidden, Invalid, TooMany
from web.forms import ChangeForm, DayField, optional
from web.i18n import N_

changes = Blueprint("grant_changes", __name__)


def _is_of_administration() -> bool:
    opened = grants_here().open((request.view_args or {})["grant_id"])
    return opened.named.grant.application_id == ADMIN_APPLICATION


SCREEN = Screen(
    changes,
    {
        "ask_renewal": GrantPermission.WRITE,
        "renew": GrantPermission.WRITE,
        "ask_withdrawal": GrantPermission.WRITE,
        "withdraw": GrantPermission.WRITE,
    },
    under="grants",
    step_up={
        "renew": StepUp(N_("Renew a role in the administration"), _is_of_administration),
        "withdraw": StepUp(N_("Take back a role in the administration"), _is_of_administration),
    },
)
_REASON_CHARS = 500


class RenewalForm(ChangeForm):
    """Another term for a grant."""

    end = DayField(
        N_("Last day"),
        description=N_("The role holds until the end of this day."),
        render_kw=DAY,
    )
    reason = StringField(
        N_("Reason"),
        description=N_("It is kept in the audit log, for example: goes on with the same work."),
        render_kw={"maxlength": _REASON_CHARS},
    )
    basis = StringField(
        N_("Legal basis"),
        [optional()],
        description=N_("Number and date of the decision or assignment."),
        render_kw={"maxlength": _REASON_CHARS},
    )


class WithdrawalForm(ChangeForm):
    """Why a grant is taken back."""

    reason = StringField(
        N_("Reason"),
        description=N_("It is kept in the audit log, for example a decision or a request."),
        render_kw={"maxlength": _REASON_CHARS},
    )


@changes.get(f"{LIST_PATH}/<grant_id>/gia-han")
def ask_renewal(grant_id: str) -> Response:
    """Another last day is proposed; one step renews it."""
    opened = grants_here().open(grant_id)
    path = path_of(opened.named.grant.id)
    if opened.ended is not None:
        return _ended_before(path)
    if not may_renew(opened):
        raise Forbidden(GRANT_READ_ONLY, reason=opened.change.reason)
    basis = opened.named.grant.basis
    first = {"end": opened.proposed_end, "reason": "", "basis": basis}
    kept = find_kept() or KeptForm(first, first)
    form = RenewalForm({**first, **kept.typed}, {**first, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return _page("console/grant_renewal.html", opened, form)


@changes.post(f"{LIST_PATH}/<grant_id>/gia-han")
def renew(grant_id: str) -> Response:
    """Give it for another term, or ask that it be."""
    form, path = RenewalForm.sent(), path_of(grant_id)
    try:
        given = grants_here().renew(
            grant_id, form.end.data, form.reason.data, basis=form.basis.data
        )
    except (Invalid, Forbidden, TooMany) as error:
        return show_refused(f"{path}/gia-han", form, error)
    except Conflict as error:
        if error.declared is GRANT_ENDED:
            return _ended_before(path)
        return show_refused(f"{path}/gia-han", form, error)
    if given.request_id:
        return _told(f"/yeu-cau/{given.request_id}", "renewal_asked")
    return _told(path_of(given.grant_id), "renewed")


@changes.get(f"{LIST_PATH}/<grant_id>/thu-hoi")
def ask_withdrawal(grant_id: str) -> Response:
    """Who loses what, before it is done."""
    opened = grants_here().open(grant_id)
    if opened.ended is not None:
        return _ended_before(path_of(opened.named.grant.id))
    if not may_change(opened):
        raise Forbidden(GRANT_READ_ONLY, reason=opened.change.reason)
    kept = find_kept() or KeptForm({}, {})
    form = WithdrawalForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return _page("console/grant_withdrawal.html", opened, form)


@changes.post(f"{LIST_PATH}/<grant_id>/thu-hoi")
def withdraw(grant_id: str) -> Response:
    """Take it back, at once."""
    form, path = WithdrawalForm.sent(), path_of(grant_id)
    try:
        grants_here().withdraw(grant_id, form.reason.data)
    except (Invalid, Forbidden) as error:
        return show_refused(f"{path}/thu-hoi", form, error)
    except Conflict as error:
        if error.declared is not GRANT_ENDED:
            raise
        return _ended_before(path)
    return _told(path, "withdrawn")


def _page(template: str, opened: OpenedGrant, form: ChangeForm) -> Response:
    return make_response(
        render_template(
            template,
            opened=opened,
            named=opened.named,
            grant=opened.named.grant,
            form=form,
            list_url=LIST_PATH,
            path=path_of(opened.named.grant.id),
        )
    )


def _ended_before(path: str) -> Response:
    """Whoever comes second is told that there is nothing left to do."""
    return _told(path, "ended_before")


def _told(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response
