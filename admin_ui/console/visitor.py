"""Who is here: the visitor of the current request, and what they may hold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import cast

from flask import current_app, g, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from admin_ui.console import sessions
from admin_ui.console.finding import FinderFor
from admin_ui.console.permissions import ConsolePermission
from admin_ui.console.sessions import ConsoleSession
from admin_ui.console.viewing import ViewingFor
from directory.access.code_lists import CodeListsFor
from directory.access.explained import WhyFor
from directory.access.giving import GivingFor
from directory.access.handles import GrantsFor, RolesFor
from directory.access.positions import PositionsFor
from directory.access.privileged_handles import PrivilegedFor
from directory.access.staffing import StaffingFor
from directory.actor import Actor, Held
from directory.audit.kinds import Vocabulary
from directory.authz.decisions import decide
from directory.authz.handles import EventsFor
from directory.authz.objects import InPlace
from directory.authz.permissions import ADMIN_ROLES, AdminRole, Permission
from directory.authz.scopes import read_power
from directory.clock import today
from directory.database.counting import Count, answer
from directory.expiries.handles import ExpiriesFor
from directory.export_requests.handles import ExportRequestsFor
from directory.messages.handles import MessagesFor
from directory.notices.handles import NoticesFor
from directory.people.absence_handles import AbsencesFor
from directory.people.handles import PeopleFor
from directory.requests.handles import RequestsFor
from directory.requests.service import Kinds
from idp.applications.handles import ApplicationsFor
from idp.clients.metadata import Registration
from idp.factor_policy.handles import FactorPolicyFor
from idp.factors.certificate.handles import CertificatesFor
from idp.factors.held import Factor
from idp.logout.handles import SignOutsFor
from idp.sessions.person import SignedIn
from idp.slips.handles import SlipsFor
from idp.spray.handles import SprayAlarmsFor
from sync.engine.connectors import list_feeding
from sync.engine.definition_handles import DefinitionsFor
from sync.engine.handles import ConnectorsFor
from web.current import actor_here, current_installation
from web.state import current_kit

COOKIE = "session"
# Of the extensions of the application.
VOCABULARY = "audit_vocabulary"
REGISTRATION = "client_registration"
REQUEST_KINDS = "request_kinds"
EXPIRIES = "expiries"
FACTORS = "second_factors"


@dataclass(frozen=True)
class Visitor:
    """A signed-in administrator, as the stores know them at this request.

    `person`: as the page head names them; `roles`: which they hold somewhere; `branches`: the names
    of where, of which there are none where they hold them in the whole province. `viewing`: as
    which job they look (`admin_ui.console.viewing`), and then `roles` and `branches` are of that
    job; None for as themselves.
    """

    session: ConsoleSession
    actor: Actor
    person: SignedIn
    roles: frozenset[str]
    branches: tuple[str, ...]
    is_everywhere: bool
    viewing: AdminRole | None = None

    def may(self, action: Permission) -> bool:
        """Whether they may do it somewhere, or look whether another may."""
        held = self.actor.held
        own = self.roles if held is None or held.own is None else held.own
        return not action.held_by.isdisjoint(self.roles) and not action.held_by.isdisjoint(own)


def recognise() -> Visitor | None:
    """The visitor of this request, from the stores and never from the cookie alone."""
    value = request.cookies.get(current_kit().cookie_name(COOKIE), "")
    if not value:
        return None
    installation = current_installation()
    with installation.database.read() as tx:
        session = sessions.find(tx, value)
        visitor = None if session is None else _visitor(tx, session)
    if visitor is not None and visitor.session.is_touch_due:
        with installation.database.write() as tx:
            sessions.touch(tx, visitor.session)
    return visitor


def _visitor(tx: Connection, session: ConsoleSession) -> Visitor:
    # The session lives, so its person is active.
    row = session.person
    post = row.acting_post(today().isoformat(), session.issuer_session.post_id or "")
    own = (post.unit_id, post.agency_id) if post else ("", "")
    power = read_power(tx, session.person_id, {session.viewed_place, *own} - {""})
    places = power.places
    tops = frozenset(place.id for place in places.values() if not place.parent_id)
    held = Held(power.roles, tops, accounts=power.accounts)
    actor = actor_here(session.person_id, post.agency_id if post else "", held)
    viewing = _viewed(tx, actor, session)
    if viewing is not None:
        viewed = {session.viewed_place} if session.viewed_place else tops
        held = Held({viewing.name: frozenset(viewed)}, tops, power.roles, power.accounts)
        actor = replace(actor, held=held)
    where = frozenset(place for places in held.roles.values() for place in places)
    unit, agency = (places[place].name if place in places else "" for place in own)
    branches = sorted((places[p] for p in where if p in places), key=lambda p: p.precedence)
    is_everywhere = bool(where) and tops <= where
    return Visitor(
        session=session,
        actor=actor,
        person=SignedIn(row.full_name, row.username, post.title if post else "", unit, agency),
        roles=frozenset(held.roles),
        branches=() if is_everywhere else tuple(place.name for place in branches),
        is_everywhere=is_everywhere,
        viewing=viewing,
    )


def _viewed(tx: Connection, actor: Actor, session: ConsoleSession) -> AdminRole | None:
    """As which job they look, if they still may."""
    job = ADMIN_ROLES.get(session.viewed_job)
    if job is None:
        return None
    decision = decide(tx, actor, ConsolePermission.VIEW_AS, InPlace(session.viewed_place))
    return job if decision.allowed else None


def current_visitor() -> Visitor:
    """The visitor; only pages that want somebody signed in may ask."""
    visitor = g.visitor
    if not isinstance(visitor, Visitor):
        raise LookupError("this page is open to people who are not signed in")
    return visitor


def reading_together() -> AbstractContextManager[None]:
    """What the handles of one page read inside is read together: `Database.reading_together`."""
    return current_installation().database.reading_together()


def counted(counts: Sequence[int | Count]) -> Sequence[int]:
    """The numbers of what handles gave to be counted, asked together."""
    asked = [each for each in counts if isinstance(each, Count)]
    with current_installation().database.read() as tx:
        numbers = iter(answer(tx, asked))
    return [next(numbers) if isinstance(each, Count) else each for each in counts]


def vocabulary_here() -> Vocabulary:
    """What the audit log is told with."""
    return cast(Vocabulary, current_app.extensions[VOCABULARY])


def viewing_here() -> ViewingFor:
    """What the visitor may look at as a job would see it."""
    visitor = current_visitor()
    return ViewingFor(current_installation(), visitor.actor, visitor.session)


def people_here() -> PeopleFor:
    """People as far as the visitor may see and change them."""
    return PeopleFor(current_installation(), current_visitor().actor, vocabulary_here())


def absences_here() -> AbsencesFor:
    """Absences as far as the visitor may see and note them."""
    return AbsencesFor(current_installation(), current_visitor().actor)


def applications_here() -> ApplicationsFor:
    """The register of applications as far as the visitor may see and change it."""
    return ApplicationsFor(
        current_installation(),
        current_visitor().actor,
        vocabulary_here(),
        cast(Registration, current_app.extensions[REGISTRATION]),
        list_feeding,
    )


def connectors_here() -> ConnectorsFor:
    """Connectors as far as the visitor may see and change them."""
    return ConnectorsFor(current_installation(), current_visitor().actor, vocabulary_here())


def definitions_here() -> DefinitionsFor:
    """Definitions of connectors as far as the visitor may see and change them."""
    return DefinitionsFor(current_installation(), current_visitor().actor, connectors_here())


def roles_here() -> RolesFor:
    """The roles of applications as far as the visitor may see and declare them."""
    return RolesFor(current_installation(), current_visitor().actor)


def positions_here() -> PositionsFor:
    """Positions as far as the visitor may see and keep them."""
    return PositionsFor(current_installation(), current_visitor().actor)


def code_lists_here() -> CodeListsFor:
    """Shared lists as far as the visitor may see and keep them."""
    return CodeListsFor(current_installation(), current_visitor().actor)


def why_here() -> WhyFor:
    """Why people enter applications or not, as far as the visitor may know."""
    return WhyFor(current_installation(), current_visitor().actor)


def privileged_here() -> PrivilegedFor:
    """Who holds privileged roles, for visitors who look after the whole province."""
    return PrivilegedFor(current_installation(), current_visitor().actor)


def giving_here() -> GivingFor:
    """What the visitor may choose of who gives a role, or asks that it be given."""
    return GivingFor(current_installation(), current_visitor().actor)


def grants_here() -> GrantsFor:
    """Grants as far as the visitor may see and change them."""
    return GrantsFor(current_installation(), current_visitor().actor)


def request_kinds_here() -> Kinds:
    """What may be asked and decided."""
    return cast(Kinds, current_app.extensions[REQUEST_KINDS])


def requests_here() -> RequestsFor:
    """The register of requests as far as the visitor may look at it and decide."""
    return RequestsFor(
        current_installation(), current_visitor().actor, vocabulary_here(), request_kinds_here()
    )


def staffing_here() -> StaffingFor:
    """Who looks after agencies, as far as the visitor may know."""
    return StaffingFor(current_installation(), current_visitor().actor)


def expiries_here() -> ExpiriesFor:
    """Keys and certificates, for visitors who look after the whole province."""
    declared = cast(Sequence[str], current_app.extensions[EXPIRIES])
    return ExpiriesFor(current_installation(), current_visitor().actor, declared)


def factor_policy_here() -> FactorPolicyFor:
    """The rules for two factors as far as the visitor may set them."""
    return FactorPolicyFor(current_installation(), current_visitor().actor)


def sign_outs_here() -> SignOutsFor:
    """Sessions as far as the visitor may end them."""
    return SignOutsFor(current_installation(), current_visitor().actor)


def spray_alarms_here() -> SprayAlarmsFor:
    """Alarms of guessing, for visitors who look after the whole province."""
    return SprayAlarmsFor(current_installation(), current_visitor().actor)


def messages_here() -> MessagesFor:
    """Messages that could not be sent, for visitors who look after the whole province."""
    return MessagesFor(current_installation(), current_visitor().actor, vocabulary_here())


def notices_here() -> NoticesFor:
    """Notices as far as the visitor may keep them."""
    return NoticesFor(current_installation(), current_visitor().actor, vocabulary_here())


def export_requests_here() -> ExportRequestsFor:
    """What the visitor asks to take beyond the quota."""
    return ExportRequestsFor(current_installation(), current_visitor().actor)


def certificates_here() -> CertificatesFor:
    """Certificates as far as the visitor may bind them, or take them away."""
    factors = cast(Sequence[Factor], current_app.extensions[FACTORS])
    return CertificatesFor(current_installation(), current_visitor().actor, factors)


def slips_here() -> SlipsFor:
    """Slips as far as the visitor may give them."""
    factors = cast(Sequence[Factor], current_app.extensions[FACTORS])
    return SlipsFor(current_installation(), current_visitor().actor, factors)


def finder_here() -> FinderFor:
    """Everything that has a name, as far as the visitor may see it."""
    return FinderFor(current_installation(), current_visitor().actor, vocabulary_here())


def events_here() -> EventsFor:
    """The audit log as far as the visitor may read it."""
    return EventsFor(current_installation(), current_visitor().actor, vocabulary_here())


def set_session_cookie(response: Response, value: str) -> None:
    """Give the browser the session, until it is closed."""
    response.set_cookie(
        current_kit().cookie_name(COOKIE),
        value,
        path="/",
        secure=current_kit().https,
        httponly=True,
        samesite="Lax",
    )


def clear_session_cookie(response: Response) -> None:
    """Take the session cookie away."""
    name = current_kit().cookie_name(COOKIE)
    response.delete_cookie(
        name, path="/", secure=current_kit().https, httponly=True, samesite="Lax"
    )
