"""Every command in every kind of broken state folder: a sentence, never a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from admin_ui.cli.main import danhmuc
from directory.database.engine import Database
from directory.settings import read_settings, sqlite_url
from tests.support.command_line import run_here
from tests.support.installation import prepare, short_folder

pytestmark = pytest.mark.only_on_sqlite("the store lies in the state folder")

ROOT = Path(__file__).parents[2]
# These begin something new, or run until they are stopped.
_NOT_HERE = ("up", "worker", "seed", "init", "setup")
# Of these click does not know that one is needed.
_ONE_OF: dict[tuple[str, ...], tuple[str, ...]] = {
    ("mfa", "policy", "network"): ("10.9.0.0/16",),
    ("mfa", "remove"): ("--passkey", "x"),
    ("message", "retry"): ("--all",),
    ("person", "update"): ("--title", "x"),
    ("grant", "add"): ("--person", "x"),
    ("throttle", "clear"): ("--all",),
    ("notice", "clear"): ("--all",),
}
# What they say is of the file they were given.
_OF_A_FILE = (("backup", "restore"), ("backup", "unpack"), ("client", "import"))
_VALUES = {"whom": "everybody", "file": str(ROOT / "README.md"), "folder": "/nonexistent"}


@pytest.fixture(scope="module")
def whole() -> Iterator[Path]:
    """A small installation, stopped, to be copied and broken."""
    with short_folder() as folder:
        state = folder / "state"
        settings = read_settings({"DANHMUC_STATE": str(state)})
        prepare(settings)
        yield state


def _commands(
    group: click.Group = danhmuc, before: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Every command with something in each place that must be filled."""
    context = click.Context(group)
    for name in group.list_commands(context):
        if not before and name in _NOT_HERE:
            continue
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*before, name))
        elif command is not None:
            yield (*before, name, *_words(command), *_ONE_OF.get((*before, name), ()))


def _words(command: click.Command) -> Iterator[str]:
    for wanted in command.params:
        if wanted.required and isinstance(wanted, click.Option):
            yield wanted.opts[-1]
            yield _value(wanted)
    for wanted in command.params:
        if wanted.required and isinstance(wanted, click.Argument):
            yield _value(wanted)


def _value(wanted: click.Parameter) -> str:
    if isinstance(wanted.type, click.Choice):
        return str(wanted.type.choices[0])
    if isinstance(wanted.type, click.types.IntParamType):
        return "300"
    return _VALUES.get(str(wanted.name), "x")


def _no_tables(state: Path) -> None:
    (state / "danhmuc.db").unlink()
    (state / "danhmuc.db").touch()


def _sql(state: Path, statement: str) -> None:
    database = Database(sqlite_url(state / "danhmuc.db"))
    with database.write() as tx:
        tx.exec_driver_sql(statement)
    database.dispose()


def _damage(state: Path) -> None:
    for left in state.glob("danhmuc.db-*"):
        left.unlink()
    (state / "danhmuc.db").write_bytes(b"this is no store" * 500)


def _interrupted_restore(state: Path) -> None:
    (state / "restore-in-progress").write_text("[]")


def _emptied(state: Path) -> None:
    shutil.rmtree(state)
    state.mkdir(mode=0o700)


def _a_file(state: Path) -> None:
    shutil.rmtree(state)
    state.write_text("no folder")


