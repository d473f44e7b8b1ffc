"""What can go wrong on the way to a page; `pages.py` turns each into an answer."""

from __future__ import annotations

from dataclasses import dataclass


class NotSignedIn(Exception):
    """The page needs a signed-in person."""


class NotProvedEnough(Exception):
    """The page wants the person more surely there, or more lately."""


@dataclass
class MissingRole(Exception):
    """The person holds none of these roles at this agency."""

    roles: tuple[str, ...]
    agency: str


class NoAccount(Exception):
    """Whoever signed in has no account in this application (yet)."""


class AccountDisabled(Exception):
    """The account of whoever signed in was disabled in this application."""


class FormForged(Exception):
    """A form came without the token of the session that was shown the form."""


class Outdated(Exception):
    """Somebody else changed the row first."""


class ProviderUnreachable(Exception):
    """The OpenID provider does not answer, or not in a usable way."""


class SignInRefused(Exception):
    """The provider's answer to a sign-in is an error or cannot be trusted.

    `code` is an OAuth error code or our own word for the failed check; it goes to the log and in
    small print on the page. Nothing is signed in.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LogoutTokenRefused(Exception):
    """A logout token fails a check of OpenID Connect Back-Channel Logout 1.0 section 2.6."""
