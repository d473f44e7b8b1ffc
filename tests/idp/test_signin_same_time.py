"""What an answer costs says nothing about who exists: with passwords at their full cost."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

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


def processor_s(process_id: int) -> float:
    """The processor seconds of every living thread of a process (Linux: schedstat, in ns)."""
    tasks = Path(f"/proc/{process_id}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def test_unknown_wrong_and_suspended_cost_the_same_work(idp: IdpApp) -> None:
    """Interleaved tries. Work, of slapd and ours: time on a busy machine is anybody's; and of each
    kind the median, as one try may pay for a garbage collection of everything."""

    def spent_s() -> float:
        return processor_s(idp.running.slapd.pid) + time.process_time()

    known = [idp.person() for _ in range(4)]
    stopped = [idp.person() for _ in range(4)]
    for person in stopped:
        suspend(idp.installation, OPERATOR, person.id, "kiểm tra")
    browser = idp.browser()
    page = browser.open_sign_in()
    work = defaultdict[str, list[float]](list)
    luck = random.Random(7)
    for number in range(16):
        tries = {
            "known": known[number % 4].username,
            "unknown": f"khong.co.{number // 4}.{known[number % 4].username}",
            "suspended": stopped[number % 4].username,
        }
        # In another order each time: what a round begins with must not always be the same.
        for kind, login in luck.sample(list(tries.items()), len(tries)):
            before = spent_s()
            assert browser.answer(page, login, WRONG).status_code == 403
            work[kind].append(spent_s() - before)
        if number % 4 == 3:  # fresh names: nobody comes near a delay, and a new address budget
            known = [idp.person() for _ in range(4)]
            more = [idp.person() for _ in range(4)]
            for person in more:
                suspend(idp.installation, OPERATOR, person.id, "kiểm tra")
            stopped = more
            browser = idp.browser()
            page = browser.open_sign_in()
    usual = {kind: median(each) for kind, each in work.items()}
    assert max(usual.values()) < 1.2 * min(usual.values()), usual
