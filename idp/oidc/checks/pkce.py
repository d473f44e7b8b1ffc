"""PKCE with S256, for every client (RFC 7636, RFC 9700 section 2.1.1)."""

import re

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.oidc.request_under_check import AuthorizationRequest

# BASE64URL(SHA256(…)) is always 43 characters; 128 of them would be `plain`.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


def check_pkce(asked: AuthorizationRequest) -> None:
    """Method and challenge together; only a client exempted by name, with a reason, has neither."""
    challenge = asked.parameters.get("code_challenge")
    method = asked.parameters.get("code_challenge_method")
    if challenge is None and method is None and asked.client.pkce_exempt:
        return
    if challenge is None:
        raise InvalidRequestError("The code_challenge is missing: PKCE with S256 is required.")
    if method != "S256":
        # No method means `plain` (RFC 7636 section 4.3), which protects nothing.
        raise InvalidRequestError("The code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequestError("The code_challenge is not a base64url SHA-256.")
    asked.challenge = challenge
