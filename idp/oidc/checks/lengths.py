"""What we keep for a while or hand on has a bound."""

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.oidc.request_under_check import AuthorizationRequest

# In bytes. state comes back in an address, nonce in a token.
LIMITS = {
    "state": 4096,
    "nonce": 512,
    "prompt": 100,
    "resource": 2000,
    "scope": 1000,
}


def check_lengths(asked: AuthorizationRequest) -> None:
    """Refuse what is longer than any use of it."""
    for name, limit in LIMITS.items():
        if len(asked.parameters.get(name, "").encode()) > limit:
            raise InvalidRequestError(f"The parameter {name} is too long.")
