"""``/chung-thu``: where the proxy asks for certificates, at a host or port of its own, so that
nobody else meets the browser's dialogue.

Nothing is decided here but what came in; the browser goes back to the page that sent it.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.anonymous import record_anonymous
from directory.errors import NotFound
from idp import paths
from idp.factors.certificate import faults, shown, verifying
from idp.factors.certificate.errors import CERTIFICATE_OFF
from idp.factors.certificate.events import CERTIFICATE_HEADER_IGNORED, CERTIFICATE_REFUSED
from idp.factors.certificate.reading import Facts, facts_of, find_in_header
from idp.factors.certificate.step import NAME
from idp.flows.pages import STEP
from web.client_certificate import InHeader, read_header
from web.current import actor_here, current_installation
from web.headers import no_referrer
from web.urls import absolute


def accept() -> Response:
    """What the proxy has let through."""
    return _answer(is_refused_by_proxy=False)


def explain() -> Response:
    """What the proxy has not let through: it is looked at for the reason alone."""
    return _answer(is_refused_by_proxy=True)


def _answer(*, is_refused_by_proxy: bool) -> Response:
    no_referrer()
    installation = current_installation()
    if not installation.settings.certificate_url:
        raise NotFound(CERTIFICATE_OFF)
    place = request.args.get(shown.PLACE, "")
    if not shown.is_place(place):
        return redirect(absolute(installation.settings, paths.SIGN_IN), 303)
    header = read_header()
    with installation.database.read() as tx:
        fault, authority_id, facts = _judged(tx, header)
    if is_refused_by_proxy:
        fault = fault or faults.PROXY
    if header.ignored_peer or fault not in ("", faults.NONE):
        with installation.database.write() as tx:
            _record(tx, header, fault, facts)
    sealed = shown.seal(installation.keyring, place, fault, authority_id, facts)
    return redirect(_back(place, sealed), 303)


def _judged(tx: Connection, header: InHeader) -> tuple[str, str, Facts | None]:
    if not header.value:
        return faults.NONE, "", None
    certificate = find_in_header(header.value)
    if certificate is None:
        return faults.UNREADABLE, "", None
    verdict = verifying.judge(tx, certificate)
    return verdict.fault, verdict.authority_id, facts_of(certificate)


def _record(tx: Connection, header: InHeader, fault: str, facts: Facts | None) -> None:
    if header.ignored_peer:
        record_anonymous(tx, CERTIFICATE_HEADER_IGNORED, actor_here(), peer=header.ignored_peer)
        return
    record_anonymous(
        tx,
        CERTIFICATE_REFUSED,
        actor_here(),
        fault=fault,
        name=facts.subject if facts else "",
        issuer=facts.issuer if facts else "",
        serial=facts.serial if facts else "",
    )


def _back(place: str, sealed: str) -> str:
    """To the issuer, whatever this address is called."""
    settings = current_installation().settings
    if flow_id := shown.find_flow_id(place):
        query = urlencode({"flow": flow_id, STEP: NAME, shown.ARGUMENT: sealed})
        return absolute(settings, paths.SIGN_IN) + "?" + query
    return absolute(settings, paths.CERTIFICATE) + "?" + urlencode({shown.ARGUMENT: sealed})
