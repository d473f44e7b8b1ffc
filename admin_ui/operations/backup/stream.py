"""A sealed stream: AES-256-GCM over chunks of one MiB, so that any size passes in little memory.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015; as age and Tink use it): every
nonce is a random prefix, the chunk's number and a mark on the last chunk, and the header is
authenticated with each chunk. Chunks cannot be changed, swapped, repeated or left out, and a stream
cut off anywhere does not open.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from admin_ui.operations.backup.errors import BACKUP_DAMAGED, BACKUP_NOT_A_BACKUP, BACKUP_OTHER_KEY
from directory.errors import Invalid

CHUNK_BYTES = 1024 * 1024
_MAGIC = b"danhmuc-backup\n\x01"
_TAG_BYTES, _KEY_ID_BYTES, _SALT_BYTES, _PREFIX_BYTES = 16, 8, 32, 7
HEADER_BYTES = len(_MAGIC) + _KEY_ID_BYTES + _SALT_BYTES + _PREFIX_BYTES


class Sink(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> int: ...


class Source(Protocol):
    """Gives bytes."""

    def read(self, size: int = -1, /) -> bytes: ...


class SealedWriter(io.RawIOBase):
    """Seals what is written to it into `target`. Closing it writes the last chunk."""

    def __init__(self, target: Sink, key: bytes) -> None:
        salt, prefix = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_PREFIX_BYTES)
        self._target = target
        self._chunks = _Chunks(key, _MAGIC + _key_id(key) + salt + prefix)
        self._waiting = bytearray()
        target.write(self._chunks.header)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        # A whole chunk stays behind: it may turn out to be the last.
        while len(self._waiting) > CHUNK_BYTES:
            chunk = bytes(self._waiting[:CHUNK_BYTES])
            del self._waiting[:CHUNK_BYTES]
            self._target.write(self._chunks.seal(chunk, is_last=False))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._target.write(self._chunks.seal(bytes(self._waiting), is_last=True))
        super().close()


class SealedReader(io.RawIOBase):
    """Opens a stream that `SealedWriter` made.

    Raises Invalid: ``backup.not_a_backup``, ``backup.other_key``, ``backup.damaged`` (altered, or
    cut off).
    """

    def __init__(self, source: Source, key: bytes) -> None:
        header = source.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES or not header.startswith(_MAGIC):
            raise Invalid(BACKUP_NOT_A_BACKUP)
        if header[len(_MAGIC) :][:_KEY_ID_BYTES] != _key_id(key):
            raise Invalid(BACKUP_OTHER_KEY)
        self._source = source
        self._chunks = _Chunks(key, header)
        self._opened = b""
        self._next = source.read(CHUNK_BYTES + _TAG_BYTES)
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._opened and not self._ended:
            self._opened = self._open_next()
        count = min(len(buffer), len(self._opened))
        buffer[:count] = self._opened[:count]
        self._opened = self._opened[count:]
        return count

    def _open_next(self) -> bytes:
        sealed, self._next = self._next, self._source.read(CHUNK_BYTES + _TAG_BYTES)
        self._ended = not self._next
        try:
            return self._chunks.open(sealed, is_last=self._ended)
        except InvalidTag:
            raise Invalid(BACKUP_DAMAGED) from None


class _Chunks:
    """Counts chunks and seals or opens one after the other."""

    def __init__(self, key: bytes, header: bytes) -> None:
        salt, self._prefix = header[-_PREFIX_BYTES - _SALT_BYTES :][:_SALT_BYTES], header[-7:]
        file_key = HKDF(SHA256(), 32, salt=salt, info=b"danhmuc/1 backup").derive(key)
        self.header = header
        self._cipher = AESGCM(file_key)
        self._number = 0

    def seal(self, plain: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(is_last), plain, self.header)

    def open(self, sealed: bytes, *, is_last: bool) -> bytes:
        if len(sealed) < _TAG_BYTES:
            raise InvalidTag
        return self._cipher.decrypt(self._nonce(is_last), sealed, self.header)

    def _nonce(self, is_last: bool) -> bytes:
        number = self._number.to_bytes(4, "big")  # 4 PiB; more raises OverflowError
        self._number += 1
        return self._prefix + number + bytes([is_last])


def _key_id(key: bytes) -> bytes:
    """Tells another key from damage. Says nothing about the key."""
    return hashlib.sha256(b"danhmuc/1 backup key" + key).digest()[:_KEY_ID_BYTES]


class HashingFile(io.RawIOBase):
    """Writes through to `target` and hashes on the way."""

    def __init__(self, target: Sink) -> None:
        self._target = target
        self._hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._hash.update(data)
        return self._target.write(data)

    def hexdigest(self) -> str:
        """SHA-256 of everything written."""
        return self._hash.hexdigest()
