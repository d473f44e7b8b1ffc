"""authorization_code: a code becomes tokens, once (RFC 6749 section 4.1.3, RFC 7636)."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import replace
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.errors import InvalidGrantError
from authlib.oauth2.rfc7636 import CodeChallenge

from directory import faults
from directory.audit import log as audit
from directory.clock import MINUTE, now_ms
from directory.database.single_use import single_use
from directory.projection.queries import home_agency_of
from idp.clients.model import AUTH_METHODS
from idp.lifetimes import CODE_MS
from idp.oidc import codes, token_families
from idp.oidc.access import AccessGranted, read_access
from idp.oidc.codes import Code
from idp.oidc.events import TOKEN_REPLAYED
from idp.oidc.grants.person import answer_for_person, record_granted
from idp.oidc.liveness import is_alive, read_token_context
from idp.oidc.text import encode_base64url
from idp.oidc.token_families import Family
from idp.oidc.token_request import TokenRequest

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class S256Only(CodeChallenge):
    """PKCE as Authlib should do it: S256 alone, for every client, whole match, constant time.

    Authlib's own defaults to `plain`, requires PKCE of public clients only, lets a verifier end in
    a line break and compares with ``==``. The challenge is checked at `/authorize`.
    """

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"

    def __call__(self, grant: AuthorizationCodeGrant) -> None:
        grant.register_hook("after_validate_token_request", self.validate_code_verifier)

    def validate_code_verifier(self, grant: AuthorizationCodeGrant, _result: object) -> None:
        try:
            self._check_verifier(grant)
        except InvalidGrantError:
            grant.burn_code()
            raise

    def _check_verifier(self, grant: AuthorizationCodeGrant) -> None:
        verifier = grant.request.form.get("code_verifier", "")
        challenge = grant.request.authorization_code.challenge
        if not challenge and not verifier:
            return  # an exempted client that asked without PKCE
        if not _VERIFIER.fullmatch(verifier):
            raise InvalidGrantError("The code_verifier is missing or malformed.")
        made = encode_base64url(hashlib.sha256(verifier.encode()).digest())
        if not hmac.compare_digest(made, challenge):
            raise InvalidGrantError("The code_verifier does not fit the code_challenge.")


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    """Everything that can be looked at without writing is, then the code is consumed, then tokens.

    Authlib saves the token first and deletes the code last: two requests at once would both pass.
    Here the one-time mark is set before anything is made, in the same transaction.
    """

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = list(AUTH_METHODS)
    request: TokenRequest
    _family: Family
    _entry: AccessGranted

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        S256Only(required=True)(self)

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        return codes.open_code(self.request.installation.keyring, client.id, code)

    def authenticate_user(self, code: Code) -> str:
        tx = self.request.tx
        self._consume(code)
        standing = read_token_context(tx, code.person_id, code.sid, code.client_id)
        self._family = family_of(code, offline="offline_access" in code.scope.split())
        # An offline family too can only begin in a living session.
        if standing is None or not standing.session_alive or not is_alive(self._family, standing):
            raise InvalidGrantError("The sign-in behind this code is no longer valid.")
        self._entry = read_access(self.request.installation, tx, code.client_id, standing)
        if not self._entry.decision.allowed:
            raise InvalidGrantError("The person may not enter this application.")
        return code.person_id

    def burn_code(self) -> None:
        """The client failed PKCE: whoever holds its secret does not get a second guess.

        Not for a public client, which proves nothing by its name: anybody could burn its codes.
        """
        if not self.request.client.is_public:
            self._mark_used(self.request.authorization_code)

    def _mark_used(self, code: Code) -> bool:
        remembered_ms = CODE_MS + MINUTE
        return single_use(self.request.tx, "authorization-code", code.family_id, remembered_ms)

    def _consume(self, code: Code) -> None:
        tx, request = self.request.tx, self.request
        if self._mark_used(code):
            faults.reach("tokens.code_consumed")
            return
        # RFC 6749 section 4.1.2: a code seen twice was stolen; all that came of it ends.
        token_families.revoke(tx, code.family_id, "code_replayed")
        audit.record(
            tx,
            TOKEN_REPLAYED,
            request.actor,
            subject=audit.person_tag(code.person_id),
            agency=home_agency_of(tx, code.person_id),
            what="code",
            family=code.family_id,
        )
        raise InvalidGrantError("The code has been used before.")

    def generate_token(self, *, include_refresh_token: bool, **_ignored: Any) -> dict[str, Any]:
        code: Code = self.request.authorization_code
        self._family = replace(self._family, generation=1 if include_refresh_token else 0)
        return answer_for_person(
            self.request, self._family, code.scope, self._entry.claims, nonce=code.nonce
        )

    def save_token(self, token: dict[str, Any]) -> None:
        token_families.add(self.request.tx, self._family)
        record_granted(self.request, self._family, self._entry.agency_id, token, self.GRANT_TYPE)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Its mark was set before the tokens were made."""


def family_of(code: Code, *, offline: bool) -> Family:
    """What a code becomes when it is redeemed now."""
    now = now_ms()
    return Family(
        id=code.family_id,
        client_id=code.client_id,
        person_id=code.person_id,
        sid=code.sid,
        scope=code.scope,
        resources=tuple(code.resources),
        auth_time=code.auth_time,
        acr=code.acr,
        amr=tuple(code.amr),
        offline=offline,
        generation=0,
        rotated_at=now,
        # The moment of authorization: an account closed since then makes nothing of its code.
        created_at=code.issued_at,
        expires_at=now + token_families.OFFLINE_LIFE_MS if offline else code.session_expires_at,
        revoked_at=None,
    )
