"""Looking as a job would see it: read only, in one's own session, and never more than one's own.

Whoever looks keeps their name and their session. The job and its place stand beside the session,
and all that is decided while it does is decided as for that job, as far as oneself may look too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from admin_ui.console.errors import CONSOLE_JOB
from admin_ui.console.events import VIEWING_BEGAN, VIEWING_ENDED
from admin_ui.console.permissions import ConsolePermission
from admin_ui.console.sessions import ConsoleSession
from admin_ui.console.tables import console_session, console_viewing
from directory.actor import Actor
from directory.audit.log import record
from directory.authz.decisions import decide
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.events import AUTHZ_DENIED as DENIED
from directory.authz.objects import InPlace
from directory.authz.permissions import ADMIN_ROLES
from directory.authz.places import list_agencies_within
from directory.authz.scopes import scope_of
from directory.catalogue.errors import AGENCY_UNKNOWN
from directory.errors import Forbidden, Invalid, NotFound
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import AgencyRow

END_PATH = "/xem-nhu/thoi"
THEN = "tiep"
"""Where one is oneself again; and what is sent then, of that address."""


@dataclass(frozen=True)
class PlacesToView:
    """Where one may look as a job; `has_all`: in the whole province at once too."""

    places: Sequence[AgencyRow]
    has_all: bool


@dataclass(frozen=True)
class ViewingFor:
    """What `actor` may look at as a job, in their session."""

    _installation: Installation
    _actor: Actor
    _session: ConsoleSession

    def list_places(self) -> PlacesToView:
        """Where."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, ConsolePermission.VIEW_AS)
            return PlacesToView(list_agencies_within(tx, scope), scope.everywhere)

    def begin(self, job: str, place_id: str) -> None:
        """Look as that job from now on. `place_id`: empty: in the whole province.

        Raises Invalid(``console.job``), NotFound for a place that is not there or not one's own,
        Forbidden.
        """
        if job not in ADMIN_ROLES:
            raise Invalid(CONSOLE_JOB, field="job")
        about = InPlace(place_id)
        with self._installation.database.write() as tx:
            decision = decide(tx, self._actor, ConsolePermission.VIEW_AS, about)
            is_there = not place_id or queries.agency(tx, place_id) is not None
            if decision.allowed and is_there:
                _end(tx, self._actor, self._session.cookie_hash, "left")
                tx.execute(
                    insert(console_viewing).values(
                        cookie_hash=self._session.cookie_hash,
                        person_id=self._actor.id,
                        job=job,
                        place_id=place_id or None,
                    )
                )
                place = {"agency": place_id, "place": place_id}
                record(tx, VIEWING_BEGAN, self._actor, **place, job=job)
                return
            reason = "out_of_scope" if decision.allowed else decision.reason
            record(
                tx, DENIED, self._actor,
                action=ConsolePermission.VIEW_AS, object=about.tag, reason=reason,
            )  # fmt: skip
        if place_id and reason == "out_of_scope":
            raise NotFound(AGENCY_UNKNOWN)
        raise Forbidden(AUTHZ_DENIED, action=ConsolePermission.VIEW_AS, reason=reason)

    def end(self) -> None:
        """Look as oneself again."""
        with self._installation.database.write() as tx:
            _end(tx, self._actor, self._session.cookie_hash, "left")


def forget_over(tx: Connection) -> None:
    """Those whose session is over: signed out here or at the issuer, or not used for too long."""
    columns = console_viewing.c
    living = select(console_session.c.cookie_hash)
    query = select(columns.cookie_hash, columns.person_id).where(columns.cookie_hash.not_in(living))
    for cookie_hash, person_id in tx.execute(query).all():
        _end(tx, Actor("person", person_id), cookie_hash, "session_over")


def _end(tx: Connection, actor: Actor, cookie_hash: str, reason: str) -> None:
    columns = console_viewing.c
    ended = (
        delete(console_viewing)
        .where(columns.cookie_hash == cookie_hash)
        .returning(columns.job, columns.place_id)
    )
    for job, place_id in tx.execute(ended).all():
        place = {"agency": place_id or "", "place": place_id or ""}
        record(tx, VIEWING_ENDED, actor, **place, job=job, reason=reason)
