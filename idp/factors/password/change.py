"""``/bao-mat/mat-khau``: whoever is signed in changes their password.

The present one is asked for and counted as at the sign-in, so a browser left open or a stolen
cookie is not enough. This browser stays signed in; whatever else the person is signed in to ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.errors import Conflict, Invalid, Unavailable
from directory.ldap.errors import SIGNIN_BUSY
from directory.ldap.passwords import normal_form
from directory.passwords.errors import PASSWORD_CHANGED_MEANWHILE
from directory.passwords.strength import MORE, told_of
from directory.people import credentials
from directory.projection import queries
from directory.projection.queries import PersonRow
from idp import paths
from idp.devices import store as devices
from idp.devices.cookie import device_id
from idp.devices.messages import browser_words
from idp.factors.password import new_password, trying
from idp.factors.password.errors import SIGNIN_FAULT
from idp.factors.password.trying import MustWait, Try
from idp.factors.proof import may_begin
from idp.factors.typed_code import seconds_until
from idp.flows import own_pages, pages
from idp.sessions import store as sessions
from idp.sessions.cookies import current_session, set_session_cookie
from idp.sessions.person import SignedIn, read_signed_in
from idp.sessions.store import Elsewhere, Session
from idp.throttle import store as throttle
from idp.throttle.store import Wait
from web.current import actor_here, current_installation
from web.error_pages import note, note_fault
from web.i18n import current_locale, ngettext
from web.i18n import gettext as _

Errors = Sequence[dict[str, str]]


def redirect_here() -> Response:
    """Where programs that keep passwords look for this page."""
    return redirect(paths.CHANGE_PASSWORD, 303)


def show() -> Response:
    """The form: what is wanted is said before anything is typed."""
    found = _find_signed_in()
    return found if isinstance(found, Response) else _show_form(*found)


def change() -> Response:
    """Take what was typed: the new password is looked at first, since that counts nothing."""
    found = _find_signed_in()
    if isinstance(found, Response):
        return found
    session, person = found
    present, typed = request.form.get("current", ""), request.form.get("password", "")
    errors = [*_missing(present), *_faults(present, typed, person)]
    if errors:
        return _show_form(session, person, errors, status=400)
    begun = _prove(session, person, present)
    if isinstance(begun, Response):
        return begun
    return _set(session, person, begun, typed)


def _find_signed_in() -> tuple[Session, PersonRow] | Response:
    """Whose browser this is; or the sign-in, for whoever is not signed in, or has not proved the
    second factor that they have."""
    with current_installation().database.write() as tx:
        session = current_session(tx)
        if session is None or not may_begin(tx, session):
            return redirect(own_pages.begin_fresh(tx, paths.CHANGE_PASSWORD), 303)
        person = queries.person(tx, session.person_id)
    if person is None:
        raise AssertionError("a living session is somebody's")
    return session, person


def _missing(present: str) -> Errors:
    if present.strip():
        return ()
    return ({"field": "current", "message": _("Enter your present password.")},)


def _faults(present: str, typed: str, person: PersonRow) -> Errors:
    errors = new_password.faults_of(typed, request.form.get("again", ""), person)
    if not errors and normal_form(typed) == normal_form(present):
        message = _("That is the password you have. Choose another one.")
        return ({"field": "password", "message": message},)
    return errors


def _prove(session: Session, person: PersonRow, present: str) -> Try | Response:
    """The present password, counted before it is looked at."""
    begun = trying.begin(person.username)
    if begun is None:
        return _show_busy(Unavailable(SIGNIN_BUSY, retry_after_s=2))
    if isinstance(begun, MustWait):
        return _show_wait(session, person, begun.wait, was_looked_at=False)
    try:
        result = trying.ask(person.username, person, present)
    except Unavailable as error:
        note(error, is_recorded=True)
        trying.not_checked(begun, error.code, "")
        return _show_busy(error)
    except Exception as error:
        note_fault(error, is_recorded=True)
        trying.not_checked(begun, "fault", "")
        return _show_busy(Unavailable(SIGNIN_FAULT))
    if result not in credentials.RIGHT:
        failure = trying.refuse(begun, "wrong_password", "", present)
        if failure.wait is not None:
            return _show_wait(session, person, failure.wait, was_looked_at=True)
        return _show_form(session, person, (_wrong(),), status=403)
    with current_installation().database.write() as tx:
        throttle.succeed(tx, begun.reservation)
    return begun


def _wrong() -> dict[str, str]:
    return {"field": "current", "message": _("That is not your present password.")}


def _set(session: Session, person: PersonRow, begun: Try, typed: str) -> Response:
    installation = current_installation()
    is_enforced = new_password.is_second_enforced(person)
    with installation.database.read() as tx:
        actor = actor_here(person.id, queries.home_agency_of(tx, person.id))
        elsewhere = sessions.list_elsewhere(tx, person.id, session.sid)

    def still(tx: Connection) -> bool:
        is_alive = sessions.by_sid(tx, session.sid) is not None
        return is_alive and sessions.still_counts(tx, person.id, begun.began_at)

    def spare(tx: Connection) -> None:
        sessions.keep_on(tx, session.sid)
        if begun.is_known_device:
            devices.keep_on(tx, device_id(), person.id)

    try:
        credentials.set_password(
            installation,
            actor,
            person.id,
            typed,
            is_second_enforced=is_enforced,
            still=still,
            spare=spare,
        )
    except Invalid as error:  # one of the last ones
        return _show_form(session, person, new_password.said_of(error), status=400)
    except Unavailable as error:
        note(error)
        return _show_busy(error)
    except Conflict as error:
        if error.code != PASSWORD_CHANGED_MEANWHILE.code:
            raise
        return _show_meanwhile()
    return _show_changed(session, person, elsewhere, typed)


def _show_form(
    session: Session,
    person: PersonRow,
    errors: Errors = (),
    *,
    status: int = 200,
    notice: str = "",
) -> Response:
    with current_installation().database.read() as tx:
        others = len(sessions.list_elsewhere(tx, person.id, session.sid))
        signed_in = read_signed_in(tx, session)
    page = render_template(
        "password/change.html",
        errors=errors,
        notice=notice,
        rules=new_password.rules_of(person),
        least=new_password.least_of(person),
        more=MORE,
        others=others,
        **_frame(signed_in),
    )
    return make_response(page, status)


def _show_wait(session: Session, person: PersonRow, wait: Wait, *, was_looked_at: bool) -> Response:
    """No password is looked at for now: seconds keep the form, minutes get a page."""
    seconds = seconds_until(wait.until)
    if wait.is_pause:
        response = _show_paused(person, wait, was_looked_at=was_looked_at)
    else:
        notice = ngettext(
            "After several wrong attempts the next one has to wait: %(num)s second.",
            "After several wrong attempts the next one has to wait: %(num)s seconds.",
            seconds,
        )
        errors = (_wrong(),) if was_looked_at else ()
        status = 403 if was_looked_at else 429
        response = _show_form(session, person, errors, status=status, notice=notice)
    response.headers["Retry-After"] = str(seconds)
    return response


def _show_paused(person: PersonRow, wait: Wait, *, was_looked_at: bool) -> Response:
    with current_installation().database.read() as tx:
        contact = pages.contact_of(tx, person)
    page = render_template(
        "password/paused.html",
        what={"name": "name", "address": "address"}.get(wait.kind, "device"),
        address="",
        was_looked_at=was_looked_at,
        paused_until=wait.until,
        application=None,
        retry_url=paths.CHANGE_PASSWORD,
        recover_url=paths.RECOVER,
        contact=contact,
    )
    return make_response(page, 429)


def _show_busy(error: Unavailable) -> Response:
    seconds = error.params.get("retry_after_s")
    wait_s = seconds if isinstance(seconds, int) else 5
    page = render_template(
        "password/not_set.html", retry_after_s=wait_s, retry_url=paths.CHANGE_PASSWORD
    )
    response = make_response(page, 503)
    response.headers["Retry-After"] = str(wait_s)
    return response


def _show_meanwhile() -> Response:
    """Of two changes at once this one was not made; what the other has ended is this browser."""
    page = render_template(
        "password/meanwhile.html", sign_in_url=paths.SIGN_IN, home_url=paths.HOME
    )
    return make_response(page, 409)


def _show_changed(
    session: Session, person: PersonRow, elsewhere: Sequence[Elsewhere], typed: str
) -> Response:
    """Done: what ended, and a new cookie for what goes on."""
    with current_installation().database.write() as tx:
        signed_in = read_signed_in(tx, session)
        is_alive = sessions.by_sid(tx, session.sid) is not None
        cookie = sessions.raise_level(tx, session, amr=session.amr, acr=session.acr)
    which = 0 if current_locale() == "vi" else 1
    ended = [
        {
            "browser": browser_words(each.user_agent)[which],
            "address": each.address,
            "last_seen_at": each.last_seen_at,
        }
        for each in elsewhere
    ]
    g.kept_url = paths.SECURITY  # loaded again, it changes nothing
    page = render_template(
        "password/changed.html",
        ended=ended,
        strength=told_of(len(normal_form(typed)), new_password.least_of(person)),
        **_frame(signed_in),
    )
    response = make_response(page)
    if is_alive:
        set_session_cookie(response, cookie, shared_computer=session.shared_computer)
    return response


def _frame(signed_in: SignedIn) -> dict[str, object]:
    return {
        "person": signed_in,
        "sign_out_url": paths.SIGN_OUT,
        "back_url": paths.SECURITY,
        "home_url": paths.HOME,
        "recover_url": paths.RECOVER,
    }
