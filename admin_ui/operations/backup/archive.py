"""Writing and unpacking archives: a gzipped tar through the sealed stream."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from admin_ui.operations.backup.errors import BACKUP_DAMAGED
from admin_ui.operations.backup.manifest import Manifest, Member
from admin_ui.operations.backup.stream import HashingFile, SealedReader, SealedWriter, Source
from directory.errors import Invalid

MANIFEST, LDIF, STORE, SECRETS = "manifest.json", "ldap.ldif", "danhmuc.db", "secrets"
_NAME = re.compile(
    r"manifest\.json|ldap\.ldif|danhmuc\.db|secrets/[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
)
_PIECE_BYTES = 1024 * 1024

Told = Callable[[int, int], None]
"""Hears (bytes done, bytes in all)."""


def measure(files: Mapping[str, Path]) -> dict[str, Member]:
    """Size and SHA-256 of each file, by member name."""
    return {name: Member(path.stat().st_size, sha256_of(path)) for name, path in files.items()}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_archive(
    target: Path, key: bytes, manifest: Manifest, files: Mapping[str, Path], told: Told
) -> str:
    """Write the archive and push it to the disk. Gives the SHA-256 of the file."""
    total = sum(member.size for member in manifest.members.values())
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        hashing = HashingFile(file)
        with SealedWriter(hashing, key) as sealed, _zipped(sealed) as zipped, _tar(zipped) as tar:
            about = manifest.to_json().encode()
            _add(tar, MANIFEST, io.BytesIO(about), len(about))
            done = 0
            for name, path in files.items():
                size = manifest.members[name].size
                with path.open("rb") as member:
                    _add(tar, name, _Counting(member, done, total, told), size)
                done += size
        file.flush()
        os.fsync(file.fileno())
    return hashing.hexdigest()


def unpack_archive(source: Path, key: bytes, folder: Path, told: Told) -> Manifest:
    """Unpack all of the archive into the empty `folder`, checking every byte.

    Raises Invalid as `SealedReader` and `Manifest.from_json` do; `folder` then holds rubbish.
    """
    with source.open("rb") as file:
        opened = io.BufferedReader(SealedReader(file, key), _PIECE_BYTES)
        try:
            with gzip.GzipFile(fileobj=opened) as zipped:
                manifest = _unpack(zipped, folder, told)
                _read_to_end(zipped)
            # What follows gzip's end must be nothing, and the last chunk's mark must be seen.
            if opened.read():
                raise Invalid(BACKUP_DAMAGED, detail="something follows the archive")
        except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise Invalid(BACKUP_DAMAGED, detail=str(error)) from error
    return manifest


def _unpack(zipped: gzip.GzipFile, folder: Path, told: Told) -> Manifest:
    manifest: Manifest | None = None
    found: set[str] = set()
    done = total = 0
    with tarfile.open(fileobj=zipped, mode="r|") as tar:
        for info in tar:
            content = tar.extractfile(info) if info.isreg() else None
            if content is None or not _NAME.fullmatch(info.name) or info.name in found:
                raise Invalid(BACKUP_DAMAGED, detail=f"unexpected member {info.name!r}")
            if manifest is None:
                manifest = Manifest.from_json(content.read(_PIECE_BYTES))
                total = sum(member.size for member in manifest.members.values())
                continue
            hashed = _write_out(content, folder / info.name)
            if manifest.members.get(info.name) != Member(info.size, hashed):
                raise Invalid(BACKUP_DAMAGED, detail=f"{info.name} is not what was put in")
            found.add(info.name)
            done += info.size
            told(done, total)
    if manifest is None or found != set(manifest.members):
        raise Invalid(BACKUP_DAMAGED, detail="a member is missing")
    return manifest


def _write_out(content: Source, target: Path) -> str:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    hashed = hashlib.sha256()
    with os.fdopen(descriptor, "wb") as file:
        while piece := content.read(_PIECE_BYTES):
            hashed.update(piece)
            file.write(piece)
    return hashed.hexdigest()


def _read_to_end(zipped: gzip.GzipFile) -> None:
    # tar stops at its end mark; gzip checks its sum only at the end of its data.
    while zipped.read(_PIECE_BYTES):
        pass


def _zipped(target: SealedWriter) -> gzip.GzipFile:
    return gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1, mtime=0)


def _tar(target: gzip.GzipFile) -> tarfile.TarFile:
    return tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT)


def _add(tar: tarfile.TarFile, name: str, content: Source, size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    tar.addfile(info, content)


class _Counting:
    """Reads through and tells how far it got."""

    def __init__(self, source: Source, before: int, total: int, told: Told) -> None:
        self._source, self._done, self._total, self._told = source, before, total, told

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size)
        self._done += len(piece)
        self._told(self._done, self._total)
        return piece
