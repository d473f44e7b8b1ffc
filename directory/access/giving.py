"""What a form needs to know before a role is given: to whom it can be, which, where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from directory.access.unknown import unknown
from directory.actor import Actor
from directory.authz.applications import find_role_near, list_names_near
from directory.authz.code_lists import CodeList
from directory.authz.codes import CodeValue, list_codes
from directory.authz.decisions import holds_holder
from directory.authz.grants import HolderKind
from directory.authz.objects import OfGrant, OfPerson
from directory.authz.permissions import GrantPermission, is_privileged
from directory.authz.places import list_agencies_within, way_within
from directory.authz.positions import Position, find_holder, find_position, positions_of
from directory.authz.roles import Role, list_roles
from directory.authz.scopes import Scope, scope_of
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.catalogue.person import Post
from directory.clock import today
from directory.errors import NotFound
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow


@dataclass(frozen=True)
class Holder:
    """Whom a role can be given to. `name`: who or what it is; `at`: as what and where. `agency_id`,
    `unit_id`: where that is, empty for nowhere; `person_id`: whose page tells more, empty for a
    position."""

    kind: HolderKind
    id: str
    name: str
    at: str
    agency_id: str
    unit_id: str = ""
    person_id: str = ""

    @property
    def tag(self) -> str:
        """How a form names it."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class RoleToGive:
    """A role that is given where the actor is, and what its application is called."""

    role: Role
    application: str

    @property
    def tag(self) -> str:
        """How a form names it."""
        return f"{self.role.application_id}:{self.role.name}"

    @property
    def usual_end(self) -> str:
        """The last day of a grant from today on where nothing else is said."""
        return (today() + timedelta(days=self.role.usual_days)).isoformat()


@dataclass(frozen=True)
class PlacesToChoose:
    """Where a role may hold; `proposed`: the agency of whoever is to hold it, or what of it is the
    actor's."""

    places: Sequence[AgencyRow]
    proposed: str


