"""The one way out over HTTP, against real sockets."""

from __future__ import annotations

import http.server
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from directory.errors import AppError, Forbidden, Invalid, Unavailable
from directory.outbound import client, policy
from directory.settings import Settings, read_settings
from tests.support.ports import free_port

pytestmark = pytest.mark.only_on_sqlite("no store is asked where a server may connect to")

PORT = 8400


def settings_for(folder: Path, *allow: str, **variables: str) -> Settings:
    """Settings of an installation in `folder` that allows `allow`."""
    return read_settings(
        {"DANHMUC_STATE": str(folder), "DANHMUC_OUTBOUND_ALLOW": " ".join(allow)} | variables
    )


@dataclass
class Peer:
    """A listening socket: what it was sent, and how often it was connected to."""

    host: str
    port: int
    received: list[bytes]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


@contextmanager
def peer(answer: Callable[[socket.socket], None], host: str = "127.0.0.1") -> Iterator[Peer]:
    """A peer that reads one request's header and body and then does `answer`."""
    listener = socket.create_server((host, 0))
    found = Peer(host, listener.getsockname()[1], [])

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(8)
            try:
                found.received.append(read_request(connection))
                answer(connection)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield found
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def read_request(connection: socket.socket) -> bytes:
    """Header and body, in however many pieces they come."""
    request = connection.recv(65536)
    length = re.search(rb"\r\nContent-Length: (\d+)\r\n", request)
    while length and len(request.partition(b"\r\n\r\n")[2]) < int(length[1]):
        piece = connection.recv(65536)
        if not piece:
            break
        request += piece
    return request


def say_ok(connection: socket.socket) -> None:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
    )


def test_posts_to_an_allowed_address_and_reads_the_answer(tmp_path: Path) -> None:
    with peer(say_ok) as there:
        settings = settings_for(tmp_path, f"127.0.0.1/32:{there.port}")
        answer = client.post(settings, f"{there.url}/hook?x=1", b"a=b")
    assert (answer.status, answer.content_type, answer.body) == (200, "text/plain", b"ok")
    request = there.received[0]
    assert request.startswith(b"POST /hook?x=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{there.port}\r\n".encode() in request


def test_connects_nowhere_that_is_not_listed(tmp_path: Path) -> None:
    with peer(say_ok) as there:
        with pytest.raises(Forbidden) as refused:
            client.get(settings_for(tmp_path), there.url)
        with pytest.raises(Forbidden):
            client.get(settings_for(tmp_path, f"127.0.0.1/32:{there.port + 1}"), there.url)
        with pytest.raises(Forbidden):
            client.get(settings_for(tmp_path, f"127.0.0.9/32:{there.port}"), there.url)
    assert refused.value.code == "outbound.forbidden"
    assert there.received == []


@pytest.mark.parametrize("host", ["0", "0x7f.1", "2130706433", "0177.0.0.1", "127.1", "0x7f000001"])
def test_refuses_addresses_in_disguise_even_when_the_address_is_allowed(
    tmp_path: Path, host: str
) -> None:
    with peer(say_ok) as there:
        settings = settings_for(tmp_path, f"127.0.0.0/8:{there.port}")
        with pytest.raises(Forbidden):
            client.get(settings, f"http://{host}:{there.port}/")
    assert there.received == []


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "100.100.100.200",
        "fd00:ec2::254",
        "fe80::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_link_local_metadata_and_odd_addresses_are_refused_though_everything_is_listed(
    tmp_path: Path, address: str
) -> None:
    settings = settings_for(tmp_path, "0.0.0.0/0:80", "::/0:80")
    assert policy.refusal(settings, ip_address(address), 80)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Forbidden):
        client.get(settings, f"http://{host}/latest/meta-data")


def test_an_ipv4_address_inside_ipv6_is_judged_as_ipv4(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "10.1.2.0/24:443")
    assert policy.refusal(settings, ip_address("::ffff:10.1.2.3"), 443) == ""
    assert policy.refusal(settings, ip_address("::ffff:10.1.3.3"), 443)


def test_own_ports_are_refused_though_everything_is_listed(tmp_path: Path) -> None:
    every_port = [f"0.0.0.0/0:{port}" for port in (8400, 8401, 8402, 8403, 636, 5432)]
    settings = settings_for(
        tmp_path,
        *every_port,
        DANHMUC_LDAP_URI="ldaps://127.0.0.7",
        DANHMUC_DATABASE_URL="postgresql+psycopg://u@10.9.9.9/d?sslmode=verify-full&sslrootcert=system",
    )
    own = [("127.0.0.1", PORT + offset) for offset in range(4)]
    own += [("127.0.0.7", 636), ("10.9.9.9", 5432), ("127.0.0.1", 5432)]
    for address, port in own:
        assert policy.refusal(settings, ip_address(address), port), (address, port)
    assert policy.refusal(settings, ip_address("10.9.9.8"), 5432) == ""


