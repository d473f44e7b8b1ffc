"""danhmuc request …"""

from __future__ import annotations

from typing import Any

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.components import REQUEST_KINDS, VOCABULARY
from directory.clock import iso, local
from directory.installation import Installation
from directory.requests.handles import OpenedRequest, RequestsFor
from directory.requests.register import RequestQuestion, State
from directory.requests.showing import ShownRequest

_STATES = {
    "open": "waits to be decided",
    "approved": "approved",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "lapsed": "lapsed",
}


@click.group(cls=JsonGroup)
def request() -> None:
    """What somebody asked and a second person decides."""


@request.command("list")
@click.option("--state", type=click.Choice([*_STATES, "all"]), default="open", show_default=True)
@click.option("--kind", type=click.Choice(list(REQUEST_KINDS)), default=None)
@click.option("--before", default="", metavar="ID", help="Older ones: the last id of a page.")
def list_(state: State | str, kind: str | None, before: str) -> None:
    """List requests, newest first."""
    wanted: Any = "" if state == "all" else state
    found = _register(open_own_installation()).page(RequestQuestion(wanted, kind or "", before))
    rows = [
        (one.request.id, one.sentence.en, one.asked_by.en, local(one.request.asked_at),
         _STATES[one.request.state])
        for one in found.requests
    ]  # fmt: skip
    answer(
        {"requests": [_document(one) for one in found.requests], "before": found.older or None},
        table(rows, ("ID", "WHAT", "ASKED BY", "SINCE", "STATE")),
    )


@request.command()
@click.argument("request_id", metavar="ID")
def show(request_id: str) -> None:
    """Show a request and what became of it."""
    opened = _register(open_own_installation()).open(request_id)
    answer(_document(opened.shown), lambda: _text(opened))


@request.command()
@click.argument("request_id", metavar="ID")
@click.option("--reason", default="")
@click.option("--choice", default="", help="What is given where you choose: the key of a role.")
def approve(request_id: str, reason: str, choice: str) -> None:
    """Approve a request of somebody else: what it asks is done at once."""
    done = _register(open_own_installation()).approve(request_id, reason, choice)
    answer({"id": done.id, "state": done.state}, "Approved and done.")


@request.command()
@click.argument("request_id", metavar="ID")
@click.option("--reason", required=True)
def refuse(request_id: str, reason: str) -> None:
    """Refuse a request of somebody else."""
    done = _register(open_own_installation()).refuse(request_id, reason)
    answer({"id": done.id, "state": done.state}, "Refused.")


@request.command()
@click.argument("request_id", metavar="ID")
@click.option("--reason", default="")
def withdraw(request_id: str, reason: str) -> None:
    """Take back what one has asked."""
    done = _register(open_own_installation()).withdraw(request_id, reason)
    answer({"id": done.id, "state": done.state}, "Withdrawn.")


def _register(installation: Installation) -> RequestsFor:
    return RequestsFor(installation, operator(), VOCABULARY, REQUEST_KINDS)


def _document(shown: ShownRequest) -> dict[str, Any]:
    asked = shown.request
    return {
        "id": asked.id,
        "kind": asked.kind,
        "what": shown.sentence.vi,
        "what_en": shown.sentence.en,
        "subject": asked.subject,
        "agency_id": asked.agency_id,
        "agency": shown.place,
        "asked_by": asked.asked_by,
        "asked_by_name": shown.asked_by.vi,
        "asked_for": asked.asked_for,
        "asked_for_name": shown.asked_for.vi,
        "reason": asked.reason,
        "basis": asked.basis,
        "state": asked.state,
        "asked_at": iso(asked.asked_at),
        "expires_at": iso(asked.expires_at),
        "decided_by": asked.decided_by,
        "decided_by_name": shown.decided_by.vi,
        "decided_at": iso(asked.decided_at) if asked.decided_at else None,
        "decision_reason": asked.decision_reason,
    }


def _text(opened: OpenedRequest) -> str:
    shown, asked = opened.shown, opened.shown.request
    lines = [
        shown.sentence.en,
        f"Asked by {shown.asked_by.en}, {local(asked.asked_at)}: {asked.reason}",
        f"Decided by administrators of {shown.place or 'the whole province'}",
        f"Basis: {asked.basis}" if asked.basis else "",
        f"Lapses {local(asked.expires_at)}" if asked.state == "open" else "",
        f"{_STATES[asked.state].capitalize()} by {shown.decided_by.en}, {local(asked.decided_at)}"
        if asked.decided_at
        else "",
        f"Because: {asked.decision_reason}" if asked.decision_reason else "",
    ]
    return "\n".join(filter(None, lines))
