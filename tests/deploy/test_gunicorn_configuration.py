"""deploy/gunicorn.conf.py with a real gunicorn."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

from tests.support.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: str


@dataclass(frozen=True)
class Web:
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def get(self, path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return Answer(answer.status, answer.headers, body)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    port = free_port()
    log = tmp_path / "web.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", REPOSITORY / "deploy" / "gunicorn.conf.py",
             "--bind", f"127.0.0.1:{port}", "tests.deploy.web_of_one:app"],
            cwd=REPOSITORY,
            env=dict(os.environ) | {"PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path)},
            stdout=stream,
            stderr=subprocess.STDOUT,
            process_group=0,
        )  # fmt: skip
    started = Web(process, port, log)
    try:
        await_answer(started)
        yield started
    finally:
        process.terminate()
        process.wait(10)


def await_answer(web: Web) -> None:
    deadline = time.monotonic() + 40
    while True:
        try:
            web.get("/")
            return
        except OSError:
            assert web.process.poll() is None, web.log.read_text()
            assert time.monotonic() < deadline, web.log.read_text()
            time.sleep(0.05)


def workers_of(master: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_every_worker_is_told_that_it_was_forked(web: Web) -> None:
    answers = {tuple(web.get("/").body.split()[:2]) for _ in range(20)}
    assert answers
    assert all(pid == forked_in for pid, forked_in in answers)
    assert str(web.process.pid) not in {pid for pid, _ in answers}


def test_no_server_header_and_no_trust_in_forwarded_headers(web: Web) -> None:
    answer = web.get("/", **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
    assert answer.headers["Server"] is None
    assert answer.body.endswith(" http")


def test_a_worker_does_not_look_through_all_it_keeps_again_and_again(web: Web) -> None:
    assert web.get("/collector").body == "True True (10000, 20, 20)"


def test_nothing_of_a_request_reaches_the_log(web: Web) -> None:
    """Not its query, and not the line the parser could not read."""
    assert web.get("/broken?code=s3cret-code&state=s3cret-state").status == 500
    for line in (b"GET /x?code=s3cret-code HTTP/9.9", b"login=x&password=s3cret", b"s3cret / X"):
        with socket.create_connection(("127.0.0.1", web.port)) as raw:
            raw.sendall(line + b"\r\nHost: a\r\n\r\n")
            raw.recv(1000)
    log = web.log.read_text()
    assert "RuntimeError" in log and "InvalidHTTPVersion" in log
    assert "s3cret" not in log


def test_header_limits_hold(web: Web) -> None:
    assert web.get("/" + "a" * 8300).status in (400, 414)
    assert web.get("/", **{f"X-{n}": "1" for n in range(80)}).status in (400, 431)


def test_no_control_socket_is_opened(web: Web, tmp_path: Path) -> None:
    assert list(tmp_path.rglob("gunicorn.ctl")) == []
    assert all(
        "gunicorn.ctl" not in line
        for line in Path("/proc/net/unix").read_text().splitlines()
        if str(tmp_path) in line
    )


def test_workers_go_at_once_when_the_master_is_killed(web: Web) -> None:
    deadline = time.monotonic() + 20
    while len(workers := workers_of(web.process.pid)) < 2:
        assert time.monotonic() < deadline, "gunicorn starts two workers"
        time.sleep(0.02)
    os.kill(web.process.pid, signal.SIGKILL)
    web.process.wait()
    deadline = time.monotonic() + 10
    while any(is_alive(pid) for pid in workers):
        assert time.monotonic() < deadline, "workers outlived their master"
        time.sleep(0.02)
    # The kernel ended them; gunicorn's own look at its parent comes up to a second later.
    assert "Parent changed" not in web.log.read_text()
