"""Archives: what is altered, cut off or sealed with another key never opens."""

from __future__ import annotations

import io
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from admin_ui.operations.backup import generations
from admin_ui.operations.backup.archive import (
    LDIF,
    STORE,
    measure,
    sha256_of,
    unpack_archive,
    write_archive,
)
from admin_ui.operations.backup.key import copy_keys, ensure_backup_key, read_backup_key
from admin_ui.operations.backup.manifest import Manifest
from admin_ui.operations.backup.stream import CHUNK_BYTES, HEADER_BYTES, SealedReader, SealedWriter
from directory.errors import Conflict, Invalid
from directory.sealed import KeyRing

pytestmark = pytest.mark.without_sql

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
SEALED_CHUNK = CHUNK_BYTES + 16


def seal(plain: bytes, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    with SealedWriter(target, key) as writer:
        for start in range(0, len(plain), 300_000):
            writer.write(plain[start : start + 300_000])
    return target.getvalue()


def open_(sealed: bytes, key: bytes = KEY) -> bytes:
    return io.BufferedReader(SealedReader(io.BytesIO(sealed), key)).read()


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3_333_333]
)
def test_what_was_sealed_opens(size: int) -> None:
    plain = os.urandom(size)
    assert open_(seal(plain)) == plain


def test_the_same_content_is_sealed_differently_each_time() -> None:
    plain = b"x" * 100
    first, second = seal(plain), seal(plain)
    assert first[HEADER_BYTES:] != second[HEADER_BYTES:]


def chunks(sealed: bytes) -> list[bytes]:
    body = sealed[HEADER_BYTES:]
    return [body[start : start + SEALED_CHUNK] for start in range(0, len(body), SEALED_CHUNK)]


PLAIN = os.urandom(3 * CHUNK_BYTES + 17)
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut at a chunk": lambda sealed: sealed[: HEADER_BYTES + SEALED_CHUNK],
    "cut inside a chunk": lambda sealed: sealed[: HEADER_BYTES + SEALED_CHUNK + 1000],
    "the last byte gone": lambda sealed: sealed[:-1],
    "nothing but the header": lambda sealed: sealed[:HEADER_BYTES],
    "a byte more": lambda sealed: sealed + b"x",
    "a chunk left out": lambda sealed: sealed[:HEADER_BYTES] + b"".join(chunks(sealed)[1:]),
    "two chunks swapped": lambda sealed: (
        sealed[:HEADER_BYTES]
        + b"".join([chunks(sealed)[1], chunks(sealed)[0], *chunks(sealed)[2:]])
    ),
    "the last chunk twice": lambda sealed: sealed + chunks(sealed)[-1],
    "another salt": lambda sealed: flipped(sealed, HEADER_BYTES - 20),
    "a bit of the first chunk": lambda sealed: flipped(sealed, HEADER_BYTES + 5),
    "a bit of the last chunk": lambda sealed: flipped(sealed, len(sealed) - 20),
    "a bit of a tag": lambda sealed: flipped(sealed, HEADER_BYTES + SEALED_CHUNK - 1),
    "chunks of another stream": lambda sealed: sealed[:HEADER_BYTES] + seal(PLAIN)[HEADER_BYTES:],
}


def flipped(sealed: bytes, place: int) -> bytes:
    return sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_stream_does_not_open(damage: str) -> None:
    with pytest.raises(Invalid, match=r"backup\.damaged"):
        open_(DAMAGES[damage](seal(PLAIN)))


def test_another_key_is_told_from_damage() -> None:
    with pytest.raises(Invalid, match=r"backup\.other_key"):
        open_(seal(b"secret"), OTHER_KEY)
    with pytest.raises(Invalid, match=r"backup\.not_a_backup"):
        open_(b"PK\x03\x04" + bytes(200))
    with pytest.raises(Invalid, match=r"backup\.not_a_backup"):
        open_(b"")


def a_manifest(files: dict[str, Path]) -> Manifest:
    return Manifest(
        program="0.1.0",
        created_at=1,
        ldap_taken_at=1,
        sql_taken_at=2,
        suffix="dc=x",
        revision="0001",
        demo=False,
        context_csn="",
        audit_head="",
        people=0,
        agencies=0,
        audit_events=0,
        open_intents=0,
        members=measure(files),
    )


def write_files(folder: Path, **contents: bytes) -> dict[str, Path]:
    folder.mkdir()
    names = {"ldif": LDIF, "store": STORE, "secret": "secrets/ldap-idp.password"}
    found = {}
    for key, content in contents.items():
        path = folder / key
        path.write_bytes(content)
        found[names[key]] = path
    return found


def ignore(_done: int, _total: int) -> None:
    return


