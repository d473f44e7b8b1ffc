"""What views ask about the current request: the installation it is for, and who is asking."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from directory.actor import Actor, ActorKind, Held
from directory.installation import Installation
from web.request import client_address

EXTENSION = "installation"


def current_installation() -> Installation:
    """The installation this application serves."""
    return cast(Installation, current_app.extensions[EXTENSION])


def actor_here(person_id: str = "", agency_id: str = "", held: Held | None = None) -> Actor:
    """The actor of this request, with address and request id: a person or an anonymous browser."""
    kind: ActorKind = "person" if person_id else "anonymous"
    return Actor(kind, person_id, agency_id, client_address(), str(g.get("request_id", "")), held)
