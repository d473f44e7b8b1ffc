"""prompt: whether the person must, or must not, be asked something (OIDC Core section 3.1.2.1)."""

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.oidc.request_under_check import AuthorizationRequest

PROMPTS = ("none", "login", "select_account")
# An authority does not ask its staff for consent: accepted, nothing is shown.
_ACCEPTED = frozenset({*PROMPTS, "consent"})


def check_prompt(asked: AuthorizationRequest) -> None:
    """A known set of words, `none` only alone."""
    prompts = frozenset(asked.parameters.get("prompt", "").split())
    if prompts - _ACCEPTED:
        raise InvalidRequestError("This prompt is not supported.")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt=none cannot be combined with another prompt.")
    asked.prompts = prompts
