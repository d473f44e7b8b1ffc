"""Tables of the SQL room itself."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from directory.database.engine import metadata

# One row: whose store this is, and that it is sealed under the key of that installation.
installation = Table(
    "installation",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("suffix", String(255), nullable=False),
    Column("key_check", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(128), nullable=False),
    # Counts up whenever the lease passes to somebody: what a late writer is told apart by.
    Column("epoch", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    # Since when its holder does what the lease is for; NULL while it waits for its next turn.
    Column("working_since", BigInteger, nullable=True),
)

# One row a job of the worker (and `directory.database.job_runs.PROBE`): whether it goes on.
job_run = Table(
    "job_run",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("ended_at", BigInteger, nullable=False),
    Column("succeeded_at", BigInteger, nullable=True),
    Column("failed_code", String(64), nullable=True),  # of the last run, when that failed
    Column("failing_since", BigInteger, nullable=True),  # NULL: the last run did not fail
)

# Marks of what was used and may not be again; the primary key decides who was first.
used = Table(
    "single_use",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("key_hash", String(64), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_single_use_expires_at", "expires_at"),
)
