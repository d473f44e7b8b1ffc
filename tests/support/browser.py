"""A person's browser without JavaScript: cookies, redirects, plain HTML forms.

For tests that follow many addresses quickly; what people see is the browser tests' matter.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from io import BytesIO
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.test import Client

PASSWORD = "chín con trâu trắng"
SIGN_IN = "/dang-nhap"

# Buttons not pressed and boxes not ticked are not part of what a browser sends.
_NOT_SENT = {"submit", "button", "reset", "checkbox", "radio"}
_HOPS = 20
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)"')


class Named(Protocol):
    """Somebody with an account."""

    @property
    def username(self) -> str: ...


@dataclass(frozen=True)
class Account:
    """A demo account, which has a password of its own; the tests' own people have PASSWORD."""

    username: str
    password: str
    full_name: str


def password_of(person: Named) -> str:
    return person.password if isinstance(person, Account) else PASSWORD


def next_url(response: requests.Response) -> str:
    """Where a browser goes on by itself from this answer: a redirect, or a refresh of zero seconds,
    which needs no scripts either; '' where it stays."""
    if response.is_redirect:
        return urljoin(response.url, response.headers["Location"])
    found = _REFRESH.search(response.text)
    return urljoin(response.url, html.unescape(found[1])) if found else ""


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    look: str = ""
    fields: list[dict[str, str]] = field(default_factory=list)

    def values(self, **given: str) -> dict[str, str]:
        """What the browser sends when the first submit button is pressed."""
        pressed = next((f for f in self.fields if f["type"] == "submit"), None)
        return {
            f["name"]: given.get(f["name"], f["value"])
            for f in self.fields
            if f["name"] and (f is pressed or f["type"] not in _NOT_SENT)
        }

    def name_of(self, kind: str) -> str:
        """The name of the first field of that type; '' when there is none."""
        return next((f["name"] for f in self.fields if f["type"] == kind), "")

    def signing_in(self, login: str, password: str) -> dict[str, str]:
        """What the browser sends of a sign-in form that somebody filled in."""
        name = self.name_of("text") or self.name_of("email")
        return self.values(**{name: login, self.name_of("password"): password})


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = values.get("method", "get").lower()
            self.forms.append(Form(values.get("action", ""), method, values.get("class", "")))
            self._open = True
        elif tag in ("input", "button") and self._open:
            usual = "submit" if tag == "button" else "text"
            self.forms[-1].fields.append(
                {
                    "name": values.get("name", ""),
                    "value": values.get("value", ""),
                    "type": values.get("type", usual).lower(),
                }
            )

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


def read_forms(text: str) -> list[Form]:
    """The forms of a page, in order."""
    reader = _FormReader()
    reader.feed(text)
    return reader.forms


def find_sign_in(page: requests.Response) -> Form | None:
    """The form of a page that asks for a password."""
    return next((form for form in read_forms(page.text) if form.name_of("password")), None)


def own_form(page: requests.Response) -> Form:
    """The form that a page is about, as opposed to those of its frame."""
    found = next((form for form in read_forms(page.text) if "card" in form.look.split()), None)
    assert found, f"{page.status_code} {page.url}: no form of its own\n{page.text[:2000]}"
    return found


def form_token(page: requests.Response, name: str) -> str:
    """The form token of a page, by the name of its field."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text)
    assert found, f"{page.status_code} {page.url}: no form\n{page.text[:2000]}"
    return html.unescape(found[1])


def csrf_token(page: requests.Response) -> str:
    """The form token of a page of ours."""
    return form_token(page, "csrf_token")


class InProcess(HTTPAdapter):
    """What a browser is answered by an application in this process: no port, no thread, and an
    exception arrives as one."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self._client = Client(app, use_cookies=False)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        place = urlsplit(str(request.url))
        answer = self._client.open(
            path=place.path or "/",
            query_string=place.query,
            base_url=f"{place.scheme}://{place.netloc}",
            method=str(request.method),
            headers=list(request.headers.items()),
            data=request.body or b"",
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )
        told = Message()  # where the cookie jar looks
        for name, value in answer.headers.items():
            told[name] = value
        raw = HTTPResponse(
            BytesIO(answer.data),
            HTTPHeaderDict(answer.headers.items()),
            answer.status_code,
            preload_content=False,
            original_response=SimpleNamespace(  # type: ignore[arg-type]
                msg=told, isclosed=lambda: True, close=lambda: None
            ),
        )
        return self.build_response(request, raw)


