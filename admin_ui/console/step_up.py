"""A factor of the last minutes, for what a browser left open for a moment must not be enough for.

Which actions those are their screens say (`Screen.step_up`). What was sent is kept, sealed; whoever
proves anew who they are comes back to it and sends it with one press.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from admin_ui.console.kept_forms import KeptForm, find_kept, go_on
from admin_ui.console.screen import StepUp
from admin_ui.console.visitor import Visitor
from idp.flows import own_pages
from idp.levels import TWO_FACTORS
from web import csrf

PATH = "/xac-nhan"


@dataclass(frozen=True)
class Waiting:
    """What waits to be sent. `what`: a msgid; `typed`: (name, value), as they were sent."""

    what: str
    action: str
    typed: Sequence[tuple[str, str]]


def is_fresh(visitor: Visitor) -> bool:
    """Whether the visitor has proved two factors within the last five minutes."""
    session = visitor.session.issuer_session
    return own_pages.is_fresh(session) and session.acr >= TWO_FACTORS


def is_wanted(visitor: Visitor, step_up: StepUp) -> bool:
    """Whether what was sent has to wait for it."""
    return not is_fresh(visitor) and step_up.applies()


def ask(step_up: StepUp) -> Response:
    """Keep what was sent, and go to the page that says what is wanted first."""
    typed = [pair for pair in request.form.items(multi=True) if pair[0] != csrf.FIELD]
    waiting = {
        "what": step_up.what,
        "action": request.full_path.rstrip("?"),
        "typed": json.dumps(typed, ensure_ascii=False),
    }
    return go_on(PATH, KeptForm(waiting, {}))


def find_waiting() -> Waiting | None:
    """What the address of the page stands for."""
    kept = find_kept()
    if kept is None:
        return None
    typed = [(name, value) for name, value in json.loads(kept.typed["typed"])]
    return Waiting(kept.typed["what"], kept.typed["action"], typed)