def test_a_demo_may_reach_its_own_applications_and_nothing_else(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert policy.refusal(settings, ip_address("127.0.0.2"), PORT + 4)
    (tmp_path / "demo").touch()
    assert policy.refusal(settings, ip_address("127.0.0.2"), PORT + 4) == ""
    assert policy.refusal(settings, ip_address("127.0.0.3"), PORT + 5) == ""
    assert policy.refusal(settings, ip_address("127.0.0.2"), PORT + 5)
    assert policy.refusal(settings, ip_address("127.0.0.1"), PORT + 4)


@pytest.mark.parametrize(
    "url",
    [
        "gopher://127.0.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://user:secret@127.0.0.1/",
        "http:///path",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1\\@evil/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "//127.0.0.1/",
        "",
    ],
)
def test_refuses_what_is_no_plain_web_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        client.get(settings_for(tmp_path, "127.0.0.0/8:80"), url)
    assert refused.value.code == "outbound.bad_url"


def test_connects_to_the_address_that_was_checked_when_the_name_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means something else at the second look (DNS rebinding)."""
    lookups: list[str] = []

    def flipping(host: str, port: object, *_args: object, **_kw: object) -> list[object]:
        lookups.append(host)
        address = "127.0.0.1" if len(lookups) == 1 else "127.0.0.66"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with peer(say_ok) as there:
        settings = settings_for(tmp_path, f"127.0.0.1/32:{there.port}")
        # The resolver is the world outside: the only thing that is not real here.
        monkeypatch.setattr(socket, "getaddrinfo", flipping)
        answer = client.get(settings, f"http://app.example:{there.port}/")
        monkeypatch.undo()
    assert answer.status == 200
    assert lookups.count("app.example") == 1
    assert f"Host: app.example:{there.port}".encode() in there.received[0]


def test_a_name_with_one_forbidden_address_is_refused_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two(_host: str, port: object, *_args: object, **_kw: object) -> list[object]:
        family = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*family, ("127.0.0.1", port)), (*family, ("169.254.169.254", port))]

    with peer(say_ok) as there:
        settings = settings_for(tmp_path, f"127.0.0.1/32:{there.port}")
        monkeypatch.setattr(socket, "getaddrinfo", two)
        with pytest.raises(Forbidden):
            client.get(settings, f"http://app.example:{there.port}/")
    assert there.received == []


def test_redirects_are_an_answer_not_an_order(tmp_path: Path) -> None:
    with peer(say_ok) as inside:

        def send_inside(connection: socket.socket) -> None:
            header = f"HTTP/1.1 302 Found\r\nLocation: {inside.url}/\r\nContent-Length: 0"
            connection.sendall(header.encode() + b"\r\n\r\n")

        with peer(send_inside) as there:
            allow = [f"127.0.0.1/32:{p}" for p in (there.port, inside.port)]
            answer = client.get(settings_for(tmp_path, *allow), there.url)
    assert answer.status == 302
    assert inside.received == []


def test_a_large_answer_is_cut_at_one_megabyte(tmp_path: Path) -> None:
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            sent += connection.send(b"x" * 65536)

    with peer(flood) as there, pytest.raises(Unavailable) as refused:
        client.get(settings_for(tmp_path, f"127.0.0.1/32:{there.port}"), there.url)
    assert refused.value.code == "outbound.too_large"
    assert sent < 16 * 1024 * 1024


def drip_header(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(80):
        connection.sendall(f"X-{number}: y\r\n".encode())
        time.sleep(0.1)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(80):
        connection.sendall(b"x")
        time.sleep(0.1)


def drip_body_of_unknown_length(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(80):
        connection.sendall(b"x")
        time.sleep(0.1)


def stay_silent(_connection: socket.socket) -> None:
    time.sleep(8)


@pytest.mark.parametrize(
    "answer", [drip_header, drip_body, drip_body_of_unknown_length, stay_silent]
)
def test_a_slow_peer_is_cut_off_at_the_deadline(
    tmp_path: Path, answer: Callable[[socket.socket], None]
) -> None:
    with peer(answer) as there:
        settings = settings_for(tmp_path, f"127.0.0.1/32:{there.port}")
        began = time.monotonic()
        with pytest.raises(Unavailable) as refused:
            client.get(settings, there.url, timeout_s=0.7)
        took = time.monotonic() - began
    assert refused.value.code == "outbound.timeout"
    assert 0.6 < took < 6.0


def test_a_closed_port_and_an_unknown_name_are_unavailable(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_for(tmp_path, f"127.0.0.1/32:{port}")
    for url in (f"http://127.0.0.1:{port}/", "http://no-such-name.invalid/"):
        with pytest.raises(Unavailable):
            client.get(settings, url)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local CA (`ca.pem`) and a server certificate for `app.example`, in a folder `tls`."""
    folder = tmp_path_factory.mktemp("state") / "tls"
    folder.mkdir()
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA")
    openssl(
        folder,
        *("req", "-x509", *key, "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "server.key"),
        *("-out", "server.pem", "-subj", "/CN=app", "-addext", "subjectAltName=DNS:app.example"),
    )
    return folder


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@contextmanager
def tls_peer(certificates: Path) -> Iterator[int]:
    """An https server with the test certificate; gives its port."""

    class Ok(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ok)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def names_lead_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def home(_host: str, port: object, *_args: object, **_kw: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", home)


def test_tls_is_verified_against_the_name_not_the_address(
    certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names_lead_home(monkeypatch)
    with tls_peer(certificates) as port:
        settings = settings_for(
            certificates.parent, f"127.0.0.1/32:{port}", DANHMUC_ISSUER="https://localhost:8400"
        )
        assert client.post(settings, f"https://app.example:{port}/", b"").status == 204
        with pytest.raises(Unavailable):
            client.post(settings, f"https://other.example:{port}/", b"")
        with pytest.raises(Unavailable):
            client.post(settings, f"https://127.0.0.1:{port}/", b"")


def test_an_unknown_authority_is_refused(
    certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names_lead_home(monkeypatch)
    with tls_peer(certificates) as port:
        settings = settings_for(
            tmp_path, f"127.0.0.1/32:{port}", DANHMUC_ISSUER="https://localhost:8400"
        )
        with pytest.raises(Unavailable) as refused:
            client.post(settings, f"https://app.example:{port}/", b"")
        plain = replace(settings_for(certificates.parent), outbound_allow=settings.outbound_allow)
        with pytest.raises(AppError):
            client.post(plain, f"https://app.example:{port}/", b"")
    assert refused.value.code == "outbound.unavailable"
