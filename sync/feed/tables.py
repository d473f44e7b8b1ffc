"""What the feed remembers, and the events it leaves for connectors."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table, Text

from directory.database.engine import metadata
from directory.database.instants import ZeroForNone

# One row: where the feed stands.
feed_state = Table(
    "feed_state",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("cookie", LargeBinary, nullable=True),  # RFC 4533 syncCookie; NULL: look at everything
    Column("loaded_at", ZeroForNone, nullable=False),  # none until the first load is complete
    Column("provider_start", String(64), nullable=False),  # which start of slapd was seen last
    Column("swept_at", BigInteger, nullable=False),  # the last time every entry was compared
    Column("last_sequence", BigInteger, nullable=False),
    # Which columns the rows had when the feed last filled them; NULL: as in a version before.
    Column("columns_filled", Text, nullable=True),
)

# Every entry as it was when last judged. Rows of entries that are gone stay.
feed_entry = Table(
    "feed_entry",
    metadata,
    Column("entry_uuid", String(36), primary_key=True),
    Column("entry_id", String(36), nullable=False, index=True),
    Column("kind", String(8), nullable=False),  # person, agency
    Column("csn", String(64), nullable=False),
    Column("mark", String(36), nullable=False),  # the intent mark (dmIntent) it bore
    Column("content_hash", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("gone", Boolean, nullable=False),
)

# Entries that changed while an intent of theirs was open: judged once it is settled.
feed_deferred = Table(
    "feed_deferred",
    metadata,
    Column("entry_uuid", String(36), primary_key=True),
    Column("entry_id", String(36), nullable=False),
    Column("since", BigInteger, nullable=False),
)

# Accounts that were active and were lost of late, past our services: what the brake counts.
feed_loss = Table(
    "feed_loss",
    metadata,
    Column("entry_uuid", String(36), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# One row while the brake is on.
feed_brake = Table(
    "feed_brake",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("lost", BigInteger, nullable=False),
    Column("accounts", BigInteger, nullable=False),
)

# What changed, in order, for consumers that keep a place of their own in it.
catalogue_event = Table(
    "catalogue_event",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", String(36), nullable=False),
    Column("kind", String(8), nullable=False),  # person, agency
    Column("change", String(8), nullable=False),  # changed, removed
    Column("csn", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_catalogue_event_entry_id_sequence", "entry_id", "sequence"),
)
