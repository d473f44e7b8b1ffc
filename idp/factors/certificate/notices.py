"""What somebody should know of their certificates."""

from __future__ import annotations

from sqlalchemy import Connection

from directory import clock
from idp import paths
from idp.factors.certificate import store
from idp.factors.certificate.store import Bound
from idp.factors.held import Notice
from web.current import current_installation
from web.i18n import gettext as _
from web.pages import local_time

SOON_MS = 30 * clock.DAY


def ends_soon(not_after: int) -> bool:
    """Whether it does within 30 days."""
    return not_after <= clock.now_ms() + SOON_MS


def notices(tx: Connection, person_id: str) -> list[Notice]:
    """That one ends soon, or is over, while there is none that lasts."""
    if not current_installation().settings.certificate_url:
        return []
    held = store.list_of(tx, person_id)
    if any(not ends_soon(each.not_after) for each in held):
        return []
    return [
        Notice("warning", _sentence(each), paths.CERTIFICATE, _("Bind a certificate"))
        for each in held
    ]


def _sentence(held: Bound) -> str:
    if held.not_after <= clock.now_ms():
        return _("The certificate “%(name)s” has expired.", name=held.subject)
    return _(
        "The certificate “%(name)s” ends at %(time)s. Ask your agency for a new one, and bind it.",
        name=held.subject,
        time=local_time(held.not_after),
    )
