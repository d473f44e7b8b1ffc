"""Sealing and keyed hashes: what must not be readable from a copy of SQL or LDAP.

Keys lie in files of the state folder (or wherever the operator mounts `keys/`), never in SQL. Every
purpose gets a key of its own by HKDF, so that a value sealed or hashed for one purpose means
nothing for another. A sealed value is bound to its subject: moved to another row, it does not open.

Keyed hashes are made with `master.key` and go on with it for good. Values are sealed with the
newest sealing key: at first that is `master.key` too, later the `sealing-NNNN-ID.key` of the
highest number. Each value says which key it needs, so the older ones go on opening theirs until
they are retired by an empty file `NAME.retired` beside them. The bytes stay: a backup from before
may need them.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from directory.clock import DAY
from directory.errors import Invalid
from directory.outside_text import read_text

# How long a value may be needed that is not sealed again when keys change, and so how long an older
# key has to open at least.
LONGEST_LIFE_MS = DAY
# A process seals with the newest key no later than this; what names a key it does not know makes it
# look at once.
FRESH_S = 2.0

# A value: version, id of the key, nonce, AES-GCM text and tag. The first version had no id and was
# sealed with the master key.
FIRST_VERSION, VERSION = b"\x01", b"\x02"
KEY_ID_BYTES = 8
PREFIX_BYTES = len(VERSION) + KEY_ID_BYTES
_NONCE_BYTES = 12
_TAG_BYTES = 16
_MASTER_BYTES = 32
MASTER_KEY = "master.key"
_SEALING_KEY = re.compile(r"sealing-([0-9]{4})-([0-9a-f]{16})\.key")
_RETIRED = ".retired"


class SealBroken(Exception):
    """A sealed value does not open: another key, another subject, or it was altered."""


class KeyMissing(SealBroken):
    """A sealed value names a key that is not here."""


@dataclass(frozen=True)
class Purpose:
    """What values are sealed for.

    `life_ms`: how long one may be needed after it was sealed; None for as long as its row is there,
    and then its column must be declared (`directory.sealed_columns`) so that it is sealed again.
    """

    name: str
    life_ms: int | None

    def __post_init__(self) -> None:
        if self.life_ms is not None and self.life_ms > LONGEST_LIFE_MS:
            raise ValueError(f"{self.name}: what lives longer must be sealed again with new keys")


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
    if not path.exists():
        write_key_file(path, secrets.token_bytes(_MASTER_BYTES))


def write_key_file(path: Path, key: bytes) -> None:
    """Write a key (mode 0600). It is whole and on the disk when this returns, or not there."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    # A name that a power failure takes away would take everything sealed with it.
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a share or a stick that knows no such thing
            raise
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class SealingKey:
    """One key that values are or were sealed with. `made_at` in ms; `id` as text, not secret."""

    path: Path
    number: int
    id: str
    made_at: int
    is_retired: bool


def sealing_keys(keys_dir: Path) -> list[SealingKey]:
    """Every sealing key of a folder, the newest (which seals) first. Raises `SealBroken`."""
    numbered = {keys_dir / MASTER_KEY: 0}
    with suppress(FileNotFoundError):
        for path in keys_dir.iterdir():
            if named := _SEALING_KEY.fullmatch(path.name):
                numbered[path] = int(named[1])
    ordered = sorted(numbered, key=lambda path: (numbered[path], path.name), reverse=True)
    return [
        SealingKey(
            path,
            numbered[path],
            key_id(read_key_file(path)).hex(),
            path.stat().st_mtime_ns // 1_000_000,
            # What seals cannot be retired.
            path != ordered[0] and path.with_suffix(_RETIRED).exists(),
        )
        for path in ordered
    ]


def key_files(keys_dir: Path) -> list[Path]:
    """The files that hold what values are sealed with, the newest first."""
    return [key.path for key in sealing_keys(keys_dir)]


def make_sealing_key(keys_dir: Path) -> None:
    """Make the key that values are sealed with from now on. Call it while `keys_held`."""
    for abandoned in keys_dir.glob("sealing-*.new"):
        abandoned.unlink()
    key = secrets.token_bytes(_MASTER_BYTES)
    number = sealing_keys(keys_dir)[0].number + 1
    write_key_file(keys_dir / f"sealing-{number:04d}-{key_id(key).hex()}.key", key)


def retire(key: SealingKey) -> None:
    """Let this key open nothing any more. Call it while `keys_held`."""
    mark = key.path.with_suffix(_RETIRED)
    os.close(os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600))
    _sync(mark.parent)