@dataclass(frozen=True)
class GivingFor:
    """What `actor` may choose of, who gives roles or asks that they be given."""

    _installation: Installation
    _actor: Actor

    def list_roles(self, application_id: str = "") -> Sequence[RoleToGive]:
        """The roles that are given where the actor is: of one application or of all, by name."""
        with self._installation.database.read() as tx:
            names = list_names_near(tx, self._scope(tx), application_id)
            found = list_roles(tx, application_id) if names else []
        to_give = [
            RoleToGive(role, names[role.application_id])
            for role in found
            if role.application_id in names and can_be_chosen(role)
        ]
        return sorted(to_give, key=lambda each: (each.application, each.role.title_vi))

    def find_role(self, tag: str) -> RoleToGive | None:
        """One of them, as a form names it."""
        application_id, _, name = tag.rpartition(":")
        if not application_id:
            return None
        with self._installation.database.read() as tx:
            found = find_role_near(tx, self._scope(tx), application_id, name)
        return RoleToGive(*found) if found and can_be_chosen(found[0]) else None

    def list_holders_of(self, person_id: str) -> Sequence[Holder]:
        """A person, their posts and the positions of these: each what a role may hang on. Raises
        NotFound for somebody whom the actor may not ask anything for."""
        with self._installation.database.read() as tx:
            if self._holds(tx, self._scope(tx), "person", person_id):
                person = queries.person(tx, person_id)
                if person is not None:
                    return _holders_of(tx, person)
        raise self._unknown(person_id)

    def open_holder(self, tag: str) -> Holder:
        """Whom a form names. Raises NotFound as `list_holders_of`."""
        kind, _, holder_id = tag.partition(":")
        with self._installation.database.read() as tx:
            found = None
            if self._holds(tx, self._scope(tx), kind, holder_id):
                found = _find(tx, kind, holder_id)
        if found is None:
            raise self._unknown(holder_id)
        return found

    def places_for(self, holder: Holder | None, role: Role) -> PlacesToChoose:
        """Where the role may hold: where its holder is and what lies above, as far as the actor's
        places go, and those. A privileged one is proposed for as much as there is."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx)
            where = (holder.unit_id or holder.agency_id) if holder else ""
            way = way_within(tx, scope, where) if where else []
            known = {place.id for place in way}
            tops = [each for each in list_agencies_within(tx, scope) if each.id not in known]
        ids = [place.id for place in way]
        proposed = ""
        if holder and way and is_privileged(role.application_id, role.name):
            proposed = ids[0]
        elif holder and way:
            proposed = holder.agency_id if holder.agency_id in ids else ids[-1]
        return PlacesToChoose([*reversed(way), *tops], proposed)

    def list_codes(self, code_list: CodeList) -> Sequence[CodeValue]:
        """The codes that a role may be narrowed to today."""
        with self._installation.database.read() as tx:
            return list_codes(tx, code_list, valid_on=today().isoformat())

    def _scope(self, tx: Connection) -> Scope:
        return scope_of(tx, self._actor, GrantPermission.ASK)

    def _holds(self, tx: Connection, scope: Scope, kind: str, holder_id: str) -> bool:
        if kind not in ("person", "post", "position") or scope.is_empty:
            return False
        return holds_holder(tx, scope, OfGrant("", "", "", kind, holder_id))

    def _unknown(self, person_id: str) -> NotFound:
        about = OfPerson(person_id[:64])
        return unknown(self._installation, self._actor, GrantPermission.ASK, about, PERSON_UNKNOWN)


def can_be_chosen(role: Role) -> bool:
    """Whether it is one of those that a form offers."""
    return role.retired_at is None and role.given_by != "operator"


def _find(tx: Connection, kind: str, holder_id: str) -> Holder | None:
    if kind == "position":
        found = find_position(tx, holder_id)
        if found is None or found.closed_at is not None:
            return None
        return _of_position(found, _names_of_places(tx, [found.agency_id, found.unit_id]))
    person_id = holder_id if kind == "person" else _whose(tx, holder_id)
    person = queries.person(tx, person_id) if person_id else None
    if person is None:
        return None
    tag = f"{kind}:{holder_id}"
    return next((each for each in _holders_of(tx, person) if each.tag == tag), None)


def _whose(tx: Connection, post_id: str) -> str:
    found = queries.list_posts_with_id(tx, post_id)
    return found[0].person_id if len(found) == 1 else find_holder(tx, post_id) or ""


def _holders_of(tx: Connection, person: PersonRow) -> Sequence[Holder]:
    now = today().isoformat()
    held = [post for post in person.posts if post.is_current(now)]
    positions = [each for each in positions_of(tx, person.id).values() if each.closed_at is None]
    ids = {place for post in held for place in (post.agency_id, post.unit_id)}
    ids |= {place for each in positions for place in (each.agency_id, each.unit_id)}
    names = _names_of_places(tx, ids)
    acting = person.acting_post(now)
    return [
        Holder(
            "person",
            person.id,
            person.full_name,
            _where(names, acting) if acting else person.username,
            acting.agency_id if acting else "",
            acting.unit_id if acting else "",
            person.id,
        ),
        *(
            Holder(
                "post",
                post.id,
                f"{person.full_name}: {post.title}",
                _place_of(names, post.unit_id, post.agency_id),
                post.agency_id,
                post.unit_id,
                person.id,
            )
            for post in held
        ),
        *(_of_position(each, names) for each in positions),
    ]


def _of_position(found: Position, names: dict[str, str]) -> Holder:
    at = _place_of(names, found.unit_id, found.agency_id)
    return Holder("position", found.id, found.name, at, found.agency_id, found.unit_id)


def _where(names: dict[str, str], post: Post) -> str:
    return ", ".join(filter(None, (post.title, _place_of(names, post.unit_id, post.agency_id))))


def _place_of(names: dict[str, str], unit_id: str, agency_id: str) -> str:
    return ", ".join(names[each] for each in (unit_id, agency_id) if each in names)


def _names_of_places(tx: Connection, ids: Collection[str]) -> dict[str, str]:
    found = queries.read_places(tx, ids)
    return {each: place.agency.name for each, place in found.items() if place.agency}
