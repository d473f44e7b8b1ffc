"""The shipped nginx and HAProxy configurations, run: people sign in beside requests that are half
sent, slow and huge, and what a browser claims of itself does not come through."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.ports import free_port
from tests.support.product import Product

pytestmark = pytest.mark.only_on_sqlite("what a proxy lets through does not depend on the store")

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "proxy"
NAMES = ("nginx", "haproxy")
USERNAME = "lanhdao.stttt"
TLS = ssl._create_unverified_context()


@dataclass(frozen=True)
class Proxy:
    """A running proxy, and the Host that the application behind it answers."""

    port: int
    host: str

    def connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), 20)
        return TLS.wrap_socket(plain, server_hostname="localhost")


def certificate(folder: Path) -> tuple[Path, Path]:
    key, cert = folder / "server.key", folder / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "both.pem").write_bytes(cert.read_bytes() + key.read_bytes())
    return cert, key


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """`text` as somebody edits it for a place; each change must find something."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(folder: Path, port: int, backend: int) -> list[str]:
    plain = free_port()
    text = replaced(
        (SHIPPED / "nginx.conf").read_text(),
        ("user www-data;", "user root;" if os.geteuid() == 0 else ""),
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("/var/log/nginx/", f"{folder}/"),
        ("worker_processes auto;", "worker_processes 1;"),
        ("/etc/danhmuc/tls/", f"{folder}/"),
        ("/etc/danhmuc/proxy", str(SHIPPED)),
        ("listen 80 default_server", f"listen 127.0.0.1:{plain} default_server"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("server_name dangnhap.example.gov.vn", "server_name localhost"),
        ("127.0.0.1:8400", f"127.0.0.1:{backend}"),
        ("127.0.0.1:8401", f"127.0.0.1:{backend + 1}"),
        ("http {", "http {\n" + "".join(
            f"    {kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )),
    )  # fmt: skip
    (folder / "nginx.conf").write_text(text)
    return ["/usr/sbin/nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf",
            "-g", "daemon off;"]  # fmt: skip


def haproxy(folder: Path, port: int, backend: int) -> list[str]:
    text = replaced(
        (SHIPPED / "haproxy.cfg").read_text(),
        ("    log /dev/log local0 notice\n", ""),
        ("    user haproxy\n    group haproxy\n", ""),
        ("bind :80\n", f"bind 127.0.0.1:{free_port()}\n"),
        ("bind :443", f"bind 127.0.0.1:{port}"),
        ("/etc/danhmuc/tls/server-and-key.pem", f"{folder}/both.pem"),
        ("/etc/danhmuc/proxy", str(SHIPPED)),
        ("127.0.0.1:8400", f"127.0.0.1:{backend}"),
        ("127.0.0.1:8401", f"127.0.0.1:{backend + 1}"),
    )
    (folder / "haproxy.cfg").write_text(text)
    return ["/usr/sbin/haproxy", "-db", "-f", f"{folder}/haproxy.cfg"]


COMMANDS: dict[str, Callable[[Path, int, int], list[str]]] = {"nginx": nginx, "haproxy": haproxy}


@contextmanager
def running_proxy(name: str, folder: Path, backend: int, host: str) -> Iterator[Proxy]:
    if not Path(f"/usr/sbin/{name}").exists():
        pytest.skip(f"{name} is missing; ./deploy/test installs it as root")
    certificate(folder)
    port = free_port()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            COMMANDS[name](folder, port, backend), stdout=output, stderr=subprocess.STDOUT
        )
    proxy = Proxy(port, host)
    try:
        await_answer(proxy, process, folder)
        yield proxy
    finally:
        process.terminate()
        process.wait(10)


def await_answer(proxy: Proxy, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 15
    while True:
        assert process.poll() is None, (folder / "output").read_text()
        with suppress(OSError):
            if ask(proxy, "GET", "/healthz").status == 200:
                return
        assert time.monotonic() < deadline, (folder / "output").read_text()
        time.sleep(0.1)


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    text: str

    def header(self, name: str) -> str:
        return next((v for k, v in self.headers if k.lower() == name.lower()), "")


def ask(
    proxy: Proxy, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
) -> Answer:
    with closing(
        http.client.HTTPSConnection("localhost", proxy.port, timeout=20, context=TLS)
    ) as connection:
        sent = {"Host": proxy.host} | (headers or {})
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body or None, sent)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read().decode())


def sign_in(proxy: Proxy, username: str, password: str) -> Answer:
    """A person without JavaScript: to the form, and through it."""
    cookies: dict[str, str] = {}

    def go(method: str, path: str, body: str = "") -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        answer = ask(proxy, method, path, body, {"Cookie": cookie} if cookie else None)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                cookies[key] = rest.partition(";")[0]
        return answer

    path = "/dang-nhap"
    page = go("GET", path)
    while page.status in (302, 303):
        path = page.header("Location").removeprefix(f"http://{proxy.host}")
        page = go("GET", path)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token, page.text
    form = {"csrf_token": unescape(token[1]), "login": username, "password": password}
    return go("POST", path, urlencode(form))


@contextmanager
def hostile(proxy: Proxy) -> Iterator[list[ssl.SSLSocket]]:
    """Senders that never finish, one byte at a time or not at all, and some that send too much."""
    head = f"POST /dang-nhap HTTP/1.1\r\nHost: {proxy.host}\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    beginnings = [
        "GET / HTT",
        head,
        f"{head}{form}Content-Length: 300\r\n\r\nlogin=x&pass",
        f"{head}{form}Content-Length: 200000\r\n\r\n" + "x" * 40_000,
        f"{head}{form}Transfer-Encoding: chunked\r\n\r\n5\r\nlogin",
    ]
    held: list[ssl.SSLSocket] = []
    stop = threading.Event()

    def trickle(connection: ssl.SSLSocket) -> None:
        with suppress(OSError):
            while not stop.wait(1.0):
                connection.sendall(b"x")

    try:
        for number in range(60):
            connection = proxy.connect()
            connection.sendall(beginnings[number % len(beginnings)].encode())
            held.append(connection)
            if number % 3 == 0:
                threading.Thread(target=trickle, args=(connection,), daemon=True).start()
        yield held
    finally:
        stop.set()
        for connection in held:
            connection.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_person_signs_in_beside_half_sent_slow_and_huge_requests(
    name: str, http_product: Product, tmp_path: Path
) -> None:
    account = http_product.account(USERNAME)
    host = f"localhost:{http_product.port}"
    with running_proxy(name, tmp_path, http_product.port, host) as proxy, hostile(proxy) as held:
        for _ in range(3):
            began = time.monotonic()
            answer = sign_in(proxy, account.username, account.password)
            assert answer.status == 303, answer.text
            assert time.monotonic() - began < 10
        huge = {
            "body": (f"POST /dang-nhap HTTP/1.1\r\nHost: {host}\r\n"
                     f"Content-Length: 99000000\r\n\r\n", (413,)),
            "line": (f"GET /?{'a' * 20_000} HTTP/1.1\r\nHost: {host}\r\n\r\n", (400, 414)),
            "headers": (f"GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {'a' * 40_000}\r\n\r\n",
                        (400, 431)),
        }  # fmt: skip
        for what, (text, statuses) in huge.items():
            with proxy.connect() as connection:
                connection.sendall(text.encode())
                answered = read_all(connection)
            head = answered.partition(b"\r\n\r\n")[0].decode("latin-1")
            assert re.match(rf"HTTP/1.1 ({'|'.join(map(str, statuses))})", head), (what, head)
            assert "content-security-policy" in head.lower(), (what, head)
            assert "<title>" in answered.decode(), (what, answered)
        # Whoever does not finish is sent away: none is held for long.
        deadline = time.monotonic() + 25
        assert all(is_closed(connection, deadline) for connection in held[:2] + held[5:7])


