"""An administrator's browser that edits people through the console."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from directory.projection import queries
from directory.settings import read_settings
from tests.deep.sign_in_client import answer_of, fault_of
from tests.support.browser import Account, Browser, Form, read_forms
from tests.support.installation import opened
from tests.support.journal import Answer
from tests.support.product import Product
from tests.support.second_factor import sign_in_surely


class ConsoleBrowser:
    """Signs in when it must; every edit opens the form, as a person would, and sends it.

    `faults`: answers nobody should get, and forms that did not show what was acknowledged before.
    """

    way = "console"
    pid = 0

    def __init__(self, product: Product, account: Account) -> None:
        self._account = account
        self._browser = Browser(product.console_url)
        settings = {k: v for k, v in product.environment.items() if k.startswith("DANHMUC_")}
        with opened(read_settings(settings)) as installation:
            with installation.database.read() as tx:
                person = queries.find_person_by_login(tx, account.username)
            assert person is not None
            sign_in_surely(installation, self._browser, person.id)
        self.faults: list[str] = []

    def edit(self, person: str, changes: Mapping[str, str], expected: Mapping[str, str]) -> Answer:
        """Change fields of a person. ``unknown`` too when the form could not be opened."""
        try:
            form = self._form_of(person)
            return self._send(person, form, changes, expected) if form else "unknown"
        except requests.RequestException:
            return "unknown"

    def close(self) -> None:
        self._browser.http.close()

    def _form_of(self, person: str) -> Form | None:
        page = self._browser.enter(_path(person), self._account)
        self._note(page)
        return next((form for form in read_forms(page.text) if "seen_phone" in form.values()), None)

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
        answer = self._browser.post(_path(person), form.values(**changes))
        self._note(answer)
        if answer.status_code != 303:
            return answer_of(answer)
        if answer.headers["Location"].endswith(f"/{person}"):
            return "done"
        again = self._browser.follow(answer)
        self._note(again)
        # The values are good ones: without what somebody else made of them, a store was away.
        return "refused" if 'class="difference"' in again.text else "unknown"

    def _note(self, response: requests.Response) -> None:
        if fault := fault_of(response):
            self.faults.append(fault)


def _path(person: str) -> str:
    return f"/nguoi-dung/{person}/sua"
