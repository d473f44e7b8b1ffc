"""Events as the lines of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.audit.reading import Event, Language, sentence
from idp.kit.i18n import N_, current_locale, gettext

# The names of fields that sentences about changes list.
FIELD_NAMES: Mapping[str, str] = {
    "phone": N_("phone number"),
    "title": N_("title"),
    "mail": N_("e-mail"),
    "username": N_("user name"),
    "full_name": N_("full name"),
    "staff_no": N_("staff number"),
    "staff_category": N_("staff category"),
    "precedence": N_("precedence"),
    "language": N_("language"),
    "status": N_("status"),
    "agency": N_("agency"),
    "unit": N_("unit"),
}


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
    known = {**{field: gettext(name) for field, name in FIELD_NAMES.items()}, **names}
    language: Language = "en" if current_locale() == "en" else "vi"
    known |= {event.actor: _actor_name(event.actor, names) for event in events}
    return [
        ToldEvent(
            at=event.at,
            sentence=_capitalised(sentence(event, known, language)),
            actor=known[event.actor],
            address=event.address,
            code=event.kind,
        )
        for event in events
    ]


def _actor_name(tag: str, names: Mapping[str, str]) -> str:
    if tag in names:
        return names[tag]
    kind, _, name = tag.partition(":")
    if kind == "os":
        return gettext("Operator of the server (%(name)s)", name=name)
    if kind == "system":
        return gettext("The system itself")
    return gettext("Somebody not signed in") if kind == "anonymous" else tag


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
