"""Names of those who hold leases, and which of them are certainly no more.

A name says which process of which boot of which machine it is. Whoever finds it, on the same
machine, can see that the process is gone, and need not wait for its deadline. Of another machine,
another container or an earlier boot nothing is known, and the deadline counts. Nothing rests on it
that must be right: a late holder writes nothing (`assert_held` in `directory.database.lease`).
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from directory.ids import new_secret

_PROC = Path("/proc")


@dataclass(frozen=True)
class _Place:
    """Where process ids mean the same: one machine since it was started, one container."""

    boot: str
    pid_space: str


def process_name() -> str:
    """A holder's name that no other process, and no earlier one, has."""
    return _name_of(os.getpid())


@lru_cache(maxsize=1)
def _name_of(pid: int) -> str:
    name, own, secret = socket.gethostname()[:32], _find_place(), new_secret(6)
    started = _find_started(pid)
    if own is None or started is None:
        return f"{name}:{pid}:{secret}"
    return f"{name}:{own.boot}:{own.pid_space}:{pid}:{started}:{secret}"


def is_gone(holder: str) -> bool:
    """Whether it names a process of this machine that is no more, beyond doubt."""
    parts = holder.split(":")
    if len(parts) != 6 or not parts[3].isdecimal():
        return False
    name, boot, pid_space, pid, started, _ = parts
    if name != socket.gethostname()[:32] or _Place(boot, pid_space) != _find_place():
        return False
    return not _is_there(int(pid), started)


def _is_there(pid: int, started: str) -> bool:
    """Whether the process with that id, begun then, still does anything, or might."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        pass
    now = _find_started(pid)
    return now is None or now == started


def _find_place() -> _Place | None:
    try:
        if (_PROC / "self").readlink().name != str(os.getpid()):
            return None  # what is mounted there tells of other processes than ours
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        space = (_PROC / "self/ns/pid").readlink().name
    except OSError:  # no Linux, or nothing that we may see
        return None
    return _Place(boot, space.strip("pid:[]")) if boot else None


def _find_started(pid: int) -> str | None:
    """When it began, in ticks since the boot (proc(5)): a later process with the same id began
    later. ``ended`` when it did and nobody has taken note; None: it cannot be seen."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # from field 3 on: the name may hold anything
    state, threads, started = fields[0], int(fields[17]), fields[19]
    # A leader that ended before its threads is a zombie too.
    return "ended" if state in "ZX" and threads <= 1 else started
