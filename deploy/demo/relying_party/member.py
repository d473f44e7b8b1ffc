"""The signed-in person and the roles the province's catalogue says they hold here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import g, session

from relying_party.errors import MissingRole, NotSignedIn


@dataclass(frozen=True)
class RoleHeld:
    """One role of this application, held at one agency (by its code)."""

    role: str
    agency: str


@dataclass(frozen=True)
class Member:
    """A snapshot of the claims at sign-in. It lives as long as the session and no longer."""

    sub: str
    name: str
    username: str
    agency_code: str
    agency_name: str
    post_title: str
    roles: tuple[RoleHeld, ...]
    # How surely they signed in, and when (seconds): OpenID Connect Core section 2.
    acr: str = ""
    auth_time: int = 0

    def has_role(self, role: str, agency: str) -> bool:
        """Whether the person holds this role at this agency."""
        return RoleHeld(role, agency) in self.roles

    def agencies_with(self, *roles: str) -> tuple[str, ...]:
        """The agencies where the person holds one of these roles (any role when none is named)."""
        found = {held.agency for held in self.roles if not roles or held.role in roles}
        return tuple(sorted(found, key=lambda agency: (agency != self.agency_code, agency)))


def member_from_claims(claims: Mapping[str, Any], known_roles: Collection[str]) -> Member:
    """Read the claims of the ID token and userinfo.

    Roles that are not in `known_roles`, and whatever is malformed, grant nothing.
    """
    agency, post = _mapping(claims.get("agency")), _mapping(claims.get("post"))
    username = _text(claims.get("preferred_username"))
    return Member(
        sub=_text(claims.get("sub")),
        name=_text(claims.get("name")) or username,
        username=username,
        agency_code=_text(claims.get("agency_code")),
        agency_name=_text(agency.get("name")),
        post_title=_text(post.get("title")),
        roles=tuple(held for held in _roles(claims.get("roles")) if held.role in known_roles),
        acr=_text(claims.get("acr")),
        auth_time=_seconds(claims.get("auth_time")),
    )


def member_as_data(member: Member) -> dict[str, Any]:
    """What the session keeps of a member."""
    return asdict(member)


def current_member() -> Member | None:
    """The signed-in person of this request, or None."""
    if "member" not in g:
        data = session.get("member")
        g.member = _member_from_data(data) if data else None
    member: Member | None = g.member
    return member


def require_member() -> Member:
    """The signed-in person. Raises `NotSignedIn`."""
    member = current_member()
    if member is None:
        raise NotSignedIn
    return member


def require_role(role: str, agency: str) -> Member:
    """The signed-in person, who holds `role` at `agency`. Raises `NotSignedIn`, `MissingRole`.

    `agency` is the agency the row has in the database or, for a new row, will have: never a
    second value beside it that the browser sent.
    """
    member = require_member()
    if not member.has_role(role, agency):
        raise MissingRole((role,), agency)
    return member


def require_access(agency: str) -> Member:
    """The signed-in person, who holds some role at `agency` and so may read its rows."""
    member = require_member()
    if agency not in member.agencies_with():
        raise MissingRole((), agency)
    return member


def require_any_role(*roles: str) -> Member:
    """The signed-in person, who holds one of `roles` (any at all when none is named) somewhere."""
    member = require_member()
    if not member.agencies_with(*roles):
        raise MissingRole(roles, member.agency_code)
    return member


def _member_from_data(data: Mapping[str, Any]) -> Member:
    roles = tuple(RoleHeld(**held) for held in data["roles"])
    return Member(**{**data, "roles": roles})


def _roles(claim: object) -> tuple[RoleHeld, ...]:
    entries = [_mapping(entry) for entry in claim] if isinstance(claim, list) else []
    held = (_role(entry) for entry in entries)
    return tuple(role for role in held if role is not None)


def _role(entry: Mapping[str, Any]) -> RoleHeld | None:
    role, scope = _text(entry.get("role")), _mapping(entry.get("scope"))
    agency = _text(scope.get("agency"))
    # A scope may be narrowed to a field or a procedure. These applications do not tell fields
    # apart, so a narrowed role is not taken for one over the whole agency.
    is_whole_agency = set(scope) == {"agency"}
    return RoleHeld(role, agency) if role and agency and is_whole_agency else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
