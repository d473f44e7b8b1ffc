"""Fetching the revocation lists of authorities, hourly and soon after a failure."""

from __future__ import annotations

from directory import clock
from directory.actor import system
from directory.errors import AppError, Unavailable
from directory.installation import Installation
from directory.outbound import client
from idp.factors.certificate import authorities, revocation
from idp.factors.certificate.authorities import Authority
from idp.factors.certificate.errors import CRL_ANSWER
from idp.factors.certificate.service import take_list

_AGAIN_MS = 5 * clock.MINUTE


def fetch(installation: Installation) -> None:
    """Those that are due. What counts stays until it ends, whatever comes of it."""
    with installation.database.read() as tx:
        known = [each for each in authorities.list_all(tx) if each.crl_url]
    for each in known:
        if _is_due(each):
            _fetch(installation, each)


def _is_due(authority: Authority) -> bool:
    # Due later than anything ever is: a clock that was wrong wrote it.
    now = clock.now_ms()
    return authority.crl_due_at <= now or authority.crl_due_at > now + 2 * clock.HOUR


def _fetch(installation: Installation, authority: Authority) -> None:
    try:
        answer = client.get(installation.settings, authority.crl_url, largest=revocation.LARGEST)
        if answer.status != 200:
            raise Unavailable(CRL_ANSWER, status=answer.status)
        take_list(installation, system("certificate_lists"), authority, answer.body)
    except AppError as error:
        with installation.database.write() as tx:
            due_at = clock.now_ms() + _AGAIN_MS
            revocation.note_problem(tx, authority.id, error.code, due_at)
