"""A sorted file of hashes: each is found, nothing else is, and nothing of it is kept."""

from __future__ import annotations

import hashlib
import io
import random
import tracemalloc
from pathlib import Path

import pytest

from directory.passwords import leaked_hashes
from directory.passwords.leaked_hashes import NotAList, check, is_leaked

pytestmark = pytest.mark.without_sql


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def written(path: Path, passwords: list[str], end: str = "\r\n") -> Path:
    lines = sorted(f"{digest(each)}:{len(each) ** 5}" for each in passwords)
    path.write_bytes(end.join(lines).encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("number", [0, 1, 2, 3, 7, 100])
def test_each_is_found_and_nothing_else(tmp_path: Path, number: int, end: str) -> None:
    there = [f"mật khẩu {each}" for each in range(number)]
    path = written(tmp_path / "list", there, end)
    assert all(is_leaked(path, each) for each in there)
    assert not any(is_leaked(path, f"không có {each}") for each in range(200))
    path.write_bytes(path.read_bytes().lower() + end.encode())
    assert all(is_leaked(path, each) for each in there), "small letters, and an end of line"


def test_nothing_is_held_and_few_lines_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    luck = random.Random(3)
    path = tmp_path / "large"
    numbers = sorted(luck.getrandbits(160) for _ in range(300_000))
    with path.open("w") as file:
        file.writelines(f"{each:040X}:{each % 97}\n" for each in numbers)
    reads: list[int] = []
    before = leaked_hashes._line_from

    def counted(file: io.BufferedReader, offset: int) -> bytes:
        reads.append(offset)
        return before(file, offset)

    monkeypatch.setattr(leaked_hashes, "_line_from", counted)
    tracemalloc.start()
    try:
        assert not is_leaked(path, "không có trong đó")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 13 MB are halved 24 times; the 45 GB of Have I Been Pwned would be 36 times.
    assert len(reads) <= path.stat().st_size.bit_length() + 2
    assert most < 100_000, most
    assert check(path) == path.stat().st_size


def test_a_file_that_is_no_list_is_told_and_keeps_nobody_from_anything(tmp_path: Path) -> None:
    path = tmp_path / "list"
    assert not is_leaked(path, "mật khẩu") and not is_leaked(None, "mật khẩu")
    with pytest.raises(OSError, match="No such file"):
        check(path)
    for text, said in (
        ("", "HASH:COUNT"),
        ("123456\npassword\n", "HASH:COUNT"),
        (f"{'A' * 32}:3\n", "HASH:COUNT"),
        (f"{'B' * 40}:3\n" * 50 + f"{'A' * 40}:1\n" * 50, "not sorted"),
    ):
        path.write_text(text)
        with pytest.raises(NotAList, match=said):
            check(path)
        assert not is_leaked(path, "mật khẩu")
    path.write_bytes(b"\xff" * 1_000_000)
    assert not is_leaked(path, "mật khẩu"), "a line without an end"
