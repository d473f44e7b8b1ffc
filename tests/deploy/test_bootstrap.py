"""What deploy/run does before our own code can run: each missing thing is one clear sentence."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BOOTSTRAP = REPOSITORY / "deploy" / "bootstrap"
NOBODY_LISTENS = "http://127.0.0.1:9/simple"


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Path:
    """The commands without an installed environment."""
    checkout = tmp_path / "checkout"
    for name in ("run", "danhmuc", "requirements.txt", "requirements-dev.txt", "bootstrap"):
        source, target = REPOSITORY / "deploy" / name, checkout / "deploy" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
    return checkout


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The modules of deploy/bootstrap, which run without any package around them."""
    monkeypatch.syspath_prepend(str(BOOTSTRAP))
    names = ("progress", "debian", "environment", "slapd")
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


def run(program: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DANHMUC_", "PIP_"))}
    return subprocess.run(
        [program, *arguments],
        env=kept | variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def test_old_python_is_told_with_its_version(bare_checkout: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "dirname", "readlink", "env"):
        (programs / name).symlink_to(str(shutil.which(name)))
    old = programs / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    unprivileged = programs / "id"
    unprivileged.write_text("#!/bin/sh\necho 1000\n")
    unprivileged.chmod(0o755)
    done = run(bare_checkout / "deploy" / "run", PATH=str(programs))
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed, this machine has Python 3.9.2" in done.stderr
    assert done.stdout == ""


def test_unreachable_package_index_is_told_with_a_way_out(
    bare_checkout: Path, tmp_path: Path
) -> None:
    # With a pip already, which takes seconds to bring.
    base = getattr(sys, "_base_executable", sys.executable)
    made = ["-m", "venv", "--without-pip", "--system-site-packages", str(bare_checkout / ".venv")]
    subprocess.run([base, *made], check=True)
    done = run(
        bare_checkout / "deploy" / "danhmuc",
        "--help",
        DANHMUC_STATE=str(tmp_path / "state"),
        PIP_CONFIG_FILE="/dev/null",
        PIP_INDEX_URL=NOBODY_LISTENS,
        PIP_RETRIES="0",
        PIP_NO_CACHE_DIR="1",
    )
    assert done.returncode == 1
    assert "the package index cannot be reached" in done.stderr
    assert "PIP_INDEX_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_checkout_of_somebody_else_is_told(bare_checkout: Path) -> None:
    """An ordinary user starts from a folder that only root may write."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to others
        checkout = Path(folder) / "checkout"
        shutil.copytree(bare_checkout, checkout)
        Path(folder).chmod(0o755)
        checkout.chmod(0o555)
        ordinary: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []}
        done = subprocess.run(
            [checkout / "deploy" / "danhmuc", "--help"],
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
            capture_output=True,
            text=True,
            **(ordinary if os.geteuid() == 0 else {}),
        )
        checkout.chmod(0o755)
    assert done.returncode == 1
    assert "this user may not write there" in done.stderr


def test_nothing_is_called_or_written_when_nothing_is_missing() -> None:
    prepare = [sys.executable, str(BOOTSTRAP / "prepare.py")]
    assert subprocess.run(prepare).returncode == 0
    before = {path: path.stat().st_mtime_ns for path in (REPOSITORY / ".venv").iterdir()}
    cpu_before = cpu_seconds()
    done = run(Path(prepare[0]), prepare[1], PIP_INDEX_URL=NOBODY_LISTENS)
    assert done.returncode == 0
    assert done.stdout + done.stderr == ""
    assert cpu_seconds() - cpu_before < 0.5, "an installer takes longer just to start"
    assert {path: path.stat().st_mtime_ns for path in (REPOSITORY / ".venv").iterdir()} == before


def cpu_seconds() -> float:
    """CPU time of the programs called so far; other than the clock it knows no crowding."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_changed_lock_file_is_noticed(
    bare_checkout: Path, bootstrap: dict[str, ModuleType]
) -> None:
    environment = bootstrap["environment"]
    lock = bare_checkout / "deploy" / "requirements.txt"
    (bare_checkout / ".venv" / "bin").mkdir(parents=True)
    (bare_checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    environment._stamp(bare_checkout, lock).write_text(environment._fingerprint(lock))
    assert environment.is_installed(bare_checkout, lock)
    lock.write_text(lock.read_text() + "# another lock\n")
    assert not environment.is_installed(bare_checkout, lock)


def test_environment_whose_python_is_gone_is_made_anew(
    bare_checkout: Path, bootstrap: dict[str, ModuleType]
) -> None:
    """An upgrade of the machine's Python removes what .venv points to."""
    environment = bootstrap["environment"]
    lock = bare_checkout / "deploy" / "requirements.txt"
    (bare_checkout / ".venv" / "bin").mkdir(parents=True)
    (bare_checkout / ".venv" / "bin" / "python").symlink_to("/nonexistent/python3.11")
    environment._stamp(bare_checkout, lock).write_text(environment._fingerprint(lock))
    assert not environment.is_installed(bare_checkout, lock)


@pytest.mark.parametrize("has_policy", [True, False])
def test_policy_about_daemons_comes_back_even_when_installing_fails(
    tmp_path: Path,
    bootstrap: dict[str, ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    has_policy: bool,
) -> None:
    debian = bootstrap["debian"]
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(debian, "_POLICY", policy)
    monkeypatch.setattr(debian, "_SAVED_POLICY", tmp_path / "policy-rc.d.danhmuc-saved")
    if has_policy:
        policy.write_text("#!/bin/sh\nexit 104\n")
    with pytest.raises(RuntimeError), debian._daemons_kept_off():
        assert subprocess.run([policy]).returncode == 101, "no daemon may start meanwhile"
        raise RuntimeError
    assert policy.exists() is has_policy
    if has_policy:
        assert policy.read_text() == "#!/bin/sh\nexit 104\n"
    assert not (tmp_path / "policy-rc.d.danhmuc-saved").exists()


def test_long_step_shows_that_it_goes_on(
    bootstrap: dict[str, ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    progress = bootstrap["progress"]
    monkeypatch.setattr(progress, "_QUIET_S", 0.2)
    counted = progress.Counted(r"^piece", 2)
    script = "echo piece; sleep 1; echo piece"
    progress.run_step("Doing it", ["sh", "-c", script], counted=counted)
    shown = capfd.readouterr().err
    assert "Doing it ... 1 of 2" in shown
    assert "Doing it: done after" in shown


def test_failed_step_keeps_what_the_program_said(bootstrap: dict[str, ModuleType]) -> None:
    progress = bootstrap["progress"]
    with pytest.raises(progress.StepFailed) as failure:
        progress.run_step("Doing it", ["sh", "-c", "echo no such thing >&2; exit 3"])
    assert "no such thing" in failure.value.last_lines()
