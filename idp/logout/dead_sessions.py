"""Sessions that died without anyone signing out: suspension, a new password, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from directory.actor import system
from directory.installation import Installation
from idp.logout.ending import end_sessions
from idp.sessions import store as sessions


def end_dead(installation: Installation) -> None:
    """The worker's job: write down the end of dead sessions and tell their applications.

    They were dead at our endpoints from the moment of the cause; this is for the applications that
    keep sessions of their own. A session that only grew old tells nobody: its person may be in the
    middle of a form over there, and has done nothing that must stop them.
    """
    with installation.database.read() as tx:
        dead = sessions.list_dead(tx)
    actor = system("worker")
    for (person_id, reason), its in _by_person(dead).items():
        with installation.database.write() as tx:
            if reason == "invalidated":
                end_sessions(tx, installation, its, person_id, actor, reason)
            else:
                sessions.end_together(tx, its, actor, reason)


def _by_person(dead: Sequence[tuple[str, str, str]]) -> Mapping[tuple[str, str], Sequence[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for sid, person_id, reason in dead:
        found.setdefault((person_id, reason), []).append(sid)
    return found
