"""Ports for the tests' own servers: no two test processes of a machine are ever given the same.

A process claims blocks of ports by locks on files; the kernel lets go of them when it ends. The
ports lie below the kernel's ephemeral range, so that no outgoing connection takes one meanwhile.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO

LOOPBACK_HOSTS = ("::1", *(f"127.0.0.{n}" for n in range(1, 6)))
BLOCK = 10
# Nor those that browsers never open: 10080 is one (net::ERR_UNSAFE_PORT).
_FIRST, _LAST = 10_090, 32_000

# An open file holds its lock; nothing else is done with them.
_held: list[IO[bytes]] = []


def find_free_block() -> int:
    """The first of `BLOCK` ports in a row, free on every loopback address the tests use.

    They stay this process's own until it ends.
    """
    for first in range(_FIRST, _LAST, BLOCK):
        if _claim(first):
            if all(_is_free(host, first + n) for host in LOOPBACK_HOSTS for n in range(BLOCK)):
                return first
            _held.pop().close()
    raise RuntimeError("no free block of ports on the loopback addresses")


def free_port() -> int:
    """A port nobody listens on, and which this process is not given again."""
    return next(_single_ports())


@lru_cache(maxsize=1)
def _single_ports() -> Iterator[int]:
    def count() -> Iterator[int]:
        while True:
            first = find_free_block()
            yield from range(first, first + BLOCK)

    return count()


def _claim(first: int) -> bool:
    folder = Path(tempfile.gettempdir()) / f"danhmuc-test-ports-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = (folder / str(first)).open("ab")  # close-on-exec: what a test starts does not inherit it
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _held.append(file)
    return True


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            # A machine without IPv6 has no port taken there.
            return error.errno == errno.EADDRNOTAVAIL
    return True
