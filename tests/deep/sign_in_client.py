"""A person's browser and an application, each step written into the journal before and after."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from directory.ids import digest
from tests.support.browser import next_url, read_forms
from tests.support.journal import Answer, Journal
from tests.support.product import Account, Product

CLIENT_ID = "storm"
_TIMEOUT_S = 20
_HOPS = 8


@dataclass(frozen=True)
class Application:
    """The application that receives codes; nobody listens at its redirect address."""

    issuer: str
    redirect_uri: str
    secret: str

    def metadata(self) -> dict[str, Any]:
        """How it is registered (RFC 7591)."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": self.secret,
            "client_name": "Bão",
            "redirect_uris": [self.redirect_uri],
            "scope": "openid profile offline_access",
        }

    def ask_token(self, **parameters: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(
                f"{self.issuer}/token",
                data=parameters,
                auth=(CLIENT_ID, self.secret),
                timeout=_TIMEOUT_S,
            )


def register(product: Product) -> Application:
    """Register the application with a started product."""
    redirect_uri = f"http://127.0.0.2:{product.port + 4}/storm/callback"
    made = Application(product.issuer, redirect_uri, secrets.token_urlsafe(32))
    product.import_clients([made.metadata()])
    return made


class NotNow(Exception):
    """The product did not answer as it should before anything was promised; try later."""


class SignIn:
    """One sign-in from the authorization request to tokens."""

    def __init__(
        self, application: Application, journal: Journal, account: Account, person_id: str
    ) -> None:
        self._application = application
        self._journal = journal
        self._account = account
        self._person_id = person_id
        self._verifier = secrets.token_urlsafe(48)
        self._http = requests.Session()
        self._http.trust_env = False
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
        self._http.close()

    def _note(self, response: requests.Response) -> None:
        if fault := fault_of(response):
            self.faults.append(fault)

    def open_form(self) -> requests.Response:
        """The sign-in page of a new authorization request. Raises NotNow."""
        challenge = hashlib.sha256(self._verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": self._application.redirect_uri,
            "scope": "openid profile offline_access",
            "prompt": "login",
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        try:
            page = self._http.get(
                f"{self._application.issuer}/authorize", params=query, timeout=_TIMEOUT_S
            )
        except requests.RequestException as error:
            raise NotNow(str(error)) from error
        if page.status_code != 200:
            self._note(page)
            raise NotNow(f"{page.status_code} {page.url}")
        return page

    def sign_in(self, page: requests.Response) -> str:
        """Give name and password; the address that leads back to the application."""
        form = next((f for f in read_forms(page.text) if f.name_of("password")), None)
        if form is None:
            raise NotNow("no sign-in form")
        login = form.name_of("text") or form.name_of("email")
        data = form.values(
            **{login: self._account.username, form.name_of("password"): self._account.password}
        )
        number = self._journal.begin("sign-in", person=self._person_id)
        try:
            answer = self._http.post(
                urljoin(page.url, form.action or page.url),
                data=data,
                headers={"Origin": self._application.issuer},
                allow_redirects=False,
                timeout=_TIMEOUT_S,
            )
        except requests.RequestException as error:
            self._journal.end(number, "unknown", error=type(error).__name__)
            raise NotNow(str(error)) from error
        cookie = answer.cookies.get("dm_session") or answer.cookies.get("__Host-dm_session")
        if answer.status_code != 303 or not cookie:
            self._note(answer)
            self._journal.end(number, answer_of(answer), status=answer.status_code)
            raise NotNow(f"sign-in answered {answer.status_code}")
        self._journal.end(number, "done", cookie_hash=digest(cookie))
        return self._follow(urljoin(page.url, answer.headers["Location"]))

    def _follow(self, url: str) -> str:
        for _ in range(_HOPS):
            if url.startswith(self._application.redirect_uri):
                return url
            try:
                answer = self._http.get(url, allow_redirects=False, timeout=_TIMEOUT_S)
            except requests.RequestException as error:
                raise NotNow(str(error)) from error
            if not next_url(answer):
                self._note(answer)
                raise NotNow(f"{answer.status_code} {url}")
            url = next_url(answer)
        raise NotNow("redirected in circles")

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
        return self._ask(
            "code",
            digest(code),
            grant_type="authorization_code",
            code=code,
            redirect_uri=self._application.redirect_uri,
            code_verifier=self._verifier,
        )

    def present_refresh_token(self, token: str) -> tuple[Answer, dict[str, Any] | None]:
        """Ask for tokens with a refresh token, once."""
        return self._ask("refresh", digest(token), grant_type="refresh_token", refresh_token=token)

    def _ask(
        self, kind: str, presented: str, **parameters: str
    ) -> tuple[Answer, dict[str, Any] | None]:
        number = self._journal.begin(kind, person=self._person_id, presented=presented)
        try:
            response = self._application.ask_token(**parameters)
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