def test_an_archive_gives_back_every_file_privately(tmp_path: Path) -> None:
    content = {"ldif": os.urandom(2_500_000), "store": b"s" * 5_000_000, "secret": b"p\n"}
    files = write_files(tmp_path / "in", **content)
    target, out = tmp_path / "x.backup", tmp_path / "out"
    told: list[tuple[int, int]] = []
    sha256 = write_archive(target, KEY, a_manifest(files), files, lambda *n: told.append(n))
    assert sha256 == sha256_of(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert b"ldap.ldif" not in target.read_bytes()
    assert told[-1] == (7_500_002, 7_500_002)
    out.mkdir()
    manifest = unpack_archive(target, KEY, out, ignore)
    assert manifest == a_manifest(files)
    for name, path in files.items():
        assert (out / name).read_bytes() == path.read_bytes()
        assert stat.S_IMODE((out / name).stat().st_mode) == 0o600


def test_an_archive_that_is_not_what_its_manifest_says_is_refused(tmp_path: Path) -> None:
    files = write_files(tmp_path / "in", ldif=b"dn: x\n", store=b"s")
    manifest = a_manifest(files)
    (tmp_path / "in" / "ldif").write_bytes(b"dn: y\n")
    target = tmp_path / "x.backup"
    write_archive(target, KEY, manifest, files, ignore)
    (tmp_path / "out").mkdir()
    with pytest.raises(Invalid, match=r"backup\.damaged"):
        unpack_archive(target, KEY, tmp_path / "out", ignore)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "secrets/../../x", "keys/master.key"])
def test_a_member_goes_nowhere_else(tmp_path: Path, name: str) -> None:
    files = write_files(tmp_path / "in", ldif=b"dn: x\n", store=b"s")
    files[name] = files[LDIF]
    target = tmp_path / "x.backup"
    write_archive(target, KEY, a_manifest(files), files, ignore)
    (tmp_path / "out").mkdir()
    with pytest.raises(Invalid, match=r"backup\.damaged"):
        unpack_archive(target, KEY, tmp_path / "out", ignore)
    assert not (tmp_path / "evil").exists()


# --- generations and keys ------------------------------------------------------------------------
def make_generations(folder: Path, count: int, *, unfinished: tuple[int, ...] = ()) -> list[Path]:
    folder.mkdir()
    paths = []
    for number in range(count):
        path = generations.archive_path(folder, 1_790_000_000_000 + number * 1000 + number)
        path.write_bytes(b"x")
        if number not in unfinished:
            generations.write_checksum(path, sha256_of(path))
        paths.append(path)
    return paths


def test_the_newest_good_generations_stay(tmp_path: Path) -> None:
    paths = make_generations(tmp_path / "b", 12, unfinished=(1, 9))
    removed = generations.prune(tmp_path / "b", 4)
    # 11, 10, 8, 7 are the newest good ones; 9 is unfinished but newer than the oldest kept.
    assert sorted(removed) == sorted(paths[:7])
    left = [each.path for each in generations.list_generations(tmp_path / "b")]
    assert left == [paths[11], paths[10], paths[9], paths[8], paths[7]]
    assert len(list((tmp_path / "b").iterdir())) == 5 + 4


def test_the_last_good_one_and_two_more_always_stay(tmp_path: Path) -> None:
    make_generations(tmp_path / "b", 6)
    generations.prune(tmp_path / "b", 0)
    assert len(generations.list_generations(tmp_path / "b")) == generations.KEEP_AT_LEAST
    make_generations(tmp_path / "c", 3, unfinished=(1, 2))
    assert generations.prune(tmp_path / "c", 3) == []
    found = generations.last_good(tmp_path / "c")
    assert found is not None
    assert found.created_at == 1_790_000_000_000
    make_generations(tmp_path / "d", 2, unfinished=(0, 1))
    assert generations.prune(tmp_path / "d", 3) == []
    assert generations.last_good(tmp_path / "d") is None


def test_sha256sum_reads_the_companion(tmp_path: Path) -> None:
    (path,) = make_generations(tmp_path / "b", 1)
    checked = subprocess.run(
        ["sha256sum", "-c", generations.checksum_path(path).name],
        cwd=path.parent,
        capture_output=True,
    )
    assert checked.returncode == 0, checked.stderr
    generations.check_checksum(path)
    path.write_bytes(b"y")
    with pytest.raises(Invalid, match=r"backup\.checksum"):
        generations.check_checksum(path)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with (
        generations.locked(tmp_path),
        pytest.raises(Conflict, match=r"backup\.under_way"),
        generations.locked(tmp_path),
    ):
        pass
    with generations.locked(tmp_path):
        pass


def test_keys_are_copied_whole_privately_and_never_over_others(tmp_path: Path) -> None:
    keys, apart = tmp_path / "keys", tmp_path / "apart"
    KeyRing.create(keys)
    with pytest.raises(Invalid, match=r"backup\.no_key"):
        read_backup_key(keys)
    key = ensure_backup_key(keys)
    assert key != KeyRing.load(keys).master
    written = copy_keys(keys, apart)
    assert {path.name for path in written} == {"master.key", "backup.key"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in written)
    assert read_backup_key(apart) == key
    assert KeyRing.load(apart).master == KeyRing.load(keys).master
    copy_keys(keys, apart)  # the same ones again
    (keys / "backup.key").unlink()
    ensure_backup_key(keys)
    with pytest.raises(Invalid, match=r"backup\.keys_exist"):
        copy_keys(keys, apart)
    assert read_backup_key(apart) == key
