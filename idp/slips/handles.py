"""Giving slips, for whoever works in the console: nothing more can be reached from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.decisions import decide, decide_each
from directory.authz.denials import record_denial
from directory.authz.objects import InPlace, OfPerson
from directory.authz.permissions import Permission
from directory.authz.scopes import scopes_of
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.clock import today
from directory.errors import Conflict, Forbidden, NotFound
from directory.installation import Installation
from directory.people.errors import PERSON_READ_ONLY
from directory.people.listing import MOST_ID_CHARS
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.requests.errors import REQUEST_OPEN_ALREADY
from idp.factors.held import Factor
from idp.slips import approvals, asking, service, store
from idp.slips.errors import SLIP_TWO_PERSONS
from idp.slips.permissions import SlipPermission
from idp.slips.service import Issued
from idp.slips.store import Purpose, Slip

_T = TypeVar("_T")


@dataclass(frozen=True)
class ShownSlips:
    """What giving this person a slip would do. `latest`: their newest slip, None for none;
    `factors`: how many second factors a slip for help takes away. `needs_two`: a second person has
    to agree; `agreed`: for what somebody has, and until when (ms)."""

    person: PersonRow
    title: str
    unit: str
    agency: str
    latest: Slip | None
    factors: int
    needs_two: bool
    agreed: tuple[str, int] | None
    hours: int = approvals.APPROVED_HOURS


@dataclass(frozen=True)
class GivenSlip:
    """A new slip, as it is printed: told this once. `expires_at` in ms."""

    purpose: str
    expires_at: int
    code: str = field(repr=False)
    url: str = field(repr=False)


@dataclass(frozen=True)
class SlipsFor:
    """Slips as far as `actor` may give them."""

    _installation: Installation
    _actor: Actor
    _factors: Sequence[Factor]

    def show(self, person_id: str) -> ShownSlips:
        """Raises NotFound for somebody out of scope, Forbidden for somebody the actor has no power
        over, Conflict(``slip.standing``)."""
        return self._open(
            person_id, lambda tx, person, needs_two: self._shown(tx, person, needs_two=needs_two)
        )

    def _needs_two(self, person_id: str) -> bool:
        """Whether two give a slip to this person. Raises as `show`."""
        return self._open(person_id, lambda _tx, _person, needs_two: needs_two)

    def _open(self, person_id: str, work: Callable[[Connection, PersonRow, bool], _T]) -> _T:
        about = OfPerson(person_id[:MOST_ID_CHARS])
        refusal = ""
        with self._installation.database.read() as tx:
            actions = (PeoplePermission.READ, SlipPermission.ISSUE)
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, actions), about)
            person = queries.person(tx, about.id) if may[PeoplePermission.READ].allowed else None
            if person is not None:
                needs_two = service.is_privileged_account(tx, person)
                refusal = self._refusal(tx, person, may[SlipPermission.ISSUE].reason, needs_two)
                if not refusal:
                    service.require_standing(person)
                    return work(tx, person, needs_two)
        if person is None:
            self._denied(PeoplePermission.READ, about, "out_of_scope")
            raise NotFound(PERSON_UNKNOWN)
        raise self._denied(SlipPermission.ISSUE, about, refusal)

    def issue(self, person_id: str, asked: str, reason: str) -> GivenSlip:
        """Give one; raises as `show`, and Invalid(``slip.reason``), Conflict(``slip.two_persons``)
        where nobody has agreed to it."""
        needs_two, purpose = self._needs_two(person_id), _purpose(asked)

        def work(tx: Connection) -> Issued:
            agreed = needs_two and self._use_up(tx, person_id, purpose)
            if needs_two and not agreed:
                raise Conflict(SLIP_TWO_PERSONS)
            return service.issue_within(
                tx,
                self._installation,
                self._actor,
                person_id,
                purpose,
                reason,
                is_agreed=agreed,
            )

        made = self._installation.database.retrying(work)
        return GivenSlip(purpose, made.slip.expires_at, made.code, made.url)

    def ask(self, person_id: str, asked: str, reason: str) -> str:
        """Ask a second person to agree; gives the id of the request, also of one that waits
        already. Raises as `show`, Invalid(``slip.reason``), TooMany."""
        self._needs_two(person_id)
        try:
            return self._installation.database.retrying(
                lambda tx: (
                    asking.ask_for_slip(tx, self._actor, person_id, _purpose(asked), reason).id
                )
            )
        except Conflict as error:
            if error.declared is not REQUEST_OPEN_ALREADY:
                raise
            return str(error.params["request"])

    def revoke(self, person_id: str) -> int:
        """Take back the slip there is; raises as `show`."""
        needs_two = self._needs_two(person_id)
        return service.revoke(self._installation, self._actor, person_id, is_agreed=needs_two)

    def _use_up(self, tx: Connection, person_id: str, purpose: Purpose) -> bool:
        may = decide(tx, self._actor, SlipPermission.AGREE, InPlace(""))
        return may.allowed and approvals.use_up(tx, self._actor.tag, person_id, purpose)

    def _refusal(self, tx: Connection, person: PersonRow, reason: str, needs_two: bool) -> str:
        """Why the actor does not give this person a slip; "" where they do, alone or not."""
        if person.id == self._actor.id:
            return "own_record"
        if needs_two:
            decision = decide(tx, self._actor, SlipPermission.AGREE, InPlace(""))
            return "" if decision.allowed else decision.reason
        return "" if reason == "holds_role" else reason

    def _shown(self, tx: Connection, person: PersonRow, *, needs_two: bool) -> ShownSlips:
        post = person.acting_post(today().isoformat(), "")
        places = queries.agencies_by_id(tx, [post.agency_id, post.unit_id]) if post else {}
        names = {place_id: place.name for place_id, place in places.items()}
        return ShownSlips(
            person=person,
            title=post.title if post else "",
            unit=names.get(post.unit_id, "") if post else "",
            agency=names.get(post.agency_id, "") if post else "",
            latest=store.find_latest(tx, person.id),
            factors=sum(
                len(each.held_by(tx, person.id)) for each in self._factors if not each.stands_in
            ),
            needs_two=needs_two,
            agreed=approvals.find_until(tx, self._actor.tag, person.id) if needs_two else None,
        )

    def _denied(self, action: Permission, about: OfPerson, reason: str) -> Forbidden:
        record_denial(self._installation, self._actor, action, about.tag, reason)
        return Forbidden(PERSON_READ_ONLY, action=action, object=str(about), reason=reason)


def _purpose(asked: str) -> Purpose:
    return "help" if asked == "help" else "activate"
