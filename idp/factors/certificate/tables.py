"""Where certificates of people, and the authorities that issue them, are kept: nothing secret."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from directory.database.engine import metadata

certificate = Table(
    "certificate",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    # SHA-256 of the whole certificate, as hex: whoever shows this one is that person.
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("authority_id", String(64), nullable=False, index=True),
    Column("issuer", Text, nullable=False),  # as people read it
    Column("serial", String(64), nullable=False),  # hex
    Column("spki", String(64), nullable=False, index=True),  # SHA-256 of its key, as hex
    Column("subject", Text, nullable=False),  # the common name: the rest may hold a national id
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    # When its person left: it signs nobody in, and the device is to be handed back.
    Column("ended_at", BigInteger),
    # The person who has bound it; "" for who is none (the command line), NULL where nobody knows.
    Column("made_by", String(36)),
    # At how many days before its end its person was told of that last, and when.
    Column("told_days", Integer),
    Column("told_at", BigInteger),
)

certificate_authority = Table(
    "certificate_authority",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the certificate, as hex
    Column("subject", Text, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    # Which of its certificates count, blank-separated OIDs; none: all.
    Column("policies", Text, nullable=False),
    # Where its list of revoked certificates is fetched; or why nobody looks at one.
    Column("crl_url", Text, nullable=False),
    Column("without_crl", Text, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    # The list that counts: its own dates, and when it came.
    Column("crl_this_update", BigInteger),
    Column("crl_next_update", BigInteger),
    Column("crl_taken_at", BigInteger),
    # Why the last try to fetch one failed (a code), and when to try again.
    Column("crl_problem", Text, nullable=False),
    Column("crl_due_at", BigInteger, nullable=False),
)

revoked_certificate = Table(
    "revoked_certificate",
    metadata,
    Column("authority_id", String(64), primary_key=True),
    Column("serial", String(64), primary_key=True),
)
