"""refresh_token: rotation for every client, reuse found and answered (RFC 9700 section 4.14.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError

from directory import faults
from directory.audit import log as audit
from directory.projection.apply import is_use_news, note_signed_in
from directory.projection.queries import home_agency_of
from idp.clients.model import AUTH_METHODS, Client
from idp.factor_policy.renewal import Renewing, may_renew
from idp.levels import ONE_FACTOR, least_of
from idp.oidc import token_families
from idp.oidc.access import AccessGranted, read_access
from idp.oidc.events import TOKEN_REPLAYED
from idp.oidc.grants.person import (
    answer_for_person,
    find_life_ms,
    narrow_resources,
    record_granted,
)
from idp.oidc.liveness import TokenContext, is_alive, read_family
from idp.oidc.text import order_scopes
from idp.oidc.token_families import Family
from idp.oidc.token_request import TokenRequest
from idp.sessions.store import touch


@dataclass(frozen=True, slots=True)
class Presented:
    """A genuine refresh token of ours, with its family as it stands now."""

    generation: int
    family: Family
    standing: TokenContext

    # What Authlib's grant asks of a refresh token.
    def check_client(self, client: Client) -> bool:
        return self.family.client_id == client.id

    def get_scope(self) -> str:
        return self.family.scope


class RefreshTokenGrant(grants.RefreshTokenGrant):
    """Rotation is decided by one UPDATE before anything is made (Authlib saves first)."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = list(AUTH_METHODS)
    INCLUDE_NEW_REFRESH_TOKEN = True
    request: TokenRequest
    _entry: AccessGranted
    _resources: tuple[str, ...]
    _scope: str

    def authenticate_refresh_token(self, refresh_token: str) -> Presented | None:
        name = token_families.read_refresh_token(self.request.installation.keyring, refresh_token)
        found = read_family(self.request.tx, name.family_id) if name else None
        return Presented(name.generation, *found) if name and found else None

    def authenticate_user(self, presented: Presented) -> str:
        family, standing, client = presented.family, presented.standing, self.request.client
        may_outlive = family.offline and "offline_access" in client.scopes
        if not is_alive(family, standing) or not (may_outlive or standing.session_alive):
            raise InvalidGrantError("The sign-in behind this token is no longer valid.")
        self._entry = read_access(
            self.request.installation, self.request.tx, family.client_id, standing
        )
        if not self._entry.decision.allowed:
            raise InvalidGrantError("The person may not enter this application.")
        if not _is_proved_enough(self.request, family, standing):
            raise InvalidGrantError("The person must prove two factors.")
        if find_life_ms(self.request.tx, family) <= 0:
            raise InvalidGrantError("The person must sign in again.")
        # What the client was registered for counts now, not when the person signed in; a refusal
        # must not use the token up.
        self._resources = tuple(r for r in family.resources if r in client.resources)
        narrow_resources(self.request, self._resources)
        self._scope = self._narrowed_scope(family)
        if not self._rotate(presented):
            self._refuse_reuse(presented)
        if standing.session_alive and standing.session_touch_due:
            touch(self.request.tx, family.sid)  # using an application is using the session
        if standing.session_alive and is_use_news(standing.last_used_at):
            note_signed_in(self.request.tx, family.person_id)
        return family.person_id

    def _narrowed_scope(self, family: Family) -> str:
        wanted = self.request.payload.scope or family.scope  # within what was granted: Authlib's
        narrowed = order_scopes(set(wanted.split()) & self.request.client.scopes)
        if not narrowed:
            raise InvalidScopeError("No scope is left that this client may have.")
        return narrowed

    def _rotate(self, presented: Presented) -> bool:
        family = presented.family
        if presented.generation == family.generation:
            if token_families.rotate(self.request.tx, family.id, presented.generation):
                faults.reach("tokens.rotated")
                return True
            family = self._read_again(family)  # somebody was faster
        # A public client proves nothing but the token: a repeat may be the thief.
        may_repeat = not self.request.client.is_public
        return may_repeat and token_families.is_lost_answer(family, presented.generation)

    def _read_again(self, family: Family) -> Family:
        found = read_family(self.request.tx, family.id)
        if found is None or not is_alive(*found):
            raise InvalidGrantError("The sign-in behind this token is no longer valid.")
        return found[0]

    def _refuse_reuse(self, presented: Presented) -> None:
        family = presented.family
        token_families.revoke(self.request.tx, family.id, "refresh_replayed")
        audit.record(
            self.request.tx,
            TOKEN_REPLAYED,
            self.request.actor,
            subject=audit.person_tag(family.person_id),
            agency=home_agency_of(self.request.tx, family.person_id),
            what="refresh_token",
            family=family.id,
        )
        raise InvalidGrantError("The refresh token has been used before.")

    def generate_token(self, **_ignored: Any) -> dict[str, Any]:
        presented: Presented = self.request.refresh_token
        family = replace(
            presented.family, generation=presented.generation + 1, resources=self._resources
        )
        return answer_for_person(self.request, family, self._scope, self._entry.claims)

    def save_token(self, token: dict[str, Any]) -> None:
        family = self.request.refresh_token.family
        record_granted(self.request, family, self._entry.agency_id, token, self.GRANT_TYPE)

    def revoke_old_credential(self, refresh_token: Presented) -> None:
        """The rotation did it."""


def _is_proved_enough(request: TokenRequest, family: Family, standing: TokenContext) -> bool:
    """Whether the sign-in behind the token would do today, by what the application has registered
    and by the rules of the province."""
    if family.acr < least_of(request.client.default_acr_values):
        return False
    if family.acr != ONE_FACTOR:
        return True
    person = Renewing(family.person_id, standing.version, standing.grant_version)
    return may_renew(request.tx, person, family.client_id, authorized_at=family.created_at)
