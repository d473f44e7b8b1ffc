"""Events as the lines of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.audit.event import Event
from directory.audit.sentences import Language, actor_name, sentence
from idp.kit.i18n import current_locale


@dataclass(frozen=True)
class ToldEvent:
    """One event in a sentence. `at` in ms; `code` for whoever has to quote it."""

    at: int
    sentence: str
    actor: str
    address: str
    code: str


def told_events(events: Sequence[Event], names: Mapping[str, str]) -> list[ToldEvent]:
    """The events in the language of this page."""
    language: Language = "en" if current_locale() == "en" else "vi"
    return [
        ToldEvent(
            at=event.at,
            sentence=sentence(event, names, language),
            actor=actor_name(event.actor, names, language),
            address=event.address,
            code=event.kind,
        )
        for event in events
    ]
