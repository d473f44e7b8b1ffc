"""``/bao-mat/ung-dung-xac-thuc``: people add and remove authenticator applications of theirs."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from flask import make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.log import person_tag, record
from directory.errors import Conflict, NotFound
from directory.projection import queries
from directory.text import clean
from idp import paths
from idp.factors.held import Held
from idp.factors.proof import find_proved
from idp.factors.totp import codes, store
from idp.factors.totp.errors import TOTP_TOO_MANY, TOTP_UNKNOWN
from idp.factors.totp.events import TOTP_ADDED, TOTP_REMOVED
from idp.factors.totp.service import issuer_name
from idp.flows import own_pages
from idp.sessions.cookies import current_session
from idp.sessions.person import SignedIn, read_signed_in
from idp.sessions.store import Session
from web.current import actor_here, current_installation
from web.i18n import gettext as _

PATH = f"{paths.SECURITY}/ung-dung-xac-thuc"


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the page shows: whose, and what their application is to be told."""

    person: SignedIn
    secret: str


def show() -> Response:
    """What the application on the telephone is to be told, as a picture and as text."""
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        begun = _begin(tx, session)
    return _page(begun)


def confirm() -> Response:
    """The code that the application shows: it has understood, and is the person's from now on."""
    typed, name = request.form.get("code", ""), clean(request.form.get("name", ""))
    code = codes.find_typed(typed)
    with current_installation().database.write() as tx:
        session = current_session(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        made = _confirm(tx, session, code, name) if code and _fits(name) else None
        if made is not None:
            _record_added(tx, session, made)
            return redirect(paths.SECURITY, 303)
        if find_proved(tx) is None and not store.is_begun(tx, session.sid, session.person_id):
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        begun = _begin(tx, session)
    return _page(begun, name=name, errors=_faults(code, name), status=403 if code else 400)


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


def _begin(tx: Connection, session: Session) -> _Begun:
    if store.is_full(tx, session.person_id):
        raise Conflict(TOTP_TOO_MANY, most=store.MOST)
    keyring = current_installation().keyring
    secret = store.begin(tx, keyring, session.sid, session.person_id)
    return _Begun(read_signed_in(tx, session), secret)


def _confirm(tx: Connection, session: Session, code: str, name: str) -> Held | None:
    keyring = current_installation().keyring
    return store.confirm(tx, keyring, session.sid, session.person_id, code, name)


def _fits(name: str) -> bool:
    return 0 < len(name) <= store.LONGEST_NAME


def _faults(code: str | None, name: str) -> list[dict[str, str]]:
    faults = []
    if not name:
        faults.append({"field": "name", "message": _("Give it a name.")})
    elif not _fits(name):
        sentence = _("The name may have %(most)s characters at most.", most=store.LONGEST_NAME)
        faults.append({"field": "name", "message": sentence})
    if code is None:
        faults.append({"field": "code", "message": _("Enter the 6 digits of the code.")})
    elif not faults:
        sentence = _("That is not the code. Type the one that the application shows now.")
        faults.append({"field": "code", "message": sentence})
    return faults


def _page(
    begun: _Begun,
    *,
    name: str = "",
    errors: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response:
    issuer = issuer_name(current_installation())
    address = codes.address_of(begun.secret, begun.person.username, issuer)
    page = render_template(
        "totp/enrol.html",
        person=begun.person,
        sign_out_url=paths.SIGN_OUT,
        picture=picture_of(address),
        address=address,
        key=" ".join(begun.secret[at : at + 4] for at in range(0, len(begun.secret), 4)),
        name=name if errors else _("My telephone"),
        errors=errors or [],
        back_url=paths.SECURITY,
    )
    return make_response(page, status)


def picture_of(address: str) -> Markup:
    """The QR code of an address, as SVG without style attributes."""
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(scale=4, omitsize=True, svgclass=None, lineclass=None, light="#fff")
    return Markup(drawn)  # noqa: S704 - made of bits, nothing that was typed stands in it


def _record_added(tx: Connection, session: Session, made: Held) -> None:
    actor, agency = _who(tx, session)
    record(
        tx,
        TOTP_ADDED,
        actor_here(*actor),
        subject=person_tag(session.person_id),
        agency=agency,
        authenticator=made.id,
        name=made.name,
    )


def _remove(tx: Connection, session: Session, held: Held) -> None:
    store.remove(tx, session.person_id, held.id)
    actor, agency = _who(tx, session)
    record(
        tx,
        TOTP_REMOVED,
        actor_here(*actor),
        subject=person_tag(session.person_id),
        agency=agency,
        authenticator=held.id,
        name=held.name,
    )


def _who(tx: Connection, session: Session) -> tuple[tuple[str, str], str]:
    agency = queries.home_agency_of(tx, session.person_id)
    return (session.person_id, agency), agency
