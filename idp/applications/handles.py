"""What an actor may do with applications: nothing more can be reached from here.

Screens hold this instead of services and queries. An internal application of others answers exactly
as one that does not exist: the same error after the same statements, and the same mark in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.acts import Act
from directory.audit.kinds import Vocabulary
from directory.audit.log import client_tag, record
from directory.authz import applications
from directory.authz.applications import ID_CHARS, Access, Application, Sharing
from directory.authz.decisions import Decision, decide, decide_each
from directory.authz.denials import record_denial
from directory.authz.entrants import count_entrants
from directory.authz.errors import AUTHZ_DENIED as AUTHZ_REFUSED
from directory.authz.handles import acts_of
from directory.authz.objects import InPlace, Object, OfApplication
from directory.authz.permissions import ApplicationPermission, AuditPermission, Permission
from directory.authz.places import list_agencies_within
from directory.authz.scopes import Scope, holds_place, scope_of, scopes_of
from directory.errors import Conflict, Forbidden, Invalid, NotFound, refuse
from directory.exports.notes import Export
from directory.ids import new_id
from directory.installation import Installation
from directory.ldap_clients import service as ldap_clients
from directory.ldap_clients.keeping import keep
from directory.ldap_clients.register import LdapClient, find_ldap_client
from directory.ldap_clients.settings import LdapSettings, settings_of
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.release import service as release
from directory.release.register import Grounds, Release, find_release, list_versions
from directory.release.service import Outcome
from directory.sheets.writing import Listing
from directory.text import clean
from idp.applications.attention import Attention, count_attention, list_attention
from idp.applications.errors import (
    APPLICATION_NAME_TYPED,
    APPLICATION_NO_CONNECTION,
    APPLICATION_NOT_FOUND,
    APPLICATION_READ_ONLY,
    APPLICATION_REASON,
)
from idp.applications.events import APPLICATION_DISABLED, APPLICATION_ENABLED
from idp.applications.kinds import METADATA, Kind, kind_of
from idp.applications.list_file import taken_away
from idp.applications.listing import (
    ApplicationPage,
    ApplicationQuestion,
    list_page,
    list_whole,
)
from idp.applications.opening import ask_to_open
from idp.applications.recent_errors import RecentError, list_recent_errors
from idp.applications.release_file import (
    ReleasePage,
    register_taken_away,
    released_lines,
)
from idp.applications.removal import ListDependants, Prospect, foresee, remove
from idp.clients import logo, service, snippets
from idp.clients.errors import CLIENT_DISABLED_ALREADY, CLIENT_NOT_DISABLED
from idp.clients.logo import Logo, find_logo, logo_names, set_logo
from idp.clients.metadata import Registration, faults_of
from idp.clients.model import Client
from idp.clients.service import Entry, Rotated
from idp.clients.uris import check_web_uri
from idp.oidc.token_families import count_living
from idp.oidc.trials.beginning import begin, is_signed_in_to
from idp.oidc.trials.examination import Examination, examine_address, examine_registered
from idp.oidc.trials.link import address_of

LATEST_ACTS = 10
MOST_LOGO_BYTES = logo.MOST_BYTES


@dataclass(frozen=True)
class Draft:
    """What is registered, as a form has it. Addresses that an application of its kind has none of
    are left out. `attributes`: what it learns of people (`directory.release`), for `purpose`, or
    each for what it commonly serves; `basis`: the common one where none is named."""

    kind: Kind
    name: str
    owner_id: str
    description: str = ""
    contact: str = ""
    start_url: str = ""
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    access: Access = "agencies"
    agencies: tuple[str, ...] = ()
    sharing: Sharing = "internal"
    attributes: tuple[str, ...] = ()
    purpose: str = ""
    basis: str = ""


@dataclass(frozen=True)
class ShownApplication:
    """An application in full. `client`: its connection, None for one that has none and for whoever
    may not see that; `account`: what it asks the catalogue as, likewise; `opened`: the agencies it
    is open to. `change`: whether the actor may change it, and why not.

    `acts`: the latest of it, newest first; None when the actor may not read those.
    """

    app: Application
    kind: Kind
    client: Client | None
    account: LdapClient | None
    owner: str
    opened: Sequence[AgencyRow]
    logo: str
    change: Decision
    is_in_scope: bool
    acts: Sequence[Act] | None
    names: Mapping[str, str]


@dataclass(frozen=True)
class Made:
    """What was registered. `secret`: told once; empty where it has none. `is_connected`: whether it
    signs people in by us; else the secret is of its account in LDAP."""

    id: str
    secret: str
    is_connected: bool


@dataclass(frozen=True)
class Effects:
    """Whom a disabling would meet: `people` may enter now; `signed_in` of them are in it, in so
    many `sessions`."""

    people: int
    signed_in: int
    sessions: int


@dataclass(frozen=True)
class Choices:
    """What the actor may choose for an application. `everywhere`: it may be shared and opened to
    all; `agencies`: those it may belong to and be opened to."""

    everywhere: bool
    agencies: Sequence[AgencyRow]


@dataclass(frozen=True)
class ApplicationsFor:
    """The register of applications as far as `actor` may see and change it."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary
    _registration: Registration
    _list_dependants: ListDependants

    def page(self, asked: ApplicationQuestion) -> ApplicationPage:
        """A page of the list. Raises Forbidden for whoever sees none."""
        with self._installation.database.read() as tx:
            return list_page(tx, self._scope(tx, ApplicationPermission.READ), asked)

    def take_away(self, asked: ApplicationQuestion, export: Export) -> Listing:
        """All applications of a question as a file to be written (`directory.sheets.writing`),
        noted first. Raises as `page`, and as `directory.exports.taking.take`."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx, ApplicationPermission.READ)
            listed = list_whole(tx, scope, asked)
            owner = queries.agency(tx, asked.owner_id) if asked.owner_id else None
            # The log of another agency is not written in by who looks for its applications.
            is_theirs = owner is not None and holds_place(tx, scope, owner.id)
        place = owner.id if owner and is_theirs else ""
        name = owner.name if owner else ""
        return taken_away(self._installation, self._actor, asked, export, listed, (place, name))

    def list_attention(self) -> Sequence[Attention]:
        """What of the applications that the actor keeps somebody should look at. Raises Forbidden
        for whoever keeps none."""
        with self._installation.database.read() as tx:
            return list_attention(tx, self._scope(tx, ApplicationPermission.WRITE))

    def count_attention(self) -> int:
        """How many lines that has. Raises as `list_attention`."""
        with self._installation.database.read() as tx:
            return count_attention(tx, self._scope(tx, ApplicationPermission.WRITE))

    def releases(self, asked: ApplicationQuestion) -> ReleasePage:
        """A page of the register of what applications learn of people. Raises as `page`."""
        with self._installation.database.read() as tx:
            page = list_page(tx, self._scope(tx, ApplicationPermission.READ), asked)
            return ReleasePage(page, released_lines(tx, page.applications))

    def take_releases_away(self, asked: ApplicationQuestion, export: Export) -> Listing:
        """The register as a file, of all applications of a question. Raises as `take_away`."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx, ApplicationPermission.READ)
            lines = released_lines(tx, list_whole(tx, scope, asked))
        return register_taken_away(self._installation, self._actor, asked, export, lines)

    def choices(self) -> Choices:
        """What may be chosen for an application. Raises Forbidden for whoever keeps none."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx, ApplicationPermission.WRITE)
            return Choices(scope.everywhere, list_agencies_within(tx, scope))

    def show(self, application_id: str) -> ShownApplication:
        """An application with its connection and history. Raises NotFound."""
        return self._show(application_id, with_history=True)

    def open(self, application_id: str) -> ShownApplication:
        """As `show`, without its history."""
        return self._show(application_id, with_history=False)

    def _show(self, application_id: str, *, with_history: bool) -> ShownApplication:
        about = OfApplication(_asked_for(application_id))
        actions = (ApplicationPermission.READ, ApplicationPermission.WRITE, AuditPermission.READ)
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, actions)
            may = decide_each(tx, self._actor, {a: scopes[a] for a in actions[:2]}, about)
            is_seen = may[ApplicationPermission.READ].allowed
            app = applications.find_ever(tx, about.id) if is_seen else None
            if app is not None:
                client = service.connections(tx, app.id).get(app.id)
                shown = self._shown(tx, app, client, may, scopes)
                # One that was removed is there for whoever kept it, to look at.
                if app.removed_at is None or shown.is_in_scope:
                    return self._with_history(tx, shown, scopes) if with_history else shown
        self._denied(ApplicationPermission.READ, about, "out_of_scope")
        raise NotFound(APPLICATION_NOT_FOUND)

    def _shown(
        self,
        tx: Connection,
        app: Application,
        client: Client | None,
        may: Mapping[Permission, Decision],
        scopes: Mapping[Permission, Scope],
    ) -> ShownApplication:
        place, reading = InPlace(app.owner_agency_id), ApplicationPermission.READ
        here = decide_each(tx, self._actor, {reading: scopes[reading]}, place)[reading].allowed
        ids = [each for each in (app.owner_agency_id, *app.agencies) if each]
        places = queries.agencies_by_id(tx, ids)
        fixed = "built_in" if app.built_in else "removed" if app.removed_at is not None else ""
        return ShownApplication(
            app=app,
            kind=kind_of(client),
            client=client if here else None,
            account=_account_of(tx, app) if here and client is None else None,
            owner=places[app.owner_agency_id].name if app.owner_agency_id in places else "",
            opened=[places[each] for each in app.agencies if each in places],
            logo=logo_names(tx, [app.id]).get(app.id, ""),
            change=Decision(False, fixed) if fixed else may[ApplicationPermission.WRITE],
            is_in_scope=here,
            acts=None,
            names={},
        )

    def _with_history(
        self, tx: Connection, shown: ShownApplication, scopes: Mapping[Permission, Scope]
    ) -> ShownApplication:
        scope = scopes[AuditPermission.READ]
        if not shown.is_in_scope or scope.is_empty:
            return shown
        tag = client_tag(shown.app.id)
        acts = acts_of(tx, self._vocabulary, scope, tag, limit=LATEST_ACTS)
        return replace(shown, acts=acts.acts, names=acts.names)

    def show_for_change(self, application_id: str) -> ShownApplication:
        """As `show`, without its history. Raises NotFound, and Forbidden for one the actor may only
        look at."""
        shown = self._show(application_id, with_history=False)
        self._require_change(shown)
        return shown

    def faults_of(self, draft: Draft) -> Sequence[Invalid]:
        """All that is wrong with the addresses and names of a draft, each naming its field: what
        `register` would refuse it for."""
        if draft.kind == "ldap":
            return self._faults_without_connection(draft)
        return [_named(fault) for fault in self._faults(_metadata(draft))]

    def register(self, draft: Draft) -> Made:
        """Register an application; one without a connection is given an account in LDAP. Raises
        Invalid with all faults, and Forbidden for what the actor may not register or open."""
        refuse(self.faults_of(draft))
        try:
            return self._register(draft)
        except Forbidden as refused:
            self._tell_refusal(refused, InPlace(draft.owner_id))

    def _register(self, draft: Draft) -> Made:
        if draft.kind != "ldap":
            registered = service.add_client(
                self._installation,
                self._actor,
                self._registration,
                _metadata(draft),
                entry=Entry(
                    access=draft.access,
                    agencies=draft.agencies,
                    description=draft.description,
                    owner_agency_id=draft.owner_id,
                    sharing=draft.sharing,
                    attributes=_grounds(draft),
                ),
            )
            return Made(registered.client.id, registered.secret or "", is_connected=True)
        app = Application(
            id=new_id(),
            name=draft.name,
            description=draft.description,
            access=draft.access,
            owner_agency_id=draft.owner_id,
            agencies=draft.agencies,
            sharing=draft.sharing,
            contact=draft.contact or None,
            start_url=draft.start_url or None,
        )
        secret = ldap_clients.register(self._installation, self._actor, app, _grounds(draft))
        return Made(app.id, secret, is_connected=False)

    def change(self, shown: ShownApplication, changes: Mapping[str, Any]) -> None:
        """Change what is registered: fields of `Draft`, but its kind. Raises Invalid with all
        faults, Forbidden for what the actor may not change, give away or open."""
        self._require_change(shown)
        about = OfApplication(shown.app.id)
        told = {_REGISTER[name]: value for name, value in changes.items() if name in _REGISTER}
        members = _members(changes)
        try:
            if shown.client is not None:
                refuse(
                    [_named(each) for each in self._faults({**shown.client.metadata, **members})]
                )
                service.update_client(
                    self._installation,
                    self._actor,
                    self._registration,
                    shown.app.id,
                    members,
                    told=told,
                )
                return
            refuse(self._faults_without_connection(_changed(shown.app, changes)))
            told |= {name: changes[name] for name in ("name",) if name in changes}
            told |= {n: changes[n] or None for n in ("contact", "start_url") if n in changes}
            with self._installation.database.write() as tx:
                applications.describe(tx, self._actor, shown.app.id, **told)
            keep(self._installation, self._actor, shown.app.id)
        except Forbidden as refused:
            self._tell_refusal(refused, about)

    def ask_to_open(
        self, shown: ShownApplication, access: Access, codes: Sequence[str], reason: str
    ) -> None:
        """Ask the province to open it beyond the actor's branch (`idp.applications.opening`).
        Raises Forbidden, Invalid, Conflict, TooMany."""
        self._require_change(shown)
        with self._installation.database.write() as tx:
            ask_to_open(tx, self._actor, shown.app.id, access, codes, reason)

    def release_of(self, application_id: str) -> tuple[ShownApplication, Sequence[Release]]:
        """The application and all versions of what it learns of people, the latest first. Raises
        NotFound."""
        return self._with_versions(self._show(application_id, with_history=False))

    def release_for_change(self, application_id: str) -> tuple[ShownApplication, Sequence[Release]]:
        """As `release_of`. Raises as `show_for_change`."""
        return self._with_versions(self.show_for_change(application_id))

    def _with_versions(self, shown: ShownApplication) -> tuple[ShownApplication, Sequence[Release]]:
        with self._installation.database.read() as tx:
            return shown, list_versions(tx, shown.app.id)

    def change_release(
        self, shown: ShownApplication, wanted: Mapping[str, Grounds], reason: str
    ) -> Outcome:
        """Let it learn these attributes and no others (`directory.release.service.change`). Raises
        Forbidden, Invalid, Conflict, TooMany."""
        self._require_change(shown)
        with self._installation.database.write() as tx:
            outcome = release.change(tx, self._actor, shown.app.id, wanted, reason)
        keep(self._installation, self._actor, shown.app.id)
        return outcome

    def examine(self, shown: ShownApplication, address: str) -> Examination:
        """All that is wrong with the request at an address of the sign-in; without one, with the
        request it makes when it is set up as registered. Raises Forbidden for one the actor may
        only look at, NotFound for one that people do not sign in to."""
        client = self._signed_in_to(shown)
        with self._installation.database.read() as tx:
            if address:
                return examine_address(self._installation, tx, client, address)
            return examine_registered(self._installation, tx, client)

    def begin_trial(self, shown: ShownApplication, examined: Examination, sid: str) -> str:
        """The address at which the actor tries the sign-in, in their own session `sid` of the
        issuer (`idp.oidc.trials`). Raises as `examine`, and Invalid."""
        client = self._signed_in_to(shown)
        with self._installation.database.write() as tx:
            trial = begin(
                tx,
                self._actor,
                client,
                examined,
                person_id=self._actor.id,
                sid=sid,
                agency_id=shown.app.owner_agency_id,
            )
        return address_of(self._installation, trial)

    def _signed_in_to(self, shown: ShownApplication) -> Client:
        self._require_change(shown)
        if shown.client is None or not is_signed_in_to(shown.client):
            raise NotFound(APPLICATION_NOT_FOUND)
        return shown.client

    def recent_errors(self, shown: ShownApplication) -> Sequence[RecentError]:
        """Requests of it that were refused lately; none for whoever may not change it, as they say
        what strangers sent and what is registered."""
        if shown.client is None or not shown.change.allowed:
            return ()
        with self._installation.database.read() as tx:
            return list_recent_errors(tx, shown.client)

    def rotate_secret(self, application_id: str, *, at_once: bool) -> Rotated:
        """A new secret; the one before it works for a day more unless `at_once`. Raises NotFound,
        Forbidden, Invalid."""
        shown = self._connected(application_id)
        overlap_ms = 0 if at_once else service.DEFAULT_OVERLAP_MS
        return service.rotate_secret(
            self._installation, self._actor, shown.app.id, overlap_ms=overlap_ms
        )

    def new_ldap_password(self, shown: ShownApplication) -> str:
        """A new password of its account in LDAP, or the first with the account; the one before it
        is refused from then on. Raises Forbidden, NotFound for one with a connection."""
        self._require_change(shown)
        if shown.client is not None:
            raise NotFound(APPLICATION_NOT_FOUND)
        work = ldap_clients.make if shown.account is None else ldap_clients.rotate
        return work(self._installation, self._actor, shown.app.id)

    def bind_dn_of(self, shown: ShownApplication) -> str:
        """What its account in LDAP binds as; empty for one that has none."""
        return shown.account.dn(self._installation.settings.suffix) if shown.account else ""

    def ldap_settings_of(self, shown: ShownApplication) -> LdapSettings | None:
        """What is put into an application that asks over LDAP; None for one without an account."""
        if shown.account is None:
            return None
        with self._installation.database.read() as tx:
            found = find_release(tx, shown.app.id)
        names = found.attributes if found is not None else ()
        return settings_of(self._installation.settings, shown.account, names)

    def effects_of(self, shown: ShownApplication) -> Effects:
        """Whom disabling it would meet."""
        with self._installation.database.read() as tx:
            people = count_entrants(tx, shown.app)
            living = count_living(tx, shown.app.id)
        return Effects(people, living.people, living.sessions)

    def disable(self, shown: ShownApplication, reason: str) -> None:
        """Nobody may enter it any more. Raises Forbidden, Conflict, Invalid."""
        self._require_change(shown)
        if not reason:
            raise Invalid(APPLICATION_REASON, field="reason")
        if shown.client is not None:
            service.disable_client(self._installation, self._actor, shown.app.id, reason)
            return
        with self._installation.database.write() as tx:
            _require_state(tx, shown.app.id, disabled=False)
            applications.disable(tx, self._actor, shown.app.id)
            self._record_state(tx, shown.app, APPLICATION_DISABLED, reason)
        has_account = shown.account is not None
        keep(self._installation, self._actor, shown.app.id, has_account=has_account)

    def enable(self, shown: ShownApplication, reason: str) -> None:
        """It may be entered again. Raises Forbidden, Conflict, Invalid."""
        self._require_change(shown)
        if not reason:
            raise Invalid(APPLICATION_REASON, field="reason")
        if shown.client is not None:
            service.enable_client(self._installation, self._actor, shown.app.id, reason)
            return
        with self._installation.database.write() as tx:
            _require_state(tx, shown.app.id, disabled=True)
            applications.enable(tx, self._actor, shown.app.id)
            self._record_state(tx, shown.app, APPLICATION_ENABLED, reason)
        has_account = shown.account is not None
        keep(self._installation, self._actor, shown.app.id, has_account=has_account)

    def foresee_removal(self, shown: ShownApplication) -> Prospect:
        """What removing it for good would do, and whether it may be by now. Raises Forbidden."""
        self._require_change(shown)
        with self._installation.database.read() as tx:
            return foresee(tx, shown.app, shown.client, shown.account, self._list_dependants)

    def remove(self, app: Application, reason: str, typed: str) -> int:
        """Take one of `theirs` away for good. `typed`: its name as whoever does it typed it. Gives
        how many grants ended. Raises Invalid, and as `idp.applications.removal.remove`."""
        if not reason:
            raise Invalid(APPLICATION_REASON, field="reason")
        if clean(typed) != clean(app.name):
            raise Invalid(APPLICATION_NAME_TYPED, field="name", name=app.name)
        return remove(self._installation, self._actor, app.id, reason, self._list_dependants)

    def theirs(self, application_id: str) -> Application:
        """One that the actor may change; raises as `show_for_change`, and reads little."""
        about, action = OfApplication(_asked_for(application_id)), ApplicationPermission.WRITE
        with self._installation.database.read() as tx:
            if decide(tx, self._actor, action, about).allowed:
                app = applications.find(tx, about.id)
                if app is not None and not app.built_in:
                    return app
        return self.show_for_change(application_id).app

    def set_logo(self, shown: ShownApplication, body: bytes) -> None:
        """Give it its picture; an empty one takes it away. Raises Forbidden, Invalid."""
        self._require_change(shown)
        _require_connected(shown)
        set_logo(self._installation, self._actor, shown.app.id, body)

    def find_logo(self, application_id: str) -> Logo | None:
        """Its picture, None where it has none. Raises NotFound."""
        shown = self._show(application_id, with_history=False)
        with self._installation.database.read() as tx:
            return find_logo(tx, shown.app.id)

    def snippets_of(self, client: Client, *, secret: str = "") -> Mapping[str, str]:
        """What to put into an application, by the name of what it is made with. `secret`: as it was
        told just now."""
        settings = self._installation.settings
        return {
            stack: snippets.snippet(settings, client, stack, secret=secret)
            for stack in snippets.STACKS
        }

    def _scope(self, tx: Connection, action: Permission) -> Scope:
        scope = scope_of(tx, self._actor, action)
        if scope.is_empty:
            raise Forbidden(AUTHZ_REFUSED, action=action, reason="no_role")
        return scope

    def _require_change(self, shown: ShownApplication) -> None:
        if not shown.change.allowed:
            about = OfApplication(shown.app.id)
            raise self._denied(ApplicationPermission.WRITE, about, shown.change.reason)

    def _connected(self, application_id: str) -> ShownApplication:
        shown = self.show_for_change(application_id)
        _require_connected(shown)
        return shown

    def _faults(self, metadata: Mapping[str, Any]) -> list[Invalid]:
        loopback = self._installation.settings.demo
        return faults_of(metadata, self._registration, loopback=loopback)

    def _faults_without_connection(self, draft: Draft) -> list[Invalid]:
        if not draft.start_url:
            return []
        try:
            check_web_uri("start_url", draft.start_url, loopback=self._installation.settings.demo)
        except Invalid as fault:
            return [fault]
        return []

    def _record_state(self, tx: Connection, app: Application, kind: Any, reason: str) -> None:
        record(
            tx,
            kind,
            self._actor,
            subject=client_tag(app.id),
            agency=app.owner_agency_id,
            reason=reason,
        )

    def _tell_refusal(self, refused: Forbidden, about: Object) -> NoReturn:
        reason = str(refused.params.get("reason", ""))
        self._denied(ApplicationPermission.WRITE, about, reason)
        raise refused

    def _denied(self, action: Permission, about: Object, reason: str) -> Forbidden:
        record_denial(self._installation, self._actor, action, about.tag, reason)
        return Forbidden(APPLICATION_READ_ONLY, action=action, object=str(about), reason=reason)


# Fields of a draft → of the application; the others are written as metadata of its connection.
_REGISTER = {
    "description": "description",
    "owner_id": "owner_agency_id",
    "access": "access",
    "agencies": "agencies",
    "sharing": "sharing",
}
_MEMBERS = {
    "name": "client_name",
    "redirect_uris": "redirect_uris",
    "post_logout_redirect_uris": "post_logout_redirect_uris",
    "backchannel_logout_uri": "backchannel_logout_uri",
}
_FIELDS = {"client_name": "name", "client_uri": "start_url", "contacts": "contact"}


def _asked_for(application_id: str) -> str:
    """What an address asks for, as it may be looked up; never cut to fit."""
    is_possible = 0 < len(application_id) <= ID_CHARS and application_id.isprintable()
    return application_id if is_possible else "-"


def _metadata(draft: Draft) -> dict[str, Any]:
    """The metadata that a draft stands for (RFC 7591)."""
    told = {name: getattr(draft, name) for name in (*_MEMBERS, "start_url", "contact")}
    return {**METADATA[draft.kind], **_members(told)}


def _grounds(draft: Draft) -> Mapping[str, Grounds]:
    """Raises Invalid for an attribute there is none of."""
    return {
        name: Grounds(draft.purpose or common.purpose, draft.basis or common.basis)
        for name, common in release.proposed(draft.attributes).items()
    }


def _members(changes: Mapping[str, Any]) -> dict[str, Any]:
    members: dict[str, Any] = {
        member: list(changes[name]) if isinstance(changes[name], tuple) else changes[name]
        for name, member in _MEMBERS.items()
        if name in changes
    }
    if "contact" in changes:
        members["contacts"] = [changes["contact"]] if changes["contact"] else []
    if "start_url" in changes:
        # One address in the place of both (`idp.clients.start`).
        members |= {"client_uri": changes["start_url"], "initiate_login_uri": ""}
    return members


def _changed(app: Application, changes: Mapping[str, Any]) -> Draft:
    """An application without a connection as it would be."""
    start = changes.get("start_url", app.start_url)
    return Draft("ldap", changes.get("name", app.name), app.owner_agency_id, start_url=start or "")


def _named(fault: Invalid) -> Invalid:
    """A fault of metadata under the name that forms have for it."""
    field = str(fault.params.get("field", ""))
    params: dict[str, Any] = {**fault.params, "field": _FIELDS.get(field, field)}
    return Invalid(fault.declared, **params)


def _account_of(tx: Connection, app: Application) -> LdapClient | None:
    """That of one that was removed is nobody's any more."""
    return find_ldap_client(tx, app.id) if app.removed_at is None else None


def _require_connected(shown: ShownApplication) -> None:
    if shown.client is None:
        raise Invalid(APPLICATION_NO_CONNECTION, field="")


def _require_state(tx: Connection, application_id: str, *, disabled: bool) -> None:
    app = applications.find(tx, application_id)
    if app is not None and bool(app.disabled_at) != disabled:
        error = CLIENT_NOT_DISABLED if disabled else CLIENT_DISABLED_ALREADY
        raise Conflict(error, client_id=application_id)
