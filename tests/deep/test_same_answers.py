"""Nobody learns from an answer, or from how long it takes, who exists: in every state of the
counters, for names of every kind, with passwords at their full cost.

Tries of all kinds take turns in an order that changes, so that a busy machine is busy for each.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from secrets import token_hex
from statistics import median

import pytest
import requests
from sqlalchemy import delete

from directory import clock
from directory.people.service import suspend
from idp import printed_codes
from idp.factors.recovery_codes import store as recovery_codes
from idp.recovery.tables import link_wanted
from idp.recovery.ways import BY_LINK
from idp.throttle import store as throttle
from idp.throttle.tables import throttle_counter
from tests.idp.test_activation import go_on
from tests.idp.test_recovery import CODE, HELP, open_way
from tests.support.browser import Browser
from tests.support.idp_app import IdpApp, at_time, running_idp
from tests.support.installation import OPERATOR
from tests.support.second_factor import give_totp

pytestmark = [
    pytest.mark.deep,
    pytest.mark.only_on_sqlite("what takes time is the password's hash, and the same statements"),
]

ROUNDS = 200
GAP_S = 0.005
LISTED = "mail.example.vn"
WRONG = "mật khẩu này sai hoàn toàn"
KINDS = ("exists", "unknown", "suspended", "second factor")
Try = Callable[[str], requests.Response]


@pytest.fixture
def idp(full_cost: None) -> Iterator[IdpApp]:
    with running_idp() as found:
        yield found


def names_of(idp: IdpApp) -> dict[str, str]:
    """One name of each kind, all of one length."""
    names = {kind: f"ten.{token_hex(6)}" for kind in KINDS}
    for kind, name in names.items():
        if kind == "unknown":
            continue
        person = idp.person(username=name)
        if kind == "suspended":
            suspend(idp.installation, OPERATOR, person.id, "kiểm tra")
        if kind == "second factor":
            give_totp(idp.installation, person.id)
            with idp.installation.database.write() as tx:
                recovery_codes.make(tx, person.id)
    return names


def forget_counters(idp: IdpApp) -> None:
    with idp.installation.database.write() as tx:
        tx.execute(delete(throttle_counter))


def plain(answer: requests.Response, name: str) -> tuple[int, int, str, list[tuple[str, str]]]:
    """An answer without what differs from one request to the next: how long it is stays."""
    text = answer.text.replace(name, "NAME")
    text = re.sub(r'(value|href|data-[a-z]+|action)="[^"]*"', r"\1", text)
    text = re.sub(r"\b[0-9a-f]{8}\b", "SUPPORT", text)
    fields = [
        (field, re.sub(r"[A-Za-z0-9_.-]{20,}|[0-9a-f]{8,}", "X", value))
        for field, value in sorted(answer.headers.items())
        if field.lower() not in ("date", "content-length")
    ]
    return answer.status_code, len(answer.content), text, fields


def judge(names: dict[str, str], tries: Callable[[str], Try], before: Callable[[], None]) -> None:
    """As many rounds as there must be; `tries` gives what is timed, made ready for a name."""
    took: dict[str, list[float]] = {kind: [] for kind in names}
    told: dict[str, set[object]] = {kind: set() for kind in names}
    luck = random.Random(11)
    for _ in range(ROUNDS):
        for kind in luck.sample(list(names), len(names)):
            before()
            act, name = tries(kind), names[kind]
            began = time.perf_counter()
            answer = act(name)
            took[kind].append(time.perf_counter() - began)
            told[kind].add(repr(plain(answer, name)))
    everything = set.union(*told.values())
    assert all(each == everything for each in told.values()), differences(told)
    usual = {kind: median(each) for kind, each in took.items()}
    assert max(usual.values()) - min(usual.values()) < GAP_S, usual


def differences(told: dict[str, set[object]]) -> str:
    everything = set.intersection(*told.values())
    return "\n".join(
        f"{kind}: {sorted(map(str, one - everything))[:2]}" for kind, one in told.items()
    )


@pytest.mark.parametrize("state", ["fresh", "delayed", "paused"])
def test_a_wrong_password(idp: IdpApp, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    names = names_of(idp)
    browsers = {kind: idp.browser() for kind in names}
    pages = {kind: browsers[kind].open_sign_in() for kind in names}

    def tries(kind: str) -> Try:
        return lambda name: browsers[kind].answer(pages[kind], name, WRONG)

    if state == "fresh":
        judge(names, tries, lambda: forget_counters(idp))
        return
    wrong = throttle.FREE_TRIES if state == "delayed" else throttle.TRIES_BEFORE_PAUSE
    for number in range(wrong):
        with at_time(monkeypatch, number * 40 * clock.SECOND):
            for kind, name in names.items():
                assert tries(kind)(name).status_code in (403, 429)
    # Time stands still: what must wait goes on waiting.
    with at_time(monkeypatch, (wrong - 1) * 40 * clock.SECOND):
        assert {tries(kind)(name).status_code for kind, name in names.items()} == {429}
        judge(names, tries, lambda: None)


@pytest.mark.parametrize("step", [CODE, HELP])
def test_a_forgotten_password(idp: IdpApp, step: str) -> None:
    """A recovery code that is none, and asking for help."""
    names = names_of(idp)
    more = {"code": printed_codes.new_code()} if step == CODE else {}

    def tries(_kind: str) -> Try:
        browser: Browser = idp.browser()
        page = open_way(browser, step)
        return lambda name: go_on(browser, page, login=name, **more)

    judge(names, tries, lambda: forget_counters(idp))


@pytest.mark.parametrize("asking", ["first", "again"])
def test_a_link_to_the_work_e_mail(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch, asking: str
) -> None:
    """Asked for once, or again in the same browser: also who has no mailbox, or one at a domain
    that is not listed."""
    for held in (idp.installation, idp.served):
        settings = replace(
            held.settings, smtp_url="smtp://127.0.0.1:9", recovery_mail_domains=(LISTED,)
        )
        monkeypatch.setitem(held.__dict__, "settings", settings)
    names = {kind: f"ten.{token_hex(6)}" for kind in (*KINDS[:3], "no mailbox", "not listed")}
    mailboxes = {"no mailbox": "", "not listed": "ai.do@mail.invalid.vn"}
    for kind, name in names.items():
        if kind != "unknown":
            person = idp.person(username=name, mail=mailboxes.get(kind, f"{name}@{LISTED}"))
            if kind == "suspended":
                suspend(idp.installation, OPERATOR, person.id, "kiểm tra")

    def before() -> None:
        forget_counters(idp)
        with idp.installation.database.write() as tx:
            tx.execute(delete(link_wanted))

    def tries(kind: str) -> Try:
        browser: Browser = idp.browser()
        page = open_way(browser, BY_LINK)
        if asking == "again":
            go_on(browser, page, login=names[kind])
        return lambda name: go_on(browser, page, login=name)

    judge(names, tries, before)


def test_a_pause_of_recovery_codes(idp: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    names, code = names_of(idp), printed_codes.new_code()
    browsers = {kind: idp.browser() for kind in names}
    pages = {kind: open_way(browsers[kind], CODE) for kind in names}

    def tries(kind: str) -> Try:
        return lambda name: go_on(browsers[kind], pages[kind], login=name, code=code)

    for number in range(throttle.TRIES_BEFORE_PAUSE):
        with at_time(monkeypatch, number * 40 * clock.SECOND):
            for kind, name in names.items():
                tries(kind)(name)
    with at_time(monkeypatch, (throttle.TRIES_BEFORE_PAUSE - 1) * 40 * clock.SECOND):
        judge(names, tries, lambda: None)
