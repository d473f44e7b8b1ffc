"""Sealed values open only where they belong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from directory.sealed import KeyRing, SealBroken

pytestmark = pytest.mark.without_sql


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    KeyRing.create(tmp_path)
    return KeyRing.load(tmp_path)


def test_the_master_key_is_private_and_made_once(tmp_path: Path) -> None:
    KeyRing.create(tmp_path)
    first = (tmp_path / "master.key").read_text()
    KeyRing.create(tmp_path)
    assert (tmp_path / "master.key").read_text() == first
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600


def test_what_was_sealed_opens_again(ring: KeyRing) -> None:
    sealed = ring.seal("totp", "person-1", b"seed")
    assert b"seed" not in sealed
    assert ring.open("totp", "person-1", sealed) == b"seed"
    assert sealed != ring.seal("totp", "person-1", b"seed")


def test_a_sealed_value_means_nothing_elsewhere(ring: KeyRing, tmp_path: Path) -> None:
    sealed = ring.seal("totp", "person-1", b"seed")
    KeyRing.create(tmp_path / "other")
    cases = [
        (ring, "totp", "person-2", sealed),
        (ring, "key", "person-1", sealed),
        (KeyRing.load(tmp_path / "other"), "totp", "person-1", sealed),
        (ring, "totp", "person-1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (ring, "totp", "person-1", sealed[:10]),
        (ring, "totp", "person-1", b""),
        (ring, "totp", "person-1", b"\x02" + sealed[1:]),
    ]
    for where, purpose, subject, value in cases:
        with pytest.raises(SealBroken):
            where.open(purpose, subject, value)


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_a_damaged_master_key_refuses(tmp_path: Path, content: str) -> None:
    (tmp_path / "master.key").write_text(content)
    with pytest.raises(SealBroken, match="damaged"):
        KeyRing.load(tmp_path)


def test_a_missing_master_key_refuses(tmp_path: Path) -> None:
    with pytest.raises(SealBroken, match="missing"):
        KeyRing.load(tmp_path)


def test_macs_are_separated_by_purpose(ring: KeyRing) -> None:
    assert ring.mac("csrf", b"x") == ring.mac("csrf", b"x")
    assert ring.mac("csrf", b"x") != ring.mac("refresh", b"x")
