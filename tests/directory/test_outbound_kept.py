"""Connections that are used again: each request is checked, bounded and sent once as without."""

from __future__ import annotations

import gc
import multiprocessing
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from directory.errors import Forbidden, Unavailable
from directory.outbound import connections as kept_connections
from directory.outbound.client import Connections, get
from directory.process_cache import ProcessCache
from directory.settings import Settings
from tests.directory.test_outbound import (
    certificates,  # noqa: F401 - a fixture
    drip_body,
    names_lead_home,
    openssl,
    read_request,
    say_ok,
    settings_for,
    tls_peer,
)

pytestmark = pytest.mark.only_on_sqlite("no store is asked where a server may connect to")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Keeper:
    """A server that keeps connections: what it was sent over each, in order, and which of them the
    other side closed."""

    port: int
    received: list[list[bytes]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def counts(self) -> list[int]:
        return [len(each) for each in self.received]


Answer = Callable[[socket.socket], object]


@contextmanager
def keeper(*answers: Answer, host: str = "127.0.0.1") -> Iterator[Keeper]:
    """Answers the first request of all by the first answer, and so on; all others well. An answer
    that gives False ends the connection."""
    listener = socket.create_server((host, 0))
    found, left, lock = Keeper(listener.getsockname()[1]), list(answers), threading.Lock()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        got: list[bytes] = []
        found.received.append(got)
        with connection:
            connection.settimeout(10)
            try:
                while request := read_request(connection):
                    got.append(request)
                    with lock:
                        answer = left.pop(0) if left else say_ok
                    if answer(connection) is False:
                        return
                found.ended.set()
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield found
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def allowing(folder: Path, *servers: Keeper) -> Settings:
    return settings_for(folder, *(f"127.0.0.1/32:{each.port}" for each in servers))


@pytest.fixture(autouse=True)
def nobody_is_distrusted(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody: ProcessCache[kept_connections.Place, bool] = ProcessCache(10)
    monkeypatch.setattr(kept_connections, "distrusted", nobody)
    monkeypatch.setattr("directory.outbound.client.distrusted", nobody)


def post(connections: Connections, url: str, timeout_s: float = 5.0) -> bytes:
    return connections.send("POST", url, headers={}, body=b"a=b", timeout_s=timeout_s).body


def says(text: bytes, *, ends: bool = False) -> Answer:
    def answer(connection: socket.socket) -> bool:
        connection.sendall(text)
        return not ends

    return answer


def test_one_connection_carries_many_requests_and_is_closed_in_the_end(tmp_path: Path) -> None:
    with keeper(say_ok, says(b"HTTP/1.1 204 No Content\r\n\r\n")) as there:
        settings = allowing(tmp_path, there)
        connections = Connections(settings)
        assert [post(connections, there.url) for _ in range(4)] == [b"ok", b"", b"ok", b"ok"]
        assert there.counts == [4]
        assert b"close" not in there.received[0][0]
        get(settings, there.url)
        assert there.counts == [4, 1], "who asks once has a connection to itself"
        assert b"\r\nConnection: close\r\n" in there.received[1][0]
        there.ended.clear()
        gc.collect()  # what other tests left is not ours
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            del connections
            gc.collect()
        assert there.ended.wait(5)
        assert [each for each in told if each.category is ResourceWarning] == []


def test_several_at_once_have_a_connection_each(tmp_path: Path) -> None:
    together = threading.Barrier(3)

    def wait_for_all(connection: socket.socket) -> None:
        together.wait(5)
        say_ok(connection)

    with keeper(*[wait_for_all] * 3) as there:
        connections = Connections(allowing(tmp_path, there))
        threads = [threading.Thread(target=post, args=(connections, there.url)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        for _ in range(3):
            post(connections, there.url)
        assert len(there.counts) == 3


def test_every_request_is_checked_and_goes_where_its_name_leads_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to = ["127.0.0.1"]

    def resolve(_host: str, port: object, *_args: object, **_kw: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in leads_to]

    with keeper(host="0.0.0.0") as there:
        settings = settings_for(tmp_path, f"127.0.0.0/29:{there.port}")
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        connections, url = Connections(settings), f"http://app.example:{there.port}/"
        post(connections, url)
        for forbidden in (["127.0.0.66"], ["127.0.0.1", "169.254.169.254"]):
            leads_to[:] = forbidden
            with pytest.raises(Forbidden):
                post(connections, url)
        assert there.counts == [1], "an open connection is no way round the check"
        leads_to[:] = ["127.0.0.2"]
        post(connections, url)
        assert there.counts == [1, 1], "it is not sent to the address of before"
        with pytest.raises(Forbidden):
            post(connections, f"http://127.0.0.99:{there.port}/")


def test_what_was_closed_between_two_requests_costs_no_request(tmp_path: Path) -> None:
    with keeper(*[says(OK, ends=True)] * 3) as there:
        connections = Connections(allowing(tmp_path, there))
        for _ in range(3):
            assert post(connections, there.url) == b"ok"
            time.sleep(0.05)
        assert there.counts == [1, 1, 1]


def test_what_was_sent_and_not_answered_is_not_sent_again(tmp_path: Path) -> None:
    with keeper(say_ok, lambda _: False) as there:
        connections = Connections(allowing(tmp_path, there))
        post(connections, there.url)
        with pytest.raises(Unavailable) as refused:
            post(connections, there.url)
        assert refused.value.code == "outbound.unavailable"
        assert there.counts == [2]
        # Who does that once may do it again: from now on nothing is kept.
        for _ in range(3):
            post(Connections(allowing(tmp_path, there)), there.url)
            post(connections, there.url)
        assert there.counts == [2, 1, 1, 1, 1, 1, 1]


def test_a_server_that_is_only_slow_is_still_kept(tmp_path: Path) -> None:
    with keeper(say_ok, lambda _: time.sleep(1)) as there:
        connections = Connections(allowing(tmp_path, there))
        post(connections, there.url)
        with pytest.raises(Unavailable) as refused:
            post(connections, there.url, timeout_s=0.3)
        assert refused.value.code == "outbound.timeout"
        post(connections, there.url)
        post(connections, there.url)
        assert there.counts == [2, 2], "what comes late is not taken for the next answer"


POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"


def send_more_later(connection: socket.socket) -> None:
    connection.sendall(OK)
    time.sleep(0.05)
    connection.sendall(POISON)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says(OK + POISON), id="at once"),
        pytest.param(send_more_later, id="later"),
    ],
)
def test_an_answer_that_nobody_asked_for_is_not_believed(tmp_path: Path, answer: Answer) -> None:
    with keeper(answer) as there:
        connections = Connections(allowing(tmp_path, there))
        assert post(connections, there.url) == b"ok"
        time.sleep(0.15)
        assert post(connections, there.url) == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_who_says_that_it_was_the_last_is_believed(tmp_path: Path, answer: bytes) -> None:
    with keeper(*[says(answer)] * 2) as there:
        connections = Connections(allowing(tmp_path, there))
        assert [post(connections, there.url) for _ in range(2)] == [b"ok", b"ok"]
        assert there.counts == [1, 1]


def test_what_became_another_protocol_is_not_used_again(tmp_path: Path) -> None:
    with keeper(says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")) as there:
        connections = Connections(allowing(tmp_path, there))
        assert [post(connections, there.url) for _ in range(2)] == [b"", b"ok"]
        assert there.counts == [1, 1]


def test_nothing_is_kept_of_what_was_too_long_or_went_wrong(tmp_path: Path) -> None:
    too_long = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000
    no_http = b"220 mail.example ESMTP\r\n\r\n"
    with keeper(says(too_long), says(no_http), says(b"HTTP/1.1 200 OK\r\nnonsense")) as there:
        connections = Connections(allowing(tmp_path, there))
        for code in ("outbound.too_large", "outbound.unavailable"):
            with pytest.raises(Unavailable) as refused:
                post(connections, there.url)
            assert refused.value.code == code
        with pytest.raises(Unavailable):
            post(connections, there.url, timeout_s=0.3)
        assert post(connections, there.url) == b"ok"
        assert there.counts == [1, 1, 1, 1]


def test_each_request_has_its_own_deadline(tmp_path: Path) -> None:
    def slowly(connection: socket.socket) -> None:
        time.sleep(0.5)
        say_ok(connection)

    with keeper(say_ok, slowly, drip_body) as there:
        connections = Connections(allowing(tmp_path, there))
        post(connections, there.url, timeout_s=0.3)
        assert post(connections, there.url, timeout_s=3) == b"ok", "the first one's is over"
        began = time.monotonic()
        with pytest.raises(Unavailable) as refused:
            post(connections, there.url, timeout_s=0.7)
        assert refused.value.code == "outbound.timeout"
        assert 0.6 < time.monotonic() - began < 3
        assert there.counts == [3]


def test_one_that_was_idle_for_long_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_connections, "_IDLE_S", 0.1)
    with keeper() as there:
        connections = Connections(allowing(tmp_path, there))
        post(connections, there.url)
        time.sleep(0.2)
        post(connections, there.url)
        assert there.counts == [1, 1]


def test_tls_is_verified_for_each_name_and_kept_for_it_alone(
    certificates: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names_lead_home(monkeypatch)
    with tls_peer(certificates) as port:
        settings = settings_for(
            certificates.parent, f"127.0.0.1/32:{port}", DANHMUC_ISSUER="https://localhost:8400"
        )
        connections = Connections(settings)
        for _ in range(2):
            assert post(connections, f"https://app.example:{port}/") == b""
            with pytest.raises(Unavailable):
                post(connections, f"https://other.example:{port}/")


def _ask_in_child(settings: Settings, url: str, said: multiprocessing.Queue[str]) -> None:
    try:
        post(Connections(settings), url, timeout_s=0.5)
    except Unavailable as error:
        said.put(error.code)


def test_a_child_process_has_deadlines_of_its_own(tmp_path: Path) -> None:
    with keeper(say_ok, drip_body) as there:
        settings = allowing(tmp_path, there)
        post(Connections(settings), there.url)
        context = multiprocessing.get_context("fork")
        said = context.Queue()
        child = context.Process(target=_ask_in_child, args=(settings, there.url, said))
        child.start()
        assert said.get(timeout=5) == "outbound.timeout"
        child.join(5)


def test_a_new_authority_of_the_installation_is_believed_at_once(
    certificates: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whom we believe is read once for many requests, and anew when its file is another."""
    names_lead_home(monkeypatch)
    own = tmp_path / "tls"
    own.mkdir()
    with tls_peer(certificates) as port:
        settings = settings_for(
            tmp_path, f"127.0.0.1/32:{port}", DANHMUC_ISSUER="https://localhost:8400"
        )
        url = f"https://app.example:{port}/"
        with pytest.raises(Unavailable):
            post(Connections(settings), url)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=X"]
        openssl(own, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem")
        with pytest.raises(Unavailable):
            post(Connections(settings), url)
        (own / "ca.pem").write_bytes((certificates / "ca.pem").read_bytes())
        assert post(Connections(settings), url) == b""
        context = kept_connections.tls_context(settings)
        assert kept_connections.tls_context(settings) is context
        (own / "ca.pem").unlink()
        with pytest.raises(Unavailable):
            post(Connections(settings), url)
