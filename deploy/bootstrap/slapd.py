"""The OpenLDAP server: the machine's own, or one unpacked into a private folder.

The server we run uses its own folder, socket and port; the machine's own service is never used
and, when we were the ones to install it, stays switched off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import debian
from progress import Missing, say

_SYSTEM = Path("/usr/sbin/slapd")


def ensure_slapd(state: Path) -> None:
    """Have a slapd that `danhmuc up` finds, installing one if need be. Raises `Missing`."""
    if os.access(_SYSTEM, os.X_OK) or any(_is_unpacked(root) for root in _private_roots(state)):
        return
    if debian.is_root() and debian.has_apt():
        _install()
    else:
        _unpack(state)


def _private_roots(state: Path) -> list[Path]:
    """Where an unpacked slapd may be, best first; `directory.ldap.embedded` looks there too."""
    return [Path("~/.cache/danhmuc/slapd").expanduser(), state / "cache" / "slapd"]


def _is_unpacked(root: Path) -> bool:
    return os.access(root / "usr/sbin/slapd", os.X_OK)


def _install() -> None:
    # No database of its own, no question, and not started at the next boot either: a directory
    # server on port 389 of every address is not what somebody who tries Danh Mục asked for.
    _tell_debconf("slapd slapd/no_configuration boolean true\n")
    debian.install(["slapd"])
    if shutil.which("update-rc.d"):
        subprocess.run(["update-rc.d", "slapd", "disable"], check=False, capture_output=True)
    say("Installed slapd; the machine's own slapd service stays switched off.")


def _tell_debconf(answers: str) -> None:
    if shutil.which("debconf-set-selections"):
        subprocess.run(
            ["debconf-set-selections"], input=answers.encode(), check=False, capture_output=True
        )


def _unpack(state: Path) -> None:
    root = _writable_root(state)
    with tempfile.TemporaryDirectory(prefix=".slapd-", dir=root.parent) as folder:
        fresh = Path(folder) / "slapd"
        fresh.mkdir()
        debian.download(["slapd"], fresh, with_libraries=True)
        _prove(fresh)
        shutil.rmtree(root, ignore_errors=True)
        fresh.rename(root)  # in one step: a half-unpacked server must never be found
    say(f"Unpacked slapd into {root} (no root rights needed).")


def _writable_root(state: Path) -> Path:
    for root in _private_roots(state):
        try:
            root.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(root.parent, os.W_OK):
            return root
    raise Missing(
        "slapd is missing and neither ~/.cache/danhmuc nor the state folder "
        f"{state} can be written to unpack it; have it installed (apt-get install slapd)"
    )


def _prove(root: Path) -> None:
    libraries = ":".join(str(folder) for folder in sorted(root.glob("usr/lib/*-linux-gnu")))
    try:
        answer = subprocess.run(
            [root / "usr/sbin/slapd", "-VV"],
            env={"LD_LIBRARY_PATH": libraries},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as problem:
        raise Missing(f"slapd was fetched but does not run here: {problem}") from problem
    # -VV prints the version and leaves; a missing library is told by the loader instead.
    if "slapd" not in answer.stderr or "error while loading" in answer.stderr:
        raise Missing(
            f"slapd was fetched but does not run here ({answer.stderr.strip()}); "
            "have it installed (apt-get install slapd)"
        )
