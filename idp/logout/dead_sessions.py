"""Sessions that died without anyone signing out: suspension, a new password, time."""

from __future__ import annotations

from directory.actor import system
from directory.installation import Installation
from idp.logout.ending import end_session
from idp.sessions import store as sessions


def end_dead(house: Installation) -> None:
    """The worker's job: write down the end of dead sessions and tell their applications.

    They were dead at our endpoints from the moment of the cause; this is for the applications that
    keep sessions of their own. A session that only grew old tells nobody: its person may be in the
    middle of a form over there, and has done nothing that must stop them.
    """
    with house.database.read() as tx:
        dead = sessions.list_dead(tx)
    actor = system("worker")
    for sid, person_id, reason in dead:
        with house.database.write() as tx:
            if reason == "invalidated":
                end_session(tx, house, sid, person_id, actor, reason)
            else:
                sessions.end(tx, sid, actor, reason)
