"""When a password is to be changed, where the policy lets it grow only so old.

It counts from when the password was set, as far as that is known, and never from before the profile
was switched on: nobody is asked for a change on that day.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from directory import clock
from directory.database.engine import Database
from directory.database.upsert import upsert
from directory.passwords import history
from directory.passwords.policy import PasswordPolicy
from directory.passwords.tables import password_profile as table
from directory.settings import Settings

WARNED_DAYS = 14
_ROW = "profile"


def note_profile(database: Database, settings: Settings) -> None:
    """Write down since when the installation has the profile it has."""
    profile = settings.password_profile
    with database.read() as tx:
        found = tx.execute(select(table.c.profile)).scalar()
    if found == profile:
        return
    now = {"profile": profile, "since": clock.now_ms()}
    with database.write() as tx:
        row = upsert(tx, table).values(id=_ROW, **now)
        tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=now))


def ends_at(
    tx: Connection, settings: Settings, policy: PasswordPolicy, person_id: str
) -> int | None:
    """Until when (ms) a person's password is good; None: it does not end."""
    if not policy.most_days:
        return None
    since = profile_since(tx, settings)
    if since is None:
        return None  # switched on just now: no worker has seen it yet
    began = max(since, history.last_set_at(tx, person_id))
    return min(began, clock.now_ms()) + policy.most_days * clock.DAY


def profile_since(tx: Connection, settings: Settings) -> int | None:
    """Since when (ms) the profile counts; None: nobody has written it down yet."""
    row = tx.execute(select(table)).first()
    return row.since if row is not None and row.profile == settings.password_profile else None
