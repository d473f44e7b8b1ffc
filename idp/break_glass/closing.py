"""Ending what was opened, an hour after."""

from __future__ import annotations

from directory.actor import system
from directory.audit.log import person_tag, record
from directory.installation import Installation
from directory.people.credentials import clear_password
from directory.projection import queries
from idp.break_glass import store
from idp.break_glass.events import BREAK_GLASS_CLOSED

_BY_ITSELF = system("break_glass")


def close_due(installation: Installation) -> None:
    """The worker's job. The sessions are dead by then by themselves; the password goes as well, so
    that nobody gets in until the account is sealed anew."""
    with installation.database.read() as tx:
        due = store.list_to_close(tx)
    for account in due:
        clear_password(installation, _BY_ITSELF, account.person_id, "")
        with installation.database.write() as tx:
            store.note_closed(tx, account.person_id)
            record(
                tx,
                BREAK_GLASS_CLOSED,
                _BY_ITSELF,
                subject=person_tag(account.person_id),
                agency=queries.home_agency_of(tx, account.person_id),
            )
