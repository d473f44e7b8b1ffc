"""The root command, and the one place where errors become a sentence and an exit code."""

from __future__ import annotations

import sys

import click

from admin_ui.cli import (
    agencies,
    audit,
    catalogue,
    clients,
    grants,
    installation,
    keys,
    people,
    roles,
    run,
)
from admin_ui.cli.sentences import sentence_of
from directory.errors import AppError, Unavailable
from directory.sealed import SealBroken
from directory.settings import ConfigurationProblems


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def danhmuc() -> None:
    """Danh Mục: the shared user catalogue and single sign-on of a province.

    Every command takes --json and then prints one JSON document on standard output.
    Exit codes: 0 done, 1 refused or failed (one sentence on standard error), 2 wrong usage.
    """


for command in (
    run.up,
    run.worker,
    run.seed,
    installation.init,
    installation.check_config,
    installation.doctor,
    people.person,
    agencies.agency,
    catalogue.catalogue,
    clients.client,
    roles.role,
    grants.grant,
    audit.audit,
    keys.key,
):
    danhmuc.add_command(command)


def main() -> None:
    """Run the command line; never shows a traceback for a foreseen failure."""
    try:
        code = danhmuc.main(prog_name="danhmuc", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except ConfigurationProblems as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        sys.exit(1)
    except (AppError, SealBroken) as error:
        click.echo(sentence_of(error), err=True)
        if isinstance(error, Unavailable) and error.detail:
            click.echo(f"  ({error.detail})", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
