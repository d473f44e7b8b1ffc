"""What must be true of a state folder before anything in it is used: it is ours, and nobody else's.

Every process looks, so that a folder that was copied, mounted or unpacked with other modes is seen
at the first start after it and not by whoever reads it first.
"""

from __future__ import annotations

import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from directory.errors import Invalid
from directory.errors.installation import KEYS_LOST
from directory.sealed import MASTER_KEY, key_file_problem

# While a first start, and `danhmuc setup`, are at work: nobody has used what is there.
FIRST_START, SETUP = "first-start", "setup-unfinished"


def folder_problems(state: Path) -> list[str]:
    """Why this state folder must not be used, and what to do. None when it is not there yet."""
    try:
        if not state.exists():
            return []
        if not state.is_dir():
            return [f"{state} is not a folder; set DANHMUC_STATE to one, or to a new name"]
        if foreign := _owner_problem(state):
            return [foreign]
        return [*_key_problems(state / "keys"), *_secret_problems(state / "secrets")]
    except OSError as error:
        return [f"{error.filename or state} cannot be read ({error.strerror}): {_as_owner(state)}"]


def is_initialised(state: Path) -> bool:
    """Whether a first start prepared this folder to its end. Raises Invalid(``keys.lost``) for a
    folder that holds data but not the key to them: a new key would open none of it."""
    if is_begun(state):
        return False
    if (state / "keys" / MASTER_KEY).exists():
        return True
    if any((state / name).exists() for name in ("danhmuc.db", "slapd")):
        raise Invalid(KEYS_LOST, path=str(state / "keys" / MASTER_KEY))
    return False


def is_begun(state: Path) -> bool:
    """Whether a first start or `danhmuc setup` did not come to its end: it is for nothing yet."""
    return any((state / name).exists() for name in (FIRST_START, SETUP))


def _owner_problem(state: Path) -> str:
    """Another account's folder: even where we may read it, what we make there it could not use."""
    owner = state.stat().st_uid
    if owner == os.geteuid():
        return ""
    return (
        f"{state} is not a folder of this user (uid {os.geteuid()}) but of {_name(owner)}: "
        f"{_as_owner(state)}, or set DANHMUC_STATE to another folder"
    )


def _as_owner(state: Path) -> str:
    with suppress(OSError):
        return f"run this as its owner (sudo -u {_name(state.stat().st_uid)} …)"
    return "run this as its owner"


def _name(uid: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return f"uid {uid}"


def _key_problems(folder: Path) -> Iterator[str]:
    if not (folder / MASTER_KEY).exists():
        return  # not initialised; whoever needs the key says so
    yield from _openness(folder, "chmod 700")
    for path in sorted(folder.glob("*.key")):
        problem = key_file_problem(path)
        yield from [problem] if problem else _openness(path, "chmod 600")


def _secret_problems(folder: Path) -> Iterator[str]:
    if folder.exists():
        yield from _openness(folder, "chmod 700")
        for path in sorted(folder.iterdir()):
            yield from _openness(path, "chmod 600")


def _openness(path: Path, mend: str) -> Iterator[str]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield (
            f"other accounts of this machine can get at {path} (mode {mode:04o}): "
            f"{mend} {shlex.quote(str(path))}, and think of who may have read it"
        )
