"""Holding a lease over a piece of work that may take longer than the lease runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from directory import clock
from directory.database import lease as leases
from directory.database.engine import lift_statement_limit
from directory.database.holders import process_name
from directory.database.lease import Lease, LeaseLost
from directory.installation import Installation
from sync.feed.state import FeedState, lock_state

TTL_MS = 6 * clock.SECOND  # how long a crash of the holder keeps others waiting


class LeaseHolder:
    """A lease held by one process; every write checks that it still is."""

    def __init__(self, installation: Installation, lease: Lease) -> None:
        self._installation = installation
        self.lease = lease

    def keep(self) -> None:
        """Ask for more time when half of it is gone. Raises LeaseLost."""
        lease = leases.hold(self._installation.database, self.lease.name, self.lease.holder, TTL_MS)
        if lease is None or lease.epoch != self.lease.epoch:
            raise LeaseLost(self.lease.name)

    @contextmanager
    def write(self) -> Iterator[tuple[Connection, FeedState]]:
        """A write transaction in which the lease is ours and nobody else writes the feed's rows."""
        with self._installation.database.write() as tx:
            lift_statement_limit(tx)
            leases.assert_held(tx, self.lease)
            yield tx, lock_state(tx)

    def release(self) -> None:
        """Let others take it at once."""
        leases.release(self._installation.database, self.lease)


def take(installation: Installation, name: str, holder: str = "") -> LeaseHolder | None:
    """The hold of `name`, None while another process has it."""
    lease = leases.hold(installation.database, name, holder or process_name(), TTL_MS)
    return None if lease is None else LeaseHolder(installation, lease)
