"""What counts once counts once: a hundred times fifty requests at the same moment for the started
product, its several processes and their threads. ``ROUNDS=5`` in the environment for a short look.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_hex

import pytest
import requests
from sqlalchemy import delete, func, select

from directory.audit.log import person_tag
from directory.audit.reading import list_events
from directory.catalogue.person import Person
from directory.installation import Installation
from directory.people.service import NewPerson
from directory.settings import read_settings
from idp.factors.passkey import store as passkeys
from idp.factors.recovery_codes import store as recovery_codes
from idp.factors.totp import codes
from idp.factors.totp import store as totp
from idp.sessions.tables import sessions
from idp.slips import service as slips
from idp.throttle.tables import throttle_counter
from tests.idp.test_passkeys import options_for
from tests.support.authenticator import give_passkey
from tests.support.browser import PASSWORD, Browser, csrf_token
from tests.support.installation import OPERATOR, opened
from tests.support.product import Product, running_product
from tests.support.province import a_department, who_can_sign_in
from tests.support.second_factor import give_password, give_totp

pytestmark = [pytest.mark.deep, pytest.mark.both_engines]

ROUNDS = int(os.environ.get("ROUNDS", "100"))
FLOWS, COPIES = 5, 10
NEW = "ba con vit qua cau go"


@dataclass(frozen=True)
class Sent:
    """A form as it stands on a page, and the browser's cookies."""

    url: str
    cookies: dict[str, str]
    data: dict[str, str]


@dataclass
class Arena:
    """A started product and somebody who can sign in there."""

    product: Product
    installation: Installation
    person: Person
    pool: ThreadPoolExecutor
    local: threading.local

    def browser(self) -> Browser:
        return Browser(self.product.issuer)

    def forget_counters(self) -> None:
        """The races are of what counts once, not of how often somebody may be wrong."""
        with self.installation.database.write() as tx:
            tx.execute(delete(throttle_counter))

    def sessions(self) -> int:
        """How many there ever were: of events of one person some are told as a number."""
        mine = sessions.c.person_id == self.person.id
        with self.installation.database.read() as tx:
            return tx.execute(select(func.count()).select_from(sessions).where(mine)).scalar_one()

    def slips_used(self) -> int:
        with self.installation.database.read() as tx:
            told = list_events(
                tx, kind="slip.used", subject=person_tag(self.person.id), limit=1_000
            )
            return len(told)

    def race(self, forms: Sequence[Sent]) -> list[int]:
        """All at once; the statuses. Each thread keeps one connection."""
        everybody = [form for form in forms for _ in range(FLOWS * COPIES // len(forms))]
        barrier = threading.Barrier(len(everybody))

        def send(form: Sent) -> int:
            if not hasattr(self.local, "http"):
                self.local.http = requests.Session()
            told = "; ".join(f"{name}={value}" for name, value in form.cookies.items())
            headers = {"Cookie": told, "Origin": self.product.issuer}
            barrier.wait()
            answer = self.local.http.post(
                form.url, data=form.data, headers=headers, allow_redirects=False, timeout=60
            )
            self.local.http.cookies.clear()
            return int(answer.status_code)

        return list(self.pool.map(send, everybody))


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with running_product(tls=False) as product:
        told = {k: v for k, v in product.environment.items() if k.startswith("DANHMUC_")}
        with (
            opened(read_settings(told)) as installation,
            ThreadPoolExecutor(FLOWS * COPIES) as pool,
        ):
            agency = a_department(installation, f"D{token_hex(3).upper()}")
            name = f"dua.{token_hex(4)}"
            new = NewPerson(
                username=name, agency_id=agency.id, title="Chuyên viên", full_name="Lê Thị Đua"
            )
            person = who_can_sign_in(installation, new, PASSWORD)
            yield Arena(product, installation, person, pool, threading.local())


def form_of(browser: Browser, page: requests.Response, step: str, **data: str) -> Sent:
    sent = {"csrf_token": csrf_token(page), "buoc": step} | data
    return Sent(page.url, dict(browser.http.cookies.items()), sent)


def after_the_password(arena: Arena, step: str, code: str) -> list[Sent]:
    found = []
    for _ in range(FLOWS):
        browser = arena.browser()
        found.append(form_of(browser, give_password(browser, arena.person), step, code=code))
        arena.forget_counters()
    return found


def with_a_telephone(arena: Arena, _number: int) -> list[Sent]:
    with arena.installation.database.write() as tx:
        totp.remove_all(tx, arena.person.id)
    secret = give_totp(arena.installation, arena.person.id)
    sent = after_the_password(arena, "totp", "")
    code = codes.code_of(secret, codes.present_step())
    return [Sent(each.url, each.cookies, each.data | {"code": code}) for each in sent]


def with_a_code_on_paper(arena: Arena, _number: int) -> list[Sent]:
    with arena.installation.database.write() as tx:
        totp.remove_all(tx, arena.person.id)
    give_totp(arena.installation, arena.person.id)
    with arena.installation.database.write() as tx:
        code = recovery_codes.make(tx, arena.person.id)[0]
    return after_the_password(arena, "recovery_code", code)


def with_a_slip(arena: Arena, number: int) -> list[Sent]:
    """Each browser as far as the page that wants a password; the slip counts until one is set."""
    slip = slips.issue(arena.installation, OPERATOR, arena.person.id, "help")
    found = []
    for flow in range(FLOWS):
        browser = arena.browser()
        page = browser.open("/kich-hoat")
        for fields in ({"code": slip.code}, {}):
            step = re.search(r'name="buoc" value="([a-z_]+)"', page.text)
            assert step, page.text
            data = {"csrf_token": csrf_token(page), "buoc": step[1]} | fields
            page = browser.follow(browser.post(page.url, data))
        step = re.search(r'name="buoc" value="([a-z_]+)"', page.text)
        assert step and 'name="again"' in page.text, page.text
        new = f"{NEW} {number} {flow}"
        found.append(form_of(browser, page, step[1], password=new, again=new))
        arena.forget_counters()
    return found


def with_a_passkey(arena: Arena, _number: int) -> list[Sent]:
    """One signed challenge, which is of one flow."""
    with arena.installation.database.write() as tx:
        passkeys.remove_all(tx, arena.person.id)
    device = give_passkey(arena.installation, arena.person.id)
    browser = arena.browser()
    page = browser.open_sign_in()
    answer = device.sign(options_for(browser, page))
    return [form_of(browser, page, "passkey", answer=answer)]


@pytest.mark.parametrize(
    ("ready", "count"),
    [
        (with_a_telephone, Arena.sessions),
        (with_a_code_on_paper, Arena.sessions),
        (with_a_passkey, Arena.sessions),
        (with_a_slip, Arena.slips_used),
    ],
    ids=["telephone", "code on paper", "passkey", "slip"],
)
def test_one_of_fifty_a_hundred_times(
    arena: Arena,
    ready: Callable[[Arena, int], list[Sent]],
    count: Callable[[Arena], int],
) -> None:
    won: list[int] = []
    statuses: dict[int, int] = {}
    for number in range(ROUNDS):
        forms = ready(arena, number)
        arena.forget_counters()
        before = count(arena)
        for status in arena.race(forms):
            statuses[status] = statuses.get(status, 0) + 1
        won.append(count(arena) - before)
    assert won == [1] * ROUNDS, (won, statuses)
    assert not [status for status in statuses if status >= 500 and status != 503], statuses
    print(ready.__name__, statuses)
