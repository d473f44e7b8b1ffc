"""danhmuc up, worker, seed."""

from __future__ import annotations

import os
import time

import click
from click.core import ParameterSource

from admin_ui.cli.answers import (
    JsonCommand,
    answer,
    open_own_installation,
    operator,
    progress,
    settings,
)
from admin_ui.components import COMPONENTS
from admin_ui.operations.errors import SEED_STATE_IN_USE, SEED_STOP_FIRST, SEED_TOO_FEW
from admin_ui.operations.held_state import hold_state
from admin_ui.operations.options import CannotStart, UpOptions
from directory.errors import Conflict, Invalid
from directory.ldap import embedded
from directory.settings import Settings, read_settings

_FEWEST = 300  # heads of every agency, and the people with a fixed name
_MOST_WHILE_RUNNING = 5000


@click.command()
@click.option(
    "--people",
    default=500,
    show_default=True,
    type=click.IntRange(_FEWEST, 200_000),
    help="People of the demo province (first start only).",
)
@click.option("--empty", is_flag=True, help="No demo province.")
@click.option("--tls", is_flag=True, help="https with a local certificate authority.")
@click.option("--ldap", is_flag=True, help="Open LDAP on loopback.")
@click.option("--with-mail", is_flag=True, help="A mail server too (needs apt and root).")
@click.pass_context
def up(
    context: click.Context, people: int, empty: bool, tls: bool, ldap: bool, with_mail: bool
) -> None:
    """Run everything until Ctrl-C: what ./deploy/run calls."""
    # Imported here: other commands need not load the supervisor.
    from admin_ui.operations.supervisor.run import run_all

    given = context.get_parameter_source("people") is not ParameterSource.DEFAULT
    options = UpOptions(
        people=people, people_given=given, empty=empty, tls=tls, ldap=ldap, with_mail=with_mail
    )
    context.exit(run_all(read_settings(os.environ), COMPONENTS, options))


@click.command()
def worker() -> None:
    """Run the background jobs until stopped: deliveries, recovery, purging."""
    # Imported here, as below: slow to load, and this command's alone.
    from admin_ui.entries.worker import run_worker

    run_worker(open_own_installation())


@click.command(cls=JsonCommand)
@click.option(
    "--people", required=True, type=click.IntRange(1, 200_000), help="How many people in all."
)
@click.option(
    "--agencies",
    type=click.IntRange(14, 20_000),
    help="How many agencies; beyond the 138 of 2013 schools and health stations are made up.",
)
@click.option("--seed", "number", default=2013, show_default=True, help="Other seed, other people.")
@click.option(
    "--rebuild", is_flag=True, help="In place of the present demo, of which nothing stays."
)
def seed(people: int, agencies: int | None, number: int, rebuild: bool) -> None:
    """Fill the demo province with synthetic people until there are as many as asked for.

    While Danh Mục runs they are added to those there, up to 5,000. While it is stopped a new or
    empty state folder is filled, or with --rebuild a demo is made again.
    """
    configured = settings()
    if not configured.embedded_ldap or embedded.is_ready(configured):
        _seed_running(people, agencies, number, rebuild)
    else:
        options = UpOptions(people=people, agencies=agencies, seed=number)
        _seed_stopped(configured, options, rebuild)


def _seed_running(people: int, agencies: int | None, number: int, rebuild: bool) -> None:
    from admin_ui.operations.seed.loading import add_people

    if rebuild or agencies is not None or people > _MOST_WHILE_RUNNING:
        raise Conflict(SEED_STOP_FIRST, most=f"{_MOST_WHILE_RUNNING:,}")
    installation = open_own_installation()
    added = add_people(
        installation, operator(), people, number, lambda d, t: progress("People", d, t)
    )
    answer(
        {"added": added},
        f"Added {added} people."
        if added
        else f"There are {people:,} people or more already; nothing was changed.",
    )


def _seed_stopped(configured: Settings, options: UpOptions, rebuild: bool) -> None:
    from admin_ui.operations.initialise import seed_stopped

    if options.people < _FEWEST:
        raise Invalid(SEED_TOO_FEW, field="people", fewest=_FEWEST)
    began = time.monotonic()
    try:
        with hold_state(configured):
            seed_stopped(configured, COMPONENTS, options, progress, rebuild=rebuild)
    except CannotStart as problem:
        raise Conflict(SEED_STATE_IN_USE, why=str(problem)) from problem
    elapsed = time.monotonic() - began
    answer(
        {"added": options.people, "seconds": round(elapsed, 1)},
        f"Made a demo province of {options.people:,} people in {elapsed:.0f} s. Next: danhmuc up",
    )
