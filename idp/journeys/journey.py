"""What a journey is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from idp.flows.step import Step
from idp.flows.store import Flow
from web.i18n import gettext


@dataclass(frozen=True, slots=True)
class Stage:
    """How far somebody is: the names of all stages, and which they are at, from 1."""

    names: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Journey:
    """An ordered list of steps over one flow, and what is given at its end.

    `name` stands in the flow; a flow answers at the `path` of its own journey only. `end` is called
    in the transaction in which the last step is passed, and gives what answers the browser once
    that is committed. `stages`: what people are told of how far they are, each a msgid with the
    steps that belong to it; none where a journey is short. `done`: the template for whoever comes
    back to it afterwards.
    """

    name: str
    path: str
    steps: tuple[Step, ...]
    end: Callable[[Connection, Flow], Callable[[], Response]]
    stages: tuple[tuple[str, frozenset[str]], ...] = ()
    done: str = "signin/journey_over.html"

    def stage_of(self, step: str) -> Stage | None:
        """How far somebody is who is asked this step."""
        for number, (_name, steps) in enumerate(self.stages, start=1):
            if step in steps:
                return Stage(tuple(gettext(name) for name, _steps in self.stages), number)
        return None
