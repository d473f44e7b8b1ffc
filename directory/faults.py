"""Named points where a test lets a process die: between the steps that must survive a crash.

In an installation nobody armed (every one outside of tests) passing a point costs one comparison.
`DANHMUC_FAULT_POINT=NAME[:NTH]` arms one point in every process of a demo state: the process sends
itself SIGKILL when it passes the point for the NTH time, so nothing is flushed, closed or undone.
"""

from __future__ import annotations

import os
import re
import signal
import threading

POINTS = {
    # A change of the catalogue (directory.intents).
    "intent.meant": "the intent is committed, LDAP was not asked yet",
    "intent.applied": "LDAP has answered, the intent is still open",
    "intent.before_settled": "outcome, audit and projection are written, not committed",
    "intent.settled": "all is committed, nobody was told yet",
    # A grant at the token endpoint (idp.oidc).
    "tokens.code_consumed": "the one-time mark of a code is written, not committed",
    "tokens.rotated": "a refresh token was replaced by its successor, not committed",
    "tokens.before_commit": "tokens and audit are written, not committed",
    "tokens.committed": "tokens and audit are committed, the client was not answered yet",
    # A sign-in (idp.journeys).
    "session.opened": "the session is written, not committed",
    "session.committed": "session and audit are committed, the browser was not answered yet",
    # A new password (directory.people.credentials).
    "password.announced": "the change is announced, LDAP was not asked yet",
    "password.written": "LDAP has the new password, SQL does not know it yet",
    # Telling applications of a sign-out (idp.logout).
    "outbox.claimed": "the worker took hand-overs, nothing was sent yet",
    "outbox.sent": "the application has answered, the hand-over still stands",
    "outbox.settled": "the hand-over is done and audited",
    # Sending a message (directory.messages).
    "message.claimed": "the worker took a message, the mail server was not given it yet",
    "message.sent": "the mail server has answered, the message still waits",
    "message.settled": "the message is forgotten and audited",
    # A new key for sealed values (admin_ui.operations.sealing).
    "sealing.key_made": "the new key is there, nothing was sealed again",
    "sealing.batch": "some stored values (the NTH batch) are sealed again",
    "sealing.sealed_again": "all of them are, the log does not say so yet",
    "sealing.told": "the log says so, the old key still opens",
    "sealing.retiring": "the log says that the old key is retired, it still opens",
    # A restore (admin_ui.operations.backup).
    "restore.unpacked": "the archive is unpacked beside the state, nothing was replaced",
    "restore.built": "the restored state is complete beside the present one",
    "restore.promised": "the restore is written down as certain, nothing was replaced yet",
    "restore.moved": "one part of the state (the NTH) was moved",
    "restore.replaced": "every part is in its place, the marker of the restore still there",
}

_lock = threading.Lock()
_armed = ""
_passes_left = 0


def problem_of(setting: str) -> str:
    """What is wrong with a value of `DANHMUC_FAULT_POINT`; empty when nothing is."""
    name, _, nth = setting.partition(":")
    if name not in POINTS:
        return f"must be one of {', '.join(POINTS)}"
    if ":" in setting and not re.fullmatch("[1-9][0-9]{0,5}", nth):
        return "after the colon stands which passing is meant, from 1"
    return ""


def arm(setting: str) -> None:
    """Make this process, and those it forks, die at a point; an empty `setting` changes nothing."""
    global _armed, _passes_left
    if not setting:
        return
    name, _, nth = setting.partition(":")
    with _lock:
        _armed, _passes_left = name, int(nth or 1)


def reach(name: str) -> None:
    """This process is at the point `name` now."""
    if _armed and _armed == name:
        _pass()


def _pass() -> None:
    global _passes_left
    with _lock:
        _passes_left -= 1
        if _passes_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
