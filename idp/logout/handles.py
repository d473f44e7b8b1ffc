"""Signing people out by force, for whoever works in the console: nothing more can be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from directory.actor import Actor
from directory.authz import applications
from directory.authz.denials import record_denial
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.objects import InPlace, Object, OfApplication, OfPerson
from directory.authz.places import list_agencies_within
from directory.authz.scopes import scope_of
from directory.errors import Forbidden, NotFound
from directory.installation import Installation
from directory.people.listing import MOST_ID_CHARS
from idp.logout import forced
from idp.logout.forced import MOST_REASON_CHARS, Effects, Target, Whose
from idp.logout.permissions import SessionPermission

__all__ = ["MOST_REASON_CHARS", "Effects", "SignOutsFor", "Target", "Whose"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Choices:
    """Places and applications whose people the actor may sign out: (id, name)."""

    places: Sequence[tuple[str, str]]
    applications: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class SignOutsFor:
    """Sessions as far as `actor` may end them."""

    _installation: Installation
    _actor: Actor

    def choices(self) -> Choices:
        """Raises Forbidden without any."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, SessionPermission.END)
            if scope.is_empty:
                raise Forbidden(AUTHZ_DENIED, action=SessionPermission.END, reason="no_role")
            places = [(each.id, each.name) for each in list_agencies_within(tx, scope)]
            seen = applications.list_seen(tx, scope)
            return Choices(places, [(app.id, app.name) for app in seen])

    def foresee(self, target: Target) -> Effects:
        """As `idp.logout.forced.foresee`."""
        target = Target(target.whose, target.id[:MOST_ID_CHARS])
        database = self._installation.database

        def look() -> Effects:
            with database.read() as tx:
                return forced.foresee(tx, self._actor, target)

        return self._noting(target, look)

    def end(self, target: Target, reason: str) -> tuple[int, int]:
        """As `idp.logout.forced.end`."""
        target = Target(target.whose, target.id[:MOST_ID_CHARS])
        database = self._installation.database
        return self._noting(
            target,
            lambda: database.retrying(lambda tx: forced.end(tx, self._actor, target, reason)),
        )

    def _noting(self, target: Target, work: Callable[[], _T]) -> _T:
        """What was refused, and what was not theirs to know, is in the log."""
        action, about = SessionPermission.END, _about(target)
        try:
            return work()
        except Forbidden as refused:
            reason = str(refused.params.get("reason", ""))
            record_denial(self._installation, self._actor, action, about.tag, reason)
            raise
        except NotFound:
            record_denial(self._installation, self._actor, action, about.tag, "out_of_scope")
            raise


def _about(target: Target) -> Object:
    if target.whose == "person":
        return OfPerson(target.id)
    return InPlace(target.id) if target.whose == "agency" else OfApplication(target.id)