@contextmanager
def keys_held(keys_dir: Path) -> Iterator[bool]:
    """Whether the block is the only one that changes sealing keys. Let go also by a kill."""
    descriptor = os.open(keys_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def key_id(key: bytes) -> bytes:
    """What a value says of the key it was sealed with; tells nothing about the key."""
    return _derive(key, "id")[:KEY_ID_BYTES]


@dataclass(frozen=True)
class Held:
    """The sealing keys as a process knows them."""

    current: bytes
    opening: Mapping[bytes, bytes]
    read_at: float


@dataclass(eq=False)
class KeyRing:
    """The installation's keys. With a `folder` its sealing keys are looked at again and again, so
    that a new one is known to every process; without, `master` alone seals.

    `with_retired`: keys that were retired open too, for a store of before that.
    """

    master: bytes = field(repr=False)
    folder: Path | None = None
    with_retired: bool = False
    _held: Held = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._held = self._read()

    @staticmethod
    def load(keys_dir: Path, *, with_retired: bool = False) -> KeyRing:
        """The key ring of an installation. A missing or damaged key refuses."""
        return KeyRing(read_key_file(keys_dir / MASTER_KEY), keys_dir, with_retired)

    @staticmethod
    def create(keys_dir: Path) -> None:
        """Make the master key once; an existing one is never touched."""
        make_key_file(keys_dir / MASTER_KEY)

    def seal(self, purpose: Purpose, subject: str, plaintext: bytes) -> bytes:
        """AES-256-GCM under the purpose's key; `subject` is authenticated, not stored."""
        key, nonce = self._fresh().current, secrets.token_bytes(_NONCE_BYTES)
        head = VERSION + key_id(key)
        body = _cipher(key, purpose).encrypt(nonce, plaintext, head + subject.encode())
        return head + nonce + body

    def open(self, purpose: Purpose, subject: str, sealed: bytes) -> bytes:
        """The plaintext. Raises `SealBroken`."""
        head = sealed[: len(FIRST_VERSION) if sealed[:1] == FIRST_VERSION else PREFIX_BYTES]
        nonce, body = sealed[len(head) :][:_NONCE_BYTES], sealed[len(head) + _NONCE_BYTES :]
        if sealed[:1] not in (FIRST_VERSION, VERSION) or len(body) < _TAG_BYTES:
            raise SealBroken(f"not a sealed {purpose.name} value")
        bound = subject.encode() if head == FIRST_VERSION else head + subject.encode()
        try:
            return _cipher(self._key_of(head, purpose), purpose).decrypt(nonce, body, bound)
        except InvalidTag:
            raise SealBroken(f"a sealed {purpose.name} value does not open") from None

    def current_prefix(self) -> bytes:
        """How a value begins that is sealed with the newest key."""
        return VERSION + key_id(self._fresh().current)

    def can_open(self, prefix: bytes) -> bool:
        """Whether the key is here that a value needs which begins with `prefix`."""
        return self.key_needed(prefix) in self.look_again().opening

    def key_needed(self, prefix: bytes) -> bytes:
        """The id of the key that a value needs which begins with `prefix`."""
        return key_id(self.master) if prefix[:1] == FIRST_VERSION else prefix[1:PREFIX_BYTES]

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 under the purpose's key: form tokens, blind indexes, successors."""
        return hmac.new(_derive(self.master, "mac:" + purpose), data, hashlib.sha256).digest()

    def _key_of(self, head: bytes, purpose: Purpose) -> bytes:
        needed = self.key_needed(head)
        key = self._fresh().opening.get(needed) or self.look_again().opening.get(needed)
        if key is None:
            raise KeyMissing(f"a sealed {purpose.name} value needs another key ({needed.hex()})")
        return key

    def _fresh(self) -> Held:
        if time.monotonic() - self._held.read_at < FRESH_S:
            return self._held
        return self.look_again()

    def look_again(self) -> Held:
        """Know at once what changed in the folder."""
        # A process that holds keys goes on with them when the folder cannot be read for a moment.
        with suppress(SealBroken, OSError):
            self._held = self._read()
        return self._held

    def _read(self) -> Held:
        read_at = time.monotonic()
        if self.folder is None:
            return Held(self.master, {key_id(self.master): self.master}, read_at)
        found = sealing_keys(self.folder)
        keys = {
            bytes.fromhex(key.id): read_key_file(key.path)
            for key in found
            if self.with_retired or not key.is_retired
        }
        return Held(keys[bytes.fromhex(found[0].id)], keys, read_at)


def _cipher(key: bytes, purpose: Purpose) -> AESGCM:
    return AESGCM(_derive(key, "seal:" + purpose.name))


@lru_cache(maxsize=256)
def _derive(key: bytes, label: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"danhmuc/1 " + label.encode()).derive(key)
