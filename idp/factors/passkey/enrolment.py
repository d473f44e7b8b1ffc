"""``/bao-mat/khoa-truy-cap``: people add, rename and remove passkeys of theirs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from flask import make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.kinds import Kind
from directory.audit.log import person_tag, record
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict, NotFound
from directory.message_kinds import MessageKind
from directory.projection import queries
from directory.text import clean
from idp import paths
from idp.factors.held import Held, remove_stand_ins, require_another
from idp.factors.messages import FACTOR_ADDED, FACTOR_REMOVED, PASSKEY, tell
from idp.factors.passkey import ceremony, challenges, store
from idp.factors.passkey.ceremony import Known, Made
from idp.factors.passkey.errors import PASSKEY_NO_NAME, PASSKEY_TOO_MANY, PASSKEY_UNKNOWN
from idp.factors.passkey.events import PASSKEY_ADDED, PASSKEY_REMOVED, PASSKEY_RENAMED
from idp.factors.passkey.step import VERIFIED
from idp.factors.proof import current_factors, find_proved, may_begin
from idp.flows import own_pages
from idp.sessions import store as sessions
from idp.sessions.assurance import acr_of
from idp.sessions.cookies import current_session, set_session_cookie
from idp.sessions.person import read_signed_in
from idp.sessions.store import Session
from web.current import actor_here, current_installation
from web.i18n import gettext as _

PATH = f"{paths.SECURITY}/khoa-truy-cap"
Faults = Sequence[dict[str, str]]


def show() -> Response:
    """What a passkey is, and the button that has the device make one."""
    with current_installation().database.read() as tx:
        session = find_proved(tx)
        if session is not None:
            return _adding(tx, session, _("My computer"))
    with current_installation().database.write() as tx:
        return redirect(own_pages.begin_fresh(tx, PATH), 303)


def add() -> Response:
    """What the device has made is the person's from now on."""
    name, answer = _typed_name(), request.form.get("answer", "")
    with current_installation().database.write() as tx:
        session = current_session(tx)
        if session is None or not may_begin(tx, session):
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        faults = _faults_of_name(name)
        made = None if faults else _find_made(tx, session, answer)
        if made is None:
            if find_proved(tx) is None:
                return redirect(own_pages.begin_fresh(tx, PATH), 303)
            return _adding(tx, session, name, faults or _faults_of_answer(answer), status=400)
        if not _is_first_or_proved(tx, session):
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        _require_room(tx, session.person_id)
        _add(tx, session, made, name)
        amr = tuple(dict.fromkeys((*session.amr, *VERIFIED)))
        cookie_value = sessions.raise_level(tx, session, amr=amr, acr=acr_of(amr))
    response = redirect(paths.SECURITY, 303)
    set_session_cookie(response, cookie_value, shared_computer=session.shared_computer)
    return response


def ask_name(passkey_id: str) -> Response:
    """What it is called, to be called otherwise."""
    return _with_held(passkey_id, "ten", lambda tx, session, held: _naming(tx, session, held))


def rename(passkey_id: str) -> Response:
    """It is called so from now on."""
    return _with_held(passkey_id, "ten", _rename)


def ask_removal(passkey_id: str) -> Response:
    """What follows from removing it."""
    return _with_held(passkey_id, "xoa", _removing)


def remove(passkey_id: str) -> Response:
    """It opens nothing any more."""
    return _with_held(passkey_id, "xoa", _remove)


def _with_held(
    passkey_id: str, page: str, then: Callable[[Connection, Session, Held], Response]
) -> Response:
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, f"{PATH}/{passkey_id}/{page}"), 303)
        held = store.find(tx, session.person_id, passkey_id)
        if held is None:
            raise NotFound(PASSKEY_UNKNOWN)
        return then(tx, session, held)


def _adding(
    tx: Connection, session: Session, name: str, faults: Faults = (), *, status: int = 200
) -> Response:
    installation, person_id = current_installation(), session.person_id
    if not ceremony.is_possible(installation.settings):
        raise Conflict(PASSKEY_NO_NAME)
    _require_room(tx, person_id)
    person = read_signed_in(tx, session)
    place = challenges.in_session(session.sid, person_id)
    options = ceremony.options_to_add(
        installation.settings,
        challenges.make(installation.keyring, place),
        ceremony.user_handle(installation.keyring, person_id),
        person.username,
        person.full_name,
        [Known(each.credential_id, each.transports) for each in store.list_of(tx, person_id)],
    )
    page = render_template(
        "passkey/add.html",
        person=person,
        name=name,
        options=json.dumps(options),
        errors=faults,
        **_FRAME,
    )
    return make_response(page, status)


