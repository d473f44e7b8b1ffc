"""How long an answer takes says nothing about who exists: with passwords at their full cost."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

import pytest

from directory.people.service import suspend
from tests.support.idp_app import IdpApp, running_idp
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.only_on_sqlite("what takes time is the password's hash")

WRONG = "mật khẩu này sai hoàn toàn"


@pytest.fixture
def idp(full_cost: None) -> Iterator[IdpApp]:
    with running_idp() as found:
        yield found


def test_unknown_wrong_and_suspended_take_the_same_time(idp: IdpApp) -> None:
    """Interleaved tries; the lower quartile, because a busy machine only ever adds time."""
    known = [idp.person() for _ in range(4)]
    stopped = [idp.person() for _ in range(4)]
    for person in stopped:
        suspend(idp.installation, OPERATOR, person.id, "kiểm tra")
    browser = idp.browser()
    page = browser.open_sign_in()
    times: dict[str, list[float]] = {"known": [], "unknown": [], "suspended": []}
    luck = random.Random(7)
    for number in range(16):
        tries = {
            "known": known[number % 4].username,
            "unknown": f"khong.co.{number // 4}.{known[number % 4].username}",
            "suspended": stopped[number % 4].username,
        }
        # In another order each time: what a round begins with must not always be the same.
        for kind, login in luck.sample(list(tries.items()), len(tries)):
            began = time.perf_counter()
            assert browser.answer(page, login, WRONG).status_code == 403
            times[kind].append(time.perf_counter() - began)
        if number % 4 == 3:  # fresh names: nobody comes near a delay, and a new address budget
            known = [idp.person() for _ in range(4)]
            more = [idp.person() for _ in range(4)]
            for person in more:
                suspend(idp.installation, OPERATOR, person.id, "kiểm tra")
            stopped = more
            browser = idp.browser()
            page = browser.open_sign_in()
    typical = {kind: statistics.quantiles(taken, n=4)[0] for kind, taken in times.items()}
    assert max(typical.values()) < 1.4 * min(typical.values()), typical
