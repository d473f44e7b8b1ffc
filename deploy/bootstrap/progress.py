"""Runs one step of an installation and shows that it goes on when it takes longer than 2 s.

Standard library only: this runs before our environment exists. Everything goes to stderr, so that
the command line keeps stdout for its own answer.
"""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_QUIET_S = 2.0  # nothing is shown before
_REPEAT_S = 5.0  # between two lines when stderr is no terminal


class Missing(Exception):
    """Something this machine lacks, as one sentence that says what to do."""


class StepFailed(Exception):
    """A program ended with an error; `output` is all it said."""

    def __init__(self, sentence: str, output: str) -> None:
        super().__init__(sentence)
        self.output = output

    def last_lines(self, count: int = 12) -> str:
        return "\n".join("    " + line for line in self.output.strip().splitlines()[-count:])


@dataclass(frozen=True)
class Counted:
    """Lines of a program's output that stand for one of `total` pieces of work."""

    pattern: str
    total: int


def say(sentence: str) -> None:
    """One line for the person who waits."""
    print(f"danhmuc: {sentence}", file=sys.stderr, flush=True)


def run_step(
    sentence: str,
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    counted: Counted | None = None,
) -> str:
    """Run a program to its end and answer its output. Raises `StepFailed`."""
    child = subprocess.Popen(
        list(argv),
        env=dict(os.environ) | {"LC_ALL": "C.UTF-8"} | dict(env or {}),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        output = _follow(child, _Line(sentence, counted))
    except BaseException:
        child.kill()
        child.wait()
        raise
    if child.returncode != 0:
        raise StepFailed(sentence, output)
    return output


def _follow(child: subprocess.Popen[bytes], line: _Line) -> str:
    assert child.stdout is not None  # noqa: S101 - asked for with PIPE
    pieces: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(timeout=0.5):
                piece = os.read(child.stdout.fileno(), 65536)
                if not piece:
                    break
                pieces.append(piece)
            line.show(pieces)
    child.wait()
    line.finish(child.returncode == 0)
    return b"".join(pieces).decode(errors="replace")


class _Line:
    """The line on the screen: rewritten in place on a terminal, repeated elsewhere."""

    def __init__(self, sentence: str, counted: Counted | None) -> None:
        self._sentence = sentence
        self._counted = counted
        self._started = time.monotonic()
        self._next = _QUIET_S
        self._shown = False
        self._terminal = sys.stderr.isatty()

    def show(self, pieces: Sequence[bytes]) -> None:
        elapsed = time.monotonic() - self._started
        if elapsed < self._next:
            return
        self._next = elapsed + (1.0 if self._terminal else _REPEAT_S)
        self._shown = True
        self._write(f"{self._sentence} ... {self._count(pieces)}{elapsed:.0f} s")

    def finish(self, done: bool) -> None:
        if not self._shown:
            return
        elapsed = time.monotonic() - self._started
        self._write(f"{self._sentence}: {'done' if done else 'failed'} after {elapsed:.0f} s")
        if self._terminal:
            print(file=sys.stderr, flush=True)

    def _count(self, pieces: Sequence[bytes]) -> str:
        if self._counted is None:
            return ""
        text = b"".join(pieces).decode(errors="replace")
        seen = len(re.findall(self._counted.pattern, text, re.MULTILINE))
        return f"{min(seen, self._counted.total)} of {self._counted.total}, "

    def _write(self, text: str) -> None:
        if self._terminal:
            print(f"\r\033[Kdanhmuc: {text}", end="", file=sys.stderr, flush=True)
        else:
            say(text)
