"""The state folder: made, checked, and held by one supervisor at a time.

`run/supervisor.lock` is held with flock, which the kernel drops with the process: after any death
the next start gets it. `run/children.json` names the processes started, so that a start after a
crash can end what by any chance survived; two slapd on one database would destroy it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from admin_ui.operations.options import CannotStart
from directory.settings import Settings

_NEEDED_MB = 200
_CHILDREN = "children.json"
_ISSUER = "issuer"


@dataclass(frozen=True)
class ProcessMark:
    """A process beyond doubt: a pid alone may be somebody else by now."""

    name: str
    pid: int
    started_ticks: int
    boot_id: str


@contextlib.contextmanager
def hold_state(settings: Settings) -> Iterator[None]:
    """The state folder, made and writable, ours alone while it lasts. Raises `CannotStart`."""
    try:
        for folder in (settings.state, settings.run_dir, settings.logs_dir, settings.secrets_dir):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _require_ours(folder)
        _prove_writable(settings.run_dir)
        lock = os.open(settings.run_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise CannotStart(_explain(problem, settings.state)) from problem
    try:
        _take(lock, settings.state)
        _end_survivors(settings.run_dir)
        yield
    finally:
        os.close(lock)


def _require_ours(folder: Path) -> None:
    """Nobody else may put anything into a folder that holds every key. Raises `CannotStart`."""
    found = folder.stat()
    # A symbolic link must be ours as well as what it leads to.
    if {found.st_uid, folder.lstat().st_uid} != {os.geteuid()}:
        raise CannotStart(
            f"{folder} is not a folder of this user (uid {os.geteuid()}): somebody else could read "
            "or plant keys there; run as its owner or set DANHMUC_STATE to another folder"
        )
    if found.st_mode & 0o022:
        folder.chmod(stat.S_IMODE(found.st_mode) & ~0o022)


def require_space(state: Path) -> None:
    """Raises `CannotStart` when the disk is about to be full."""
    free = shutil.disk_usage(state).free // 1_000_000
    if free < _NEEDED_MB:
        raise CannotStart(
            f"the disk is full: {free} MB are left in the state folder {state}, "
            f"{_NEEDED_MB} MB are needed; free some or set DANHMUC_STATE to another disk"
        )


def mark(name: str, pid: int) -> ProcessMark:
    """The mark of a running process of ours."""
    return ProcessMark(name, pid, _started_ticks(pid), _boot_id())


def remember_children(run_dir: Path, marks: Sequence[ProcessMark]) -> None:
    """Write down which processes run, for the start after a crash."""
    target = run_dir / _CHILDREN
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps([asdict(child) for child in marks]))
    fresh.replace(target)


def remember_issuer(settings: Settings) -> None:
    """Write down under which issuer this state runs (`--tls` is an option, not a setting)."""
    (settings.run_dir / _ISSUER).write_text(settings.issuer)


def running_issuer(run_dir: Path) -> str:
    """The issuer of the last run of this state, empty when there was none."""
    try:
        return (run_dir / _ISSUER).read_text().strip()
    except OSError:
        return ""


def _take(lock: int, state: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        pid = os.pread(lock, 20, 0).decode(errors="replace").strip()
        raise CannotStart(f"already running (pid {pid}) with the state folder {state}") from problem
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _prove_writable(folder: Path) -> None:
    proof = folder / ".writable"
    proof.write_bytes(b"x" * 4096)  # an empty file can be made on a full disk
    proof.unlink()


def _explain(problem: OSError, state: Path) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: the state folder {state} cannot be written"
    return (
        f"the state folder {state} cannot be written ({problem.strerror}: {problem.filename}); "
        "set DANHMUC_STATE to a folder of this user"
    )


def _end_survivors(run_dir: Path) -> None:
    try:
        marks = [ProcessMark(**entry) for entry in json.loads((run_dir / _CHILDREN).read_text())]
    except (OSError, ValueError, TypeError):
        return
    survivors = [child for child in marks if _is_alive(child)]
    for child in survivors:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while any(_is_alive(child) for child in survivors) and time.monotonic() < deadline:
        time.sleep(0.05)


def _is_alive(child: ProcessMark) -> bool:
    return child.boot_id == _boot_id() and child.started_ticks == _started_ticks(child.pid) != 0


def _started_ticks(pid: int) -> int:
    """Field 22 of /proc/PID/stat (proc(5)), 0 when there is no such process or it is a zombie."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if after_name[0] == "Z" else int(after_name[19])


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
