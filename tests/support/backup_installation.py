"""An installation that is backed up, changed and restored: its people's browsers and clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from admin_ui.components import COMPONENTS
from directory.settings import Settings
from idp.app import create_app
from idp.clients.service import Registered
from tests.support.browser import PASSWORD, Browser
from tests.support.installation import opened
from tests.support.relying_party import RelyingParty

CALLBACK = "https://app.example/callback"


class Site:
    """The sign-in application of a state folder as one start of it serves it, in this process."""

    def __init__(self, settings: Settings, app: Flask) -> None:
        self.issuer = settings.issuer
        self.app = app

    def browser(self, cookie: str = "") -> Browser:
        """A browser; with a session cookie kept from another start of the application."""
        browser = Browser(self.issuer, app=self.app, stays=True)
        if cookie:
            browser.http.cookies.set("dm_session", cookie, domain="localhost.local", path="/")
        return browser

    def lets_in(self, login: str, password: str = PASSWORD) -> bool:
        """Whether a name and a password are enough."""
        browser = self.browser()
        return browser.answer(browser.open_sign_in(), login, password).status_code == 303

    def party(self, client: Registered) -> RelyingParty:
        """The server of an application."""
        call = self.browser().http.request
        return RelyingParty.of(self.issuer, client, redirect_uri=CALLBACK, call=call)

    def is_active(self, client: Registered, token: str) -> bool:
        return bool(self.party(client).introspect(token)["active"])

    def userinfo(self, token: str) -> int:
        party = RelyingParty(self.issuer, "", call=self.browser().http.request)
        return party.userinfo(token).status_code


@contextmanager
def site_of(settings: Settings) -> Iterator[Site]:
    """The application, started anew: nothing an earlier one held is known to it."""
    with opened(settings, "idp") as installation:
        yield Site(settings, create_app(installation, COMPONENTS))