def _find_made(tx: Connection, session: Session, answer: str) -> Made | None:
    """What the device has made for a challenge of this session, once."""
    installation = current_installation()
    challenge = ceremony.find_made_challenge(answer)
    place = challenges.in_session(session.sid, session.person_id)
    if challenge is None or not challenges.take(
        tx, installation.keyring, place, challenge, challenges.ADDING_MS
    ):
        return None
    made = ceremony.find_made(installation.settings, challenge, answer)
    is_new = made is not None and store.find_by_credential(tx, made.credential_id) is None
    return made if is_new else None


def _is_first_or_proved(tx: Connection, session: Session) -> bool:
    """Of two who begin with the password alone, one of whom stole it, one ends."""
    take_advisory_lock(tx, "second_factor", session.person_id)
    return may_begin(tx, session)


def _add(tx: Connection, session: Session, made: Made, name: str) -> None:
    held = store.add(
        tx,
        session.person_id,
        name,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
    )
    _record(tx, PASSKEY_ADDED, session, held, name=held.name)
    _tell(tx, FACTOR_ADDED, session, held)


def _rename(tx: Connection, session: Session, held: Held) -> Response:
    name = _typed_name()
    if faults := _faults_of_name(name):
        return _naming(tx, session, held, name, faults)
    if name != held.name:
        store.rename(tx, session.person_id, held.id, name)
        _record(tx, PASSKEY_RENAMED, session, held, name=name, before=held.name)
    return redirect(paths.SECURITY, 303)


def _naming(
    tx: Connection, session: Session, held: Held, name: str | None = None, faults: Faults = ()
) -> Response:
    page = render_template(
        "passkey/rename.html",
        person=read_signed_in(tx, session),
        held=held,
        name=held.name if name is None else name,
        errors=faults,
        **_FRAME,
    )
    return make_response(page, 400 if faults else 200)


def _removing(tx: Connection, session: Session, held: Held) -> Response:
    require_another(tx, current_factors(), session.person_id)
    others = [factor for factor in current_factors() if not factor.stands_in]
    count = sum(len(factor.held_by(tx, session.person_id)) for factor in others)
    page = render_template(
        "passkey/remove.html",
        person=read_signed_in(tx, session),
        held=held,
        is_last=count == 1,
        **_FRAME,
    )
    return make_response(page)


def _remove(tx: Connection, session: Session, held: Held) -> Response:
    require_another(tx, current_factors(), session.person_id)
    store.remove(tx, session.person_id, held.id)
    remove_stand_ins(tx, current_factors(), session.person_id)
    _record(tx, PASSKEY_REMOVED, session, held, name=held.name)
    _tell(tx, FACTOR_REMOVED, session, held)
    return redirect(paths.SECURITY, 303)


def _require_room(tx: Connection, person_id: str) -> None:
    if store.is_full(tx, person_id):
        raise Conflict(PASSKEY_TOO_MANY, most=store.MOST)


def _typed_name() -> str:
    return clean(request.form.get("name", "")[: 10 * store.LONGEST_NAME])


def _faults_of_name(name: str) -> Faults:
    if not name:
        return [{"field": "name", "message": _("Give the passkey a name.")}]
    if len(name) > store.LONGEST_NAME:
        sentence = _("The name may have %(most)s characters at most.", most=store.LONGEST_NAME)
        return [{"field": "name", "message": sentence}]
    return []


def _faults_of_answer(answer: str) -> Faults:
    if not answer:
        sentence = _("This browser has made no passkey: it needs JavaScript and a newer version.")
    else:
        sentence = _("That took too long, or was sent twice. Please try once more.")
    return [{"field": "", "message": sentence}]


def _record(tx: Connection, kind: Kind, session: Session, held: Held, **fields: Any) -> None:
    agency = queries.home_agency_of(tx, session.person_id)
    record(
        tx,
        kind,
        actor_here(session.person_id, agency),
        subject=person_tag(session.person_id),
        agency=agency,
        passkey=held.id,
        **fields,
    )


def _tell(tx: Connection, kind: MessageKind, session: Session, held: Held) -> None:
    tell(tx, current_installation(), kind, session.person_id, PASSKEY, held.name)


_FRAME: dict[str, Any] = {"sign_out_url": paths.SIGN_OUT, "back_url": paths.SECURITY}
