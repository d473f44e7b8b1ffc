"""danhmuc connector …"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from admin_ui.cli.answers import (
    JsonGroup,
    answer,
    open_own_installation,
    operator,
    read_stdin,
    table,
)
from admin_ui.cli.people import find_person
from admin_ui.cli.terminal import one_line
from directory.clock import iso, local
from directory.errors import NotFound, Unavailable
from directory.installation import Installation
from directory.outbound.policy import why_unreachable
from directory.outside_text import read_text, text_of
from directory.projection import queries
from directory.settings import Settings
from sync.engine import accounts, connectors, matching, reconciling, runs
from sync.engine.accounts import AccountState
from sync.engine.connectors import Standing
from sync.engine.errors import CONNECTOR_PERSON, CONNECTOR_UNKNOWN, TARGET_UNREACHABLE
from sync.engine.following import Planned
from sync.engine.following import plan as plan_all
from sync.engine.running import run_connector
from sync.engine.runs import Run
from sync.engine.target import Capability, Unreachable

_SHOWN = 50
_POLL_S = 0.5
_WORKER_S = 5.0  # within that it has looked


@click.group(cls=JsonGroup)
def connector() -> None:
    """Applications that keep accounts of their own, kept in step with the catalogue."""


@connector.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--token-stdin", is_flag=True, help="Read the target's token from standard input.")
@click.option("--replace", is_flag=True, help="Put it in the place of the one of its name.")
@click.option("--start", is_flag=True, help="Begin at once, without a look at the plan.")
def add(file: Path, token_stdin: bool, replace: bool, start: bool) -> None:
    """Set up the connector that FILE (YAML) defines.

    A new one is paused: `danhmuc connector test` and `plan` say what it would do, `resume` begins.
    """
    installation = open_own_installation()
    token = text_of(read_stdin().read(), "standard input").strip() if token_stdin else ""
    source = read_text(file)
    found = connectors.put(
        installation, operator(), source, token, replaces=replace, is_paused=not start
    )
    with installation.database.read() as tx:
        is_paused = connectors.get(tx, found.name).paused_at is not None
    warnings = _warnings(installation.settings, found.target.url)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    answer(
        {
            "connector": found.name,
            "application": found.application_id,
            "paused": is_paused,
            "warnings": warnings,
        },
        f"The connector {found.name} keeps {found.application_id} in step, at {found.target.url}."
        + (f" It is paused; to begin: danhmuc connector resume {found.name}" if is_paused else ""),
    )


def _warnings(settings: Settings, url: str) -> list[str]:
    """What stands there is not refused: it may be allowed, or begin, later."""
    is_web = url.startswith(("http:", "https:"))
    problem = why_unreachable(settings, url) if is_web else ""
    return [f"nothing can be sent to {url}: {problem}"] if problem else []


@connector.command("list")
def list_() -> None:
    """List the connectors, and how each stands."""
    rows = _standings()
    answer(
        {"connectors": [_standing_document(one) for one in rows]},
        lambda: _standing_table(rows) if rows else "There are no connectors.",
    )


@connector.command()
@click.argument("name", required=False)
def status(name: str | None) -> None:
    """How many accounts are in step, wait, and do not go through."""
    rows = [one for one in _standings() if name in (None, one.connector.name)]
    if name and not rows:
        raise NotFound(CONNECTOR_UNKNOWN, name=name)
    answer([_standing_document(one) for one in rows], lambda: _standing_table(rows))


@connector.command()
@click.argument("name")
def show(name: str) -> None:
    """Show the definition of a connector, and whom it does not get through."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = connectors.get(tx, name)
        stuck = accounts.list_stuck(tx, name)
        names = queries.list_names(tx, [one.person_id for one in stuck])
    rows = [(_named(names, one.person_id), *_told(one)) for one in stuck]
    answer(
        {
            "connector": name,
            "application": found.definition.application_id,
            "definition": found.source,
            "has_token": found.has_token,
            "stuck": [_account_document(names, one) for one in stuck],
        },
        lambda: (
            found.source + ("\n" + table(rows, ("PERSON", "STATE", "TRIES", "WHY")) if rows else "")
        ),
    )


