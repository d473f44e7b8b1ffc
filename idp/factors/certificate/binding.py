"""``/bao-mat/chung-thu``: people bind a certificate to their account, and take one away.

Only after a sign-in with two factors: what opens the account from then on is not let in by a
password that somebody may have seen.
"""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.kinds import Kind
from directory.audit.log import person_tag, record
from directory.errors import Conflict, NotFound
from directory.message_kinds import MessageKind
from directory.projection import queries
from idp import paths
from idp.factors.certificate import shown, store
from idp.factors.certificate.errors import CERTIFICATE_OFF, CERTIFICATE_UNKNOWN
from idp.factors.certificate.events import CERTIFICATE_BOUND, CERTIFICATE_REMOVED
from idp.factors.certificate.faults import LATE, OTHERS
from idp.factors.certificate.sentences import SENTENCES
from idp.factors.certificate.service import require_room
from idp.factors.certificate.shown import Shown
from idp.factors.certificate.step import ask_url, fault_now
from idp.factors.certificate.store import Bound
from idp.factors.held import remove_stand_ins, require_another
from idp.factors.messages import CERTIFICATE, FACTOR_ADDED, FACTOR_REMOVED, tell
from idp.factors.proof import current_factors, find_proved
from idp.flows import own_pages
from idp.levels import TWO_FACTORS
from idp.sessions.person import read_signed_in
from idp.sessions.store import Session
from web.current import actor_here, current_installation
from web.headers import no_referrer
from web.i18n import gettext as _

PATH = paths.CERTIFICATE


def show() -> Response:
    """What to do, and what came of it: the certificate that was shown, to be bound."""
    no_referrer()
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        return _page(tx, session, _find_shown(session, request.args.get(shown.ARGUMENT, "")))


def bind() -> Response:
    """It is theirs from now on."""
    no_referrer()
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        found = _find_shown(session, request.form.get(shown.ARGUMENT, ""))
        fault = _bind(tx, session, found)
        if fault:
            return _page(tx, session, None, fault=fault, status=403)
    return redirect(paths.SECURITY, 303)


def ask_removal(certificate_id: str) -> Response:
    """What follows from removing it."""
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, f"{PATH}/{certificate_id}/xoa"), 303)
        held = _own(tx, session, certificate_id)
        require_another(tx, current_factors(), session.person_id)
        others = [factor for factor in current_factors() if not factor.stands_in]
        count = sum(len(factor.held_by(tx, session.person_id)) for factor in others)
        page = render_template(
            "certificate/remove.html",
            person=read_signed_in(tx, session),
            held=held,
            is_last=count == 1,
            **_FRAME,
        )
    return make_response(page)


def remove(certificate_id: str) -> Response:
    """It opens nothing any more."""
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, f"{PATH}/{certificate_id}/xoa"), 303)
        held = _own(tx, session, certificate_id)
        require_another(tx, current_factors(), session.person_id)
        store.remove(tx, session.person_id, held.id)
        remove_stand_ins(tx, current_factors(), session.person_id)
        _record(tx, CERTIFICATE_REMOVED, session, held, reason="")
        _tell(tx, FACTOR_REMOVED, session, held)
    return redirect(paths.SECURITY, 303)


def _bind(tx: Connection, session: Session, found: Shown | None) -> str:
    """Why it is not theirs; "" once it is. Raises Conflict(``certificate.too_many``)."""
    if session.acr != TWO_FACTORS or found is None or found.facts is None:
        return LATE
    if fault := found.fault or fault_now(tx, found):
        return fault
    if not shown.take(tx, found):
        return LATE
    require_room(tx, session.person_id)
    person_id = session.person_id
    bound = store.add(tx, person_id, found.facts, found.authority_id, made_by=person_id)
    if bound is None:
        return OTHERS
    _record(tx, CERTIFICATE_BOUND, session, bound, issuer=bound.issuer, reason="")
    _tell(tx, FACTOR_ADDED, session, bound)
    return ""


def _page(
    tx: Connection, session: Session, found: Shown | None, *, fault: str = "", status: int = 200
) -> Response:
    installation = current_installation()
    if not installation.settings.certificate_url:
        raise Conflict(CERTIFICATE_OFF)
    require_room(tx, session.person_id)
    if found is not None:
        fault = found.fault or (LATE if shown.is_used(tx, found) else fault)
    place = shown.in_session(installation.keyring, session.sid)
    page = render_template(
        "certificate/bind.html",
        person=read_signed_in(tx, session),
        errors=[{"field": "", "message": _(SENTENCES[fault])}] if fault else [],
        facts=found.facts if found and not fault else None,
        sealed=request.args.get(shown.ARGUMENT, "") if found and not fault else "",
        has_two=session.acr == TWO_FACTORS,
        ask_url=ask_url(place),
        **_FRAME,
    )
    return make_response(page, status)


def _find_shown(session: Session, sealed: str) -> Shown | None:
    if not sealed:
        return None
    keyring = current_installation().keyring
    return shown.find(keyring, shown.in_session(keyring, session.sid), sealed)


def _own(tx: Connection, session: Session, certificate_id: str) -> Bound:
    held = store.find(tx, session.person_id, certificate_id)
    if held is None:
        raise NotFound(CERTIFICATE_UNKNOWN)
    return held


def _record(tx: Connection, kind: Kind, session: Session, held: Bound, **fields: Any) -> None:
    agency = queries.home_agency_of(tx, session.person_id)
    record(
        tx,
        kind,
        actor_here(session.person_id, agency),
        subject=person_tag(session.person_id),
        agency=agency,
        certificate=held.id,
        name=held.subject,
        serial=held.serial,
        **fields,
    )


def _tell(tx: Connection, kind: MessageKind, session: Session, held: Bound) -> None:
    tell(tx, current_installation(), kind, session.person_id, CERTIFICATE, held.subject)


_FRAME: dict[str, Any] = {"sign_out_url": paths.SIGN_OUT, "back_url": paths.SECURITY}
