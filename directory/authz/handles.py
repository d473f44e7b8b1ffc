"""What an actor may read of the audit log: scoped in SQL, told with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from directory.actor import Actor
from directory.audit.log import person_tag
from directory.audit.reading import Event, list_events
from directory.authz.event_names import names_for
from directory.authz.scopes import Scope, holds_person, places_within, scope_of
from directory.errors import Forbidden
from directory.installation import Installation
from directory.projection.rows import login_key
from directory.projection.tables import catalogue_login

PAGE = 50


@dataclass(frozen=True)
class EventQuestion:
    """What to look for. `kinds`: beginnings of kinds, any of them. `username`: whom events are
    about. `before`: the id of an event, for the page after it."""

    kinds: tuple[str, ...] = ()
    username: str = ""
    before: str = ""


@dataclass(frozen=True)
class EventPage:
    """Events, newest first, and the names that tell them. `older`: the `before` of the next page,
    empty on the last. `username_is_unknown`: there is nobody of that name to be asked about."""

    events: Sequence[Event]
    names: Mapping[str, str]
    older: str = ""
    username_is_unknown: bool = False


@dataclass(frozen=True)
class EventsFor:
    """The audit log as far as `actor` may read it."""

    house: Installation
    actor: Actor

    def page(self, question: EventQuestion) -> EventPage:
        """One page of the events of the actor's places. Raises Forbidden without ``audit:read``."""
        with self.house.database.read() as tx:
            scope = scope_of(tx, self.actor, "audit:read")
            if scope.is_empty:
                raise Forbidden("authz.denied", action="audit:read", reason="no_role")
            subject = ""
            if question.username:
                subject = _subject(tx, scope, question.username)
                if not subject:
                    return EventPage((), {}, username_is_unknown=True)
            events = list_events(
                tx,
                limit=PAGE + 1,
                kinds=question.kinds,
                subject=subject,
                before=question.before,
                agencies=places_within(scope),
            )
            shown = events[:PAGE]
            older = shown[-1].id if len(events) > PAGE else ""
            return EventPage(shown, names_for(tx, shown), older)


def _subject(tx: Connection, scope: Scope, username: str) -> str:
    """The tag of the person of that login, when they lie in the scope; else empty.

    The same statements whether there is nobody or somebody elsewhere.
    """
    login = catalogue_login.c
    found = tx.execute(select(login.person_id).where(login.login == login_key(username))).scalar()
    is_seen = holds_person(tx, scope, found or "", writing=False)
    return person_tag(found) if found and is_seen else ""
