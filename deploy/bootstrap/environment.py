"""Our own Python environment, `.venv` in the checkout, with exactly the locked dependencies.

A stamp file per lock file says which lock is installed: a later start compares two hashes and
calls no installer.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import debian
from progress import Counted, Missing, StepFailed, run_step

_NETWORK_SIGNS = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Failed to establish a new connection",
    "ProxyError",
    "No matching distribution found",
)


def is_installed(checkout: Path, lock: Path) -> bool:
    """Whether this very lock file is installed and the environment's Python still runs."""
    stamp = _stamp(checkout, lock)
    return stamp.is_file() and stamp.read_text() == _fingerprint(lock) and _runs(_python(checkout))


def ensure_environment(checkout: Path, lock: Path, *, compiled: bool) -> None:
    """Make the environment and install the lock file. Raises `Missing`.

    `compiled`: all of it at once, for users who may not write there later. Else each file when it
    is first used, which most never are.
    """
    if not os.access(checkout, os.W_OK):
        raise Missing(
            f"the dependencies must be installed into {checkout / '.venv'}, "
            "but this user may not write there"
        )
    if not _runs(_python(checkout), "-m", "pip", "--version"):
        _make_environment(checkout)
    _install(checkout, lock)
    if compiled:
        _compile(checkout)
    _stamp(checkout, lock).write_text(_fingerprint(lock))


def _python(checkout: Path) -> Path:
    return checkout / ".venv" / "bin" / "python"


def _stamp(checkout: Path, lock: Path) -> Path:
    return checkout / ".venv" / f"danhmuc-{lock.stem}.stamp"


def _fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest() + "\n"


def _runs(python: Path, *arguments: str) -> bool:
    try:
        return (
            subprocess.run(
                [python, *(arguments or ("-c", ""))], check=False, capture_output=True
            ).returncode
            == 0
        )
    except OSError:
        return False


def _make_environment(checkout: Path) -> None:
    # When we already run inside the old environment, build the new one with its base Python.
    base = getattr(sys, "_base_executable", sys.executable)
    target = checkout / ".venv"
    if not _can_bring_pip(base) and debian.is_root() and debian.has_apt():
        version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        debian.install(["python3-venv" if base == "/usr/bin/python3" else version])
    if _can_bring_pip(base):
        _venv([base, "-m", "venv", "--clear", str(target)])
        return
    _venv([base, "-m", "venv", "--clear", "--without-pip", str(target)])
    _bring_pip(checkout)


def _can_bring_pip(base: str) -> bool:
    # Debian keeps ensurepip in python3-venv.
    return _runs(Path(base), "-c", "import ensurepip, venv")


def _venv(command: list[str]) -> None:
    try:
        run_step("Making the Python environment .venv", command)
    except StepFailed as problem:
        raise Missing(
            f"the Python environment .venv could not be made:\n{problem.last_lines()}"
        ) from problem


def _bring_pip(checkout: Path) -> None:
    """pip out of Debian's package of its wheel, for a user who cannot install python3-venv."""
    with tempfile.TemporaryDirectory(prefix="danhmuc-pip-") as folder:
        root = Path(folder)
        debian.download(["python3-pip-whl"], root)
        wheel = next(root.glob("usr/share/python-wheels/pip-*.whl"), None)
        if wheel is None:
            raise Missing(
                "python3-venv is missing; have it installed (apt-get install python3-venv)"
            )
        command = [str(_python(checkout)), f"{wheel}/pip", "install", "--no-index", "--no-deps"]
        run_step("Bringing pip into .venv", [*command, str(wheel)])


def _install(checkout: Path, lock: Path) -> None:
    total = len(re.findall(r"^[A-Za-z0-9].*==", lock.read_text(), re.MULTILINE))
    command = [
        str(_python(checkout)), "-m", "pip", "install", "--disable-pip-version-check",
        "--no-input", "--no-compile", "--require-hashes", "--only-binary", ":all:",
        "--progress-bar", "off", "-r", str(lock),
    ]  # fmt: skip
    counted = Counted(r"^(Collecting|Requirement already satisfied:) ", total)
    try:
        run_step(f"Installing the {total} locked packages of {lock.name}", command, counted=counted)
    except StepFailed as problem:
        raise Missing(_explain(problem, lock)) from problem


def _compile(checkout: Path) -> None:
    """On all processors, where pip has one do it."""
    folder = checkout / ".venv" / "lib"
    command = [str(_python(checkout)), "-m", "compileall", "-q", "-j", "0", str(folder)]
    # A package may carry a file for another Python, which is never imported.
    subprocess.run(command, check=False, capture_output=True)


def _explain(problem: StepFailed, lock: Path) -> str:
    if "No space left on device" in problem.output:
        return f"the disk is full: {lock.name} could not be installed into .venv"
    if any(sign in problem.output for sign in _NETWORK_SIGNS):
        return (
            f"the package index cannot be reached, so {lock.name} could not be installed; connect "
            "this machine to it or set PIP_INDEX_URL (or PIP_FIND_LINKS, a folder of wheels):\n"
            + problem.last_lines(3)
        )
    return f"the packages of {lock.name} could not be installed:\n{problem.last_lines()}"


def free_megabytes(folder: Path) -> int:
    """Free space where `folder` is or will be, in MB."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 1_000_000