@connector.command()
@click.argument("name")
def test(name: str) -> None:
    """Ask the target whether it can be worked with; changes nothing."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        can = connectors.get(tx, name).definition.target.can
    try:
        says = connectors.open_target_of(installation, name).test()
    except Unreachable as error:
        raise Unavailable(TARGET_UNREACHABLE, why=error.why) from error
    able = [each.value for each in Capability if each in can]
    unable = [each.value for each in Capability if each not in can]
    answer(
        {"connector": name, "says": says, "can": able, "cannot": unable},
        f"{says}\nIt can: {', '.join(able)}."
        + (f" It cannot: {', '.join(unable)}." if unable else ""),
    )


@connector.command()
@click.argument("name")
def plan(name: str) -> None:
    """What would be done if everything were compared now; changes nothing."""
    installation = open_own_installation()
    counts = {"create": 0, "update": 0, "disable": 0, "conflict": 0}
    shown: list[Planned] = []
    with installation.database.read() as tx:
        for one in plan_all(tx, connectors.get(tx, name).definition):
            counts[one.step] += 1
            if len(shown) < _SHOWN:
                shown.append(one)
        names = queries.list_names(tx, [one.person_id for one in shown])
    told = {
        "create": counts["create"],
        "update": counts["update"],
        "disable": counts["disable"],
        "conflicts": counts["conflict"],
    }
    lines = [f"{one.step}  {_named(names, one.person_id)}  {_changes(one)}" for one in shown]
    sums = ", ".join(f"{count} to {word}" for word, count in list(told.items())[:3])
    answer(
        {**told, "people": [_planned_document(names, one) for one in shown]},
        lambda: "\n".join([*map(one_line, lines), f"{sums}, {told['conflicts']} conflicts."]),
    )


@connector.command()
@click.argument("name")
def run(name: str) -> None:
    """Do what is due now, and wait for it; the worker does so by itself."""
    installation = open_own_installation()
    connectors.ask_run(installation, operator(), name)
    with installation.database.read() as tx:
        asked = runs.find_open(tx, name)
    done, failed, is_held, is_elsewhere = _turns(installation, name)
    with installation.database.read() as tx:
        its = runs.find_run(tx, name, asked.id) if asked is not None else None
        if is_elsewhere and its is not None:
            its = runs.live(tx, its)
            done, failed = its.done, its.failed
    why = " The worker did it." if is_elsewhere else ""
    why = " It is held: danhmuc connector status." if is_held else why
    answer(
        {"done": done, "failed": failed, "held": is_held, "elsewhere": is_elsewhere},
        f"{done} done, {failed} failed.{why}",
    )


def _turns(installation: Installation, name: str) -> tuple[int, int, bool, bool]:
    """Have all done that can be done now, by us or, where it holds the connector, by the worker:
    (how many were done by us, how many failed, whether it is held, whether the worker did some)."""
    done, failed, is_elsewhere, began = 0, 0, False, time.monotonic()
    with _Progress(installation, name) as progress:
        while True:
            turn = run_connector(installation, name)
            done, failed = done + turn.done, failed + turn.failed
            progress.show()
            if turn.is_held:
                return done, failed, True, is_elsewhere
            if not turn.is_elsewhere:
                if not (turn.has_more or turn.done):
                    return done, failed, False, is_elsewhere
                continue
            is_elsewhere = True
            with installation.database.read() as tx:
                found = connectors.get(tx, name)
                is_over = runs.find_open(tx, name) is None
                is_idle = not found.is_looking and not accounts.list_due(tx, name, 1)
            # What is refused waits for another try, and the run with it.
            is_over = is_over or (is_idle and time.monotonic() - began > _WORKER_S)
            if is_over or found.is_held:
                return done, failed, found.is_held, True
            time.sleep(_POLL_S)


@connector.command("runs")
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def runs_(name: str, limit: int) -> None:
    """What a connector did, the latest run first: from when something was to be done until nothing
    was. Runs in which nothing came of a look are not kept."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        connectors.get(tx, name)
        found = [runs.live(tx, one) for one in runs.list_runs(tx, name, limit)]
    heads = ("BEGAN", "KIND", "BY", "IS", "MADE", "CHANGED", "DISABLED", "REPAIRED", "FAILED")
    rows = [
        (
            local(one.began_at),
            one.kind,
            one.begun_by,
            _run_is(one),
            one.created,
            one.updated,
            one.disabled,
            one.repaired,
            one.failed,
        )
        for one in found
    ]
    answer(
        {
            "connector": name,
            "runs": [
                {
                    **asdict(one),
                    "began_at": iso(one.began_at),
                    "ended_at": _instant(one.ended_at),
                }
                for one in found
            ],
        },
        lambda: table(rows, heads) if rows else "Nothing has been done yet.",
    )


