"""Random sequences of tries: no wait comes without having been said, nor without an event."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from directory import clock
from idp.throttle import store as throttle
from idp.throttle.store import Counter, Failure, Reservation, Wait
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp, at_time
from web.forwarded import Sender

pytestmark = pytest.mark.only_on_sqlite("the counters are tried on either in test_signin_throttle")

LEAPS_MS = (0, 1, 900, 2_100, 5_000, 33_000, 61_000, 899_000, 901_000, 3_600_000, 43_300_000)


def counters(idp: IdpApp, tag: str, dice: random.Random) -> tuple[Counter, ...]:
    keyring = idp.installation.keyring
    if dice.random() < 0.3:
        return throttle.on_known_device(keyring, f"{tag}.{dice.randint(1, 3)}", f"{tag}.p")
    address = Sender(f"192.0.2.{dice.randint(1, 3)}", is_proxy=dice.random() < 0.2)
    return throttle.elsewhere(keyring, f"typed:{tag}.{dice.randint(1, 2)}", None, address)


@dataclass
class Seen:
    """What was said to whoever tries against these counters, until when (ms)."""

    said: dict[str, int] = field(default_factory=dict)
    told: set[tuple[str, int]] = field(default_factory=set)


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(s, marks=pytest.mark.deep) for s in range(4, 12))]
)
def test_what_the_next_try_meets_was_said_and_told(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice, tag, ahead, seen = random.Random(seed), f"chuỗi.{seed}", 0, Seen()
    longest, refused = 0, 0
    for _ in range(250):
        # Mostly as soon as one may: that is how pauses are reached.
        ahead += dice.choice(LEAPS_MS if dice.random() < 0.1 else (0, 0, 2_100))
        meant = counters(idp_app, tag, dice)
        with at_time(monkeypatch, ahead), idp_app.installation.database.write() as tx:
            now = clock.now_ms()
            got = throttle.reserve(tx, meant)
            if isinstance(got, Wait):
                refused += 1
                longest = max(longest, got.until - now)
                # Somebody was told of this wait when it began, and a pause stands in the log.
                assert seen.said[_of(got, meant)] == got.until
                if got.is_pause:
                    assert (_of(got, meant), got.until) in seen.told
                continue
            assert isinstance(got, Reservation)
            if dice.random() < 0.15:
                throttle.succeed(tx, got)
                continue
            failure = throttle.fail(tx, got)
            _note(seen, meant, failure)
            # What this answer says is what the next try of the same kind meets: one number.
            again = throttle.reserve(tx, meant)
            assert (again if isinstance(again, Wait) else None) == failure.wait
            if isinstance(again, Reservation):
                throttle.give_back(tx, again)
    assert refused > 20
    assert longest <= throttle.LONG_PAUSE_MS


def _of(wait: Wait, meant: tuple[Counter, ...]) -> str:
    return next(counter.key_hash for counter in meant if counter.kind == wait.kind)


def _note(seen: Seen, meant: tuple[Counter, ...], failure: Failure) -> None:
    for counter, until in failure.paused:
        seen.told.add((counter.key_hash, until))
        seen.said[counter.key_hash] = until
    if failure.wait is not None:
        seen.said[_of(failure.wait, meant)] = failure.wait.until


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.deep)])
def test_over_http_too(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The page, Retry-After and the log say what the next try meets; and nothing is silent."""
    dice, person = random.Random(seed), idp_app.person()
    known = idp_app.browser()
    known.sign_in(person)
    ahead, said, pages = 0, 0, set()
    subject = f"person:{person.id}"
    for number in range(45):
        is_known = dice.random() < 0.3
        browser = known if is_known else idp_app.browser(f"198.51.100.{seed * 100 + number % 3}")
        browser.http.cookies.pop("dm_session", None)
        with at_time(monkeypatch, ahead):
            before = len(idp_app.events("signin.refused", subject=subject, limit=100))
            page = browser.answer(browser.open_sign_in(), person.username, "sai rồi nhé bạn ơi")
            after = len(idp_app.events("signin.refused", subject=subject, limit=100))
            probe = idp_app.browser(f"198.51.100.{seed * 100 + 50 + number}")
            told = probe.answer(probe.open_sign_in(), person.username, PASSWORD)
        wait_s = int(page.headers.get("Retry-After", "0"))
        was_looked_at = after == before + 1
        pages.add((page.status_code, was_looked_at, bool(wait_s)))
        assert page.status_code in (403, 429)
        assert was_looked_at or "chưa được kiểm tra" in page.text
        if wait_s and page.status_code == 403:
            assert f"{wait_s} giây" in page.text
        if not is_known:
            said = wait_s
        # The right password of somebody elsewhere meets what the last answer there said.
        if not is_known:
            assert (told.status_code == 429) == (said > 0)
            assert int(told.headers.get("Retry-After", "0")) in (said, 0)
        ahead += dice.choice((0, 0, 1000 * wait_s + 1))
    assert {(403, True, False), (403, True, True), (429, False, True)} <= pages
    assert idp_app.events("signin.paused", subject=subject)
