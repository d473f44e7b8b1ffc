"""Where answers go wrong: closed and full streams, other encodings, wide names, interruptions."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest import mock

import click
import pytest

from admin_ui.cli import main
from admin_ui.cli.answers import table
from admin_ui.cli.terminal import width, write_whatever_it_can_show
from admin_ui.operations.backup.generations import default_folder
from directory.catalogue.errors import PERSON_MAIL, PERSON_PHONE
from directory.errors import Invalid
from directory.people.errors import PERSON_TITLE
from directory.settings import read_settings
from tests.support.command_line import ADD_MAI, CommandLine, danhmuc
from tests.support.made_once import quick_first_start

pytestmark = pytest.mark.only_on_sqlite("the answers are asked with the embedded store")

__all__ = ["danhmuc"]

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-W", "ignore", "-m", "admin_ui.cli"]
LIST = ("person", "list")


def environment(state: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DANHMUC_", "LC_", "LANG"))}
    return kept | {"DANHMUC_STATE": str(state), "PYTHONPATH": str(ROOT)} | more


def shell(state: Path, command: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """`command` in bash, with ``$D`` for the program; the code is that of the program."""
    line = f'set -o pipefail; D() {{ {shlex.join(PROGRAM)} "$@"; }}; {command}'
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        cwd=ROOT,
        env=environment(state, **more),
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        "D person list | true",
        "D audit tail -n 500 --json | head -c 1 >/dev/null",
        "D person list >/dev/full",
        "D person list <&- >&- 2>&-",
        "D person list --json >&-",
        "D person set-password bsmai --password-stdin <&-",
        "D person set-password bsmai <&-",
        "D client import - <&-",
    ],
)
def test_no_stream_makes_a_traceback_or_harms_the_store(danhmuc: CommandLine, command: str) -> None:
    done = shell(danhmuc.state, command)
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert done.returncode in (0, 1, 141)
    assert danhmuc.json(*LIST)["total"] >= 1


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "Trần Mai"), ("latin-1", "Tran Mai"), ("cp437", "Tran Mai")]
)
def test_every_encoding_takes_names(encoding: str, shown: str) -> None:
    written = BytesIO()
    stream = TextIOWrapper(written, encoding=encoding)
    write_whatever_it_can_show(stream)
    print("Trần Mai", end="", file=stream, flush=True)
    assert written.getvalue().decode(encoding) == shown


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", "Trần Mai"), ("latin-1", "Tran Mai")])
def test_a_program_in_another_encoding_shows_names_and_gives_the_same_json(
    danhmuc: CommandLine, encoding: str, shown: str
) -> None:
    """What click takes for a mistake and writes as UTF-8, and what it leaves to us."""
    done = shell(danhmuc.state, "D person list", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout.decode("utf-8" if encoding == "ascii" else encoding)
    done = shell(danhmuc.state, "D person list --json", PYTHONIOENCODING=encoding)
    names = {person["full_name"] for person in json.loads(done.stdout)["people"]}
    assert "Trần Mai" in names


def test_a_path_that_cannot_be_read_is_said(danhmuc: CommandLine, tmp_path: Path) -> None:
    state = tmp_path / "trạng thái 1"
    with quick_first_start():
        assert CommandLine(state).run("init", "--empty").returncode == 0
    done = shell(state, "D person list", PYTHONUTF8="1")
    assert (done.returncode, done.stderr.count(b"Traceback")) == (0, 0), done.stderr
    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = shell(state, "D person list", **plain)
    assert (done.returncode, done.stderr[:13]) == (1, b"DANHMUC_STATE")


def test_columns_stand_under_one_another_and_one_wide_name_moves_its_row_only() -> None:
    names = ["Nguyễn", "Nguyễn", "日本", "A" * 200]
    lines = table([(name, "x") for name in names], ("NAME", "Y")).splitlines()
    assert {width(line) - 1 for line in lines[:-1]} == {50}
    assert lines[-1] == "A" * 200 + "  x"


def test_a_name_of_200_characters_is_told_whole(danhmuc: CommandLine) -> None:
    long = ("Nguyễn " * 40)[:199].strip()
    words = [word if word != "Trần Mai" else long for word in ADD_MAI]
    danhmuc.json(*words, "--username", "dai")
    assert long in danhmuc.run("person", "show", "dai").stdout
    assert long in danhmuc.run(*LIST).stdout


def test_every_fault_of_the_input_is_told(danhmuc: CommandLine) -> None:
    @click.command()
    def faulty() -> None:
        first = Invalid(PERSON_TITLE, field="title")
        first.also = (Invalid(PERSON_MAIL, field="mail"), Invalid(PERSON_PHONE, field="phone"))
        raise first

    with mock.patch.object(main, "danhmuc", faulty):
        said = danhmuc.refused()
    assert [line[line.index("[") :] for line in said.splitlines()] == [
        "[person.title]",
        "[person.mail]",
        "[person.phone]",
    ]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ({"LC_ALL": "vi_VN.UTF-8"}, "Không có người này."),
        ({"LC_ALL": "", "LANG": "vi_VN.UTF-8"}, "Không có người này."),
        ({"LC_ALL": "", "LC_MESSAGES": "en_GB", "LANG": "vi_VN"}, "There is no such person."),
        ({"LC_ALL": "C.UTF-8", "LANG": "vi_VN"}, "There is no such person."),
        ({"LC_ALL": "", "LANG": ""}, "There is no such person."),
    ],
)
def test_an_error_is_told_in_the_language_of_the_terminal(
    danhmuc: CommandLine, locale: dict[str, str], said: str
) -> None:
    unset = dict.fromkeys(("LC_MESSAGES", "LANG"), "")
    with mock.patch.dict(os.environ, unset | locale):
        told = danhmuc.refused("person", "show", "nobody")
    assert told.startswith(said)
    assert told.endswith("[person.unknown]\n")


@pytest.mark.parametrize(
    "after_s", [0.2, 1.2, *(pytest.param(s, marks=pytest.mark.deep) for s in (0.5, 0.8, 1.6, 2.5))]
)
def test_an_interruption_leaves_nothing_behind(danhmuc: CommandLine, after_s: float) -> None:
    running = subprocess.Popen(
        [*PROGRAM, "backup", "create"],
        cwd=ROOT,
        env=environment(danhmuc.state),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(after_s)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    # By the signal itself: before our first line, or after our last.
    assert running.returncode in (0, 130, -signal.SIGINT), said
    # Nor a traceback, but for Python's own of before our first line.
    assert b"Traceback" not in said or b"admin_ui" not in said, said
    folder = default_folder(read_settings({"DANHMUC_STATE": str(danhmuc.state)}))
    assert not list(folder.glob(".danhmuc-*")) if folder.is_dir() else True
    assert danhmuc.json("backup", "create")["people"] >= 1


_INTERRUPTED = """
import os, signal, sys