def _run_is(one: Run) -> str:
    held = f", held by: {one.held_by}" if one.held_by else ""
    if one.ended_at is None:
        looked = f", {one.looked_at} of {one.to_look_at} looked at" if one.is_looking else ""
        return f"under way{looked}{held}"
    return f"ended {local(one.ended_at)}{held}"


class _Progress:
    """A bar on the error stream of a terminal; nothing elsewhere."""

    def __init__(self, installation: Installation, name: str) -> None:
        self._installation, self._name = installation, name
        self._is_shown = sys.stderr.isatty()
        self._bar = click.progressbar(length=1, label=name, file=sys.stderr)

    def __enter__(self) -> _Progress:
        if self._is_shown:
            self._bar.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._is_shown:
            self._bar.__exit__(None, None, None)

    def show(self) -> None:
        """How far the open run is."""
        if not self._is_shown:
            return
        with self._installation.database.read() as tx:
            found = runs.find_open(tx, self._name)
            waiting = accounts.count_due(tx, self._name)
        if found is not None and found.is_looking:
            done, everything = found.looked_at, found.to_look_at or 1
        else:
            done = found.done if found is not None else 1
            everything = max(done + waiting, 1)
        self._bar.length = everything
        self._bar.update(done - self._bar.pos)


@connector.command()
@click.argument("name")
def pause(name: str) -> None:
    """Do nothing in the application until it is resumed; what changes meanwhile is kept in mind."""
    changed = connectors.pause(open_own_installation(), operator(), name)
    answer(
        {"connector": name, "changed": changed},
        f"{name} is paused." if changed else f"{name} was paused already; nothing was changed.",
    )


@connector.command()
@click.argument("name")
@click.option(
    "--losses",
    type=click.IntRange(0),
    help="Stopped by the brake: so many accounts may go.",
)
def resume(name: str, losses: int | None) -> None:
    """Let a connector go on that was paused, was stopped, or waits for its target."""
    changed = connectors.resume(open_own_installation(), operator(), name, losses=losses)
    answer(
        {"connector": name, "changed": changed},
        f"{name} goes on." if changed else f"Nothing held {name}; nothing was changed.",
    )


@connector.command()
@click.argument("name")
@click.option("--person", "login", help="Only this one (username, work address or id).")
def retry(name: str, login: str | None) -> None:
    """Try again at once what the target did not take."""
    installation = open_own_installation()
    person_id = find_person(installation, login).id if login else None
    count = connectors.retry(installation, operator(), name, person_id)
    answer(
        {"connector": name, "accounts": count},
        f"{count} are tried again." if count else "Nothing was stuck; nothing was changed.",
    )


@connector.command()
@click.argument("name")
@click.option("--person", "login", required=True, help="Whose (username, work address or id).")
@click.option("--reason", required=True, help="Why: it stands in the log.")
def skip(name: str, login: str, reason: str) -> None:
    """Leave alone what the target does not take of one person.

    Nothing is sent for them until `replay`; when they leave, their account is disabled all the
    same.
    """
    installation = open_own_installation()
    person_id = find_person(installation, login).id
    connectors.skip(installation, operator(), name, person_id, reason)
    answer(
        {"connector": name, "person_id": person_id},
        f"It is skipped; to send it after all: danhmuc connector replay {name} --person {login}",
    )


@connector.command()
@click.argument("name")
@click.option("--person", "login", help="Of this one, also when it is in step.")
def replay(name: str, login: str | None) -> None:
    """Send again, whole, what was quarantined or skipped, whatever the target holds."""
    installation = open_own_installation()
    person_id = find_person(installation, login).id if login else None
    count = connectors.replay(installation, operator(), name, person_id)
    answer(
        {"connector": name, "accounts": count},
        f"{count} are sent again."
        if count
        else "Nothing was quarantined or skipped; nothing was changed.",
    )


@connector.command()
@click.argument("name")
def remove(name: str) -> None:
    """Forget a connector; the accounts it made stay in the application as they are."""
    count = connectors.remove(open_own_installation(), operator(), name)
    answer(
        {"connector": name, "accounts": count},
        f"{name} is removed; {count} accounts stay in the application.",
    )


