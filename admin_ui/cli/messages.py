"""danhmuc message …"""

from __future__ import annotations

from collections.abc import Mapping

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.terminal import one_line
from admin_ui.components import COMPONENTS
from directory.clock import iso, local
from directory.component import messages_of
from directory.message_kinds import ShortText, Value
from directory.messages import letters, service, texts
from directory.messages.service import Listed
from directory.settings import Settings

_KINDS = {name.replace("_", "-"): kind for name, kind in messages_of(COMPONENTS).items()}


@click.group(cls=JsonGroup)
def message() -> None:
    """What people are told by e-mail and SMS."""


@message.command("list")
@click.option("--failed", is_flag=True, help="Only those that could not be sent.")
def list_(failed: bool) -> None:
    """List messages that could not be sent, and those that wait. What they say is not shown."""
    found = service.list_messages(open_own_installation(), operator(), failed_only=failed)
    heads = ("ID", "WHAT", "WAY", "FOR", "SINCE", "TRIES", "REASON", "STATE")
    rows = [
        (
            each.message.id,
            each.message.kind.replace("_", "-"),
            each.message.way,
            one_line(each.person.full_name) if each.person else "",
            local(each.message.created_at),
            each.message.tries,
            each.message.reason.replace("_", " "),
            _state(each),
        )
        for each in found
    ]
    answer(
        {"messages": [_document(each) for each in found]},
        lambda: table(rows, heads) if rows else "No messages.",
    )


@message.command()
@click.argument("message_id", metavar="ID", required=False)
@click.option("--all", "every", is_flag=True, help="Every message that could not be sent.")
def retry(message_id: str | None, every: bool) -> None:
    """Have a message sent that could not be."""
    if every == bool(message_id):
        raise click.UsageError("Name one message, or --all.")
    installation, actor = open_own_installation(), operator()
    if every:
        retried = service.retry_all(installation, actor)
    else:
        service.retry(installation, actor, message_id or "")
        retried = 1
    text = "1 message is tried again." if retried == 1 else f"{retried} messages are tried again."
    answer({"retried": retried}, text if retried else "No message has failed; nothing was changed.")


@message.command("show-sample")
@click.argument("kind", metavar="KIND", type=click.Choice(sorted(_KINDS)))
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
def show_sample(kind: str, language: str) -> None:
    """Show what a kind of message looks like, for somebody who does not exist."""
    declared = _KINDS[kind]
    values = {"username": "nguyen.an", **declared.sample}
    settings = open_own_installation().settings
    shown = letters.render(settings, declared, language, "Nguyễn Văn An", values)
    text = f"{shown.subject}\n\n{shown.text.rstrip()}"
    document: dict[str, object] = {"kind": declared.name, "language": language}
    document |= {"subject": shown.subject, "text": shown.text, "sms": None}
    if declared.sms:
        lines = [_sms(settings, declared.sms, language, values, marks) for marks in (True, False)]
        document["sms"] = lines
        text += "\n\n" + "\n".join(f"SMS ({_size(each)}): {each['text']}" for each in lines)
    answer(document, text)


def _sms(
    settings: Settings, words: ShortText, language: str, values: Mapping[str, Value], marks: bool
) -> dict[str, object]:
    text = texts.render_text(settings, words, language, values, marks=marks)
    size = texts.size_of(text)
    sizes = {"encoding": size.encoding, "places": size.places, "parts": size.parts}
    return {"marks": marks, "text": text, **sizes}


def _size(line: Mapping[str, object]) -> str:
    parts = "1 part" if line["parts"] == 1 else f"{line['parts']} parts"
    return f"{line['places']} {line['encoding']}, {parts}"


def _state(each: Listed) -> str:
    return "waits" if each.message.failed_at is None else "failed"


def _document(each: Listed) -> dict[str, object]:
    found, person = each.message, each.person
    return {
        "id": found.id,
        "kind": found.kind,
        "way": found.way,
        "state": _state(each),
        "person_id": found.person_id,
        "username": person.username if person else None,
        "person": person.full_name if person else None,
        "created_at": iso(found.created_at),
        "tries": found.tries,
        "reason": found.reason or None,
        "failed_at": None if found.failed_at is None else iso(found.failed_at),
    }
