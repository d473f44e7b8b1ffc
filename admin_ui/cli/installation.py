"""danhmuc init, check-config, doctor."""

from __future__ import annotations

from dataclasses import asdict

import click
from sqlalchemy.engine import make_url

from admin_ui.cli.answers import JsonCommand, answer, progress, settings
from admin_ui.doctor import examine
from admin_ui.initialise import initialise_stopped
from admin_ui.ldap_servers import bring_up_to_date
from admin_ui.supervisor.options import UpOptions


@click.command(cls=JsonCommand)
@click.option("--people", default=500, show_default=True, type=click.IntRange(300, 200_000))
@click.option("--empty", is_flag=True, help="No demo province.")
@click.option(
    "--ldapi",
    default="",
    metavar="URI",
    help="Only bring the slapd of your own that answers here (ldapi:///) to this version.",
)
def init(people: int, empty: bool, ldapi: str) -> None:
    """Prepare the state folder without starting anything. Harmless when done already.

    On a server of a slapd of your own, with --ldapi and as the user who is its manager: schema,
    indexes, limits, access rules, overlays, policies and accounts, while it runs.
    """
    configured = settings()
    if ldapi:
        done = bring_up_to_date(configured, ldapi)
        answer({"changed": done}, "\n".join(done) or "Nothing to do.")
        return
    initialise_stopped(configured, UpOptions(people=people, empty=empty), progress)
    answer({"state": str(configured.state)}, f"{configured.state} is ready. Next: danhmuc up")


@click.command("check-config", cls=JsonCommand)
def check_config() -> None:
    """Check the configuration; every problem is reported at once."""
    configured = settings()
    database = make_url(configured.database_url).render_as_string(hide_password=True)
    document = {key: str(value) for key, value in asdict(configured).items()}
    document["database_url"] = database
    answer(document, "\n".join(f"{key:20} {value}" for key, value in document.items()))


@click.command(cls=JsonCommand)
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look at every part and say what is wrong and what to do."""
    findings = examine(settings())
    good = all(finding.ok for finding in findings)
    lines = [f"{'ok  ' if f.ok else 'BAD '} {f.part}: {f.says}" for f in findings]
    answer({"ok": good, "findings": [asdict(f) for f in findings]}, "\n".join(lines))
    context.exit(0 if good else 1)
