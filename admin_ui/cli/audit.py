"""danhmuc audit …"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict

import click

from admin_ui.cli.answers import JsonGroup, answer, open_house, wants_json
from admin_ui.cli.terminal import one_line
from directory.audit.reading import Event, Language, list_events, sentence
from directory.authz.event_names import names_for
from directory.clock import iso, local
from directory.installation import Installation


@click.group(cls=JsonGroup)
def audit() -> None:
    """The audit log."""


@audit.command()
@click.option("-n", "--lines", default=20, show_default=True, type=click.IntRange(1, 10000))
@click.option("--kind", default="", help="Only kinds that begin so, e.g. signin.")
@click.option("--person", default="", metavar="ID", help="Only events about this person.")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("-f", "--follow", is_flag=True, help="Go on telling as events come (Ctrl-C ends).")
def tail(lines: int, kind: str, person: str, lang: str, follow: bool) -> None:
    """Tell the latest events in sentences, oldest first."""
    house = open_house()
    subject = f"person:{person}" if person else ""
    with house.database.read() as tx:
        events = list(reversed(list_events(tx, limit=lines, kind=kind, subject=subject)))
    told = _tell(house, events, lang)
    documents = [
        asdict(event) | {"at": iso(event.at), "sentence": text}
        for event, (_, text) in zip(events, told, strict=True)
    ]
    answer({"events": documents}, "\n".join(f"{at}  {text}" for at, text in told) or "No events.")
    if follow and not wants_json():
        _follow(house, events[-1].id if events else "", kind, subject, lang)


def _follow(house: Installation, after: str, kind: str, subject: str, lang: str) -> None:
    while True:
        time.sleep(1)
        with house.database.read() as tx:
            events = list_events(
                tx, limit=500, after=after, kind=kind, subject=subject, newest_first=False
            )
        for at, text in _tell(house, events, lang):
            click.echo(f"{at}  {text}")
        after = events[-1].id if events else after


def _tell(house: Installation, events: Sequence[Event], lang: str) -> list[tuple[str, str]]:
    language: Language = "en" if lang == "en" else "vi"
    with house.database.read() as tx:
        names = names_for(tx, events, language)
    return [(local(event.at), one_line(sentence(event, names, language))) for event in events]
