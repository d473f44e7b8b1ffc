"""Sealed values open only where they belong, and with whichever key they were sealed."""

from __future__ import annotations

import os
import secrets
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from directory.clock import DAY
from directory.sealed import (
    FRESH_S,
    KeyMissing,
    KeyRing,
    Purpose,
    SealBroken,
    key_files,
    make_sealing_key,
    read_key_file,
    retire,
    sealing_keys,
)

pytestmark = pytest.mark.without_sql

TOTP, OTHER = Purpose("totp", None), Purpose("key", None)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    KeyRing.create(tmp_path)
    return KeyRing.load(tmp_path)


def sealed_by_the_first_version(master: bytes, purpose: str, subject: str, plain: bytes) -> bytes:
    """Written apart from the code under test: version 1, nonce, text; no id of a key."""
    info = b"danhmuc/1 seal:" + purpose.encode()
    key = HKDF(SHA256(), 32, salt=None, info=info).derive(master)
    nonce = secrets.token_bytes(12)
    return b"\x01" + nonce + AESGCM(key).encrypt(nonce, plain, subject.encode())


def test_the_master_key_is_private_and_made_once(tmp_path: Path) -> None:
    KeyRing.create(tmp_path)
    first = (tmp_path / "master.key").read_text()
    KeyRing.create(tmp_path)
    assert (tmp_path / "master.key").read_text() == first
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600


def test_what_was_sealed_opens_again(ring: KeyRing) -> None:
    sealed = ring.seal(TOTP, "person-1", b"seed")
    assert b"seed" not in sealed
    assert ring.open(TOTP, "person-1", sealed) == b"seed"
    assert sealed != ring.seal(TOTP, "person-1", b"seed")


