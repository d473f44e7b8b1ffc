"""A person's browser and an application, each step written into the journal before and after."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from directory.ids import digest
from tests.support.browser import Account, Browser, find_sign_in, next_url
from tests.support.journal import Answer, Journal
from tests.support.product import Product
from tests.support.relying_party import RelyingParty, authorization_request

_SCOPE = "openid profile offline_access"


def application(issuer: str, **more: Any) -> RelyingParty:
    """The application that receives codes."""
    return RelyingParty(issuer, "storm", name="Bão", **more)


def register(product: Product) -> RelyingParty:
    """Register the application with a started product."""
    redirect_uri = f"http://127.0.0.2:{product.port + 4}/storm/callback"
    made = application(product.issuer, redirect_uri=redirect_uri)
    product.import_clients([made.metadata(scope=_SCOPE)])
    return made


class NotNow(Exception):
    """The product did not answer as it should before anything was promised; try later."""


class SignIn:
    """One sign-in from the authorization request to tokens."""

    def __init__(
        self, application: RelyingParty, journal: Journal, account: Account, person_id: str
    ) -> None:
        self._application = application
        self._journal = journal
        self._account = account
        self._person_id = person_id
        self._browser = Browser(application.issuer)
        self.faults: list[str] = []

    def run(self) -> None:
        """All of it. Raises NotNow when the product does not let it go on."""
        code = self.enter()
        tokens = self._redeem(code)
        if tokens is not None and "refresh_token" in tokens:
            self._refresh(tokens["refresh_token"])

    def enter(self) -> str:
        """Sign in for the application; the code it is sent. Raises NotNow."""
        back = self.sign_in(self.open_form())
        code = parse_qs(urlsplit(back).query).get("code", [""])[0]
        if not code:
            raise NotNow(f"no code: {back}")
        return code

    def close(self) -> None:
        self._browser.http.close()

    def _note(self, response: requests.Response) -> None:
        if fault := fault_of(response):
            self.faults.append(fault)

    def open_form(self) -> requests.Response:
        """The sign-in page of a new authorization request. Raises NotNow."""
        query = authorization_request(self._application, scope=_SCOPE, prompt="login")
        page = self._wait_for(lambda: self._browser.open("/authorize", **query))
        if page.status_code != 200:
            self._note(page)
            raise NotNow(f"{page.status_code} {page.url}")
        return page

    def _wait_for(self, asked: Callable[[], requests.Response]) -> requests.Response:
        try:
            return asked()
        except requests.RequestException as error:
            raise NotNow(str(error)) from error

    def sign_in(self, page: requests.Response) -> str:
        """Give name and password; the address that leads back to the application."""
        form = find_sign_in(page)
        if form is None:
            raise NotNow("no sign-in form")
        data = form.signing_in(self._account.username, self._account.password)
        number = self._journal.begin("sign-in", person=self._person_id)
        try:
            answer = self._browser.send(page, form, data)
        except requests.RequestException as error:
            self._journal.end(number, "unknown", error=type(error).__name__)
            raise NotNow(str(error)) from error
        cookie = answer.cookies.get("dm_session") or answer.cookies.get("__Host-dm_session")
        if answer.status_code != 303 or not cookie:
            self._note(answer)
            self._journal.end(number, answer_of(answer), status=answer.status_code)
            raise NotNow(f"sign-in answered {answer.status_code}")
        self._journal.end(number, "done", cookie_hash=digest(cookie))
        there = self._application.redirect_uri
        back = self._wait_for(lambda: self._browser.follow(answer, until=there))
        if not next_url(back):
            self._note(back)
            raise NotNow(f"{back.status_code} {back.url}")
        return next_url(back)

    def _redeem(self, code: str) -> dict[str, Any] | None:
        """Redeem the code, again where the outcome is unknown, and once more for good measure."""
        for _ in range(3):
            answer, tokens = self.present_code(code)
            if answer == "refused":
                return None
            if tokens is not None:
                if secrets.randbelow(4) == 0:  # a thief comes second: all of it must end
                    self.present_code(code)
                return tokens
        return None

    def _refresh(self, token: str) -> None:
        for _ in range(3):
            answer, _ = self.present_refresh_token(token)
            if answer != "unknown":
                return

    def present_code(self, code: str) -> tuple[Answer, dict[str, Any] | None]:
        """Ask for tokens with the code, once."""
        return self._ask("code", code, self._application.redeem)

    def present_refresh_token(self, token: str) -> tuple[Answer, dict[str, Any] | None]:
        """Ask for tokens with a refresh token, once."""
        return self._ask("refresh", token, self._application.refresh)

    def _ask(
        self, kind: str, presented: str, present: Callable[[str], requests.Response]
    ) -> tuple[Answer, dict[str, Any] | None]:
        number = self._journal.begin(kind, person=self._person_id, presented=digest(presented))
        try:
            response = present(presented)
        except requests.RequestException as error:
            self._journal.end(number, "unknown", error=type(error).__name__)
            return "unknown", None
        if response.status_code != 200:
            self._note(response)
            answer = answer_of(response)
            self._journal.end(number, answer, status=response.status_code, body=response.text)
            return answer, None
        tokens: dict[str, Any] = response.json()
        self._journal.end(number, "done", token=_claims(tokens["access_token"])["jti"])
        return "done", tokens


def fault_of(response: requests.Response) -> str:
    """What is wrong with how a failure was told; empty for every clear answer.

    A store that is away is a 503 that says when to come back, for people a page in sentences.
    """
    if response.status_code < 500:
        return ""
    where = f"{response.request.method} {urlsplit(response.url).path}: {response.status_code}"
    if response.status_code != 503:
        return f"{where}\n{response.text[:400]}"
    if not response.headers.get("Retry-After", "").isdigit():
        return f"{where} without Retry-After"
    kind = response.headers.get("Content-Type", "")
    is_clear = "json" in kind or ("<h1" in response.text and "lang=" in response.text)
    return "" if is_clear else f"{where} is no page: {response.text[:200]}"


def answer_of(response: requests.Response) -> Answer:
    """What an answer that is not a success promises: 4xx that nothing happened, 5xx nothing."""
    return "refused" if 400 <= response.status_code < 500 else "unknown"


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return found