def read_all(connection: ssl.SSLSocket) -> bytes:
    received = b""
    connection.settimeout(15)
    with suppress(OSError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def is_closed(connection: ssl.SSLSocket, deadline: float) -> bool:
    connection.settimeout(max(0.1, deadline - time.monotonic()))
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


class Echo(http.server.BaseHTTPRequestHandler):
    """An application that tells what came through."""

    def do_GET(self) -> None:
        names = {name.lower(): self.headers.get_all(name) for name in self.headers}
        body = json.dumps(names).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


CLAIMED = {
    "X-Forwarded-For": "6.6.6.6, 127.0.0.1",
    "Forwarded": "for=6.6.6.6",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Real-IP": "6.6.6.6",
    "Client-Cert": ":MIIB:",
    "Client-Cert-Chain": ":MIIB:",
    "X-Client-Cert": "x",
    "X-SSL-Client-Cert": "x",
    "SSL-Client-Cert": "x",
    "client-cert": ":AAAA:",
}


def test_haproxy_reads_its_configuration_without_a_warning(tmp_path: Path) -> None:
    if not Path("/usr/sbin/haproxy").exists():
        pytest.skip("haproxy is missing; ./deploy/test installs it as root")
    certificate(tmp_path)
    text = replaced(
        (SHIPPED / "haproxy.cfg").read_text(),
        ("/etc/danhmuc/tls/server-and-key.pem", f"{tmp_path}/both.pem"),
        ("/etc/danhmuc/proxy", str(SHIPPED)),
    )
    (tmp_path / "haproxy.cfg").write_text(text)
    read = subprocess.run(
        ["/usr/sbin/haproxy", "-c", "-f", tmp_path / "haproxy.cfg"], capture_output=True, text=True
    )
    assert read.returncode == 0, read.stderr
    assert "WARNING" not in read.stderr


@pytest.mark.parametrize("name", NAMES)
def test_what_a_browser_claims_of_itself_does_not_come_through(name: str, tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        backend = echo.server_address[1]
        with running_proxy(name, tmp_path, backend, "localhost") as proxy:
            seen = json.loads(ask(proxy, "GET", "/", headers=CLAIMED).text)
        echo.shutdown()
    assert seen.pop("x-forwarded-for") == ["127.0.0.1"]
    assert not set(seen) & {claim.lower() for claim in CLAIMED}
    assert seen["host"] == ["localhost"]


@pytest.mark.parametrize("name", NAMES)
def test_when_nobody_answers_the_page_says_so(name: str, tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        with running_proxy(name, tmp_path, echo.server_address[1], "localhost") as proxy:
            echo.shutdown()
            echo.server_close()
            answer = ask(proxy, "GET", "/")
    assert answer.status in (502, 503)
    assert "Tạm thời chưa dùng được" in answer.text
    assert answer.header("X-Content-Type-Options") == "nosniff"
