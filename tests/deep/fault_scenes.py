"""One scene per fault point: a process dies exactly there, the next one goes on, nothing is lost,
doubled or stuck. Every scene ends with the same judgement as the storm."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import update

from directory.intents.recovery import recover_open_intents
from directory.messages.tables import message
from directory.outbox.tables import outbox
from directory.people import service
from tests.deep.fault_installation import (
    FaultInstallation,
    assert_killed_itself,
    fault_installation,
)
from tests.deep.judging import assert_kept, await_settled
from tests.deep.sign_in_client import NotNow
from tests.support.installation import OPERATOR
from tests.support.invariants import collect
from tests.support.waiting import wait_until

_PATIENCE_S = 20.0


def play(point: str, folder: Path) -> None:
    """Play the scene of `point` in an installation of its own and judge what is left."""
    with fault_installation(folder / "journal") as installation:
        SCENES[point](installation, point)
        await_settled(installation.running.settings, 5)
        assert_kept(installation.running.settings, installation.journal.path, folder)


def _edit(installation: FaultInstallation, point: str) -> None:
    """A change of the catalogue: once it was meant it is made, whoever has to finish it."""
    editor = installation.process("tests.deep.editor", point=point)
    assert (
        _say(
            editor, {"person": installation.person.id, "changes": {"phone": "0274 2"}}, installation
        )
        == ""
    )
    assert_killed_itself(editor)
    editor.communicate()
    is_open = point != "intent.settled"
    folder = installation.journal.path.parent
    states = {row.state for row in collect(installation.running.settings, folder)
              .intents.values()}  # fmt: skip
    assert ("requested" in states) is is_open, states
    assert recover_open_intents(installation.running.installation, leave_alone_ms=0) == int(is_open)
    assert (
        service.read_person(installation.running.installation, installation.person.id).phone
        == "0274 2"
    )
    # And nothing is in the way of the next change.
    again = installation.process("tests.deep.editor")
    order = {"person": installation.person.id, "changes": {"phone": "0274 3"}}
    assert _say(again, order, installation) == "done"
    again.communicate()


def _say(
    editor: subprocess.Popen[str], order: Mapping[str, object], installation: FaultInstallation
) -> str:
    """The editor's answer, empty when it died."""
    assert editor.stdin is not None and editor.stdout is not None
    assert editor.stdout.readline(), "the editor did not start"
    changes = order["changes"]
    assert isinstance(changes, dict)
    number = installation.journal.begin("edit", person=order["person"], field="phone", alone=True,
                                 value=changes["phone"])  # fmt: skip
    editor.stdin.write(json.dumps(order) + "\n")
    editor.stdin.flush()
    line = editor.stdout.readline()
    if not line:
        return ""
    answer = json.loads(line)["answer"]
    installation.journal.end(number, answer)
    return str(answer)


def _sign_in(installation: FaultInstallation, point: str) -> None:
    """A sign-in that nobody heard of: a session with its event, or neither; then one that works."""
    first = installation.new_sign_in()
    with installation.web(point):
        page = first.open_form()
        with pytest.raises(NotNow, match=r"aborted|Connection|reset"):
            first.sign_in(page)
    evidence = collect(installation.running.settings, installation.journal.path.parent)
    assert len(evidence.sessions) == int(point == "session.committed")
    with installation.web():
        assert installation.new_sign_in().enter()


def _redeem(installation: FaultInstallation, point: str) -> None:
    """A code whose answer was lost: worth tokens if nothing was committed, worth nothing if so."""
    attempt = installation.new_sign_in()
    with installation.web(point):
        code = attempt.enter()
        assert attempt.present_code(code) == ("unknown", None)
    with installation.web():
        answer, tokens = attempt.present_code(code)
        assert answer == ("refused" if point == "tokens.committed" else "done")
        assert (tokens is None) is (point == "tokens.committed")
        assert attempt.present_code(code)[0] == "refused"
        installation.new_sign_in().run()


def _refresh(installation: FaultInstallation, point: str) -> None:
    """A refresh token whose answer was lost is still good, and has one successor."""
    attempt = installation.new_sign_in()
    with installation.web(point):
        _, tokens = attempt.present_code(attempt.enter())
        assert tokens is not None
        assert attempt.present_refresh_token(tokens["refresh_token"]) == ("unknown", None)
    with installation.web():
        answer, successor = attempt.present_refresh_token(tokens["refresh_token"])
        assert answer == "done" and successor is not None
        assert attempt.present_refresh_token(successor["refresh_token"])[0] == "done"


def _tell(installation: FaultInstallation, point: str) -> None:
    """A person is suspended: their application is told at least once, and that is noted once."""
    attempt = installation.new_sign_in()
    with installation.web():
        _, tokens = attempt.present_code(attempt.enter())
        assert tokens is not None
    service.suspend(installation.running.installation, OPERATOR, installation.person.id, "đình chỉ")
    worker = installation.process("admin_ui.cli", "worker", point=point)
    assert_killed_itself(worker)
    worker.communicate()
    assert len(installation.receiver.tokens) == int(point != "outbox.claimed")
    with installation.running.installation.database.write() as tx:
        tx.execute(update(outbox).values(due_at=0))  # as if the claim had run out
    again = installation.process("admin_ui.cli", "worker")
    try:
        wait_until(
            lambda: _times_noted(installation) == 1 and not _handed_over(installation),
            _PATIENCE_S,
            every_s=0.2,
        )
        time.sleep(2)  # the job runs each second: a second delivery would show
    finally:
        again.terminate()
        again.communicate()
    assert _times_noted(installation) == 1
    assert len(installation.receiver.tokens) == (2 if point == "outbox.sent" else 1)


def _write(installation: FaultInstallation, point: str) -> None:
    """The password that the person was given is told once; twice, under one id, where the server
    took it and nobody heard."""
    running = installation.running.installation
    worker = installation.process("admin_ui.cli", "worker", point=point)
    assert_killed_itself(worker)
    worker.communicate()
    taken = installation.mail.taken
    assert len(taken) == int(point != "message.claimed")
    with running.database.write() as tx:
        tx.execute(update(message).values(due_at=0))  # as if the claim had run out
    again = installation.process("admin_ui.cli", "worker")
    expected = 2 if point == "message.sent" else 1
    try:
        wait_until(lambda: len(taken) == expected, _PATIENCE_S, every_s=0.2)
        time.sleep(3)  # the job runs every two seconds: a further delivery would show
    finally:
        again.terminate()
        again.communicate()
    assert len(taken) == expected
    assert len({each.letter["Message-ID"] for each in taken}) == 1


def _times_noted(installation: FaultInstallation) -> int:
    evidence = collect(installation.running.settings, installation.journal.path.parent)
    return sum(event.kind == "logout.notified" for event in evidence.events)


def _handed_over(installation: FaultInstallation) -> int:
    return len(collect(installation.running.settings, installation.journal.path.parent).outbox)


SCENES: Mapping[str, Callable[[FaultInstallation, str], None]] = {
    "intent.meant": _edit,
    "intent.applied": _edit,
    "intent.before_settled": _edit,
    "intent.settled": _edit,
    "session.opened": _sign_in,
    "session.committed": _sign_in,
    "tokens.code_consumed": _redeem,
    "tokens.before_commit": _redeem,
    "tokens.committed": _redeem,
    "tokens.rotated": _refresh,
    "outbox.claimed": _tell,
    "outbox.sent": _tell,
    "outbox.settled": _tell,
    "message.claimed": _write,
    "message.sent": _write,
    "message.settled": _write,
}
