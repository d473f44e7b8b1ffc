"""``/bao-mat/ung-dung-xac-thuc``: people add and remove authenticator applications of theirs."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.log import person_tag, record
from directory.errors import Conflict, NotFound
from directory.projection import queries
from idp import paths
from idp.factors.held import Held, remove_stand_ins, require_another
from idp.factors.messages import AUTHENTICATOR, FACTOR_REMOVED, tell
from idp.factors.proof import current_factors, find_proved, may_begin
from idp.factors.totp import codes, enrolment_page, store
from idp.factors.totp.errors import TOTP_TOO_MANY, TOTP_UNKNOWN
from idp.factors.totp.events import TOTP_REMOVED
from idp.factors.totp.step import METHODS
from idp.flows import own_pages
from idp.sessions import store as sessions
from idp.sessions.assurance import acr_of
from idp.sessions.cookies import current_session, set_session_cookie
from idp.sessions.person import SignedIn, read_signed_in
from idp.sessions.store import Session
from web.current import actor_here, current_installation

PATH = f"{paths.SECURITY}/ung-dung-xac-thuc"


def show() -> Response:
    """What the application on the telephone is to be told, as a picture and as text."""
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        person, secret = _begin(tx, session)
    return enrolment_page.show(person, secret, **_FRAME)


def confirm() -> Response:
    """The code that the application shows: it has understood, and is the person's from now on."""
    code = codes.find_typed(request.form.get("code", ""))
    name = enrolment_page.read_name(request.form.get("name", ""))
    with current_installation().database.write() as tx:
        session = current_session(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        sid, person_id = session.sid, session.person_id
        if enrolment_page.finish(tx, sid, person_id, code, name, proved=session.acr):
            return _added(session, _raise_level(tx, session))
        # Looking for the telephone may have taken longer than a sign-in is fresh.
        is_begun = may_begin(tx, session) and store.is_begun(tx, sid, person_id)
        if find_proved(tx) is None and not is_begun:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        person, secret = _begin(tx, session)
    return enrolment_page.show(
        person,
        secret,
        status=403 if code else 400,
        name=name,
        errors=enrolment_page.faults(code, name),
        **_FRAME,
    )


def _raise_level(tx: Connection, session: Session) -> str:
    """The code that proved the application proves more of the person, too."""
    amr = tuple(dict.fromkeys((*session.amr, *METHODS)))
    return sessions.raise_level(tx, session, amr=amr, acr=acr_of(amr))


def _added(session: Session, cookie_value: str) -> Response:
    response = redirect(paths.SECURITY, 303)
    set_session_cookie(response, cookie_value, shared_computer=session.shared_computer)
    return response


def ask_removal(authenticator_id: str) -> Response:
    """What follows from removing it."""
    return _removing(authenticator_id, is_done=False)


def remove(authenticator_id: str) -> Response:
    """Its codes are nobody's any more."""
    return _removing(authenticator_id, is_done=True)


def _removing(authenticator_id: str, *, is_done: bool) -> Response:
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, f"{PATH}/{authenticator_id}/xoa"), 303)
        held = store.find(tx, session.person_id, authenticator_id)
        if held is None:
            raise NotFound(TOTP_UNKNOWN)
        require_another(tx, current_factors(), session.person_id)
        if is_done:
            _remove(tx, session, held)
            return redirect(paths.SECURITY, 303)
        person = read_signed_in(tx, session)
        is_last = len(store.held_by(tx, session.person_id)) == 1
    page = render_template(
        "totp/remove.html",
        person=person,
        sign_out_url=paths.SIGN_OUT,
        held=held,
        is_last=is_last,
        back_url=paths.SECURITY,
    )
    return make_response(page)


def _begin(tx: Connection, session: Session) -> tuple[SignedIn, str]:
    if store.is_full(tx, session.person_id):
        raise Conflict(TOTP_TOO_MANY, most=store.MOST)
    keyring = current_installation().keyring
    secret = store.begin(tx, keyring, session.sid, session.person_id)
    return read_signed_in(tx, session), secret


def _remove(tx: Connection, session: Session, held: Held) -> None:
    store.remove(tx, session.person_id, held.id)
    remove_stand_ins(tx, current_factors(), session.person_id)
    agency = queries.home_agency_of(tx, session.person_id)
    record(
        tx,
        TOTP_REMOVED,
        actor_here(session.person_id, agency),
        subject=person_tag(session.person_id),
        agency=agency,
        authenticator=held.id,
        name=held.name,
    )
    tell(tx, current_installation(), FACTOR_REMOVED, session.person_id, AUTHENTICATOR, held.name)


_FRAME: dict[str, Any] = {"sign_out_url": paths.SIGN_OUT, "back_url": paths.SECURITY}
