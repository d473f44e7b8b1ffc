"""The claim contract: what applications learn about a person, by scope.

Frozen by a contract test. A claim is never renamed or given another meaning; new ones may come.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from directory.authz.positions import Position, positions_of
from directory.authz.roles import RoleHeld, roles_of
from directory.catalogue.facts import FACTS
from directory.catalogue.person import Post
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.release.attributes import ATTRIBUTES

Claims = dict[str, Any]

CLAIMS_OF_SCOPE: Mapping[str, tuple[str, ...]] = {
    "profile": ("name", "given_name", "family_name", "preferred_username"),
    "email": ("email", "email_verified"),
    "org": ("agency", "unit", "post", "agency_code"),
    "roles": ("roles", "roles_flat", "agency_code"),
}

OF_ROLES = ("roles", "roles_flat")
ROLES_AT = "roles_at"
# Both lists together: with them an ID token stays well below the 8 KB that proxies allow a line.
ROLES_BYTES = 1536

# For docs/reference/claims.md; `?` marks what is not always there.
MEANING: Mapping[str, str] = {
    "name": "the full name",
    "given_name": "middle names and given name",
    "family_name": "absent for a name of one word",
    "preferred_username": "the user name; it may change",
    "email": "the work address; absent when there is none",
    "email_verified": "`true` beside every `email`: the authority itself gives the address",
    "agency": "{`id`, `code`, `name`}: the agency the person acts for",
    "unit": "{`id`, `name`}: absent for a post directly in the agency",
    "post": "{`id`, `title`, `kind`, `position`?}: the post that acts",
    "agency_code": "the code of the agency the person acts for",
    "roles": "[{`role`, `scope` {`agency`, `field`?, `procedure`?}}]: roles of **your** "
    "application, and where they hold",
    "roles_flat": 'the same as `["van_thu@STTTT"]`, for simple clients',
    ROLES_AT: "the address of userinfo, in place of the two lists where they are too long",
}


def read_claims(
    tx: Connection, person_id: str, application_id: str, chosen_post: str, today: str
) -> Claims:
    """Every claim there is about a person for this application, whatever it may learn of them."""
    person = queries.person(tx, person_id)
    if person is None:
        return {}
    post = person.acting_post(today, chosen_post)
    places = _places_of(tx, post)
    held = roles_of(tx, person_id, application_id, today)
    position = positions_of(tx, person_id).get(post.id) if post else None
    claims = _profile(person) | _organisation(post, position, places) | _roles(held)
    return {name: value for name, value in claims.items() if value not in ("", None)}


def keep_released(claims: Claims, attributes: Collection[str]) -> Claims:
    """Those of `claims` that tell one of these attributes (`directory.release`)."""
    names = {claim for name in attributes for claim in ATTRIBUTES[name].claims}
    return {name: value for name, value in claims.items() if name in names}


def select_claims(claims: Claims, scope: str) -> Claims:
    """Those of `claims` that the granted scope opens."""
    names = {name for word in scope.split() for name in CLAIMS_OF_SCOPE.get(word, ())}
    return {name: value for name, value in claims.items() if name in names}


def userinfo_claims(person_id: str, claims: Claims, scope: str) -> Claims:
    """What userinfo answers; `claims` are all of the person that may leave."""
    return {"sub": person_id, **select_claims(claims, scope)}


def select_for_token(claims: Claims, scope: str, userinfo_url: str) -> Claims:
    """As `select_claims`, for a token that must fit into a header or an address.

    A person may hold a role in two hundred agencies, and the ID token comes back as a hint in the
    address of a sign-out. Half a list would read as fewer rights: the roles stand there whole or
    not at all, and then `roles_at` says where they are.
    """
    chosen = select_claims(claims, scope)
    roles = {name: chosen[name] for name in OF_ROLES if name in chosen}
    if len(json.dumps(roles, ensure_ascii=False, separators=(",", ":")).encode()) <= ROLES_BYTES:
        return chosen
    return {k: v for k, v in chosen.items() if k not in roles} | {ROLES_AT: userinfo_url}


def agency_of(claims: Claims) -> str:
    """The id of the agency the person acts for; empty when they hold no post."""
    return str(claims.get("agency", {}).get("id", ""))


def _profile(person: PersonRow) -> Claims:
    given = " ".join(part for part in (person.middle_name, person.given_name) if part)
    facts = {fact.claim: getattr(person, fact.name) for fact in FACTS if fact.claim}
    # The authority itself gives people their work address (OIDC Core section 5.4).
    verified = {"email_verified": True} if person.mail else {}
    return {**verified, "given_name": given, "family_name": person.family_name, **facts}


def _places_of(tx: Connection, post: Post | None) -> Mapping[str, AgencyRow]:
    if post is None:
        return {}
    return queries.agencies_by_id(tx, [post.agency_id, post.unit_id])


def _organisation(
    post: Post | None, position: Position | None, places: Mapping[str, AgencyRow]
) -> Claims:
    if post is None:
        return {}
    told = {"id": post.id, "title": post.title, "kind": post.kind}
    if position is not None:
        told["position"] = position.id
    claims: Claims = {"post": told}
    agency, unit = places.get(post.agency_id), places.get(post.unit_id)
    if agency is not None:
        claims["agency"] = {"id": agency.id, "code": agency.code, "name": agency.name}
        claims["agency_code"] = agency.code
    if unit is not None and unit.id != post.agency_id:
        claims["unit"] = {"id": unit.id, "name": unit.name}
    return claims


def _roles(held: Sequence[RoleHeld]) -> Claims:
    flat = dict.fromkeys(f"{role.role}@{role.agency_code}" for role in held)
    return {"roles": [_role(role) for role in held], "roles_flat": list(flat)}


def _role(role: RoleHeld) -> Claims:
    scope = {"agency": role.agency_code}
    if role.field:
        scope["field"] = role.field
    if role.procedure:
        scope["procedure"] = role.procedure
    return {"role": role.role, "scope": scope}
