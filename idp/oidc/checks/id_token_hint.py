"""id_token_hint: the person the application expects (OIDC Core section 3.1.2.1)."""

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.oidc.id_token_hint import read_hint
from idp.oidc.request_under_check import AuthorizationRequest


def check_id_token_hint(asked: AuthorizationRequest) -> None:
    """An ID token that we made for this client, expired or not."""
    text = asked.parameters.get("id_token_hint")
    if text is None:
        return
    hint = read_hint(asked.installation, text)
    if hint is None or hint.client_id != asked.client.id:
        raise InvalidRequestError("The id_token_hint is not an ID token of this client.")
    asked.hinted_person = hint.person_id
