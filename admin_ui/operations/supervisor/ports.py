"""Checks that the ports we are about to use are free, and says who holds one that is not."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from admin_ui.operations.options import CannotStart

_LISTEN = "0A"  # state column of /proc/net/tcp


@dataclass(frozen=True)
class Address:
    """A TCP address to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def loopback_addresses(port: int) -> tuple[Address, ...]:
    """127.0.0.1 and, where the machine has it, ::1: `localhost` may mean either."""
    both = (Address("127.0.0.1", port), Address("::1", port))
    return both if _has_ipv6_loopback() else both[:1]


def require_free(addresses: Iterable[Address]) -> None:
    """Raises `CannotStart` naming the first address somebody else listens on."""
    for address in addresses:
        reason = _why_not(address)
        if reason:
            raise CannotStart(
                f"{reason}; stop that program or choose another block of ports, "
                "for example DANHMUC_PORT=9400"
            )


def _has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _why_not(address: Address) -> str:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: connections that are still closing (TIME_WAIT) are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
            probe.listen(1)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                return f"port {address.port} on {address.host} is taken{_holder(address.port)}"
            if problem.errno == errno.EACCES:
                return f"port {address.port} is reserved for root"
            return f"port {address.port} on {address.host} cannot be used: {problem.strerror}"
    return ""


def _holder(port: int) -> str:
    """ " by gunicorn (pid 123)" when /proc tells us, else nothing (somebody else's process)."""
    inodes = _listening_inodes(port)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for handle in (folder / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(handle.readlink()) in inodes:
                        name = (folder / "comm").read_text().strip()
                        return f" by {name} (pid {folder.name})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    found: set[str] = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTEN and int(columns[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{columns[9]}]")
    return found
