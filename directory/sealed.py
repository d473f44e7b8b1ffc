"""Sealing and keyed hashes: what must not be readable from a copy of SQL or LDAP.

The master key lives in a file of the state folder (or wherever the operator mounts `keys/`), never
in SQL. Every purpose gets its own key by HKDF, so that a value sealed or hashed for one purpose
means nothing for another. A sealed value is bound to its subject: moved to another row, it does
not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from directory.errors import Invalid
from directory.outside_text import read_text

_VERSION = b"\x01"
_NONCE_BYTES = 12
_MASTER_BYTES = 32


class SealBroken(Exception):
    """A sealed value does not open: another key, another subject, or it was altered."""


def read_key_file(path: Path) -> bytes:
    """The 256 bits a key file holds. Raises `SealBroken` when it is missing, damaged or guessable.

    Who may open the file is not looked at here: a copy may lie on a stick that knows no modes.
    """
    if problem := key_file_problem(path):
        raise SealBroken(problem)
    return bytes.fromhex(read_text(path).strip())


def key_file_problem(path: Path) -> str:
    """Why this file must not be used as a key, and what to do; empty when it may."""
    try:
        key = bytes.fromhex(read_text(path).strip())  # it may have come back by way of an editor
    except FileNotFoundError:
        return f"{path} is missing: restore it from the key backup"
    except (ValueError, Invalid):
        return f"{path} is damaged: restore it from the key backup"
    except OSError as error:
        return (
            f"{path} cannot be read ({error.strerror}): run this as the owner of the state folder"
        )
    if len(key) != _MASTER_BYTES:
        return f"{path} is damaged: restore it from the key backup"
    if not _looks_random(key):
        return f"{path} is no key: somebody could guess it. Restore it from the key backup"
    return ""


def _looks_random(key: bytes) -> bool:
    """Zeros, a repeated pattern and a sequence are told; of random keys fewer than one in 10^20
    has so few different bytes, or steps between them."""
    steps = {(one - other) % 256 for one, other in pairwise(key)}
    return min(len(set(key)), len(steps)) >= _MASTER_BYTES // 2


def make_key_file(path: Path) -> None:
    """Make a key of 256 random bits (mode 0600) unless the file is there already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        return
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(_MASTER_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


@dataclass(frozen=True)
class KeyRing:
    """The installation's master key and what is derived from it."""

    master: bytes

    @staticmethod
    def load(keys_dir: Path) -> KeyRing:
        """The key ring of an installation. A missing or damaged key refuses (security.md F-15)."""
        return KeyRing(read_key_file(keys_dir / "master.key"))

    @staticmethod
    def create(keys_dir: Path) -> None:
        """Make the master key once; an existing one is never touched."""
        make_key_file(keys_dir / "master.key")

    def seal(self, purpose: str, subject: str, plaintext: bytes) -> bytes:
        """AES-256-GCM under the purpose's key; `subject` is authenticated, not stored."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(_derive(self.master, "seal:" + purpose))
        return _VERSION + nonce + cipher.encrypt(nonce, plaintext, subject.encode())

    def open(self, purpose: str, subject: str, sealed: bytes) -> bytes:
        """The plaintext. Raises `SealBroken`."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(body) < 16:
            raise SealBroken(f"not a sealed {purpose} value")
        try:
            cipher = AESGCM(_derive(self.master, "seal:" + purpose))
            return cipher.decrypt(nonce, body, subject.encode())
        except InvalidTag:
            raise SealBroken(f"a sealed {purpose} value does not open") from None

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 under the purpose's key: form tokens, blind indexes, successors."""
        return hmac.new(_derive(self.master, "mac:" + purpose), data, hashlib.sha256).digest()


@lru_cache(maxsize=64)
def _derive(master: bytes, label: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"danhmuc/1 " + label.encode()).derive(master)
