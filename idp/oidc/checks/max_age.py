"""max_age: how long ago the person may have signed in (OIDC Core section 3.1.2.1)."""

import re

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.oidc.request_under_check import AuthorizationRequest

_SECONDS = re.compile(r"[0-9]{1,9}")  # [0-9]: \d would take digits of every script


def check_max_age(asked: AuthorizationRequest) -> None:
    """Plain digits, at most 30 years; a client may have registered a default."""
    text = asked.parameters.get("max_age")
    if text is None:
        asked.max_age = asked.client.default_max_age
    elif _SECONDS.fullmatch(text):
        asked.max_age = int(text)
    else:
        raise InvalidRequestError("max_age must be a number of seconds.")
