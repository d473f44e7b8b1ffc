"""The mail server over TLS: a certificate of the province's own authority, and nobody else's; name
and password go through TLS alone."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory.errors import Unavailable
from directory.messages import smtp
from directory.settings import Settings, read_settings
from tests.support.mail_server import MailServer

pytestmark = pytest.mark.without_sql


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a certificate of it for localhost and one for another name."""
    here = tmp_path_factory.mktemp("mail-tls")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=here, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA")
    for name in ("localhost", "other.example"):
        (here / "san").write_text(f"subjectAltName=DNS:{name}\n")
        openssl("req", *curve, "-keyout", f"{name}.key", "-out", "csr", "-subj", f"/CN={name}")
        signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "san"]
        openssl("x509", "-req", "-in", "csr", "-out", f"{name}.pem", "-days", "9", *signing)
    return here


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    server = MailServer()
    with server.listening():
        yield server


@pytest.fixture
def mail(running: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    """A server that is treated as if it were not on this machine."""
    monkeypatch.setattr(smtp, "is_loopback", lambda _host: False)
    running.behave()
    running.wants = ("danhmuc", "right-one")
    return running


def settings_of(mail: MailServer, folder: Path, scheme: str, ca: str = "ca.pem") -> Settings:
    found = read_settings({"DANHMUC_STATE": "/nonexistent"})
    return replace(
        found,
        smtp_url=f"{scheme}://localhost:{mail.port}",
        smtp_user="danhmuc",
        smtp_password="right-one",
        smtp_ca_file=folder / ca if ca else None,
    )


def context(folder: Path, name: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return made


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_a_letter_and_the_password_go_through_tls_alone(
    mail: MailServer, folder: Path, scheme: str
) -> None:
    mail.tls, mail.starttls = context(folder, "localhost"), scheme == "smtp"
    with smtp.connected(settings_of(mail, folder, scheme)) as server:
        assert server.send("an@b.vn", b"Subject: thu\r\n\r\nxin chao\r\n").kind == "sent"
    assert [each.recipient for each in mail.taken] == ["an@b.vn"]
    assert mail.in_clear == (["EHLO", "STARTTLS"] if scheme == "smtp" else [])


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
@pytest.mark.parametrize(
    ("name", "ca"), [("other.example", "ca.pem"), ("localhost", "")], ids=["name", "authority"]
)
def test_another_certificate_is_refused_and_told(
    mail: MailServer, folder: Path, scheme: str, name: str, ca: str
) -> None:
    mail.tls, mail.starttls = context(folder, name), scheme == "smtp"
    with (
        pytest.raises(Unavailable) as refused,
        smtp.connected(settings_of(mail, folder, scheme, ca)),
    ):
        pass
    assert refused.value.code == "message.server_tls"
    assert "CERTIFICATE_VERIFY_FAILED" in refused.value.detail
    assert "AUTH" not in mail.in_clear and mail.taken == []


def test_a_server_without_tls_hears_no_password(mail: MailServer, folder: Path) -> None:
    with pytest.raises(Unavailable) as refused, smtp.connected(settings_of(mail, folder, "smtp")):
        pass
    assert refused.value.code == "message.server_tls"
    assert "AUTH" not in mail.in_clear and "MAIL" not in mail.in_clear
