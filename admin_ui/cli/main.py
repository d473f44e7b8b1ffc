"""The root command, and the one place where errors become a sentence and an exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

import click
from sqlalchemy.exc import SQLAlchemyError

from admin_ui.cli.terminal import shown, write_whatever_it_can_show
from admin_ui.operations.sentences import sentence_of
from directory.errors import AppError, Unavailable
from directory.sealed import SealBroken
from directory.settings import ConfigurationProblems

_COMMANDS = {
    "up": "run:up",
    "worker": "run:worker",
    "seed": "run:seed",
    "setup": "setup:setup",
    "init": "installation:init",
    "check-config": "installation:check_config",
    "doctor": "installation:doctor",
    "person": "people:person",
    "absence": "absences:absence",
    "agency": "agencies:agency",
    "position": "positions:position",
    "catalogue": "catalogue:catalogue",
    "client": "clients:client",
    "resource": "resources:resource",
    "role": "roles:role",
    "code": "codes:code",
    "grant": "grants:grant",
    "request": "requests:request",
    "notice": "notices:notice",
    "message": "messages:message",
    "apply": "declared:apply",
    "export": "declared:export",
    "slip": "slips:slip",
    "mfa": "mfa:mfa",
    "certificate": "certificates:certificate",
    "policy": "policy:policy",
    "connector": "connectors:connector",
    "session": "sessions:session",
    "throttle": "throttle:throttle",
    "unused": "unused:unused",
    "audit": "audit:audit",
    "key": "keys:key",
    "break-glass": "break_glass:break_glass",
    "backup": "backup:backup",
}


class _Nouns(click.Group):
    """Loads the file of a noun when it is asked for: a script that calls us often does not wait
    for the supervisor, the seed and the backup to be imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(f"admin_ui.cli.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type
        return command


@click.group(
    cls=_Nouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
def danhmuc() -> None:
    """Danh Mục: the shared user catalogue and single sign-on of a province.

    Every command takes --json and then prints one JSON document on standard output.
    Exit codes: 0 done, 1 refused or failed (one sentence on standard error), 2 wrong usage.
    """


def main() -> None:
    """Run the command line of this process."""
    os.umask(0o077)  # whatever a command makes holds personal data or keys
    _open_what_is_closed()
    write_whatever_it_can_show(sys.stdout, sys.stderr)
    _load_command(sys.argv[1:2])
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:  # while it was being loaded
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.freeze()
    gc.enable()
    sys.exit(run(sys.argv[1:]))


def _load_command(words: Sequence[str]) -> None:
    """What a process loads it keeps: before the collector begins."""
    for noun in _COMMANDS.keys() & words:
        import_module(f"admin_ui.cli.{_COMMANDS[noun].partition(':')[0]}")


def _open_what_is_closed() -> None:
    """Else the next file opened, a store perhaps, would stand where output and errors go."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def run(argv: Sequence[str]) -> int:
    """Run one command and give its exit code; a foreseen failure never shows a traceback."""
    if not all(_is_text(argument) for argument in argv):
        click.echo("An argument is not UTF-8 text.", err=True)
        return 2
    for name, value in os.environ.items():
        if name.startswith("DANHMUC_") and not _is_text(value):
            click.echo(f"{name} cannot be read as UTF-8: set PYTHONUTF8=1 or mend it.", err=True)
            return 1
    try:
        code = danhmuc.main(list(argv), prog_name="danhmuc", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return 130
    except BrokenPipeError:
        # Whoever read our answer has gone (`| head`): nothing is left to be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ConfigurationProblems, AppError, SealBroken, OSError, SQLAlchemyError) as error:
        for sentence in _sentences(error):
            click.echo(shown(sentence), err=True)
        return 1
    return code if isinstance(code, int) else 0


def _sentences(error: Exception) -> list[str]:
    if isinstance(error, ConfigurationProblems):
        return error.problems
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return [f"{error.strerror or error}{where}. `danhmuc doctor` looks at every part."]
    if isinstance(error, SQLAlchemyError):
        why = str(getattr(error, "orig", None) or error).partition("\n")[0]
        return [f"The SQL store refuses: {why}. `danhmuc doctor` says what is wrong with it."]
    language = _language()
    if isinstance(error, Unavailable) and error.detail:
        return [sentence_of(error, language), f"  ({error.detail})"]
    return [sentence_of(each, language) for each in (error, *getattr(error, "also", ()))]


def _language() -> str:
    """That of the terminal for messages (POSIX.1-2017 section 8.2); scripts look at the code."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next(filter(None, (os.environ.get(name) for name in names)), "")
    return "vi" if locale.startswith("vi") else "en"


def _is_text(argument: str) -> bool:
    # Bytes that are not UTF-8 come as lone surrogates, which no store takes.
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True