STATES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (_emptied, "not initialised"),
    "not there": (shutil.rmtree, "not initialised"),
    "half made": (lambda state: (state / "first-start").touch(), "not initialised|interrupted"),
    "keys only": (_no_tables, "no tables"),
    "store gone": (lambda state: (state / "danhmuc.db").unlink(), "is not there"),
    "older": (
        lambda s: _sql(s, "UPDATE alembic_version SET version_num = '0001'"),
        "older version",
    ),
    "newer": (
        lambda s: _sql(s, "UPDATE alembic_version SET version_num = '9999'"),
        "newer version",
    ),
    "damaged store": (_damage, "damaged"),
    "damaged key": (lambda s: (s / "keys/master.key").write_text("zz"), "damaged"),
    "key gone": (lambda state: (state / "keys/master.key").unlink(), "master.key is missing"),
    "open key": (lambda state: (state / "keys/master.key").chmod(0o644), "chmod 600"),
    "secrets gone": (lambda state: shutil.rmtree(state / "secrets"), "password"),
    "a file": (_a_file, "not a folder"),
    "restore begun": (_interrupted_restore, "interrupted"),
    "foreign": (lambda state: os.chown(state, 65534, 65534), "not a folder of this user"),
}
# What nothing was asked of yet, or what a command can do without.
_MAY_SUCCEED = ("check-config", "backup list", "client import", "backup restore")


def _run(state: Path, argv: tuple[str, ...]) -> tuple[int, str, str]:
    done = run_here(argv, os.environ | {"DANHMUC_STATE": str(state)})
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(params=STATES)
def broken(request: pytest.FixtureRequest, whole: Path, tmp_path: Path) -> tuple[Path, str]:
    name = request.param
    if name == "foreign" and os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    state = tmp_path / "state"
    shutil.copytree(whole, state, ignore=shutil.ignore_patterns("ldapi"), symlinks=True)
    spoil, said = STATES[name]
    spoil(state)
    return state, said


def test_every_command_says_what_is_wrong(broken: tuple[Path, str]) -> None:
    state, said = broken
    commands = list(_commands())
    assert len(commands) > 35
    before = _content(state)
    for argv in commands:
        code, out, err = _run(state, argv)  # what is raised here would be a traceback
        told = f"{argv}: {code} {out} {err}"
        if argv[0] == "doctor":
            assert _content(state) == before
            assert code == 1, told
            assert re.search(said, out), told
            continue
        if code == 0:
            assert " ".join(argv).startswith(_MAY_SUCCEED), told
            continue
        assert code == 1, told
        assert re.search(r"[a-z]{2,} \w+", err), told
        assert not re.fullmatch(r"[a-z_.]+( \(.*\))?\n?", err), f"a bare code: {told}"
        if argv[:2] not in _OF_A_FILE:
            assert re.search(said, err), told
        if argv[:2] != ("backup", "restore"):  # which is for a folder that is not there, too
            assert _content(state) == before, f"{argv} changed something"
        before = _content(state)


def test_doctor_answers_in_json_whatever_is_broken(broken: tuple[Path, str]) -> None:
    state, said = broken
    code, out, err = _run(state, ("doctor", "--json"))
    assert code == 1, err
    document = json.loads(out)
    assert document["ok"] is False
    assert any(re.search(said, each["says"]) for each in document["findings"] if not each["ok"])


def _content(state: Path) -> list[str]:
    """What lies in the folder, but for what opening a store leaves beside it."""
    if not state.is_dir():
        return [str(state.exists())]
    passing = re.compile(r"-(wal|shm|write-lock)$|^run|\.lock$|^backups$|^keys/backup.key$")
    names = (str(path.relative_to(state)) for path in state.rglob("*"))
    return sorted(name for name in names if not passing.search(name.removesuffix(".write-lock")))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_account_is_told_whose_folder_it_is(whole: Path, tmp_path: Path) -> None:
    """Run for real as somebody who may not even enter it."""
    with short_folder() as folder:
        folder.chmod(0o755)
        state = folder / "state"
        shutil.copytree(whole, state, ignore=shutil.ignore_patterns("ldapi"))
        for argv in (["doctor"], ["person", "list"], ["up"]):
            done = subprocess.run(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                 sys.executable, "-m", "admin_ui.cli", *argv],
                cwd="/",
                env={"PATH": os.environ["PATH"], "DANHMUC_STATE": str(state),
                     "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/tmp"},
                capture_output=True,
                text=True,
                timeout=60,
            )  # fmt: skip
            said = done.stdout + done.stderr
            assert done.returncode == 1, said
            assert "Traceback" not in said, said
            assert str(state) in said, said
            assert "sudo -u root" in said, said
