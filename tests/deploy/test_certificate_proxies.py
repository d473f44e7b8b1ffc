"""The shipped configurations of nginx, Apache and HAProxy that ask for certificates, run: what
counts comes through, what a browser claims in headers does not, and each time the device signs."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from idp.factors.certificate import service
from tests.deploy.test_proxies import SHIPPED, certificate, replaced
from tests.deploy.test_proxies import haproxy as main_haproxy
from tests.support.browser import csrf_token
from tests.support.idp_app import IdpApp, running_idp
from tests.support.installation import OPERATOR
from tests.support.pki import DAY, SERVER, Authority, Issued
from tests.support.ports import free_port

pytestmark = [
    pytest.mark.only_on_sqlite("what a proxy lets through does not depend on the store"),
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
]

MODULES = Path("/usr/lib/apache2/modules")


@dataclass
class Place:
    """The sign-in application, its authorities, and the port that asks for certificates."""

    idp: IdpApp
    root: Authority
    state: Authority
    port: int


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    port = free_port()
    with running_idp(
        DANHMUC_CERTIFICATE_URL=f"https://localhost:{port}",
        DANHMUC_CERTIFICATE_HEADER="Client-Cert",
    ) as idp:
        root = Authority.root()
        state = root.authority()
        service.trust(idp.installation, OPERATOR, root.issued.pem, without_crl="thử")
        service.trust(idp.installation, OPERATOR, state.issued.pem, without_crl="thử")
        yield Place(idp, root, state, port)


def nginx(folder: Path, place: Place, main_port: int) -> list[str]:
    host = urlsplit(place.idp.url).netloc
    ours = replaced(
        (SHIPPED / "nginx-certificates.conf").read_text(),
        ("listen 8443 ssl", f"listen 127.0.0.1:{place.port} ssl"),
        ("server_name dangnhap.example.gov.vn", "server_name localhost"),
        ("proxy_set_header Host dangnhap.example.gov.vn", f"proxy_set_header Host {host}"),
        ("/etc/danhmuc/tls/", f"{folder}/"),
    )
    (folder / "nginx-certificates.conf").write_text(ours)
    text = replaced(
        (SHIPPED / "nginx.conf").read_text(),
        ("# include /etc/danhmuc/proxy/nginx-certificates.conf",
         f"include {folder}/nginx-certificates.conf"),
        ("user www-data;", "user root;" if os.geteuid() == 0 else ""),
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("/var/log/nginx/", f"{folder}/"),
        ("worker_processes auto;", "worker_processes 1;"),
        ("/etc/danhmuc/tls/", f"{folder}/"),
        ("/etc/danhmuc/proxy", str(SHIPPED)),
        ("listen 80 default_server", f"listen 127.0.0.1:{free_port()} default_server"),
        ("listen 443 ssl", f"listen 127.0.0.1:{main_port} ssl"),
        ("server_name dangnhap.example.gov.vn", "server_name localhost"),
        ("127.0.0.1:8400", f"127.0.0.1:{urlsplit(place.idp.url).port}"),
        ("http {", "http {\n" + "".join(
            f"    {kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )),
    )  # fmt: skip
    (folder / "nginx.conf").write_text(text)
    return ["/usr/sbin/nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf",
            "-g", "daemon off;"]  # fmt: skip


def apache(folder: Path, place: Place, _main_port: int) -> list[str]:
    host = urlsplit(place.idp.url).netloc
    ours = replaced(
        (SHIPPED / "apache-certificates.conf").read_text(),
        ("Listen 8443", f"Listen 127.0.0.1:{place.port}"),
        ("<VirtualHost *:8443>", f"<VirtualHost *:{place.port}>"),
        ("ServerName dangnhap.example.gov.vn", "ServerName localhost"),
        ("RequestHeader set Host dangnhap.example.gov.vn", f"RequestHeader set Host {host}"),
        ("/etc/danhmuc/tls/", f"{folder}/"),
        ("127.0.0.1:8400", f"127.0.0.1:{urlsplit(place.idp.url).port}"),
    )
    modules = ("mpm_event", "authz_core", "alias", "headers", "ssl", "socache_shmcb", "proxy",
               "proxy_http")  # fmt: skip
    text = "".join(f"LoadModule {m}_module {MODULES}/mod_{m}.so\n" for m in modules)
    text += f'ServerRoot "{folder}"\nServerName localhost\nPidFile "{folder}/apache.pid"\n'
    text += f'ErrorLog "{folder}/error.log"\nMutex file:{folder}\nDefaultRuntimeDir "{folder}"\n'
    if os.geteuid() == 0:
        text += "User www-data\nGroup www-data\n"
    (folder / "apache.conf").write_text(text + ours)
    return ["/usr/sbin/apache2", "-f", f"{folder}/apache.conf", "-DFOREGROUND"]


def haproxy(folder: Path, place: Place, main_port: int) -> list[str]:
    host = urlsplit(place.idp.url).netloc
    command = main_haproxy(folder, main_port, urlsplit(place.idp.url).port or 0)
    ours = replaced(
        (SHIPPED / "haproxy-certificates.cfg").read_text(),
        ("bind :8443", f"bind 127.0.0.1:{place.port}"),
        ("set-header Host dangnhap.example.gov.vn", f"set-header Host {host}"),
        ("/etc/danhmuc/tls/server-and-key.pem", f"{folder}/both.pem"),
        ("/etc/danhmuc/tls/", f"{folder}/"),
    )
    (folder / "haproxy-certificates.cfg").write_text(ours)
    return [*command, "-f", f"{folder}/haproxy-certificates.cfg"]


COMMANDS: dict[str, Callable[[Path, Place, int], list[str]]] = {
    "nginx": nginx,
    "apache2": apache,
    "haproxy": haproxy,
}


@contextmanager
def running(name: str, folder: Path, place: Place) -> Iterator[int]:
    """Gives the port at which nobody is asked for a certificate, if the proxy has one."""
    if not Path(f"/usr/sbin/{name}").exists():
        pytest.skip(f"{name} is missing; ./deploy/test installs it as root")
    certificate(folder)
    bundle = place.root.issued.pem + place.state.issued.pem
    (folder / "authorities.pem").write_bytes(bundle)
    main_port = free_port()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            COMMANDS[name](folder, place, main_port), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + 15
        while True:
            assert process.poll() is None, (folder / "output").read_text()
            with suppress(OSError), socket.create_connection(("127.0.0.1", place.port), 1):
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield main_port
    finally:
        process.terminate()
        process.wait(10)


def ask(
    place: Place, folder: Path, address: str, made: Issued | None, headers: dict[str, str]
) -> requests.Response:
    """Come to the address that asks, as a browser that shows this certificate."""
    shown = None
    if made is not None:
        (folder / "shown.pem").write_bytes(made.pem)
        (folder / "shown.key").write_bytes(made.key_pem)
        shown = (str(folder / "shown.pem"), str(folder / "shown.key"))
    with requests.Session() as http:
        http.trust_env = False
        return http.get(address, cert=shown, headers=headers, verify=False,
                        allow_redirects=False, timeout=20)  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_what_counts_comes_through_and_nothing_else(
    name: str, place: Place, tmp_path: Path
) -> None:
    idp, state, hours = place.idp, place.state, timedelta(hours=1)
    person, made = idp.person(), state.issue()
    service.bind(idp.installation, OPERATOR, person.id, made.pem, "đã xem thẻ")
    folder = tmp_path
    folder.chmod(0o755)
    spellings = ("Client-Cert", "client-cert", "Client_Cert", "X-Client-Cert",
                 "SSL-Client-Cert", "X-SSL-Client-Cert")  # fmt: skip
    smuggled = dict.fromkeys(spellings, made.header)
    with running(name, folder, place) as main_port:
        browser = idp.browser()
        page = browser.open_sign_in()
        found = re.search(r'href="(https://localhost:\d+/chung-thu\?trang=[^"]+)"', page.text)
        assert found
        address = found[1]

        def said(shown: Issued | None, **headers: str) -> str:
            answer = ask(place, folder, address, shown, headers)
            assert answer.status_code == 303, answer.text
            return browser.get(answer.headers["Location"]).text

        assert 'name="chung-thu"' in said(made)
        # Whoever shows none is nobody, whatever their headers say; so is whoever shows another's.
        assert "chưa gửi chứng thư nào" in said(None)
        for spelling, value in smuggled.items():
            assert "chưa gửi chứng thư nào" in said(None, **{spelling: value}), spelling
        other = state.issue("Người khác")
        assert "Người khác" in said(other, **smuggled)
        refused = {
            "đã hết hạn": state.issue(ends=-hours, begins=-3 * DAY),
            "chưa có hiệu lực": state.issue(begins=hours),
            "không dùng để đăng nhập": state.issue(purposes=[SERVER]),
            "không được chấp nhận": Authority.root("Cơ quan khác").issue(),
            "ở đây cấp": Authority.root("Nguyễn Văn Giả").issued,
        }
        for sentence, shown in refused.items():
            if name == "apache2":  # it ends the handshake, or the browser sends nothing
                with pytest.raises(requests.exceptions.ConnectionError):
                    said(shown)
            else:
                assert sentence in said(shown), sentence
        # Nothing else is there, and no session of TLS stands in for the device.
        elsewhere = address.partition("/chung-thu")[0] + "/dang-nhap"
        assert ask(place, folder, elsewhere, made, {}).status_code == 303
        assert not _resumes(place, folder, made)
        if name != "apache2":  # at the address where nobody is asked
            plain = f"https://localhost:{main_port}/chung-thu?" + address.partition("?")[2]
            answer = ask(place, folder, plain, made, {"Host": urlsplit(idp.url).netloc, **smuggled})
            shown_page = browser.get(answer.headers["Location"]).text
            assert "chưa gửi chứng thư nào" in shown_page
        # The whole way.
        answer = ask(place, folder, address, made, {})
        page = browser.get(answer.headers["Location"])
        sealed = re.search(r'name="chung-thu" value="([^"]+)"', page.text)
        assert sealed
        data = {"csrf_token": csrf_token(page), "buoc": "certificate", "chung-thu": sealed[1]}
        assert browser.post(page.url, data).status_code == 303 and browser.is_signed_in()


def _resumes(place: Place, folder: Path, made: Issued) -> bool:
    (folder / "shown.pem").write_bytes(made.pem)
    (folder / "shown.key").write_bytes(made.key_pem)
    context = ssl._create_unverified_context()
    context.load_cert_chain(folder / "shown.pem", folder / "shown.key")
    session = None
    for _ in range(2):
        plain = socket.create_connection(("127.0.0.1", place.port), 10)
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as secured:
            secured.sendall(b"GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while secured.recv(4096):
                pass
            if secured.session_reused:
                return True
            session = secured.session
    return False
