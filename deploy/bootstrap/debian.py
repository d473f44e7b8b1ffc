"""Debian packages: installed as root, or unpacked into a private folder without root."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from progress import Missing, StepFailed, run_step

_POLICY = Path("/usr/sbin/policy-rc.d")
_SAVED_POLICY = Path("/usr/sbin/policy-rc.d.danhmuc-saved")
_OUR_POLICY = """#!/bin/sh
# Put here by Danh Mục while it installs packages; removed right after.
exit 101
"""
_LOCK_WAIT = ("-o", "DPkg::Lock::Timeout=300")
# Never needed by the parts of slapd we load (only its Perl back-end links them).
_UNNEEDED = ("libc6", "libcrypt1", "libgcc", "libperl", "libgdbm", "libdb5")


def is_root() -> bool:
    """Whether packages may be installed for the whole machine."""
    return os.geteuid() == 0


def has_apt() -> bool:
    """Whether this machine is a Debian or one of its children."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None


def install(packages: Sequence[str]) -> None:
    """Install packages as root; no daemon of theirs is started. Raises `Missing`."""
    names = " ".join(packages)
    command = ["apt-get", *_LOCK_WAIT, "install", "-y", "--no-install-recommends", *packages]
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "APT_LISTCHANGES_FRONTEND": "none"}
    with _daemons_kept_off():
        try:
            run_step(f"Installing {names}", command, env=quiet)
        except StepFailed:
            # No package lists yet (a fresh container) or lists older than the archive.
            _refresh_lists(names)
            try:
                run_step(f"Installing {names}", command, env=quiet)
            except StepFailed as problem:
                raise Missing(
                    f"apt-get could not install {names}:\n{problem.last_lines()}"
                ) from problem


def download(packages: Sequence[str], target: Path, *, with_libraries: bool = False) -> None:
    """Fetch packages without root and unpack them into `target`. Raises `Missing`.

    `with_libraries` adds the shared libraries they need and this machine lacks.
    """
    if not has_apt():
        raise Missing(f"{' '.join(packages)} is missing and there is no apt-get to fetch it with")
    with tempfile.TemporaryDirectory(prefix="danhmuc-apt-") as folder:
        work = Path(folder)
        try:
            options: list[str] = []
            debs = _fetch(packages, work, options, with_libraries)
        except StepFailed:
            options = _private_lists(packages, work)
            debs = _fetch_or_explain(packages, work, options, with_libraries)
        for deb in debs:
            run_step(f"Unpacking {deb.name}", ["dpkg-deb", "-x", str(deb), str(target)])


def _refresh_lists(names: str) -> None:
    try:
        run_step("Refreshing the package lists", ["apt-get", *_LOCK_WAIT, "update"])
    except StepFailed as problem:
        raise Missing(
            f"{names} is missing and the Debian archive cannot be reached:\n{problem.last_lines(4)}"
        ) from problem


def _private_lists(packages: Sequence[str], work: Path) -> list[str]:
    """Package lists in a folder of our own: an ordinary user may not write the machine's."""
    (work / "lists" / "partial").mkdir(parents=True)
    (work / "cache" / "archives" / "partial").mkdir(parents=True)
    options = [
        "-o", f"Dir::State::lists={work}/lists",
        "-o", f"Dir::Cache={work}/cache",
        "-o", "Debug::NoLocking=1",
    ]  # fmt: skip
    try:
        run_step("Fetching the package lists", ["apt-get", *options, "update"])
    except StepFailed as problem:
        raise Missing(
            f"{' '.join(packages)} is missing and the Debian archive cannot be reached; "
            f"have it installed (apt-get install {' '.join(packages)}):\n{problem.last_lines(4)}"
        ) from problem
    return options


def _fetch_or_explain(
    packages: Sequence[str], work: Path, options: Sequence[str], with_libraries: bool
) -> list[Path]:
    try:
        return _fetch(packages, work, options, with_libraries)
    except StepFailed as problem:
        names = " ".join(packages)
        raise Missing(
            f"{names} is missing and could not be fetched; "
            f"have it installed (apt-get install {names}):\n{problem.last_lines(4)}"
        ) from problem


def _fetch(
    packages: Sequence[str], work: Path, options: Sequence[str], with_libraries: bool
) -> list[Path]:
    wanted = set(packages)
    if with_libraries:
        wanted |= _libraries(packages, options)
    run_step(
        f"Fetching {' '.join(packages)}",
        ["apt-get", *options, "download", *sorted(wanted)],
        cwd=work,
    )
    return sorted(work.glob("*.deb"))


def _libraries(packages: Sequence[str], options: Sequence[str]) -> set[str]:
    """Libraries the packages name themselves, and those apt would install along with them."""
    named = run_step("Looking up libraries", ["apt-cache", *options, "depends", *packages])
    planned = run_step(
        "Looking up libraries",
        ["apt-get", *options, "-s", "--no-install-recommends", "install", *packages],
    )
    found = set(re.findall(r"^\s*\|?Depends: (lib[^\s:<]+)", named, re.MULTILINE))
    found |= set(re.findall(r"^Inst (lib\S+)", planned, re.MULTILINE))
    return {name for name in found if not name.startswith(_UNNEEDED)}


@contextlib.contextmanager
def _daemons_kept_off() -> Iterator[None]:
    """While it lasts no package may start a service; the machine's own policy comes back after."""
    previous = signal.signal(signal.SIGTERM, _leave)
    if _POLICY.exists() and not _SAVED_POLICY.exists():
        _POLICY.rename(_SAVED_POLICY)
    _POLICY.write_text(_OUR_POLICY)
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
        if _SAVED_POLICY.exists():
            _SAVED_POLICY.rename(_POLICY)
        signal.signal(signal.SIGTERM, previous)


def _leave(signum: int, _frame: object) -> None:
    raise SystemExit(128 + signum)