def test_a_sealed_value_means_nothing_elsewhere(ring: KeyRing, tmp_path: Path) -> None:
    sealed = ring.seal(TOTP, "person-1", b"seed")
    KeyRing.create(tmp_path / "other")
    cases = [
        (ring, TOTP, "person-2", sealed),
        (ring, OTHER, "person-1", sealed),
        (KeyRing.load(tmp_path / "other"), TOTP, "person-1", sealed),
        *((ring, TOTP, "person-1", sealed[:length]) for length in range(len(sealed))),
        *(
            (ring, TOTP, "person-1", sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
            for at in range(len(sealed))
        ),
        (ring, TOTP, "person-1", b"\x01" + sealed[1:]),
        (ring, TOTP, "person-1", b"\x01" + sealed[9:]),
        (ring, TOTP, "person-1", b"\x03" + sealed[1:]),
    ]
    for where, purpose, subject, value in cases:
        with pytest.raises(SealBroken):
            where.open(purpose, subject, value)


def test_values_of_the_first_version_stay_readable(ring: KeyRing, tmp_path: Path) -> None:
    old = sealed_by_the_first_version(ring.master, "totp", "person-1", b"seed")
    assert ring.open(TOTP, "person-1", old) == b"seed"
    make_sealing_key(tmp_path)
    assert KeyRing.load(tmp_path).open(TOTP, "person-1", old) == b"seed"
    with pytest.raises(SealBroken):
        ring.open(TOTP, "person-2", old)


def test_a_value_names_the_key_and_not_more(ring: KeyRing, tmp_path: Path) -> None:
    make_sealing_key(tmp_path)
    newest, master = sealing_keys(tmp_path)
    ring.look_again()
    sealed = ring.seal(TOTP, "person-1", b"seed")
    assert sealed[:9] == b"\x02" + bytes.fromhex(newest.id) == ring.current_prefix()
    for key in (newest, master):
        assert bytes.fromhex(key.id) not in read_key_file(key.path)
    assert newest.path.name == f"sealing-0001-{newest.id}.key"
    assert stat.S_IMODE(newest.path.stat().st_mode) == 0o600


def test_a_new_key_seals_and_the_older_ones_open(ring: KeyRing, tmp_path: Path) -> None:
    values = []
    for _ in range(4):
        values.append(ring.seal(TOTP, "person-1", b"seed"))
        make_sealing_key(tmp_path)
        ring.look_again()
    assert len({value[:9] for value in values}) == 4
    assert all(ring.open(TOTP, "person-1", value) == b"seed" for value in values)
    # What was hashed with a key means the same after every rotation.
    assert ring.mac("csrf", b"x") == KeyRing.load(tmp_path).mac("csrf", b"x")


def test_a_retired_key_opens_nothing_but_where_that_is_asked_for(
    ring: KeyRing, tmp_path: Path
) -> None:
    old = ring.seal(TOTP, "person-1", b"seed")
    first_version = sealed_by_the_first_version(ring.master, "totp", "person-1", b"seed")
    make_sealing_key(tmp_path)
    retire(sealing_keys(tmp_path)[-1])
    ring.look_again()
    for value in (old, first_version):
        with pytest.raises(KeyMissing):
            ring.open(TOTP, "person-1", value)
        every = KeyRing.load(tmp_path, with_retired=True)
        assert every.open(TOTP, "person-1", value) == b"seed"


def test_the_newest_key_seals_whatever_is_said_of_it(ring: KeyRing, tmp_path: Path) -> None:
    retire(sealing_keys(tmp_path)[0])
    again = KeyRing.load(tmp_path)
    assert again.open(TOTP, "a", ring.seal(TOTP, "a", b"seed")) == b"seed"


def test_another_process_opens_what_the_new_key_sealed_at_once(
    ring: KeyRing, tmp_path: Path
) -> None:
    make_sealing_key(tmp_path)
    other = KeyRing.load(tmp_path)
    assert ring.open(TOTP, "person-1", other.seal(TOTP, "person-1", b"seed")) == b"seed"


def test_a_process_seals_with_the_new_key_within_seconds(
    ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    make_sealing_key(tmp_path)
    then = time.monotonic()
    monkeypatch.setattr("directory.sealed.time.monotonic", lambda: then + FRESH_S)
    assert ring.seal(TOTP, "a", b"x")[:9] == KeyRing.load(tmp_path).current_prefix()


def test_threads_seal_and_open_while_keys_are_made(tmp_path: Path) -> None:
    KeyRing.create(tmp_path)
    rings, wrong = [KeyRing.load(tmp_path) for _ in range(2)], []
    done = threading.Event()

    def work(mine: KeyRing, theirs: KeyRing) -> None:
        while not done.is_set():
            try:
                mine.look_again()
                assert theirs.open(TOTP, "a", mine.seal(TOTP, "a", b"x")) == b"x"
            except Exception as error:
                wrong.append(error)
                return

    threads = [threading.Thread(target=work, args=pair) for pair in (rings, rings[::-1])]
    for thread in threads:
        thread.start()
    for _ in range(20):
        make_sealing_key(tmp_path)
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(key_files(tmp_path)) == 21


def test_what_a_kill_left_of_a_key_is_no_key_and_goes(ring: KeyRing, tmp_path: Path) -> None:
    (tmp_path / "sealing-0001-0011223344556677.new").write_text("00")
    assert [path.name for path in key_files(tmp_path)] == ["master.key"]
    make_sealing_key(tmp_path)
    assert not list(tmp_path.glob("*.new"))


def test_a_damaged_sealing_key_stops_a_start_but_not_who_runs(
    ring: KeyRing, tmp_path: Path
) -> None:
    make_sealing_key(tmp_path)
    ring.look_again()
    sealed = ring.seal(TOTP, "a", b"x")
    key_files(tmp_path)[0].write_text("zz")
    with pytest.raises(SealBroken, match="damaged"):
        KeyRing.load(tmp_path)
    ring.look_again()
    assert ring.open(TOTP, "a", sealed) == b"x"


def test_a_process_without_descriptors_goes_on_with_the_keys_it_holds(
    ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = ring.seal(TOTP, "a", b"x")

    def refuse(_path: Path) -> list[object]:
        raise OSError(24, os.strerror(24))

    monkeypatch.setattr("directory.sealed.sealing_keys", refuse)
    ring.look_again()
    assert ring.open(TOTP, "a", sealed) == b"x"


def test_what_lives_longer_than_an_old_key_opens_is_no_short_lived_purpose() -> None:
    with pytest.raises(ValueError, match="longer"):
        Purpose("x", DAY + 1)


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
