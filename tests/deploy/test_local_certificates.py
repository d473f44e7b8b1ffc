"""`--tls`: certificates that a real TLS client accepts for our names and for no others."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from cryptography import x509

from admin_ui.operations.supervisor import tls
from directory.clock import now_s

DAY_S = 86_400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tls.ensure_certificates(tmp_path / "tls")
    return tmp_path / "tls"


def serial(path: Path) -> int:
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


def shake_hands(folder: Path, name: str) -> str:
    """A real handshake over a socket pair; answers the TLS version."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem", folder / "server.key")
    client = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname=name) as connection:
            return connection.version() or ""
    finally:
        ours.close()
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"])
def test_client_that_trusts_the_authority_accepts_each_of_our_names(
    folder: Path, name: str
) -> None:
    assert shake_hands(folder, name) == "TLSv1.3"


def test_client_refuses_another_name(folder: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(folder, "sso.binhduong.gov.vn")


def test_authority_cannot_vouch_for_names_outside_this_machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever trusts ca.pem in a browser is safe even if ca.key leaks."""
    monkeypatch.setattr(tls, "_ADDRESSES", ("192.0.2.1",))
    (folder / "server.pem").unlink()
    tls.ensure_certificates(folder)
    verdict = subprocess.run(
        ["openssl", "verify", "-CAfile", folder / "ca.pem", folder / "server.pem"],
        capture_output=True,
        text=True,
    )
    assert verdict.returncode != 0
    assert "permitted subtree violation" in verdict.stderr


def test_keys_are_readable_by_their_owner_alone(folder: Path) -> None:
    for name in ("ca.key", "server.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_second_start_keeps_good_certificates(folder: Path) -> None:
    before = serial(folder / "ca.pem"), serial(folder / "server.pem")
    tls.ensure_certificates(folder)
    assert (serial(folder / "ca.pem"), serial(folder / "server.pem")) == before


@pytest.mark.parametrize(("days_ago", "is_renewed"), [(334, False), (336, True)])
def test_server_certificate_is_renewed_when_less_than_30_days_remain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days_ago: int, is_renewed: bool
) -> None:
    with monkeypatch.context() as past:
        past.setattr(tls, "now_s", lambda: now_s() - days_ago * DAY_S)
        tls.ensure_certificates(tmp_path)
    before = serial(tmp_path / "ca.pem"), serial(tmp_path / "server.pem")
    tls.ensure_certificates(tmp_path)
    assert serial(tmp_path / "ca.pem") == before[0], "trust given to the authority must last"
    assert (serial(tmp_path / "server.pem") != before[1]) is is_renewed


@pytest.mark.parametrize("damaged", ["ca.pem", "ca.key", "server.pem", "server.key"])
def test_damaged_file_is_replaced(folder: Path, damaged: str) -> None:
    (folder / damaged).write_bytes(b"-----BEGIN NONSENSE-----\n")
    tls.ensure_certificates(folder)
    assert shake_hands(folder, "localhost") == "TLSv1.3"
