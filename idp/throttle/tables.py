"""The table of the throttle."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table

from directory.database.engine import metadata

# Who was tried with a wrong password in the last quarter of an hour (`idp.throttle.misses`).
signin_miss = Table(
    "signin_miss",
    metadata,
    Column("name_hash", String(64), primary_key=True),
    Column("password_digest", String(16), primary_key=True),  # a few bits, of this day
    Column("network", String(64), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)

throttle_counter = Table(
    "signin_throttle",
    metadata,
    # A keyed hash: people type passwords into the username box.
    Column("key_hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),  # name, device, devices, address
    # Whom an operator may lift a pause of: a person's id or a network; NULL for a name nobody has.
    Column("subject", String(64)),
    Column("failures", Integer, nullable=False),  # of this round
    Column("consecutive", Integer, nullable=False),  # in a row; they fade with time
    Column("names", Integer, nullable=False),  # different ones tried from an address in this round
    Column("began_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),  # the last wrong try
    Column("blocked_until", BigInteger),  # NULL: the next try is looked at
    # Tries whose passwords are being checked now, and when the last of them began.
    Column("pending", Integer, nullable=False),
    Column("pending_at", BigInteger, nullable=False),
    Column("turned_away", Integer, nullable=False),  # not looked at, and not told in the log yet
)
