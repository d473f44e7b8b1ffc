"""The address that the refused page leads to: sealed, for one person and one application, so that
nobody finds out by it which applications there are."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from urllib.parse import urlencode

from directory.clock import DAY
from directory.sealed import KeyRing, Purpose, SealBroken
from idp import paths

PARAMETER = "yc"
_LINK = Purpose("entry-request", DAY)
_LONGEST = 1000


def link_for(keyring: KeyRing, person_id: str, application_id: str) -> str:
    """Where this person asks to enter this application."""
    sealed = keyring.seal(_LINK, person_id, application_id.encode())
    name = urlsafe_b64encode(sealed).decode()
    return f"{paths.ASK_TO_ENTER}?{urlencode({PARAMETER: name})}"


def application_of(keyring: KeyRing, person_id: str, name: str) -> str:
    """The application that a link is for; empty where it was not made for this person."""
    if len(name) > _LONGEST or not name.isascii():
        return ""
    try:
        return keyring.open(_LINK, person_id, urlsafe_b64decode(name)).decode()
    except (Error, SealBroken, ValueError):
        return ""