@connector.command()
@click.argument("name")
@click.option("--repair", is_flag=True, help="Mend what differs; else it is told alone.")
@click.option("--last", is_flag=True, help="What the last reading found, without reading anew.")
def reconcile(name: str, repair: bool, last: bool) -> None:
    """Read every account of the target, and say which are otherwise than they should be."""
    installation = open_own_installation()
    if not last:
        reconciling.begin(installation, operator(), name, repairs=repair)
        _turns(installation, name)
    with installation.database.read() as tx:
        found = reconciling.report(tx, name)
        people = [one.person_id for one in found.findings if one.person_id]
        names = queries.list_names(tx, people)
    rows = [
        (one.kind, one.login or one.remote_id, _named(names, one.person_id or ""), one.detail)
        for one in found.findings
    ]
    over = "" if found.is_over else " It is not over: the worker goes on; see --last."
    answer(
        {
            "connector": name,
            "accounts": found.accounts,
            "over": found.is_over,
            "at": _instant(found.reconciled_at),
            "repaired": found.repaired,
            "counts": dict(found.counts),
            "findings": [
                {**asdict(one), "repaired_at": _instant(one.repaired_at)} for one in found.findings
            ],
        },
        lambda: (
            (table(rows, ("FOUND", "ACCOUNT", "PERSON", "DIFFERS")) + "\n" if rows else "")
            + f"{found.accounts} accounts, {sum(found.counts.values())} otherwise than they should "
            f"be, {found.repaired} to be mended.{over}"
        ),
    )


@connector.command()
@click.argument("name")
@click.option("--person", "login", help="Confirm: whose it is (username, work address or id).")
@click.option("--account", "remote_id", help="Confirm: the application's own id of the account.")
@click.option("--refuse", is_flag=True, help="It is not theirs: it is not proposed again.")
@click.option("--reason", default="", help="Refuse: why; it stands in the log.")
@click.option("--take-back", is_flag=True, help="What was refused may be proposed again.")
def match(
    name: str,
    login: str | None,
    remote_id: str | None,
    refuse: bool,
    reason: str,
    take_back: bool,
) -> None:
    """Whose the accounts could be that were there before; with --person and --account, say so, or
    with --refuse that it is not so.

    It shows what the last `danhmuc connector reconcile` found.
    """
    installation = open_own_installation()
    if (login is None) != (remote_id is None):
        raise click.UsageError("--person and --account belong together")
    if (refuse or take_back) and (login is None or refuse == take_back):
        raise click.UsageError("--refuse or --take-back wants --person and --account")
    confirmed, said = None, ""
    if login is not None and remote_id is not None:
        pair = (name, find_person(installation, login).id, remote_id)
        if refuse:
            changed = matching.refuse_pair(installation, operator(), *pair, reason)
            said = "It is not proposed again." if changed else "It was refused already."
        elif take_back:
            changed = matching.take_refusal_back(installation, operator(), *pair)
            said = "It may be proposed again." if changed else "It was not refused."
        else:
            matching.confirm(installation, operator(), *pair)
            confirmed, said = remote_id, "It is confirmed."
    with installation.database.read() as tx:
        found = matching.list_candidates(tx, name)
        refused = matching.list_refusals(tx, name)
        people = {*(one.person_id for one in found), *(one.person_id for one in refused)}
        names = queries.list_names(tx, people)
    rows = [
        (one.confidence, one.login, one.mail, one.remote_id, _named(names, one.person_id))
        for one in found
    ]
    heads = ("CONFIDENCE", "ACCOUNT", "MAIL", "ID", "COULD BE")
    answer(
        {
            "connector": name,
            "confirmed": confirmed,
            "candidates": [
                {**asdict(one), "person": names.get(one.person_id, ("", ""))[0]} for one in found
            ],
            "refused": [
                {
                    **asdict(one),
                    "refused_at": iso(one.refused_at),
                    "person": names.get(one.person_id, ("", ""))[0],
                }
                for one in refused
            ],
        },
        lambda: "\n".join(
            [
                *([said] if said else []),
                table(rows, heads) if rows else "There is nobody whose another account could be.",
                *_refused_lines(names, refused),
            ]
        ),
    )


