"""The door between our own two web applications, and that it is no other door."""

from __future__ import annotations

from pathlib import Path

import pytest

from directory.errors import Forbidden, Unavailable
from directory.outbound import client
from tests.directory.test_outbound import peer, say_ok, settings_for


def test_issuer_and_console_are_reached_without_being_listed(tmp_path: Path) -> None:
    with peer(say_ok) as there:
        for port in (there.port, there.port - 1):  # the peer is the issuer, then the console
            settings = settings_for(tmp_path, DANHMUC_PORT=str(port))
            origin = f"http://localhost:{there.port}"
            answer = client.post_to_ourselves(
                settings, origin, "/token", b"a=b", headers={"Authorization": "Basic x"}
            )
            assert answer.body == b"ok"
    request = there.received[0]
    assert request.startswith(b"POST /token HTTP/1.1\r\n")
    assert f"Host: localhost:{there.port}\r\n".encode() in request
    assert b"Authorization: Basic x\r\n" in request
    assert request.endswith(b"a=b")


@pytest.mark.parametrize(
    ("origin", "path"),
    [
        ("http://localhost:8402", "/"),  # machine interfaces
        ("http://localhost:8403", "/"),  # LDAP
        ("http://127.0.0.1:8400", "/token"),  # another name of the issuer is not the issuer
        ("http://localhost:8400@evil.example", "/"),
        ("http://169.254.169.254", "/latest"),
        ("http://localhost:8400", "//evil.example/"),
        ("http://localhost:8400", "@evil.example/"),
        ("http://localhost:8400", "token"),
    ],
)
def test_nothing_else_goes_through_it(tmp_path: Path, origin: str, path: str) -> None:
    settings = settings_for(tmp_path, DANHMUC_PORT="8400")
    with pytest.raises((Forbidden, Unavailable)) as refusal:
        client.post_to_ourselves(settings, origin, path, b"")
    if refusal.type is Unavailable:
        assert path == "//evil.example/", "stays at our own address, whatever the path"


def test_the_other_doors_stay_closed_for_our_own_ports(tmp_path: Path) -> None:
    with peer(say_ok) as there:
        settings = settings_for(tmp_path, f"127.0.0.0/8:{there.port}", DANHMUC_PORT=str(there.port))
        with pytest.raises(Forbidden):
            client.post(settings, f"http://localhost:{there.port}/token", b"")
    assert there.received == []