class Finder:
    @staticmethod
    def find_spec(name, *_):
        if name == "ssl":
            try:
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(1000): pass
            except KeyboardInterrupt:
                raise TypeError("as a library in C may make of it")

sys.meta_path.insert(0, Finder)
"""


def test_an_interruption_while_it_is_loaded_is_no_fault(
    danhmuc: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(_INTERRUPTED)
    surroundings = environment(danhmuc.state)
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    done = subprocess.run(
        [*PROGRAM, "doctor"],
        cwd=ROOT,
        env={**surroundings, "PYTHONPATH": path},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_a_full_disk_is_said_with_the_place_and_left_as_it_was(danhmuc: CommandLine) -> None:
    folder = danhmuc.state.parent / "full"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk")
    try:
        said = danhmuc.refused("backup", "create", "--to", str(folder))
        left = {path.name for path in folder.iterdir()}
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert "No space left on device" in said and str(folder) in said
    assert left <= {".lock"}


def test_two_commands_at_once_have_one_winner(danhmuc: CommandLine) -> None:
    words = [*ADD_MAI, "--username", "dongthoi"]
    both = [
        subprocess.Popen([*PROGRAM, *words], cwd=ROOT, env=environment(danhmuc.state),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]  # fmt: skip
    said = [one.communicate(timeout=60)[1] for one in both]
    assert sorted(one.returncode for one in both) == [0, 1]
    assert b"Traceback" not in said[0] + said[1]
    assert danhmuc.json(*LIST, "--query", "dongthoi")["total"] == 1
