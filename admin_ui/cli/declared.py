"""danhmuc apply, danhmuc export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from admin_ui.cli.answers import (
    JsonCommand,
    answer,
    open_own_installation,
    operator,
    read_stdin,
)
from admin_ui.cli.people import find_agency
from admin_ui.cli.terminal import one_line
from admin_ui.components import REGISTRATION, VOCABULARY
from admin_ui.operations.declared.applying import Applied, Plan, apply_plan, begin, plan_file
from admin_ui.operations.declared.document import MOST_MB
from admin_ui.operations.declared.exporting import exported
from admin_ui.operations.declared.planning import Planning, Step
from directory.installation import Installation
from idp.applications.handles import ApplicationsFor
from sync.engine.connectors import list_feeding

_SIGNS = {"create": "+", "change": "~", "remove": "-", "waiting": "?"}


@click.command(cls=JsonCommand)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Show the plan alone.")
@click.option("--yes", is_flag=True, help="Do not ask before doing it.")
def apply(file: str, dry_run: bool, yes: bool) -> None:
    """Make agencies, applications, roles, connectors, grants … as a YAML file says.

    The plan is shown first; a terminal is asked before anything is done. What the file does not
    name stays as it is; `absent: true` closes, disables, pauses or revokes. A second run changes
    nothing.
    """
    raw = _read(file)
    installation = open_own_installation()
    with _planning(installation) as planning:
        plan = plan_file(planning, raw)
    if not sys.stdout.isatty() or dry_run or not plan.does_something:
        applied = None if dry_run else apply_plan(installation, operator(), plan)
        answer(_document(plan, applied), lambda: _told(plan, applied))
        return
    click.echo(_told(plan, None))
    if not yes:
        click.confirm("Do it?", abort=True)
    applied = apply_plan(installation, operator(), plan)
    answer(_document(plan, applied), lambda: "\n".join(_outcome(applied)))


@click.command(cls=JsonCommand)
@click.option("--agency", "agency_code", default="", metavar="CODE", help="Of it and under it.")
def export(agency_code: str) -> None:
    """Write what is there as a file for `danhmuc apply`. No secrets, no ids of ours."""
    installation = open_own_installation()
    within = find_agency(installation, agency_code).id if agency_code else ""
    with _planning(installation) as planning:
        text = exported(planning, within)
    answer({"yaml": text}, text.rstrip("\n"))


@contextmanager
def _planning(installation: Installation) -> Iterator[Planning]:
    register = ApplicationsFor(installation, operator(), VOCABULARY, REGISTRATION, list_feeding)
    with installation.database.read() as tx:
        yield begin(tx, installation, REGISTRATION, register)


def _read(file: str) -> bytes:
    """No more than is looked at, whatever the file is."""
    most = (MOST_MB << 20) + 1
    if file == "-":
        return read_stdin().read(most)
    with Path(file).open("rb") as opened:
        return opened.read(most)


def _document(plan: Plan, applied: Applied | None) -> dict[str, Any]:
    counts = {action: plan.count(action) for action in ("create", "change", "same", "remove")}
    waiting = [step.name for step in plan.steps if step.action == "waiting"]
    secrets = applied.secrets if applied else {}
    return counts | {
        "waiting": [*waiting, *(applied.waiting if applied else ())],
        "done": applied is not None,
        "steps": [_step(step) for step in plan.steps if step.action != "same"],
        "secrets": [{"client_id": c, "client_secret": s} for c, s in secrets.items()],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "section": step.section,
        "name": step.name,
        "line": step.line,
        "action": step.action,
        "note": step.note or None,
        "changes": [
            {"field": name, "before": before or None, "after": after or None}
            for name, (before, after) in step.changes.items()
        ],
    }


def _told(plan: Plan, applied: Applied | None) -> str:
    lines = []
    for step in plan.steps:
        if step.action == "same":
            continue
        lines.append(one_line(f"{_SIGNS[step.action]} {step.section}: {step.name}"))
        lines += [
            one_line(f"    {name}: {before or '–'} → {after or '–'}")
            for name, (before, after) in step.changes.items()
        ]
        lines += [f"    {step.note}"] if step.note else []
    counts = [
        f"{plan.count('create')} to create",
        f"{plan.count('change')} to change",
        f"{plan.count('remove')} to remove",
        f"{plan.count('same')} the same",
    ]
    lines.append(", ".join(counts) + ".")
    if not plan.does_something:
        lines.append("Nothing was changed.")
    elif applied:
        lines += _outcome(applied)
    return "\n".join(lines)


def _outcome(applied: Applied) -> list[str]:
    lines = [
        f"Secret of {client_id}, shown this once: {secret}"
        for client_id, secret in applied.secrets.items()
    ]
    lines += [f"Waits for a second person (danhmuc request list): {n}" for n in applied.waiting]
    return [*lines, "Done."]
