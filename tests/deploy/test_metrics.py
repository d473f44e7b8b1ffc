"""The metrics of the running product: summed, on loopback ports of their own, without any name."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.support.product import Product

pytestmark = pytest.mark.only_on_sqlite("what is counted does not depend on the store")
USERNAME = "lanhdao.stttt"
ISSUER, CONSOLE, MACHINE = 6, 7, 8


def scrape(product: Product, offset: int) -> dict[str, float]:
    answer = requests.get(f"http://127.0.0.1:{product.port + offset}/metrics", timeout=10)
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def await_jobs(product: Product) -> dict[str, float]:
    """The worker writes every few seconds how its jobs ended."""
    deadline = time.monotonic() + 30
    while "danhmuc_feed_lag_seconds" not in (found := scrape(product, CONSOLE)):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    return found


def increase(before: dict[str, float], after: dict[str, float], name: str) -> float:
    return after.get(name, 0) - before.get(name, 0)


def test_sign_ins_and_tokens_are_counted_over_all_workers(http_product: Product) -> None:
    before = scrape(http_product, ISSUER)
    for _ in range(4):
        agent = http_product.browser()
        assert agent.enter(f"{http_product.issuer}/dang-nhap", http_product.account(USERNAME)).ok
    page = (agent := http_product.browser()).open(f"{http_product.issuer}/dang-nhap")
    agent.answer(page, "khong.co.ai", "mat khau sai nay")
    found = {str(scrape(http_product, ISSUER)) for _ in range(6)}
    assert len(found) == 1, "two workers tell two sums"
    after = scrape(http_product, ISSUER)
    assert increase(before, after, 'danhmuc_events_total{kind="signin.succeeded"}') == 4
    assert increase(before, after, 'danhmuc_events_total{kind="signin.unknown_login"}') == 1
    assert increase(before, after, 'danhmuc_hash_slots_total{outcome="had"}') >= 5
    assert increase(before, after, "danhmuc_hash_slot_wait_seconds_count") >= 5
    posts = 'danhmuc_requests_total{endpoint="signin.answer_step",method="POST",status="303"}'
    assert increase(before, after, posts) == 4


def test_the_console_tells_of_worker_feed_and_queues(http_product: Product) -> None:
    found = await_jobs(http_product)
    assert found["danhmuc_feed_lag_seconds"] < 60
    assert found['danhmuc_job_age_seconds{job="worker"}'] < 30
    assert found['danhmuc_job_failing{job="sync.feed"}'] == 0
    assert found["danhmuc_outbox_oldest_seconds"] >= 0 and found["danhmuc_intents_open"] >= 0
    assert found['danhmuc_check{check="sql"}'] == 1


def test_what_strangers_send_makes_no_series_and_stands_nowhere(http_product: Product) -> None:
    def text() -> str:
        ports = (http_product.port + ISSUER, http_product.port + CONSOLE)
        return "".join(
            requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text for port in ports
        )

    def flood(marker: str) -> None:
        for number in range(60):
            word = f"{marker}{number}"
            for url in (http_product.issuer, http_product.console_url):
                requests.request(f"X{word}", f"{url}/{word}?{word}", timeout=10)
                requests.get(f"{url}/nguoi-dung/{word}", headers={"Host": word}, timeout=10)
            form = {"client_id": word, "grant_type": word}
            requests.post(f"{http_product.issuer}/token", data=form, timeout=10)

    def series() -> set[str]:
        names = scrape(http_product, ISSUER).keys() | scrape(http_product, CONSOLE).keys()
        return {name for name in names if "job=" not in name and "topic=" not in name}

    flood("la-1-")
    before = series()
    flood("la-2-")
    assert series() == before
    assert "la-1-" not in text() and USERNAME not in text() and "STTTT" not in text()


def test_not_where_people_are(http_product: Product) -> None:
    for url in (http_product.issuer, http_product.console_url):
        assert requests.get(f"{url}/metrics", timeout=10).status_code in (303, 404)
    for offset in (ISSUER, CONSOLE, MACHINE):
        port = http_product.port + offset
        for host in ("127.0.0.2", "127.0.0.3", "::1"):
            with pytest.raises(OSError):
                socket.create_connection((host, port), 2)
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=10).status_code == 404
        assert requests.post(f"http://127.0.0.1:{port}/metrics", timeout=10).status_code == 501


@contextmanager
def holding(address: tuple[str, int], count: int) -> Iterator[None]:
    held = [socket.create_connection(address, 5) for _ in range(count)]
    try:
        for one in held:
            one.sendall(b"GET / HT")
        yield
    finally:
        for one in held:
            one.close()


def test_they_answer_while_every_thread_is_held(http_product: Product) -> None:
    # More half-sent requests than two workers have threads; nothing but a proxy keeps those away.
    with holding(("127.0.0.1", http_product.port), 40):
        assert scrape(http_product, ISSUER)
    with holding(("127.0.0.1", http_product.port + ISSUER), 3):
        assert scrape(http_product, ISSUER), "somebody who does not finish keeps it 5 s"


def test_no_label_but_those_declared(http_product: Product) -> None:
    labels = set()
    for offset in (ISSUER, CONSOLE, MACHINE):
        for name in scrape(http_product, offset):
            labels |= set(re.findall(r'(\w+)="', name))
    known = {"endpoint", "method", "status", "kind", "grant_type", "code", "why", "outcome"}
    assert labels <= known | {"le", "check", "job", "topic"}
