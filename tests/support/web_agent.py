"""A person's browser without JavaScript: cookies, redirects, plain HTML forms.

For tests that follow many addresses quickly; what people see is the browser tests' matter.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from tests.support.product import Account, Product

# Buttons not pressed and boxes not ticked are not part of what a browser sends.
_NOT_SENT = {"submit", "button", "reset", "checkbox", "radio"}


_HOPS = 10
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)"')


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


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
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


class WebAgent:
    """One browser with its cookies."""

    def __init__(self, product: Product) -> None:
        self._session = requests.Session()
        # Otherwise REQUESTS_CA_BUNDLE would win over the product's own authority.
        self._session.trust_env = False
        self._session.verify = product.verify
        self._session.headers["Accept-Language"] = "vi"

    def open(
        self, url: str, query: Mapping[str, str] | None = None, *, follow: bool = True
    ) -> requests.Response:
        """GET an address with `query` added to it."""
        answer = self._session.get(url, params=query, timeout=15, allow_redirects=follow)
        return self._settle(answer) if follow else answer

    def post(self, url: str, data: dict[str, str]) -> requests.Response:
        """POST a form of the address's own site."""
        origin = "/".join(url.split("/")[:3])
        return self._settle(
            self._session.post(url, data=data, timeout=15, headers={"Origin": origin})
        )

    def _settle(self, page: requests.Response) -> requests.Response:
        for _ in range(_HOPS):
            target = next_url(page)
            if not target:
                return page
            page = self._session.get(target, timeout=15)
        raise AssertionError(f"in circles at {page.url}")

    def submit(self, page: requests.Response, form: Form, **values: str) -> requests.Response:
        """Send a form of `page` and follow where it leads."""
        target = urljoin(page.url, form.action or page.url)
        if form.method == "get":
            return self.open(target, form.values(**values))
        return self.post(target, form.values(**values))

    def sign_in(self, url: str, account: Account) -> requests.Response:
        """Open `url` and give name and password where a page asks for them."""
        page = self.open(url)
        form = next((f for f in read_forms(page.text) if f.name_of("password")), None)
        if form is None:
            return page
        login = form.name_of("text") or form.name_of("email")
        answers = {login: account.username, form.name_of("password"): account.password}
        return self.submit(page, form, **answers)

    def address_of_answer(self, url: str, account: Account, application: str) -> str:
        """Sign in from `url` as `sign_in` does; the address at `application` that the answer would
        lead to, not opened."""
        page = self.open(url)
        form = next(f for f in read_forms(page.text) if f.name_of("password"))
        login = form.name_of("text") or form.name_of("email")
        data = form.values(**{login: account.username, form.name_of("password"): account.password})
        target = urljoin(page.url, form.action or page.url)
        headers = {"Origin": "/".join(target.split("/")[:3])}
        page = self._session.post(
            target, data=data, headers=headers, timeout=15, allow_redirects=False
        )
        for _ in range(_HOPS):
            target = next_url(page)
            if target.startswith(application):
                return target
            page = self._session.get(target, timeout=15, allow_redirects=False)
        raise AssertionError(f"in circles at {page.url}")

    def cookies(self) -> dict[str, str]:
        """Name and value of every cookie held."""
        return {cookie.name: cookie.value or "" for cookie in self._session.cookies}