class Browser:
    """One browser, at `site`: paths are of that site, addresses may be of any.

    `get`, `post`, `send` and `answer` give the answer as it comes; `open`, `submit` and `enter`
    go on from it as a browser does. With `stays` nothing leads away from `site`: where an
    application is not there at all, the answer that leads to it is what a test looks at.
    `address` is the network address that the site's trusted proxy names. With `app` the site is
    that application in this process.
    """

    def __init__(
        self,
        site: str,
        *,
        address: str = "",
        verify: str | bool = True,
        stays: bool = False,
        app: Any = None,
    ) -> None:
        self.site = site
        self.stays = stays
        self.http = requests.Session()
        # Otherwise REQUESTS_CA_BUNDLE would win over the product's own authority.
        self.http.trust_env = False
        self.http.verify = verify
        self.http.headers["Accept-Language"] = "vi"
        if address:
            self.http.headers["X-Forwarded-For"] = address
        if app:
            self.http.mount(site, InProcess(app))

    def get(self, url: str, **query: str) -> requests.Response:
        return self.http.get(
            urljoin(self.site, url), params=query, allow_redirects=False, timeout=20
        )

    def post(self, url: str, data: Any, **headers: str) -> requests.Response:
        """POST as a form of the address's own site does."""
        url = urljoin(self.site, url)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        return self.http.post(
            url, data=data, headers={"Origin": origin} | headers, allow_redirects=False, timeout=20
        )

    def follow(self, response: requests.Response, until: str = "") -> requests.Response:
        """Go on as a browser does, at most to the answer that leads to `until` from elsewhere."""
        for _ in range(_HOPS):
            target = next_url(response)
            leaves = self.stays and not target.startswith(self.site + "/")
            arrives = until and target.startswith(until) and not response.url.startswith(until)
            if not target or leaves or arrives:
                return response
            response = self.get(target)
        raise AssertionError(f"in circles at {response.url}")

    def open(self, url: str, **query: str) -> requests.Response:
        return self.follow(self.get(url, **query))

    def send(self, page: requests.Response, form: Form, data: dict[str, str]) -> requests.Response:
        """Send a form of `page` with `data` in it."""
        target = urljoin(page.url, form.action or page.url)
        return self.get(target, **data) if form.method == "get" else self.post(target, data)

    def submit(self, page: requests.Response, form: Form, **values: str) -> requests.Response:
        return self.follow(self.send(page, form, form.values(**values)))

    def form_of(self, url: str) -> dict[str, str]:
        """The fields of the page's own form as they stand."""
        page = self.get(url)
        assert page.status_code == 200, page.text
        return own_form(page).values()

    def save(self, url: str, data: dict[str, str]) -> requests.Response:
        """POST a form and follow its answer, which is a 303 whether it was saved or not."""
        answer = self.post(url, data)
        assert answer.status_code == 303, answer.status_code
        return self.follow(answer)

    # --- signing in ------------------------------------------------------------------------------
    def open_sign_in(self, **parameters: str) -> requests.Response:
        """The sign-in page: of a plain sign-in, or of the authorization request `parameters`."""
        return self.open("/authorize" if parameters else SIGN_IN, **parameters)

    def answer(
        self, page: requests.Response, login: str, password: str, **more: str
    ) -> requests.Response:
        """Fill in the sign-in form of `page`; gives the response to the form itself."""
        form = find_sign_in(page)
        assert form, f"{page.status_code} {page.url}: no sign-in form\n{page.text[:2000]}"
        return self.send(page, form, form.signing_in(login, password) | more)

    def sign_in(self, person: Named, password: str = "", **more: str) -> requests.Response:
        """Sign in without an application. Asserts that it worked."""
        password = password or password_of(person)
        response = self.answer(self.open_sign_in(), person.username, password, **more)
        assert response.status_code == 303, response.text
        return response

    def enter(self, url: str, person: Named, *, until: str = "", **query: str) -> requests.Response:
        """Open `url`, give name and password if a page asks for them, and go on, at most to the
        answer that leads to `until`."""
        page = self.follow(self.get(url, **query), until)
        if next_url(page) or not find_sign_in(page):
            return page
        return self.follow(self.answer(page, person.username, password_of(person)), until)

    # --- cookies ---------------------------------------------------------------------------------
    @property
    def cookie(self) -> str:
        """The session cookie's value; empty when there is none."""
        return self.http.cookies.get("dm_session") or ""

    def cookies(self) -> dict[str, str]:
        """Name and value of every cookie held."""
        return {cookie.name: cookie.value or "" for cookie in self.http.cookies}

    def is_signed_in(self) -> bool:
        return self.get("/").status_code == 200
