"""The command line in this process, on a state folder with a running catalogue."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from admin_ui.cli.main import run
from admin_ui.components import COMPONENTS
from admin_ui.operations.initialise import prepare_stores
from admin_ui.operations.options import UpOptions
from directory.settings import Settings, read_settings
from tests.support.installation import running_slapd, short_folder
from tests.support.made_once import quick_first_start

ADD_MAI = ("person", "add", "--full-name", "Trần Mai", "--agency", "SYT")


@dataclass
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def run_here(argv: Sequence[str], environ: Mapping[str, str], stdin: str | bytes = "") -> Ended:
    """Run danhmuc in this process, under `environ` alone: a process of its own takes a second.

    For all that is not about the process: its streams, its terminal, its user, its end.
    """
    out, err = StringIO(), StringIO()
    piped = stdin if isinstance(stdin, bytes) else stdin.encode(errors="surrogateescape")
    with (
        mock.patch.dict(os.environ, environ, clear=True),
        mock.patch.object(sys, "stdin", TextIOWrapper(BytesIO(piped))),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = run(argv)
    return Ended(code, out.getvalue(), err.getvalue())


@dataclass
class CommandLine:
    """Runs danhmuc on one state folder, in this process."""

    state: Path

    @property
    def settings(self) -> Settings:
        return read_settings({"DANHMUC_STATE": str(self.state)})

    def run(self, *argv: str, stdin: str | bytes = "") -> Ended:
        return run_here(argv, os.environ | {"DANHMUC_STATE": str(self.state)}, stdin)

    def json(self, *argv: str, stdin: str | bytes = "") -> Any:
        done = self.run(*argv, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refused(self, *argv: str, stdin: str | bytes = "") -> str:
        done = self.run(*argv, stdin=stdin)
        assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture(scope="module")
def danhmuc() -> Iterator[CommandLine]:
    with short_folder() as folder:
        state = folder / "state"
        line = CommandLine(state)
        with quick_first_start():
            prepare_stores(line.settings, COMPONENTS, UpOptions(empty=True), lambda *_: None)
        (state / "first-start").unlink()  # without keys, which take their time: none is asked for
        with running_slapd(line.settings):
            line.json("agency", "add", "--code", "SYT", "--name", "Sở Y tế")
            line.json(*ADD_MAI, "--username", "bsmai")
            yield line
