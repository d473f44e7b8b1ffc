"""danhmuc up, worker, seed."""

from __future__ import annotations

import os

import click

from admin_ui.cli.answers import JsonCommand, answer, open_house, operator, progress
from directory.settings import read_settings


@click.command()
@click.option(
    "--people",
    default=500,
    show_default=True,
    type=click.IntRange(300, 200_000),
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
    from admin_ui.supervisor.options import UpOptions
    from admin_ui.supervisor.run import run_all

    options = UpOptions(people=people, empty=empty, tls=tls, ldap=ldap, with_mail=with_mail)
    context.exit(run_all(read_settings(os.environ), options))


@click.command()
def worker() -> None:
    """Run the background jobs until stopped: deliveries, recovery, purging."""
    from admin_ui.worker import run_worker

    run_worker(open_house())


@click.command(cls=JsonCommand)
@click.option("--people", required=True, type=click.IntRange(1, 5000), help="How many in all.")
@click.option("--seed", "number", default=2013, show_default=True, help="Other seed, other people.")
def seed(people: int, number: int) -> None:
    """Add synthetic people to the demo province until there are as many as asked for."""
    from admin_ui.seed.loading import add_people

    house = open_house()
    added = add_people(house, operator(), people, number, lambda d, t: progress("People", d, t))
    answer({"added": added}, f"Added {added} people.")
