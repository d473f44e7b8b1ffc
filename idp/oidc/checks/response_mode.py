"""How the answer travels: query or form_post."""

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.oidc.request_under_check import AuthorizationRequest

RESPONSE_MODES = ("query", "form_post")


def check_response_mode(asked: AuthorizationRequest) -> None:
    """An unknown mode is refused, and the refusal travels in the default one."""
    mode = asked.parameters.get("response_mode", "query")
    if mode not in RESPONSE_MODES:
        raise InvalidRequestError("This response_mode is not supported.")
    # A form posted to a private scheme is a page of ours that ends nowhere.
    if mode == "form_post" and not asked.redirect_uri.startswith(("https://", "http://")):
        raise InvalidRequestError("form_post needs an http or https redirect_uri.")
    asked.response_mode = mode