def _refused_lines(
    names: Mapping[str, tuple[str, str]], refused: Sequence[matching.Refusal]
) -> list[str]:
    if not refused:
        return []
    rows = [
        (one.login, one.remote_id, _named(names, one.person_id), one.reason, local(one.refused_at))
        for one in refused
    ]
    return ["", table(rows, ("REFUSED", "ID", "IS NOT OF", "REASON", "SINCE"))]


@connector.command()
@click.argument("login", metavar="USER")
@click.option("--connector", "name", help="Only in this one.")
def person(login: str, name: str | None) -> None:
    """One person in every target: what each holds, what is due, and why it does not get there."""
    installation = open_own_installation()
    found = find_person(installation, login)
    with installation.database.read() as tx:
        everywhere = accounts.list_of_person(tx, found.id)
    chosen = [(its, one) for its, one in everywhere if name in (None, its)]
    if name and not chosen:
        raise NotFound(CONNECTOR_PERSON, name=name)
    rows = [(its, *_told(one)) for its, one in chosen]
    names = {found.id: (found.full_name, found.username)}
    answer(
        {"targets": [{"connector": its, **_account_document(names, one)} for its, one in chosen]},
        lambda: (
            table(rows, ("CONNECTOR", "STATE", "TRIES", "WHY"))
            if rows
            else "No connector has anything to do with this person."
        ),
    )


def _standings() -> list[Standing]:
    installation = open_own_installation()
    with installation.database.read() as tx:
        return list(connectors.standings(tx))


def _held(one: Standing) -> str:
    found = one.connector
    if found.stopped_at is not None:
        return f"stopped: {found.losses_found} accounts would go"
    if found.paused_at is not None:
        return "paused"
    if found.failing_since is not None:
        return f"no answer since {local(found.failing_since)}"
    if found.compared_at is None:
        return "first comparison"
    return "runs; its groups are not compared" if one.groups_untold else "runs"


def _standing_table(rows: list[Standing]) -> str:
    heads = ("NAME", "IS", "IN STEP", "WAITING", "FAILED", "QUARANTINED", "CONFLICTS", "SKIPPED")
    cells = [
        (
            one.connector.name,
            _held(one),
            one.in_step,
            one.waiting,
            one.failed,
            one.quarantined,
            one.conflicts,
            one.skipped,
        )
        for one in rows
    ]
    return table(cells, heads)


def _standing_document(one: Standing) -> dict[str, Any]:
    found = one.connector
    return {
        "connector": found.name,
        "application": found.definition.application_id,
        "in_step": one.in_step,
        "waiting": one.waiting,
        "failed": one.failed,
        "quarantined": one.quarantined,
        "conflicts": one.conflicts,
        "skipped": one.skipped,
        "paused_at": _instant(found.paused_at),
        "stopped_at": _instant(found.stopped_at),
        "losses": found.losses_found,
        "failing_since": _instant(found.failing_since),
        "failed_detail": found.failed_detail,
        "last_success": _instant(found.succeeded_at),
        "groups_untold": one.groups_untold,
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _told(one: AccountState) -> tuple[str, int, str]:
    why = f"{one.failed_code}: {one.failed_detail}" if one.failed_code else ""
    return one.state.replace("_", " "), one.tries, why


def _named(names: Mapping[str, tuple[str, str]], person_id: str) -> str:
    full_name, username = names.get(person_id, ("–", "–"))
    return f"{full_name} ({username})"


def _account_document(names: Mapping[str, tuple[str, str]], one: AccountState) -> dict[str, object]:
    full_name, username = names.get(one.person_id, ("", ""))
    return {
        "person_id": one.person_id,
        "person": full_name,
        "username": username,
        "state": one.state,
        "leaving": one.is_leaving,
        "has_account": one.held is not None,
        "remote_id": one.remote_id,
        "tries": one.tries,
        "failed": one.failed_code,
        "failed_detail": one.failed_detail,
        "changed_at": _instant(one.changed_at),
    }


def _planned_document(names: Mapping[str, tuple[str, str]], one: Planned) -> dict[str, object]:
    full_name, username = names.get(one.person_id, ("", ""))
    return {**asdict(one), "person": full_name, "username": username}


def _changes(one: Planned) -> str:
    names = dict.fromkeys([*one.before, *one.after])
    return "; ".join(
        f"{name}: {one.before.get(name, '–')} → {one.after.get(name, '–')}" for name in names
    )
