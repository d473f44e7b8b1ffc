"""LDAPS: a certificate of our CA for the right name, or nothing is said."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory.certificates import find_end
from directory.errors import Unavailable
from directory.ldap.accounts import account_dn
from directory.ldap.bind import BindResult, verify_at
from directory.ldap.config import TlsFiles
from directory.ldap.connections import breaker, certificate_ends
from directory.ldap.embedded import prepare_slapd, start_slapd, wait_for
from directory.ldap.gateway import Gateway
from tests.support.ports import free_port
from tests.support.slapd import SUFFIX, SlapdServer, plan_slapd

pytestmark = pytest.mark.without_sql

PASSWORD = "mật khẩu rất dài của An"


def make_certificates(folder: Path, name: str) -> TlsFiles:
    """A CA and a certificate for `name` and 127.0.0.1, by openssl."""
    files = TlsFiles(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA")
    openssl("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={name}")
    (folder / "san").write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
    signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "san"]
    openssl("x509", "-req", "-in", "server.csr", "-out", "server.pem", *signing)
    return files


@pytest.fixture(scope="module")
def tls_slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlapdServer]:
    state = tmp_path_factory.mktemp("s")
    port = free_port()
    slapd = replace(plan_slapd(state, port=port), tls=make_certificates(state, "localhost"))
    prepare_slapd(slapd)
    with (state / "slapd.log").open("wb") as log:
        process = start_slapd(slapd, open_port=True, log_level="stats", log=log)
    server = SlapdServer(slapd, process)
    wait_for(server.uri, process=process)
    yield server
    server.close()


def gateway(server: SlapdServer, host: str, ca_file: Path | None) -> Gateway:
    uri = f"ldaps://{host}:{server.slapd.port}"
    return Gateway([uri], account_dn("idp", SUFFIX), server.password("idp"), ca_file=ca_file)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_right_certificate_is_accepted(tls_slapd: SlapdServer, host: str) -> None:
    assert tls_slapd.slapd.tls is not None
    idp = gateway(tls_slapd, host, tls_slapd.slapd.tls.ca)
    assert idp.read(SUFFIX) is not None
    times = []
    for _ in range(20):
        began = time.perf_counter()
        assert idp.read(SUFFIX) is not None
        times.append(time.perf_counter() - began)
    assert sorted(times)[10] < 0.02  # 40 ms would be Nagle's algorithm
    idp.close()


def test_until_when_its_certificate_lives_is_noted(tls_slapd: SlapdServer) -> None:
    assert tls_slapd.slapd.tls is not None
    idp = gateway(tls_slapd, "localhost", tls_slapd.slapd.tls.ca)
    assert idp.read(SUFFIX) is not None
    idp.close()
    uri = f"ldaps://localhost:{tls_slapd.slapd.port}"
    assert certificate_ends()[uri] == find_end(tls_slapd.slapd.tls.certificate)


def test_a_password_is_verified_over_tls(tls_slapd: SlapdServer) -> None:
    assert tls_slapd.slapd.tls is not None
    dn, ca = tls_slapd.add_person("an.nv", PASSWORD), tls_slapd.slapd.tls.ca
    uri = f"ldaps://localhost:{tls_slapd.slapd.port}"
    assert verify_at([uri], dn, PASSWORD, ca_file=ca) is BindResult.ACCEPTED
    assert verify_at([uri], dn, "wrong", ca_file=ca) is BindResult.REJECTED


def test_a_stranger_is_told_nothing(tls_slapd: SlapdServer, tmp_path: Path) -> None:
    assert tls_slapd.slapd.tls is not None
    other = make_certificates(tmp_path, "localhost").ca
    ca = tls_slapd.slapd.tls.ca
    for host, ca_file in (("localhost", other), ("localhost", None), ("127.0.0.2", ca)):
        binds = tls_slapd.log().count(" BIND ")
        with pytest.raises(Unavailable):
            gateway(tls_slapd, host, ca_file).read(SUFFIX)
        assert tls_slapd.log().count(" BIND ") == binds, "the password was sent"
        breaker.reset(f"ldaps://{host}:{tls_slapd.slapd.port}")
