"""What somebody should know of their certificates."""

from __future__ import annotations

from sqlalchemy import Connection

from directory import clock
from idp import paths
from idp.factors.certificate import store
from idp.factors.held import Notice
from web.i18n import gettext as _
from web.pages import local_time

SOON_MS = 30 * clock.DAY


def notices(tx: Connection, person_id: str) -> list[Notice]:
    """That one ends soon, or is over, while there is none that lasts."""
    now, found, held = clock.now_ms(), [], store.list_of(tx, person_id)
    if any(each.not_after > now + SOON_MS for each in held):
        return []
    for each in held:
        if each.not_after <= now:
            sentence = _("The certificate “%(name)s” has expired.", name=each.subject)
        elif each.not_after <= now + SOON_MS:
            sentence = _(
                "The certificate “%(name)s” ends at %(time)s. Ask your agency for a new one, and "
                "bind it here.",
                name=each.subject,
                time=local_time(each.not_after),
            )
        else:
            continue
        found.append(Notice("warning", sentence, paths.SECURITY))
    return found
