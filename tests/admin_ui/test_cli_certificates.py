"""danhmuc certificate …: authorities, their lists, and certificates of people from files."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from tests.support.command_line import ADD_MAI, CommandLine, danhmuc
from tests.support.pki import Authority

__all__ = ["danhmuc"]


def written(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_authorities_their_lists_and_a_persons_certificate(
    danhmuc: CommandLine, tmp_path: Path
) -> None:
    assert danhmuc.run(*ADD_MAI, "--username", "mai.chung.thu").returncode == 0
    root = Authority.root()
    state = root.authority()
    gone, made = state.issue("Người cũ"), state.issue("Trần Thị Mai")
    state.revoked.append(gone.made.serial_number)
    top = written(tmp_path, "goc.pem", root.issued.pem)
    below = written(tmp_path, "cap.pem", state.issued.pem)
    assert "Add its root first" in danhmuc.refused(
        "certificate", "trust", below, "--without-crl", "thử"
    )
    assert "--crl" in danhmuc.refused("certificate", "trust", top)
    for file in (top, below):
        danhmuc.json("certificate", "trust", file, "--without-crl", "nạp bằng tay")
    listed = danhmuc.json("certificate", "authorities")["authorities"]
    assert [each["is_root"] for each in listed] == [True, False]
    assert "nạp bằng tay" in danhmuc.run("certificate", "authorities").stdout
    pem = danhmuc.json("certificate", "bundle")["pem"]
    assert len(x509.load_pem_x509_certificates(pem.encode())) == 2
    which = listed[1]["fingerprint"][:10]
    taken = written(tmp_path, "thu-hoi.crl", state.revocation_list())
    assert danhmuc.json("certificate", "load-list", which, taken)["added"] == 1
    assert danhmuc.json("certificate", "load-list", which, taken)["added"] == 0
    foreign = written(tmp_path, "la.crl", root.revocation_list())
    assert "not signed by" in danhmuc.refused("certificate", "load-list", which, foreign)
    file = written(tmp_path, "mai.cer", made.pem)
    bound = danhmuc.json("certificate", "bind", "mai.chung.thu", file, "--reason", "xem thẻ")
    assert (bound["name"], bound["serial"]) == ("Trần Thị Mai", made.serial)
    (held,) = danhmuc.json("mfa", "show", "mai.chung.thu")["factors"]
    assert (held["kind"], held["name"]) == ("certificate", "Trần Thị Mai")
    assert danhmuc.run("mfa", "remove", "mai.chung.thu").returncode == 2
    removed = danhmuc.json("mfa", "remove", "mai.chung.thu", "--certificate", made.serial)
    assert removed["removed"] == bound["id"]
    assert "still" not in danhmuc.refused("certificate", "distrust", listed[0]["fingerprint"])
    for each in reversed(listed):
        assert danhmuc.json("certificate", "distrust", each["fingerprint"])["removed"]
    assert danhmuc.json("certificate", "authorities")["authorities"] == []


@pytest.mark.parametrize("which", ["", "abcdef", "0" * 64])
def test_an_authority_that_is_not_there(danhmuc: CommandLine, which: str) -> None:
    assert "trusted here" in danhmuc.refused("certificate", "distrust", which)
