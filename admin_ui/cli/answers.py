"""What commands share: the --json switch, the opened installation, and printing."""

from __future__ import annotations

import json
import os
import pwd
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

import click

from admin_ui.cli.terminal import one_line, shown, width
from admin_ui.operations.backup.swap import require_finished
from admin_ui.operations.errors import INPUT_NO_STDIN, INSTALLATION_NOT_INITIALISED
from admin_ui.operations.held_state import running_issuer
from directory.actor import Actor
from directory.database.migrating import require_current
from directory.errors import AppError, Invalid
from directory.ids import new_event_id
from directory.installation import Installation, open_installation
from directory.settings import Settings, read_settings
from directory.state_folder import is_initialised

_BAR_CHARS = 30
_WIDEST = 48  # columns of a cell that the others are lined up with
_EVERY_LETTER = ("utf-8", "utf8", "ascii", "us-ascii")  # click writes UTF-8 where ASCII is claimed
_LINE_EVERY_S = 5.0
_STATUSES = {
    "pending": "not activated yet",
    "active": "active",
    "suspended": "suspended",
    "left": "has left",
}
_next_line: defaultdict[str, float] = defaultdict(float)  # of each label, when one was shown


class JsonCommand(click.Command):
    """A command with --json: one JSON document on standard output instead of text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["--json", "as_json"],
                is_flag=True,
                expose_value=False,
                callback=_remember_json,
                help="Print one JSON document.",
            )
        )


class JsonGroup(click.Group):
    """A noun: its commands all take --json."""

    command_class = JsonCommand
    group_class = type  # a noun within a noun too


def _remember_json(context: click.Context, _param: click.Parameter, value: bool) -> None:
    context.find_root().meta["json"] = context.find_root().meta.get("json") or value


def wants_json() -> bool:
    """Whether this run was asked for JSON."""
    return bool(click.get_current_context().find_root().meta.get("json"))


def answer(document: object, text: str | Callable[[], str | Sequence[str]]) -> None:
    """Print `document` as JSON, or `text` for people; a printer begins a page for each of several
    texts."""
    if wants_json():
        is_utf_8 = (getattr(sys.stdout, "encoding", None) or "utf-8").lower() in _EVERY_LETTER
        click.echo(shown(json.dumps(_nulled(document), ensure_ascii=not is_utf_8)))
        return
    told = text() if callable(text) else text
    pages = [told] if isinstance(told, str) else told
    click.echo("\f\n".join(shown(page) for page in pages))


def _nulled(value: object) -> object:
    """The same with null for what is absent: records hold an empty text there."""
    if isinstance(value, Mapping):
        return {key: _nulled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_nulled(each) for each in value]
    return None if value == "" else value


def table(rows: Sequence[Sequence[object]], heads: Sequence[str]) -> str:
    """Rows under heads, columns aligned; a sentence when there are none."""
    if not rows:
        return "Nothing found."
    cells = [
        [one_line("–" if cell in (None, "") else str(cell)) for cell in row]
        for row in (heads, *rows)
    ]
    # One very long name moves its own row only.
    widths = [min(max(width(row[i]) for row in cells), _WIDEST) for i in range(len(heads))]
    lines = [
        "  ".join(c + " " * (w - width(c)) for c, w in zip(row, widths, strict=True))
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def named_status(status: str) -> str:
    """The standing of a person in words."""
    return _STATUSES.get(status, status)


def read_stdin() -> BinaryIO:
    """What is piped in. Raises Invalid when standard input is closed."""
    if sys.stdin is None:
        raise Invalid(INPUT_NO_STDIN, field="stdin")
    return sys.stdin.buffer


def settings() -> Settings:
    """The settings of this run's environment, with the issuer that `up` runs under."""
    configured = read_settings(os.environ)
    issuer = running_issuer(configured.run_dir)
    if issuer == f"https://localhost:{configured.port}" and not configured.tls:
        return replace(configured, issuer=issuer)
    return configured


def open_own_installation() -> Installation:
    """The prepared installation of this state folder. Raises AppError when there is none that
    this version of the program may use."""
    configured = settings()
    require_initialised(configured)
    require_finished(configured)
    installation = open_installation(configured, "catalogue")
    require_current(installation.database)
    return installation


def require_initialised(configured: Settings) -> None:
    """Raise AppError(``installation.not_initialised``) for a folder nobody prepared to the end."""
    if not is_initialised(configured.state):
        raise AppError(INSTALLATION_NOT_INITIALISED, state=str(configured.state))


def operator() -> Actor:
    """The operating-system account that runs the command, as the audit log names it."""
    return Actor("os", _login(), request_id=new_event_id())


def _login() -> str:
    """Who came by sudo, else who runs this; an account there is, not whatever a variable says."""
    with suppress(KeyError):
        return pwd.getpwnam(os.environ.get("SUDO_USER", "")).pw_name
    with suppress(KeyError):
        return pwd.getpwuid(os.getuid()).pw_name
    return f"uid-{os.getuid()}"  # in a container accounts may have no name


def progress(label: str, done: int = 0, total: int = 0) -> None:
    """How far a long command is, on standard error: a bar, or a plain line now and then."""
    bar = sys.stderr.isatty()
    now = time.monotonic()
    ended = bool(total) and done == total
    if not ended and now < _next_line[label] + (0 if bar else _LINE_EVERY_S):
        return
    _next_line[label] = now
    if not total:
        click.echo(f"{label} ...", err=True)
    elif not bar:
        click.echo(f"{label}: {done:,} of {total:,}", err=True)
    else:
        filled = _BAR_CHARS * done // total
        drawn = "#" * filled + "." * (_BAR_CHARS - filled)
        click.echo(f"\r{label} [{drawn}] {done:,}/{total:,}", err=True, nl=ended)
