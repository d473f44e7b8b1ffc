"""Where passkeys are kept: what checks their signatures, nothing that makes any."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from directory.database.engine import metadata

passkey = Table(
    "passkey",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    # As the person calls it: "Máy tính cơ quan".
    Column("name", Text, nullable=False),
    # What the device calls it, base64url (at most 1,023 bytes).
    Column("credential_id", Text, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),  # COSE (RFC 9052)
    # How often it has signed, as it says itself; 0 for one that does not count.
    Column("sign_count", BigInteger, nullable=False),
    # How the browser reaches it, blank-separated: a hint of where to look for it.
    Column("transports", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    # When its count went back, which a copy of it would make: since then it signs nobody in.
    Column("stopped_at", BigInteger),
)
