"""danhmuc audit …"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from itertools import groupby

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, wants_json
from admin_ui.cli.terminal import one_line
from admin_ui.components import VOCABULARY
from directory.audit.acts import (
    GROUPS,
    STATES,
    Act,
    ActQuestion,
    State,
    events_of,
    find_run,
    list_acts,
    tell,
)
from directory.audit.event import Event
from directory.audit.kinds import Group
from directory.audit.names import names_for, tags_named
from directory.audit.reading import list_events
from directory.audit.sentences import Language, sentence
from directory.clock import SECOND, day_begins, day_of, iso, local, now_ms
from directory.installation import Installation

# An event of a change may be written a few seconds after it was given its id.
_LATE_MS = 10 * SECOND
_language = click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)


@click.group(cls=JsonGroup)
def audit() -> None:
    """The audit log."""


@audit.command()
@click.option("-n", "--lines", default=20, show_default=True, type=click.IntRange(1, 10000))
@click.option("--kind", default="", help="Only kinds that begin so, e.g. signin.")
@click.option("--person", default="", metavar="ID", help="Only events about this person.")
@_language
@click.option("--every", is_flag=True, help="Every event by itself, parts of an act too.")
@click.option("-f", "--follow", is_flag=True, help="Go on telling as events come (Ctrl-C ends).")
def tail(lines: int, kind: str, person: str, lang: str, every: bool, follow: bool) -> None:
    """Tell the latest acts in sentences, oldest first; what a connector did in a run as numbers.
    With --json every event by itself."""
    installation, language = open_own_installation(), _chosen(lang)
    subject = f"person:{person}" if person else ""
    if not (every or follow or wants_json()):
        _tell_acts(installation, _latest(installation, lines, kind, subject), language)
        return
    with installation.database.read() as tx:
        events = list(reversed(list_events(tx, limit=lines, kind=kind, subject=subject)))
    told = _tell(installation, events, language)
    documents = [
        asdict(event) | {"at": iso(event.at), "sentence": text}
        for event, (_, text) in zip(events, told, strict=True)
    ]
    answer({"events": documents}, "\n".join(f"{at}  {text}" for at, text in told) or "No events.")
    if follow and not wants_json():
        _follow(installation, {event.id for event in events}, kind, subject, language)


@audit.command()
@click.argument("name", default="")
@click.option("--group", type=click.Choice(sorted(GROUPS)), help="Only events of this kind.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--result", type=click.Choice(STATES), help="Only what came to this.")
@click.option("--run", default="", metavar="ID", help="Only accounts that this run changed.")
@click.option("--each-account", is_flag=True, help="Each account that connectors changed in runs.")
@click.option("-n", "--lines", default=50, show_default=True, type=click.IntRange(1, 10000))
@click.option("--before", default="", metavar="ID", help="Go on after the last of a page.")
@_language
def search(
    name: str,
    group: Group | None,
    first: datetime | None,
    last: datetime | None,
    result: State | None,
    run: str,
    each_account: bool,
    lines: int,
    before: str,
    lang: str,
) -> None:
    """Find acts, newest first. NAME: part of the name of who did it, or of the person, agency or
    application it happened to, with or without diacritics. What a
    connector did in a run is told as numbers, unless NAME, --group or --run may be after it."""
    installation, language = open_own_installation(), _chosen(lang)
    question = ActQuestion(
        group=group or "",
        since=day_begins(first.date()) if first else 0,
        until=day_begins(_next(last.date())) if last else 0,
        state=result or "",
        before=before,
        run=run,
        unfolds=each_account or None,
    )
    with installation.database.read() as tx:
        if name:
            question = replace(question, who=tags_named(tx, VOCABULARY, name)[0])
        found = list_acts(tx, VOCABULARY, question, limit=lines + 1)
    acts = found[:lines]
    if not wants_json():
        _tell_acts(installation, acts, language)
        return
    document = {"acts": _documents(installation, acts, language), "older": _older(found, lines)}
    answer(document | {"folded": not question.is_unfolded}, "")


def _older(found: Sequence[Act], lines: int) -> str | None:
    """The `--before` of the next page; None on the last."""
    return found[lines - 1].first.id if len(found) > lines else None


def _documents(installation: Installation, acts: Sequence[Act], language: Language) -> list[object]:
    with installation.database.read() as tx:
        names = names_for(tx, VOCABULARY, events_of(acts), language)
    return [
        {
            "id": act.first.id,
            "at": iso(act.first.at),
            "state": act.state,
            "sentence": tell(act, VOCABULARY, names, language),
            "events": [asdict(event) | {"at": iso(event.at)} for event in act.events],
        }
        for act in acts
    ]


def _latest(installation: Installation, lines: int, kind: str, subject: str) -> list[Act]:
    question = ActQuestion(kinds=(kind,) if kind else (), who=(subject,) if subject else None)
    with installation.database.read() as tx:
        return list_acts(tx, VOCABULARY, question, limit=lines)[::-1]


def _tell_acts(installation: Installation, acts: Sequence[Act], language: Language) -> None:
    """Under the day a line for each act."""
    with installation.database.read() as tx:
        names = names_for(tx, VOCABULARY, events_of(acts), language)
    lines: list[str] = []
    for day, its in groupby(acts, key=lambda act: day_of(act.first.at)):
        lines.append(f"{day:%d/%m/%Y}")
        for act in its:
            clock = local(act.first.at).partition(" ")[2]
            run = find_run(act, VOCABULARY)
            each = f"  [audit search --run {run}]" if run else ""
            lines.append(f"  {clock}  {one_line(tell(act, VOCABULARY, names, language))}{each}")
    answer({}, "\n".join(lines) or "No events.")


def _follow(
    installation: Installation, told: set[str], kind: str, subject: str, language: Language
) -> None:
    while True:
        time.sleep(1)
        with installation.database.read() as tx:
            latest = list_events(tx, limit=500, kind=kind, subject=subject)
        recent = [event for event in latest if event.at > now_ms() - 2 * _LATE_MS]
        fresh = [event for event in reversed(recent) if event.id not in told]
        for at, text in _tell(installation, fresh, language):
            click.echo(f"{at}  {text}")
        told = {event.id for event in recent} | {event.id for event in fresh}


def _tell(
    installation: Installation, events: Sequence[Event], language: Language
) -> list[tuple[str, str]]:
    with installation.database.read() as tx:
        names = names_for(tx, VOCABULARY, events, language)
    return [
        (local(event.at), one_line(sentence(event, VOCABULARY, names, language)))
        for event in events
    ]


def _chosen(lang: str) -> Language:
    return "en" if lang == "en" else "vi"


def _next(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day
