"""An administrator's browser that edits people through the console."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

import requests

from tests.deep.sign_in_client import answer_of, fault_of
from tests.support.browser import Form, read_forms
from tests.support.journal import Answer
from tests.support.product import Account, Product

_TIMEOUT_S = 20


class ConsoleBrowser:
    """Signs in when it must; every edit opens the form, as a person would, and sends it.

    `faults`: answers nobody should get, and forms that did not show what was acknowledged before.
    """

    way = "console"
    pid = 0

    def __init__(self, product: Product, account: Account) -> None:
        self._url = product.console_url
        self._account = account
        self._http = requests.Session()
        self._http.trust_env = False
        self.faults: list[str] = []

    def edit(self, person: str, changes: Mapping[str, str], expected: Mapping[str, str]) -> Answer:
        """Change fields of a person. ``unknown`` too when the form could not be opened."""
        try:
            form = self._form_of(person)
            return self._send(person, form, changes, expected) if form else "unknown"
        except requests.RequestException:
            return "unknown"

    def close(self) -> None:
        self._http.close()

    def _form_of(self, person: str) -> Form | None:
        page = self._http.get(self._path(person), timeout=_TIMEOUT_S)
        forms = read_forms(page.text)
        if sign_in := next((form for form in forms if form.name_of("password")), None):
            login = sign_in.name_of("text") or sign_in.name_of("email")
            words = {login: self._account.username,
                     sign_in.name_of("password"): self._account.password}  # fmt: skip
            page = self._post(urljoin(page.url, sign_in.action or page.url),
                              sign_in.values(**words), follow=True)  # fmt: skip
            forms = read_forms(page.text)
        self._note(page)
        names = ({f["name"]: form for f in form.fields} for form in forms)
        return next((found["seen_phone"] for found in names if "seen_phone" in found), None)

    def _send(
        self, person: str, form: Form, changes: Mapping[str, str], expected: Mapping[str, str]
    ) -> Answer:
        shown = form.values()
        for name, value in expected.items():
            if shown[f"seen_{name}"] != value:
                self.faults.append(
                    f"{name} of {person} is shown as {shown[f'seen_{name}']}, but {value} was "
                    "acknowledged last"
                )
        answer = self._post(self._path(person), form.values(**changes), follow=False)
        self._note(answer)
        if answer.status_code != 303:
            return answer_of(answer)
        if answer.headers["Location"].endswith(f"/{person}"):
            return "done"
        again = self._http.get(urljoin(answer.url, answer.headers["Location"]), timeout=_TIMEOUT_S)
        self._note(again)
        # The values are good ones: without what somebody else made of them, a store was away.
        return "refused" if 'class="difference"' in again.text else "unknown"

    def _post(self, url: str, data: Mapping[str, str], *, follow: bool) -> requests.Response:
        origin = "/".join(url.split("/")[:3])
        return self._http.post(
            url,
            data=dict(data),
            headers={"Origin": origin},
            allow_redirects=follow,
            timeout=_TIMEOUT_S,
        )

    def _path(self, person: str) -> str:
        return f"{self._url}/nguoi-dung/{person}/sua"

    def _note(self, response: requests.Response) -> None:
        if fault := fault_of(response):
            self.faults.append(fault)
