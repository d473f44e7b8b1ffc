"""danhmuc init, check-config, doctor."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from admin_ui.cli.answers import JsonCommand, answer, operator, progress, settings
from admin_ui.components import COMPONENTS
from admin_ui.operations.doctor import Finding, examine, warnings_of
from admin_ui.operations.initialise import initialise_stopped
from admin_ui.operations.ldap_servers import bring_up_to_date
from admin_ui.operations.options import UpOptions
from directory.declared_settings import SETTINGS
from directory.settings import ConfigurationProblems, read_settings


@click.command(cls=JsonCommand)
@click.option("--people", default=500, show_default=True, type=click.IntRange(300, 200_000))
@click.option("--empty", is_flag=True, help="No demo province.")
@click.option(
    "--ldapi",
    default="",
    metavar="URI",
    help="Only bring the slapd of your own that answers here (ldapi:///) to this version.",
)
@click.option(
    "--rename",
    is_flag=True,
    help="Province, mail domain or issuer have really changed: remember the new ones.",
)
def init(people: int, empty: bool, ldapi: str, rename: bool) -> None:
    """Prepare the state folder without starting anything. Harmless when done already.

    On a server of a slapd of your own, with --ldapi and as the user who is its manager: schema,
    indexes, limits, access rules, overlays, policies and accounts, while it runs.
    """
    configured = read_settings(os.environ, renaming=True) if rename else settings()
    if ldapi:
        done = bring_up_to_date(configured, ldapi)
        answer({"changed": done}, "\n".join(done) or "Nothing to do.")
        return
    options = UpOptions(people=people, empty=empty)
    initialise_stopped(configured, COMPONENTS, options, progress, actor=operator())
    answer({"state": str(configured.state)}, f"{configured.state} is ready. Next: danhmuc up")


@click.command("check-config", cls=JsonCommand)
def check_config() -> None:
    """Check the configuration; every problem is reported at once."""
    configured = settings()
    document = {
        setting.variable: _as_json(getattr(configured, setting.field)) for setting in SETTINGS
    }
    url = make_url(configured.database_url)
    document["DANHMUC_DATABASE_URL"] = url.render_as_string(hide_password=True)
    document["DANHMUC_CONSOLE_URL"] = configured.console_url
    warnings = warnings_of(configured)
    lines = [f"{key:26} {_as_text(value)}" for key, value in document.items()]
    lines += [f"warning: {warning}" for warning in warnings]
    answer(document | {"warnings": warnings}, "\n".join(lines))


def _as_json(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


@click.command(cls=JsonCommand)
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look at every part and say what is wrong and what to do."""
    findings = _findings()
    good = all(finding.ok for finding in findings)
    lines = [f"{_verdict(f)} {f.part}: {f.says}" for f in findings]
    answer({"ok": good, "findings": [asdict(f) for f in findings]}, "\n".join(lines))
    context.exit(0 if good else 1)


def _verdict(finding: Finding) -> str:
    if not finding.ok:
        return "BAD "
    return "warn" if finding.warns else "ok  "


def _findings() -> list[Finding]:
    try:
        return examine(settings(), COMPONENTS)
    except ConfigurationProblems as error:
        return [Finding("settings", False, problem) for problem in error.problems]
