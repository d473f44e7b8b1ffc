"""Has everything ready that must be there before our own code can run.

Standard library only. Does nothing, quickly, when nothing is missing: neither `.venv` nor any
cache needs to be writable then. `--development` adds what the tests and checks need.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from pathlib import Path

import environment
import slapd
from progress import Missing, StepFailed, say

_CHECKOUT = Path(__file__).resolve().parents[2]
_NEEDED_MB = 400


def main(arguments: list[str]) -> int:
    """Exit code: 0 all ready, 1 something is missing (said in one sentence)."""
    try:
        prepare(development="--development" in arguments)
    except Missing as problem:
        say(f"{problem}")
    except StepFailed as problem:
        say(f"{problem} failed:\n{problem.last_lines()}")
    except OSError as problem:
        say(_explain(problem))
    except KeyboardInterrupt:
        say("stopped.")
    else:
        return 0
    return 1


def prepare(*, development: bool) -> None:
    """Environment, locked dependencies and, unless an LDAP server is configured, slapd."""
    locks = [_CHECKOUT / "deploy" / "requirements.txt"]
    if development:
        locks.append(_CHECKOUT / "deploy" / "requirements-dev.txt")
    if not all(environment.is_installed(_CHECKOUT, lock) for lock in locks):
        _install(locks)
    if not os.environ.get("DANHMUC_LDAP_URI"):
        slapd.ensure_slapd(Path(os.environ.get("DANHMUC_STATE", "var")).absolute())


def _install(locks: list[Path]) -> None:
    if environment.free_megabytes(_CHECKOUT) < _NEEDED_MB:
        raise Missing(f"the disk is full: {_NEEDED_MB} MB are needed in {_CHECKOUT}")
    # A folder can be locked without writing: two starts at once install once.
    handle = os.open(_CHECKOUT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for lock in locks:
            if not environment.is_installed(_CHECKOUT, lock):
                environment.ensure_environment(_CHECKOUT, lock, compiled=lock == locks[0])
    finally:
        os.close(handle)


def _explain(problem: OSError) -> str:
    if problem.errno == errno.ENOSPC:
        return f"the disk is full ({problem.filename or 'while installing'})."
    return f"{problem.strerror}: {problem.filename}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
