"""``/xin-vao``."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import StringField

from directory.access.entering import ask_to_enter, find_open
from directory.access.errors import ENTRY_NOT_MISSING
from directory.authz import applications
from directory.authz.applications import Application
from directory.errors import AppError, Conflict, Invalid, TooMany
from directory.requests.errors import REQUEST_OPEN_ALREADY
from idp import paths
from idp.entry_requests.link import PARAMETER, application_of
from idp.sessions.cookies import current_session
from idp.sessions.person import read_signed_in
from idp.sessions.store import Session
from web.current import actor_here, current_installation
from web.error_pages import advice, sentence
from web.forms import ChangeForm
from web.i18n import N_


class EntryForm(ChangeForm):
    """What the person needs the application for."""

    reason = StringField(
        N_("What you need it for"),
        description=N_("Your task in the application; whoever decides reads it."),
        render_kw={"maxlength": 300},
    )


def ask() -> Response:
    """What it is asked for; or that it was asked already."""
    with current_installation().database.read() as tx:
        session = current_session(tx)
        if session is None:
            return redirect(paths.SIGN_IN, 303)
        return _page(tx, session, _application(tx, session), EntryForm({}, {}))


def send() -> Response:
    """Put it before whoever decides."""
    form = EntryForm.sent()
    installation = current_installation()
    with installation.database.read() as tx:
        session = current_session(tx)
        if session is None:
            return redirect(paths.SIGN_IN, 303)
        app = _application(tx, session)
    actor = actor_here(session.person_id, "")
    try:
        installation.database.retrying(lambda tx: ask_to_enter(tx, actor, app.id, form.reason.data))
    except Conflict as error:
        if error.declared is not REQUEST_OPEN_ALREADY:
            raise
    except (Invalid, TooMany) as error:
        return _refused(session, app, form, error)
    return redirect(f"{paths.HOME}#yeu-cau", 303)


def _application(tx: Connection, session: Session) -> Application:
    """The one the address is for. Raises Conflict where it is for nobody, or somebody else."""
    name = request.args.get(PARAMETER, "")
    found = application_of(current_installation().keyring, session.person_id, name)
    app = applications.find(tx, found) if found else None
    if app is None:
        raise Conflict(ENTRY_NOT_MISSING)
    return app


def _refused(session: Session, app: Application, form: EntryForm, error: AppError) -> Response:
    said = " ".join(filter(None, (sentence(error), advice(error))))
    form.refuse(str(error.params.get("field", "")), said)
    with current_installation().database.read() as tx:
        response = _page(tx, session, app, form)
    response.status_code = 422 if isinstance(error, Invalid) else 429
    return response


def _page(tx: Connection, session: Session, app: Application, form: EntryForm) -> Response:
    return make_response(
        render_template(
            "entry_request.html",
            person=read_signed_in(tx, session),
            application={"name": app.name},
            is_asked=find_open(tx, session.person_id, app.id) is not None,
            form=form,
            action=request.full_path,
            sign_out_url=paths.SIGN_OUT,
            home_url=paths.HOME,
        )
    )
