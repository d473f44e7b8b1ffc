"""How many passwords are hashed at once on this machine: as many as it has cores, no more.

One argon2id takes a core for tens of milliseconds. Without a limit a wave of sign-ins makes every
one of them slow and starves the token endpoint; with it the surplus waits, and after two seconds
is told to come back.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from directory import tally
from directory.errors import Unavailable
from directory.ldap.errors import SIGNIN_BUSY

_WAIT_S = 2.0
_POLL_S = 0.005


class HashSlots:
    """A semaphore between all processes that share `run_dir`: one locked file per slot.

    The kernel lets go of a slot when its process dies.
    """

    def __init__(self, run_dir: Path, slots: int | None = None) -> None:
        self._dir = run_dir
        self._slots = slots or os.cpu_count() or 1

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot. Raises Unavailable(``signin.busy``) when none is free for two seconds."""
        descriptor = self._take()
        try:
            yield
        finally:
            os.close(descriptor)  # the lock goes with it

    @contextmanager
    def spare(self) -> Iterator[bool]:
        """Hold a slot that nobody waits for, and never the last one where there are several; gives
        whether there was one. For work that can wait."""
        descriptor = self._take_spare()
        try:
            yield descriptor is not None
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _take_spare(self) -> int | None:
        had: list[int] = []
        for number in range(self._slots):
            descriptor = self._try(number)
            if descriptor is not None:
                had.append(descriptor)
            if len(had) == min(2, self._slots):
                break
        is_enough = len(had) == min(2, self._slots)
        kept = had.pop() if is_enough else None
        for descriptor in had:
            os.close(descriptor)
        return kept

    def _take(self) -> int:
        began = time.monotonic()
        deadline = began + _WAIT_S
        while True:
            for number in range(self._slots):
                descriptor = self._try(number)
                if descriptor is not None:
                    tally.count("hash_slots", "had")
                    tally.observe("hash_slot_wait", time.monotonic() - began)
                    return descriptor
            if time.monotonic() >= deadline:
                tally.count("hash_slots", "given_up")
                raise Unavailable(SIGNIN_BUSY, retry_after_s=2)
            time.sleep(_POLL_S)

    def _try(self, number: int) -> int | None:
        path = self._dir / f"hash-slot-{number}"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            return self._try(number)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor
