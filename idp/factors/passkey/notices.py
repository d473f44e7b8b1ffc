"""What somebody should know of their passkeys."""

from __future__ import annotations

from sqlalchemy import Connection

from idp import paths
from idp.factors.held import Notice
from idp.factors.passkey import store
from web.i18n import gettext as _


def notices(tx: Connection, person_id: str) -> list[Notice]:
    """That one was stopped."""
    return [
        Notice(
            "warning",
            _(
                "The passkey “%(name)s” was stopped: somebody may have a copy of it. Remove it, "
                "and tell the administrator of your agency if you do not know why.",
                name=name,
            ),
            paths.SECURITY,
        )
        for name in store.list_stopped(tx, person_id)
    ]
