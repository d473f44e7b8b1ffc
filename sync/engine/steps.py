"""What is done in a target for one person. Each step may be repeated: it looks before it makes.

That an account is gone is believed only of a target that is there: one that is away behind a proxy
may say 404 to everything, and whoever left would stay active in it.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace

from sync.engine.target import Account, Cannot, Found, Gone, Refused, Taken, Target, Unreachable

log = logging.getLogger("danhmuc.connectors")


@dataclass(frozen=True)
class Task:
    """One person to be brought in step. `held`: what the target took last; with `is_doubtful` what
    it was sent to make, with no answer. `is_unsettled`: something was sent with no answer, and may
    be carried out after what is done now; `is_fresh`: so short a time ago that an account that is
    not there may still be made. `groups`: all that the definition has."""

    person_id: str
    wanted: Account | None
    held: Account | None
    remote_id: str | None
    is_doubtful: bool
    tries: int
    deletes: bool
    is_unsettled: bool = False
    is_fresh: bool = False
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of it. `act`: the word of `sync.engine.events.ACTS`, empty when there was nothing
    to do; `why`: the word for why it failed, with a `remote_id` after the account was made;
    `waits`: nothing was done, as what was sent before may still be carried out.
    `was_refused`: the target said no, so nothing of it can have been made."""

    task: Task
    remote_id: str | None = None
    act: str = ""
    why: str = ""
    detail: str = ""
    was_refused: bool = False
    failed: Exception | None = None
    waits: bool = False


def carry_out(target: Target, task: Task) -> Outcome:
    """Do it. Never raises."""
    try:
        if task.wanted is None:
            return _take_away(target, task)
        return _bring(target, task, task.wanted)
    except Exception as error:
        return _failure(task, error)


def _failure(task: Task, error: Exception) -> Outcome:
    if isinstance(error, Unreachable):
        return Outcome(task, why="silent", detail=error.why, failed=error)
    if isinstance(error, Refused):
        return Outcome(task, why="refused", detail=error.why, was_refused=not error.may_be_done)
    if isinstance(error, Cannot):
        return Outcome(task, why="cannot", detail=error.what, was_refused=True)
    if isinstance(error, Taken):
        return Outcome(task, why="taken", detail=str(error), was_refused=True)
    told = {"person": task.person_id}
    log.error("a target's class failed", exc_info=error, extra=told)
    return Outcome(task, why="fault", detail=type(error).__name__)


def _bring(target: Target, task: Task, wanted: Account) -> Outcome:
    remote_id = task.remote_id
    if remote_id is None and task.is_doubtful:
        with suppress(Cannot):  # then its create may be sent again, and is
            remote_id = _find_own(target, task.held or wanted, made=True)
            if remote_id is None and task.is_fresh:
                return Outcome(task, waits=True)
    if remote_id is not None:
        held = None if task.is_unsettled else task.held
        try:
            _update(target, remote_id, held, wanted, task.groups)
        except Gone:
            target.test()
        else:
            act = "created" if task.remote_id is None else "updated"
            return Outcome(task, remote_id, act)
    try:
        remote_id = target.create(wanted)
    except Taken:
        remote_id = None
        with suppress(Cannot):
            remote_id = _find_own(target, wanted, made=False)
        if remote_id is None:
            raise
        _update(target, remote_id, None, wanted, task.groups)
        return Outcome(task, remote_id, "linked")
    try:
        if wanted.groups:
            target.change_groups(remote_id, (), wanted.groups)
    except Exception as error:  # the account is there: that is known, whatever came after
        return replace(_failure(task, error), remote_id=remote_id)
    return Outcome(task, remote_id, "created")


def _update(
    target: Target, remote_id: str, held: Account | None, wanted: Account, groups: tuple[str, ...]
) -> None:
    """Which groups one is in of which nobody knows what it holds is not known either: it leaves
    what it is not to be in. To leave or join once more harms nobody."""
    target.update(remote_id, held, wanted)
    leave = [
        name for name in (groups if held is None else held.groups) if name not in wanted.groups
    ]
    join = [name for name in wanted.groups if held is None or name not in held.groups]
    if leave or join:
        target.change_groups(remote_id, leave, join)


def _take_away(target: Target, task: Task) -> Outcome:
    remote_id = task.remote_id
    if remote_id is None and task.is_doubtful and task.held is not None:
        try:
            remote_id = _find_own(target, task.held, made=True)
        except Cannot:  # its create may be sent again, and gives it a name at least
            remote_id = target.create(task.held)
        if remote_id is None and task.is_fresh:
            return Outcome(task, waits=True)
    if remote_id is None:
        return Outcome(task)
    try:
        if task.deletes:
            target.delete(remote_id)
            return Outcome(task, None, "deleted")
        target.disable(remote_id, task.held)
        is_known = task.held is not None and not task.is_unsettled
        if groups := task.held.groups if task.held is not None and is_known else task.groups:
            target.change_groups(remote_id, groups, ())
    except Gone:
        target.test()
        return Outcome(task)
    return Outcome(task, remote_id, "disabled")


def _find_own(target: Target, sent: Account, *, made: bool) -> str | None:
    """The account that is this person's beyond doubt, if there is one.

    One that says so itself; or, where the target keeps no word of ours and we did send a create
    (`made`), the only one of that name that holds what was sent. Whatever else has the name is
    somebody's of whom we know nothing: never taken over.
    """
    found = target.find(sent)
    for each in found:
        if each.person_id == sent.person_id:
            return each.remote_id
    alike = [each for each in found if made and not each.person_id and _holds(each, sent)]
    return alike[0].remote_id if len(alike) == 1 and len(found) == 1 else None


def _holds(found: Found, sent: Account) -> bool:
    """In all that the definition says; what the target adds by itself is its own matter."""
    told = {path: value for path, value in found.attributes.items() if path in sent.attributes}
    return bool(told) and all(sent.attributes[path] == value for path, value in told.items())
