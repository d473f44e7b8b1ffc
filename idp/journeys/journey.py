"""What a journey is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from idp.flows.step import Step
from idp.flows.store import Flow


@dataclass(frozen=True, slots=True)
class Journey:
    """An ordered list of steps over one flow, and what is given at its end.

    `name` stands in the flow; a flow answers at the `path` of its own journey only. `end` is called
    in the transaction in which the last step is passed, and gives what answers the browser once
    that is committed.
    """

    name: str
    path: str
    steps: tuple[Step, ...]
    end: Callable[[Connection, Flow], Callable[[], Response]]
