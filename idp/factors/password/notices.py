"""What somebody is told of their own password before it is too old."""

from __future__ import annotations

from sqlalchemy import Connection

from directory import clock
from directory.passwords.ageing import WARNED_DAYS
from directory.passwords.policy import may_end
from directory.people.credentials import password_ends_at
from directory.projection import queries
from idp import paths
from idp.factors.held import Notice
from web.current import current_installation
from web.i18n import gettext as _
from web.i18n import ngettext

_NEAR_DAYS = 3


def notices(tx: Connection, person_id: str) -> list[Notice]:
    """That it is to be changed soon; nothing where passwords do not end."""
    settings = current_installation().settings
    person = queries.person(tx, person_id) if may_end(settings) else None
    ends_at = password_ends_at(tx, settings, person) if person else None
    if ends_at is None:
        return []
    left = -((clock.now_ms() - ends_at) // clock.DAY)
    if left > WARNED_DAYS:
        return []
    sentence = (
        ngettext(
            "Your password is good for %(num)s day yet.",
            "Your password is good for %(num)s days yet.",
            left,
        )
        if left > 0
        else _("Your password is too old: you have to change it at the next sign-in with it.")
    )
    kind = "warning" if left <= _NEAR_DAYS else "information"
    return [Notice(kind, sentence, paths.CHANGE_PASSWORD, _("Change the password"))]
